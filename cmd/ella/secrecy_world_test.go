package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
	"ella/bot/bottest"
	"ella/bot/group"
)

// world is a stage on which one history is played after the other.
type world struct {
	*stage
	organisations [2]bot.Organisation
	local         [2]group.Group
	// chat is the group chat of the first of them, and called what people were last
	// asked to come to.
	chat   string
	called bot.ActionID
	crowd  []bot.MemberID
	heard  map[string][]string
	mu     sync.Mutex
	played int
	joined int // how often somebody was in two chats
	file   *sql.DB
}

func newSecretWorld(t *testing.T, e embedded) *world {
	t.Helper()
	names := append(append([]string{"x", "y", "x2", "y2"}, others...), roles...)
	w := &world{stage: newFileStage(t, e, names...), heard: map[string][]string{}}
	w.Platform.Can.TakesBack = 48 * time.Hour
	ctx := t.Context()
	var err error
	if w.file, err = sql.Open("sqlite", w.stage.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.file.Close() })
	for _, c := range []string{"14 en CV1", "11 ar CV1", "7 pl LS1", "4 uk B11"} {
		if err := w.do(ctx, "", "crowd "+c); err != nil {
			t.Fatal(err)
		}
	}
	candidates, err := w.db.Alerts().Candidates(ctx, w.organisation.ID, alert.Among{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range candidates {
		w.crowd = append(w.crowd, c.Member)
	}
	// Only the organisations of a history are there for its people.
	if err := w.db.Members().Pause(ctx, w.organisation.ID, true); err != nil {
		t.Fatal(err)
	}
	w.Platform.OnSent(func(chat string, s bottest.Shown) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !slices.Contains(names, chat) && chat != w.chat {
			return
		}
		// The notice of a press and the message after it go their own ways.
		key, line := chat, bottest.Visible(s.Message.Text())
		if s.Notice != "" {
			key, line = chat+" sees", s.Notice
		}
		w.heard[key] = append(w.heard[key], line)
	})
	return w
}

// play plays a history, with the lives of x and y changed if they are to be, and
// returns what everybody heard.
func (w *world) play(t *testing.T, h history, changed bool) map[string][]string {
	t.Helper()
	w.mu.Lock()
	w.heard = map[string][]string{}
	w.mu.Unlock()
	w.Platform.Can.Begins = h.number%2 == 0
	if h.number%chapter == 0 {
		w.prepare(t, h)
	}
	for _, m := range h.moments {
		switch {
		case m.who != "x and y":
			w.does(t, m.who, m.deed)
		case changed:
			w.does(t, "y", m.deed)
			w.does(t, "x", m.also)
		default:
			w.does(t, "x", m.deed)
			w.does(t, "y", m.also)
		}
	}
	w.mu.Lock()
	heard := w.heard
	w.heard = map[string][]string{}
	w.mu.Unlock()
	w.forget(t, h)
	if h.number%chapter == chapter-1 {
		w.remove(t, h)
	}
	return heard
}

// chapter is how many histories one after the other have the same organisations.
const chapter = 10

// prepare makes two organisations with a group, a part of the crowd and the roles
// of the cast each. The cast stay from history to history; x and y come and go.
func (w *world) prepare(t *testing.T, h history) {
	t.Helper()
	cast := map[string]bot.MemberID{}
	for _, who := range append(slices.Clip(others), roles...) {
		cast[who] = w.known(t, who)
	}
	leeds, ok := w.app.places.Sector("LS1 5")
	if !ok {
		t.Fatal("there is no LS1 5")
	}
	now := w.app.clock.Now()
	err := w.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		for i, name := range []string{"Another Roof", "Bread and Roses"} {
			o := bot.Organisation{ID: bot.OrganisationID(w.app.ids.New()), Name: name, Zone: "Europe/London"}
			g := group.Group{
				ID: bot.GroupID(w.app.ids.New()), Organisation: o.ID, Source: "histories", ForeignID: fmt.Sprint(w.played, i),
				Name: "Group of " + name, Place: "LS1 5", Point: leeds.Point,
			}
			w.organisations[i], w.local[i] = o, g
			if err := w.db.Members().AddOrganisation(ctx, tx, o); err != nil {
				return err
			}
			if err := w.db.Groups().Save(ctx, tx, []group.Group{g}, now); err != nil {
				return err
			}
			for k, id := range w.crowd {
				if (k+int(h.number))%(2+i) == 0 {
					if err := w.db.Members().Agree(ctx, tx, id, o.ID, now); err != nil {
						return err
					}
				}
				if k%6 == i {
					if err := w.db.Groups().With(ctx, tx, id, g, now); err != nil {
						return err
					}
				}
			}
		}
		for who, r := range map[string]bot.Role{
			roles[0]: {Kind: bot.Organiser, Organisation: w.organisations[0].ID},
			roles[1]: {Kind: bot.Organiser, Organisation: w.organisations[1].ID},
			roles[2]: {Kind: bot.Leader, Organisation: w.organisations[0].ID, Group: w.local[0].ID},
		} {
			if err := w.db.Members().Agree(ctx, tx, cast[who], r.Organisation, now); err != nil {
				return err
			}
			if err := w.db.Roles().Grant(ctx, tx, cast[who], r, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.played++
	w.connect(t)
}

// connect has the leader connect a group chat to their group.
func (w *world) connect(t *testing.T) {
	t.Helper()
	w.called, w.chat = "", fmt.Sprint(bottest.GroupPrefix, w.played)
	w.Platform.Open(w.chat)
	w.hand(t, pressed(roles[2], "v1:groupchat.connect:"+string(w.local[0].ID)+":"))
	code := connectCode.FindString(w.stage.newest(t, roles[2]))
	w.hand(t, bot.Update{Kind: bot.TextSent, Sender: roles[2], Group: w.chat, Text: code})
	if !strings.Contains(w.aloud(t, w.chat), "now connected") {
		t.Fatalf("in the group chat there is %q", w.aloud(t, w.chat))
	}
	w.hand(t, pressed(roles[2], w.newest(roles[2], "v1:groupchat.invite:", "")))
	w.later(t)
	if w.newest(w.chat, "v1:groupchat.begin:", "") == "" {
		t.Fatal("nobody is invited in the group chat")
	}
}

// crowdAnswers takes note of what people were just asked to come to, and has some of the crowd
// answer: enough that their number is shown, or nearly so.
func (w *world) crowdAnswers(t *testing.T, who string, n int) {
	t.Helper()
	parts := strings.Split(w.newest(who, "v1:action.results:", ""), ":")
	if len(parts) < 3 {
		return
	}
	w.called = bot.ActionID(parts[2])
	actions := w.db.Actions()
	for _, id := range w.crowd {
		by, err := actions.AskedBy(t.Context(), w.called, id)
		if n == 0 || errors.Is(err, bot.ErrNotFound) {
			continue
		}
		n--
		if err == nil {
			err = w.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
				return actions.Reply(ctx, tx, w.called, id, by, action.RSVP{Answer: action.Yes}, w.app.clock.Now())
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// known makes sure that somebody of the cast is there.
func (w *world) known(t *testing.T, who string) bot.MemberID {
	t.Helper()
	p, _, err := w.db.Engine("").Person(t.Context(), w.Account, who)
	if errors.Is(err, bot.ErrNotFound) {
		for _, data := range []string{"v1:member.language::en", "v1:member.consent::yes"} {
			w.hand(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Data: data, Press: "press"})
		}
		p, _, err = w.db.Engine("").Person(t.Context(), w.Account, who)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.Member.ID
}

// forget has x and y forgotten, and looks that nothing of them is left.
func (w *world) forget(t *testing.T, h history) {
	t.Helper()
	for _, who := range []string{"x", "y", "x2", "y2"} {
		w.does(t, who, deed{"forgotten", 0})
	}
	w.Clock.Advance(time.Minute)
	if err := w.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := len(w.crowd) + w.cast(t)
	w.expect(t, h, map[string]int{"members": left, "addresses": left})
}

// remove removes the organisations, and looks that nothing of them is left.
func (w *world) remove(t *testing.T, h history) {
	t.Helper()
	for _, o := range w.organisations {
		if err := w.db.Members().RemoveOrganisation(t.Context(), o.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.expect(t, h, map[string]int{
		"rsvps": 0, "rsvp_counts": 0, "actions": 0, "alerts": 0, "deliveries": 0, "delivery_counts": 0, "letters": 0, "roles": 0, "approvals": 0,
		"invites": 0, "group_chats": 0, "group_chat_codes": 0, "opt_ins": 0, "links": 0, "group_members": 0, "memberships": len(w.crowd), "organisations": 1,
	})
}

// cast counts who of the cast is there: they may be forgotten too.
func (w *world) cast(t *testing.T) int {
	n := 0
	for _, who := range append(slices.Clip(others), roles...) {
		if _, _, err := w.db.Engine("").Person(t.Context(), w.Account, who); err == nil {
			n++
		}
	}
	return n
}

func (w *world) expect(t *testing.T, h history, rows map[string]int) {
	t.Helper()
	for table, want := range rows {
		if n := w.count(t, table); n != want {
			t.Errorf("history %d: %d rows are left in %s, want %d\n%s", h.number, n, table, want, h)
		}
	}
}

// does lets somebody do something. What they can't do at that moment they don't.
func (w *world) does(t *testing.T, who string, d deed) {
	t.Helper()
	o, g := w.organisations[d.n%2], w.local[d.n%2]
	press := func(data string) {
		w.hand(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Data: data, Press: "press"})
	}
	say := func(text string) { w.hand(t, bot.Update{Kind: bot.TextSent, Sender: who, Text: text}) }
	newest := func(prefix, suffix string) {
		if data := w.newest(who, prefix, suffix); data != "" {
			press(data)
		}
	}
	pick := func(all ...string) string { return all[d.n/2%len(all)] }
	switch d.name {
	case "arrives":
		press("v1:member.language::" + pick("en", "ar", "pl", "uk"))
		press("v1:member.consent::yes")
		press("v1:member.agree:" + string(o.ID) + ":yes")
		if d.n%3 == 0 {
			press("v1:member.agree:" + string(w.organisations[(d.n+1)%2].ID) + ":yes")
		}
		say(pick("Coventry", "Leeds", "B11", "LS1 5"))
	case "answers":
		newest("v1:action.rsvp:", ":"+pick("yes", "yes", "maybe", "no"))
	case "answers in the chat":
		if data := w.newest(w.chat, "v1:action.rsvp:", ":"+pick("yes", "yes", "maybe", "no")); data != "" {
			w.hand(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: w.chat, Data: data, Press: "press"})
		}
	case "speaks in the chat":
		w.hand(t, bot.Update{Kind: bot.TextSent, Sender: who, Group: w.chat, Text: pick("/help@ella", "/alert", "yes", "/connect 0123456789ABCDEFGHJKMNPQRS")})
		w.Clock.Advance(time.Minute)
	case "begins":
		w.hand(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: w.chat, Data: w.newest(w.chat, "v1:groupchat.begin:", ""), Press: "press"})
		newest("v1:groupchat.yes:", ":"+pick("yes", "yes", "no"))
	case "leaves the chat":
		w.hand(t, bot.Update{Kind: bot.ChatLeft, Sender: who, Group: w.chat})
	case "links":
		w.links(t, who)
	case "unlinks":
		say("/unlink")
		newest("v1:address.part:", "")
		newest("v1:address.parted:", "")
	case "prefers":
		press("v1:" + bot.VerbWhere + "::")
		newest("v1:address.prefer:", "")
	case "answers in words":
		say(pick("yes", "no", "maybe", "+2"))
	case "follows the link":
		say("/start " + bot.Arrival{Action: w.called}.Payload())
	case "hides":
		press("v1:privacy.discreet::" + pick("on", "off"))
	case "brings":
		newest("v1:action.plus:", ":"+pick("1", "3", "5"))
	case "language":
		press("v1:member.language::" + pick("en", "ar", "pl", "uk"))
	case "moves":
		press("v1:group.ask::")
		say(pick("Coventry", "Leeds", "B11", "Swansea"))
		newest("v1:group.live:", "")
	case "joins a group":
		press("v1:group.with:" + string(g.ID) + ":")
	case "leaves a group":
		press("v1:group.leave:" + string(g.ID) + ":")
	case "agrees":
		press("v1:member.agree:" + string(o.ID) + ":yes")
	case "leaves":
		press("v1:member.agree:" + string(o.ID) + ":no")
	case "mutes":
		press("v1:member.mute:" + string(o.ID) + ":")
	case "stops":
		say("/stop")
	case "resumes":
		say("/resume")
	case "forgotten":
		say("/forgetme")
		newest("v1:privacy.forget:", "")
	case "complains":
		press("v1:relay.to:" + string(o.ID) + ":complaint")
		say("It was too loud.")
	case "mydata":
		say("/mydata")
		if d.n%4 == 0 {
			press("v1:privacy.file::")
		}
	case "actions":
		say("/actions")
	case "groups":
		say("/groups")
	case "people":
		say("/people")
	case "results":
		say("/results")
		newest("v1:action.results:", "")
	case "my group":
		say("/mygroup")
	case "suspends":
		say("/people")
		newest("v1:role.card:", "")
		newest("v1:role.suspend:", "")
	case "writes", "previews":
		say("/alert Come on Sunday.")
		newest("v1:alert.written:", ":en")
		newest("v1:alert.invite:", ":yes")
		switch d.n % 4 {
		case 0:
			newest("v1:alert.speak:", "")
			newest("v1:alert.locale:", ":ar")
		case 1:
			newest("v1:alert.groups:", "")
			newest("v1:alert.group:", "")
			newest("v1:alert.chats:", ":yes")
		}
		newest("v1:alert.preview:", "")
		if d.name == "writes" {
			newest("v1:alert.send:", "")
			w.crowdAnswers(t, who, d.n%9)
		}
	default:
		t.Fatalf("nobody knows how to do %q", d.name)
	}
	// What follows from it in group chats.
	w.later(t)
}

// links joins somebody with a second chat of theirs, if they have a code.
func (w *world) links(t *testing.T, who string) {
	t.Helper()
	second := who + "2"
	if who != "x" && who != "y" {
		return
	}
	w.hand(t, bot.Update{Kind: bot.TextSent, Sender: who, Text: "/link"})
	found := linkCode.FindStringSubmatch(w.stage.newest(t, who))
	if found == nil {
		return // not through the first minute, or in enough chats
	}
	w.hand(t, bot.Update{Kind: bot.TextSent, Sender: second, Text: "/link " + found[1]})
	for _, side := range []string{second, who} {
		w.hand(t, pressed(side, w.newest(side, "v1:address.yes:", "")))
	}
	one, _, err := w.db.Engine("").Person(t.Context(), w.Account, who)
	two, _, err2 := w.db.Engine("").Person(t.Context(), w.Account, second)
	if err == nil && err2 == nil && one.Member.ID == two.Member.ID {
		w.joined++
	}
}

var linkCode = regexp.MustCompile(`/link ([0-9A-Z]{5}(?:-[0-9A-Z]+)+)`)

func (w *world) count(t *testing.T, table string) int {
	t.Helper()
	var n int
	if err := w.file.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) hand(t *testing.T, u bot.Update) {
	t.Helper()
	u.Chat, u.At = u.Sender, w.app.clock.Now()
	if err := w.Accept(t.Context(), w.Platform.Raw(w.Account, u)); err != nil {
		t.Fatal(err)
	}
	if err := w.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// newest is the data of the newest button in somebody's chat that begins and ends
// so, or nothing.
func (w *world) newest(who, prefix, suffix string) string {
	shown := w.Platform.Shown(who)
	for i := range min(len(shown), 12) {
		for _, a := range shown[len(shown)-1-i].Message.Actions() {
			if strings.HasPrefix(a.Data, prefix) && strings.HasSuffix(a.Data, suffix) {
				return a.Data
			}
		}
	}
	return ""
}
