package slack_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
	"ella/bot/bottest"
	form "ella/bot/message"
)

// stage is a fake Slack, one person, and an adapter that sends.
type stage struct {
	*slacktest.Server
	adapter *slack.Adapter
	person  string
	log     *bytes.Buffer
}

// staged sets one up whose limits are off. At its end no rule of Slack's is broken, and
// nothing that is secret was logged.
func staged(t *testing.T) *stage {
	t.Helper()
	s := &stage{Server: slacktest.New(t, slacktest.Options{Limits: slacktest.Limits{Off: true}}), log: &bytes.Buffer{}}
	s.person = s.AddUser(slacktest.User{Name: "Amina"})
	s.adapter = onFake(t, s.Server, func(o *slack.Options) { o.Log = slog.New(slog.NewTextHandler(s.log, nil)) })
	slack.Unpaced(s.adapter)
	t.Cleanup(func() {
		for _, b := range s.Breaches() {
			t.Errorf("a rule of Slack's is broken: %v", b)
		}
		for _, secret := range []string{s.BotToken(), s.person, "canary"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds a secret:\n%s", s.log)
			}
		}
	})
	return s
}

func (s *stage) send(t *testing.T, m form.Message, change ...func(*bot.Outgoing)) (bot.Ref, bot.SendError) {
	t.Helper()
	out := bot.Outgoing{Chat: s.person, Message: m}
	for _, c := range change {
		c(&out)
	}
	ref, err := s.adapter.Send(t.Context(), out)
	if err == nil {
		return ref, bot.SendError{}
	}
	se, ok := errors.AsType[*bot.SendError](err)
	if !ok || strings.Contains(err.Error(), "canary") {
		t.Fatalf("it fails with %v", err)
	}
	return ref, *se
}

func (s *stage) sent(t *testing.T, m form.Message, change ...func(*bot.Outgoing)) bot.Ref {
	t.Helper()
	ref, err := s.send(t, m, change...)
	if ref == "" || err.Kind != "" {
		t.Fatalf("it is %q, %+v", ref, err)
	}
	return ref
}

func (s *stage) shown() []slacktest.Message { return s.Shown(s.DM(s.person)) }

func editing(ref bot.Ref) func(*bot.Outgoing) { return func(out *bot.Outgoing) { out.Edit = ref } }

// TestSendKeepsWordsHarmless sends whatever people type, and looks at what notifications
// and screen readers get of it. The fake tells of each sign that was not escaped.
func TestSendKeepsWordsHarmless(t *testing.T) {
	s := staged(t)
	for _, w := range append(bottest.Hostile(), "<!everyone>", "<!subteam^S012|x>", "<https://evil.example|https://good.example>", "<#C012>", "<!date^1^{date}|x>") {
		s.Say(s.person, w)
		ref := s.sent(t, of(form.Heading{Spans: []form.Span{words(w)}}, para(words(w)), form.Facts{Rows: []form.Fact{{Label: "x", Value: []form.Span{words(w)}}}}, choices(strings.ReplaceAll(w, "\n", " "))))
		all := s.shown()
		if last := all[len(all)-1]; strings.Count(last.Text, w) != 3 || strings.Count(last.Fallback, w) < 3 {
			t.Errorf("%q under %s stands there as %q, and is read out as %q", w, ref, last.Text, last.Fallback)
		}
	}
}

func TestSendNamesWhatItSent(t *testing.T) {
	s := staged(t)
	ref := s.sent(t, of(para(words("hello"))))
	m := s.shown()[0]
	if want := bot.Ref(m.Channel + ":" + m.TS); ref != want {
		t.Errorf("it is called %q, want %q", ref, want)
	}
	if m.Unfurls() {
		t.Error("links in it show what they lead to")
	}
	long := s.sent(t, of(para(words(strings.Repeat("жук ", 1500)))))
	all := s.shown()
	if want := bot.Ref(m.Channel + ":" + all[1].TS + "," + all[2].TS); long != want {
		t.Errorf("two parts are called %q, want %q", long, want)
	}
	preview := of(para(words("hello")))
	preview.Preview = true
	s.sent(t, preview)
	if all := s.shown(); !all[3].Unfurls() {
		t.Error("with a preview links show nothing")
	}
}

// TestSendThroughFaults sends through whatever can happen to a request on its way: what
// was posted is never called not sent.
func TestSendThroughFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault  slacktest.Fault
		kind   bot.SendKind
		stands int
		wait   time.Duration
	}{
		"reset before":    {slacktest.ResetBefore(), bot.Unclear, 0, 0},
		"reset after":     {slacktest.ResetAfter(), bot.Unclear, 1, 0},
		"garbled":         {slacktest.Garbled(), bot.Unclear, 1, 0},
		"not ok":          {slacktest.NotOK(), bot.Unclear, 0, 0},
		"strange":         {slacktest.Strange(), "", 1, 0},
		"500":             {slacktest.ServerError(500), bot.Unclear, 0, 0},
		"500 after":       {slacktest.ServerErrorAfter(503), bot.Unclear, 1, 0},
		"gateway":         {slacktest.BadGateway(), bot.Unclear, 0, 0},
		"429":             {slacktest.Throttled(9 * time.Second), bot.Throttled, 0, 9 * time.Second},
		"429 bare":        {slacktest.ThrottledBare(), bot.Throttled, 0, 30 * time.Second},
		"429 odd":         {slacktest.ThrottledOddly("1.5"), bot.Throttled, 0, 1500 * time.Millisecond},
		"429 in the body": {slacktest.ThrottledInBody("rate_limited"), bot.Throttled, 0, 30 * time.Second},
		"revoked":         {slacktest.Refused("token_revoked"), bot.NoAccess, 0, 0},
		"gone":            {slacktest.Refused("user_not_found"), bot.Gone, 0, 0},
		"unknown":         {slacktest.Refused("canary_words"), bot.Invalid, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := staged(t)
			s.Next("chat.postMessage", c.fault)
			ref, err := s.send(t, of(para(words("canary"))))
			if err.Kind != c.kind || err.RetryAfter != c.wait || err.ChatOnly || (ref != "") != (c.kind == "") {
				t.Errorf("it is %q, %+v", ref, err)
			}
			all := s.shown()
			if len(all) != c.stands {
				t.Errorf("%d messages stand there", len(all))
			}
			if ref != "" && ref != bot.Ref(all[0].Channel+":"+all[0].TS) {
				t.Errorf("it is called %q", ref)
			}
		})
	}
}

func TestSendToWhoCantBeReached(t *testing.T) {
	s := staged(t)
	private := s.AddChannel(slacktest.Channel{Name: "private", Private: true, WithoutApp: true})
	public := s.AddChannel(slacktest.Channel{Name: "public", WithoutApp: true})
	gone := s.AddUser(slacktest.User{Name: "Bogdan"})
	s.Deactivate(gone)
	for chat, want := range map[string]bot.SendKind{private: bot.Gone, public: bot.Forbidden, gone: bot.Gone, "U0NOBODY01": bot.Gone, "@amina": bot.Gone, "": bot.Gone} {
		_, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: of(para(words("canary")))})
		if got := bot.SendKindOf(err); got != want {
			t.Errorf("a message to %.3q is %s, want %s", chat, got, want)
		}
	}
}

// TestSendGoesOnWhereItStopped has the second part of a message refused for now: sent
// again, only that one comes.
func TestSendGoesOnWhereItStopped(t *testing.T) {
	s := staged(t)
	m := of(para(words(strings.Repeat("жук ", 1500))))
	s.Next("chat.postMessage", slacktest.Fault{}, slacktest.ThrottledInBody("rate_limited"))
	if _, err := s.send(t, m); err.Kind != bot.Throttled || len(s.shown()) != 1 {
		t.Fatalf("it is %+v, and %d stand there", err, len(s.shown()))
	}
	ref := s.sent(t, m)
	all := s.shown()
	if len(all) != 2 || ref != bot.Ref(all[0].Channel+":"+all[0].TS+","+all[1].TS) {
		t.Errorf("%d stand there, called %q", len(all), ref)
	}
	s.Next("chat.postMessage", slacktest.Fault{}, slacktest.Refused("fatal_error"))
	if _, err := s.send(t, m); err.Kind != bot.Unclear || err.Code != "partial" {
		t.Errorf("a part that was lost is %+v", err)
	}
}

func TestEditInPlaceOrAnew(t *testing.T) {
	s := staged(t)
	first := s.sent(t, of(para(words("one")), choices("Yes")))
	if got := s.sent(t, of(para(words("one, changed <!channel> @here"))), editing(first)); got != first {
		t.Errorf("changed it is called %q", got)
	}
	if all := s.shown(); len(all) != 1 || !strings.Contains(all[0].Text, "changed") || len(all[0].Buttons) != 0 {
		t.Errorf("in place of it stands %+v", all)
	}
	long := of(para(words(strings.Repeat("жук ", 1500))))
	second := s.sent(t, long, editing(first))
	if all := s.shown(); second == first || len(all) != 2 {
		t.Errorf("with more parts it is called %q, and %d stand there", second, len(all))
	}
	for _, code := range []string{"message_not_found", "cant_update_message", "edit_window_closed", "msg_too_long", "channel_not_found"} {
		ref := s.sent(t, of(para(words("before "+code))))
		s.Next("chat.update", slacktest.Refused(code))
		anew := s.sent(t, of(para(words("after "+code))), editing(ref))
		all := s.shown()
		if last := all[len(all)-1]; anew == ref || !strings.Contains(last.Text, "after "+code) || len(all) != 3 {
			t.Errorf("after %s it is called %q, and %d stand there", code, anew, len(all))
		}
		if _, err := s.send(t, form.Message{}, func(out *bot.Outgoing) { out.TakeBack = []bot.Ref{anew} }); err.Kind != "" {
			t.Errorf("taking it away is %+v", err)
		}
	}
	// With its pace an adapter knows what a refusal is about.
	s.adapter = onFake(t, s.Server)
	s.Next("chat.update", slacktest.Throttled(9*time.Second))
	for range 2 {
		if _, err := s.send(t, long, editing(second)); err.Kind != bot.Throttled || !err.ChatOnly || err.RetryAfter <= 8*time.Second {
			t.Errorf("an edit too many is %+v: others may be written to", err)
		}
	}
	s.sent(t, of(para(words("to others"))))
}

func TestTakeBack(t *testing.T) {
	s := staged(t)
	took := func(refs ...bot.Ref) bot.SendError {
		_, err := s.send(t, form.Message{}, func(out *bot.Outgoing) { out.TakeBack = refs })
		return err
	}
	ref := s.sent(t, of(para(words(strings.Repeat("жук ", 1500)))))
	if err := took(ref, ref, "no ref", ""); err.Kind != "" || len(s.shown()) != 0 {
		t.Errorf("it is %+v, and %d stand there", err, len(s.shown()))
	}
	for _, code := range []string{"cant_delete_message", "message_not_found", "channel_not_found"} {
		s.Next("chat.delete", slacktest.Refused(code))
		if err := took(ref); err.Kind != "" {
			t.Errorf("%s is %+v", code, err)
		}
	}
	s.Next("chat.delete", slacktest.Refused("token_revoked"))
	if err := took(ref); err.Kind != bot.NoAccess {
		t.Errorf("without a token it is %+v", err)
	}
}

func picture(t *testing.T) form.Message {
	t.Helper()
	return of(para(text("The answers:")), form.Picture{PNG: testPNG(t), Width: 3, Height: 2, Alt: "3 yes, 2 no."}, choices("Again"))
}

// TestPictures shows one picture to many, which is uploaded once.
func TestPictures(t *testing.T) {
	s := staged(t)
	var wait sync.WaitGroup
	for n := range 8 {
		person := s.AddUser(slacktest.User{Name: fmt.Sprint("person ", n)})
		wait.Go(func() {
			if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: person, Message: picture(t), Bulk: true}); err != nil {
				t.Error(err)
				return
			}
			m := s.Shown(s.DM(person))[0]
			if len(m.Files) != 1 || !bytes.Equal(m.Files[0].Bytes, testPNG(t)) || m.Files[0].AltText != "3 yes, 2 no." || !strings.Contains(m.Fallback, "3 yes, 2 no.") {
				t.Errorf("it comes as %+v", m)
			}
		})
	}
	wait.Wait()
	if n := s.Calls("files.getUploadURLExternal"); n != 1 {
		t.Errorf("it is uploaded %d times", n)
	}
}

func TestPicturesThatAreNotReady(t *testing.T) {
	s := staged(t)
	s.Next("chat.postMessage", slacktest.Refused("invalid_blocks"))
	s.sent(t, picture(t))
	if m := s.shown()[0]; len(m.Files) != 1 {
		t.Errorf("it comes without its picture: %+v", m)
	}
}

// TestPicturesThatAreRefused sends the words alone: they say the same.
func TestPicturesThatAreRefused(t *testing.T) {
	for name, fault := range map[string]func(s *stage){
		"no scope": func(s *stage) { s.Next("files.getUploadURLExternal", slacktest.Refused("missing_scope")) },
		"no room":  func(s *stage) { s.Next("files.getUploadURLExternal", slacktest.Refused("storage_limit_reached")) },
		"at last":  func(s *stage) { s.Next("files.completeUploadExternal", slacktest.Refused("file_type_not_allowed")) },
		"in blocks": func(s *stage) {
			for range 5 {
				s.Next("chat.postMessage", slacktest.Refused("invalid_blocks"))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := staged(t)
			fault(s)
			s.sent(t, picture(t))
			if m := s.shown()[0]; len(m.Files) != 0 || !strings.Contains(m.Text, "3 yes, 2 no.") || len(m.Buttons) != 1 {
				t.Errorf("it comes as %+v", m)
			}
			if !strings.Contains(s.log.String(), "refused") {
				t.Error("the log says nothing of it")
			}
		})
	}
}

func TestFiles(t *testing.T) {
	s := staged(t)
	m := of(para(text("Here:")), form.File{Name: "all-about-me.txt", MediaType: form.PlainText, Data: []byte("canary"), About: "All about you."}, choices("Thanks"))
	ref := s.sent(t, m)
	all := s.shown()
	if len(all) != 3 || len(all[1].Files) != 1 || all[1].Files[0].Name != "all-about-me.txt" || string(all[1].Files[0].Bytes) != "canary" || !strings.HasSuffix(all[0].Text, "All about you.") {
		t.Errorf("%q comes as %+v", ref, all)
	}
	if want := bot.Ref(fmt.Sprintf("%s:%s,%s,%s", all[0].Channel, all[0].TS, all[1].Files[0].ID, all[2].TS)); ref != want {
		t.Errorf("it is called %q, want %q", ref, want)
	}
	// Nothing stands there of a message whose file can't go.
	for method, c := range map[string]struct {
		fault slacktest.Fault
		kind  bot.SendKind
	}{
		"files.getUploadURLExternal": {slacktest.ResetBefore(), bot.NotSent},
		slacktest.Uploading:          {slacktest.ServerError(500), bot.NotSent},
	} {
		s.Next(method, c.fault)
		if _, err := s.send(t, m); err.Kind != c.kind || len(s.shown()) != 3 {
			t.Errorf("when %s fails it is %+v, and %d stand there", method, err, len(s.shown()))
		}
	}
	s.Next("files.getUploadURLExternal", slacktest.Refused("missing_scope"))
	if _, err := s.send(t, m); err.Kind != bot.Invalid {
		t.Errorf("without the scope it is %+v: the token still works for the rest", err)
	}
}

// TestSendKeepsSlacksLimits writes to one and to many as fast as it goes, with Slack's
// limits on: none is broken, and whoever is sent away is told for how long.
func TestSendKeepsSlacksLimits(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{Limits: slacktest.Limits{PerMinute: [5]int{1, 20, 50, 100, 300}}})
	a := onFake(t, s, func(o *slack.Options) { o.Rate = 20 })
	var people []string
	for n := range 20 {
		people = append(people, s.AddUser(slacktest.User{Name: fmt.Sprint("person ", n)}))
	}
	var wait sync.WaitGroup
	send := func(out bot.Outgoing) {
		wait.Go(func() {
			_, err := a.Send(t.Context(), out)
			if se, ok := errors.AsType[*bot.SendError](err); ok && (se.Kind != bot.Throttled || se.RetryAfter <= 0) {
				t.Errorf("it is %v", err)
			}
		})
	}
	for _, person := range people {
		send(bot.Outgoing{Chat: person, Message: of(para(words("copy"))), Bulk: true})
	}
	for range 6 {
		send(bot.Outgoing{Chat: people[0], Message: of(para(words("reply")))})
	}
	wait.Wait()
	ref, err := a.Send(t.Context(), bot.Outgoing{Chat: people[1], Message: of(para(words("0")))})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 60 {
		send(bot.Outgoing{Chat: people[1], Message: of(para(words(fmt.Sprint(n)))), Edit: ref})
	}
	wait.Wait()
	for _, b := range s.Breaches() {
		t.Errorf("a rule of Slack's is broken: %v", b)
	}
	// How many of them a newer one overtakes is a matter of the machine.
	if n := s.Calls("chat.update"); n < 1 || n > 50 {
		t.Errorf("%d updates are made", n)
	}
	if n := len(s.Shown(s.DM(people[19]))); n != 1 {
		t.Errorf("the last of the copies stands there %d times", n)
	}
}
