package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/privacy"
	"ella/locales"
)

var now = time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)

// store is somebody with so many organisations, who has got so many messages.
type store struct {
	privacy.Store
	organisations, messages int
	paused                  bool
	done                    []string
}

func (s *store) Summary(context.Context, bot.Person) (privacy.Summary, error) {
	all := privacy.Summary{Since: now, Consented: now}
	for i := range s.organisations {
		all.Organisations = append(all.Organisations, privacy.Organisation{ID: organisation(i), Name: fmt.Sprint("Organisation ", i)})
	}
	return all, nil
}

func organisation(i int) bot.OrganisationID { return bot.OrganisationID(fmt.Sprintf("%016d", i)) }

func (s *store) Organisation(_ context.Context, id bot.OrganisationID) (bot.Organisation, bool, error) {
	return bot.Organisation{ID: id, Name: "Another Roof"}, !s.paused, nil
}

func (s *store) Everything(context.Context, bot.Person, string) ([]privacy.Section, error) {
	section := privacy.Section{Table: "deliveries"}
	for i := range s.messages {
		section.Rows = append(section.Rows, privacy.Row{
			{Label: "state", Value: privacy.Term("sent")}, {Label: "when", Value: now},
			{Label: "text", Value: fmt.Sprintf("Message %d:\n%s 👩‍👩‍👧", i, strings.Repeat("come along ", 40))},
		})
	}
	return []privacy.Section{section, {Table: "letters"}}, nil
}

func (s *store) LeaveOrganisation(_ context.Context, _ bot.Tx, _ bot.MemberID, id bot.OrganisationID) error {
	s.done = append(s.done, "leave "+string(id))
	return nil
}

func (s *store) JoinOrganisation(_ context.Context, _ bot.Tx, _ bot.MemberID, id bot.OrganisationID, stopped bool, _ time.Time) error {
	s.done = append(s.done, fmt.Sprint("join ", id, " stopped ", stopped))
	return nil
}

func (*store) Bereft(context.Context, bot.MemberID) ([]privacy.Bereft, error) { return nil, nil }

func (s *store) Forget(_ context.Context, _ bot.Tx, id bot.MemberID, _ bot.AccountID, sender string) error {
	s.done = append(s.done, "forget "+string(id)+" "+sender)
	return nil
}

// jobs notes what is added.
type jobs struct{ added []bot.Job }

func (j *jobs) Add(_ context.Context, _ bot.Tx, job bot.Job) error {
	j.added = append(j.added, job)
	return nil
}

func newRoom(t *testing.T, s *store) (*privacy.Room, *jobs) {
	t.Helper()
	bundle, err := language.Load(locales.Files)
	if err != nil && bundle == nil {
		t.Fatal(err)
	}
	j := &jobs{}
	return &privacy.Room{Store: s, Language: bundle, Jobs: j}, j
}

func turn(change ...func(*bot.Turn)) bot.Turn {
	t := bot.Turn{
		Person: bot.Person{Member: bot.Member{ID: "m", Locale: "en", State: bot.Active, Consent: 1, Zone: "Europe/London"}, Address: bot.Address{Account: "a"}},
		Update: bot.Update{Kind: bot.ButtonPressed, Sender: "amina", Message: "card"}, Now: now, Locale: "en",
		Can: bot.Capabilities{Files: true, MessageUnits: 4000},
	}
	for _, f := range change {
		f(&t)
	}
	return t
}

func press(t *testing.T, r *privacy.Room, on bot.Turn, data string) (bot.Outcome, error) {
	t.Helper()
	v, ok := message.ParseAction(data)
	if !ok {
		t.Fatalf("no button: %s", data)
	}
	return r.Press(t.Context(), on, v)
}

func commit(t *testing.T, out bot.Outcome) {
	t.Helper()
	for _, change := range out.Changes {
		if err := change(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// leaving are the buttons of leaving in a message.
func leaving(m message.Message) (n int, more string) {
	for _, a := range m.Actions() {
		switch v, _ := message.ParseAction(a.Data); v.Name {
		case "privacy.leave-organisation":
			n++
		case "privacy.mydata":
			more = a.Data
		}
	}
	return n, more
}

// Whoever is with many sees a few at a time, comes round, and sees each once.
func TestPages(t *testing.T) {
	for _, c := range []struct {
		organisations int
		pages         []int
	}{{0, []int{0}}, {1, []int{1}}, {6, []int{6}}, {7, []int{6, 1}}, {14, []int{6, 6, 2}}} {
		r, _ := newRoom(t, &store{organisations: c.organisations})
		out, err := r.Command(t.Context(), turn(), "mydata", "")
		for i, want := range c.pages {
			if err != nil {
				t.Fatal(err)
			}
			n, more := leaving(out.Replies[0].Message)
			if n != want || (more != "") != (len(c.pages) > 1) {
				t.Errorf("%d organisations, page %d: %d buttons, more %q", c.organisations, i, n, more)
			}
			if more == "" {
				break
			}
			out, err = press(t, r, turn(), more)
			if err == nil && out.Replies[0].Edit != "card" {
				t.Error("the next page is not shown in place")
			}
		}
		if n, _ := leaving(out.Replies[0].Message); n != c.pages[0] {
			t.Errorf("%d organisations: after the last page there are %d", c.organisations, n)
		}
	}
	r, _ := newRoom(t, &store{organisations: 9})
	for _, arg := range []string{"-1", "9", "1000000"} {
		if out, err := press(t, r, turn(), "v1:privacy.mydata::"+arg); err != nil || len(out.Replies) != 1 {
			t.Errorf("page %s: %v", arg, err)
		}
	}
	if _, err := press(t, r, turn(), "v1:privacy.mydata::x"); !errors.Is(err, bot.ErrUnknownStep) {
		t.Errorf("page x: %v", err)
	}
}

// All of it goes into a file, into several where it is very long, and into messages
// where no file can be sent. Not a line is lost.
func TestFile(t *testing.T) {
	lines := func(text string) int { return strings.Count(text, "Message ") }
	r, _ := newRoom(t, &store{messages: 3})
	out, err := press(t, r, turn(), "v1:privacy.file::")
	if err != nil || len(out.Replies) != 1 {
		t.Fatal(len(out.Replies), err)
	}
	f := out.Replies[0].Message.Blocks[0].(message.File)
	if f.Name != "my-data.txt" || lines(string(f.Data)) != 3 || out.Replies[0].Topic != "" {
		t.Errorf("%s, topic %q:\n%s", f.Name, out.Replies[0].Topic, f.Data)
	}

	r, _ = newRoom(t, &store{messages: 12_000})
	out, err = press(t, r, turn(), "v1:privacy.file::")
	if err != nil || len(out.Replies) != 2 {
		t.Fatal(len(out.Replies), err)
	}
	n := 0
	for i, reply := range out.Replies {
		f := reply.Message.Blocks[0].(message.File)
		if err := f.Check(); err != nil || f.Name != fmt.Sprintf("my-data-%d.txt", i+1) {
			t.Errorf("%s: %v", f.Name, err)
		}
		n += lines(string(f.Data))
	}
	if n != 12_000 {
		t.Errorf("%d messages are in the files", n)
	}

	for _, units := range []int{100, 500, 4000} {
		r, _ = newRoom(t, &store{messages: 30})
		out, err = press(t, r, turn(func(t *bot.Turn) { t.Can.Files, t.Can.MessageUnits = false, units }), "v1:privacy.file::")
		if err != nil {
			t.Fatal(err)
		}
		n = 0
		for _, reply := range out.Replies {
			text := reply.Message.Text()
			if got := len(utf16.Encode([]rune(text))); got > units {
				t.Errorf("a message has %d units of %d", got, units)
			}
			n += lines(text)
		}
		if n != 30 {
			t.Errorf("in messages of %d units there are %d of 30", units, n)
		}
	}
}

// Undoing puts things back as they were: who wanted no messages gets none.
func TestUndoLeaving(t *testing.T) {
	for _, muted := range []bool{false, true} {
		s := &store{}
		r, _ := newRoom(t, s)
		on := turn(func(t *bot.Turn) {
			if muted {
				t.Person.Muted = []bot.OrganisationID{organisation(1)}
			}
		})
		out, err := press(t, r, on, "v1:privacy.leave-organisation:"+string(organisation(1))+":")
		if err != nil {
			t.Fatal(err)
		}
		commit(t, out)
		if out, err = press(t, r, on, out.Replies[0].Message.Actions()[0].Data); err != nil {
			t.Fatal(err)
		}
		commit(t, out)
		want := fmt.Sprintf("[leave %s join %s stopped %v]", organisation(1), organisation(1), muted)
		if got := fmt.Sprint(s.done); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Nobody joins anything before the yes to what is stored.
func TestForgedJoin(t *testing.T) {
	r, _ := newRoom(t, &store{})
	for _, data := range []string{"v1:privacy.join-organisation:x:", "v1:privacy.join-group:x:"} {
		_, err := press(t, r, turn(func(t *bot.Turn) { t.Person.Member.Consent = 0 }), data)
		if !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// The yes counts on the day it was asked for and the next; the job that follows
// names nobody; the conversation is left to go with the member.
func TestForget(t *testing.T) {
	today := now.Unix() / 86400
	for data, want := range map[string]string{
		fmt.Sprint(today): "[forget m amina]", fmt.Sprint(today - 1): "[forget m amina]",
		fmt.Sprint(today - 2): "[]", fmt.Sprint(today + 1): "[]", "0": "[]", "x": "unknown", "": "unknown",
	} {
		s := &store{}
		r, j := newRoom(t, s)
		on := turn(func(t *bot.Turn) { t.Step = bot.NewStep("group", "place", nil) })
		out, err := press(t, r, on, "v1:privacy.forget::"+data)
		if errors.Is(err, bot.ErrUnknownStep) != (want == "unknown") {
			t.Errorf("%q: %v", data, err)
			continue
		}
		commit(t, out)
		if got := fmt.Sprint(s.done); want != "unknown" && got != want {
			t.Errorf("%q: did %s, want %s", data, got, want)
		}
		if out.Done || out.Next != nil {
			t.Errorf("%q: it moves the conversation, which is gone", data)
		}
		for _, job := range j.added {
			if job.ID != "" || job.Kind != privacy.JobErase || !job.At.After(now) {
				t.Errorf("added %+v", job)
			}
		}
		if len(j.added) != len(s.done) {
			t.Errorf("%q: %d jobs", data, len(j.added))
		}
	}
}

// Whoever wants nothing kept is forgotten when another room says so.
func TestSaidNo(t *testing.T) {
	s := &store{}
	r, j := newRoom(t, s)
	out, err := r.On(t.Context(), turn(), bot.SaidNo{})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, out)
	if fmt.Sprint(s.done) != "[forget m amina]" || len(j.added) != 1 {
		t.Errorf("did %v, added %v", s.done, j.added)
	}
	if out, err = r.On(t.Context(), turn(), bot.SaidYes{}); err != nil || len(out.Changes) > 0 {
		t.Errorf("another event: %v, %v", out, err)
	}
}

// The catalogue has words for every rule, role and closed word; what people are
// told of how long things are kept fits one message in every language.
func TestWords(t *testing.T) {
	r, _ := newRoom(t, &store{})
	p := r.Language.For("en")
	var keys []string
	for _, rule := range privacy.Retention() {
		if rule.Shown {
			keys = append(keys, "retention."+string(rule.Name))
		}
	}
	for _, term := range privacy.Terms() {
		keys = append(keys, "stored.term."+string(term))
	}
	for _, kind := range []bot.RoleKind{bot.Organiser, bot.Leader, bot.Guardian} {
		keys = append(keys, "mydata.role."+string(kind))
	}
	for _, key := range keys {
		if !p.Has(key) {
			t.Errorf("there is no %s", key)
		}
	}
	for _, l := range r.Language.Locales() {
		out, err := r.Command(t.Context(), turn(func(t *bot.Turn) { t.Locale, t.Can.Platform = l.Tag, "A platform" }), "privacy", "")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(utf16.Encode([]rune(out.Replies[0].Message.Text()))); n > 3800 {
			t.Errorf("%s: what is kept takes %d units", l.Tag, n)
		}
	}
}

// Whoever reads what is kept before saying yes to it finds the way back to the
// question.
func TestWayBack(t *testing.T) {
	r, _ := newRoom(t, &store{})
	for consent, want := range []bool{true, false} {
		out, err := r.Command(t.Context(), turn(func(t *bot.Turn) { t.Person.Member.Consent = consent }), "privacy", "")
		if err != nil {
			t.Fatal(err)
		}
		back := slices.ContainsFunc(out.Replies[0].Message.Actions(), func(a message.Action) bool {
			v, _ := message.ParseAction(a.Data)
			return v.Name == bot.VerbCommand && v.Arg == "start"
		})
		if back != want {
			t.Errorf("after yes to version %d: a button back %v, want %v", consent, back, want)
		}
	}
}
