package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/privacy"
)

// menu is what the menu of somebody's chat lists, as "/groups /help".
func (s *stage) menu(who string) string {
	var names []string
	for _, i := range s.Platform.MenuOf(who) {
		names = append(names, "/"+i.Command)
	}
	return strings.Join(names, " ")
}

// TestMenus: whoever chose another language than their app's sees the commands in it,
// whoever holds a role sees its commands, and everybody else sees what everybody sees.
func TestMenus(t *testing.T) {
	e := loadEmbedded(t)
	s := newFileStage(t, e, "amina", "grace", "lee")
	about := func(who, command, locale string) {
		t.Helper()
		for _, i := range s.Platform.MenuOf(who) {
			if want := e.language.For(locale).Text("command." + command + ".about"); i.Command == command && i.About == want {
				return
			}
		}
		t.Errorf("%s sees no /%s in %s: %q", who, command, locale, s.Platform.MenuOf(who))
	}
	hinted := func(who, hint, data string) {
		t.Helper()
		s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Data: data, Press: "press", LocaleHint: hint})
	}
	s.say(t, "amina", "hello")
	if got := s.menu("amina"); got != "" {
		t.Errorf("before she has chosen a language she sees %s", got)
	}
	hinted("amina", "uk", "v1:member.language::ar")
	about("amina", "groups", "ar")
	members := s.menu("amina")
	if strings.Contains(members, "alert") || strings.Contains(members, "connect") {
		t.Errorf("a member sees %s", members)
	}
	hinted("amina", "ar-EG", "v1:member.consent::yes")
	if got := s.menu("amina"); got != "" {
		t.Errorf("once her app speaks her language, she sees %s", got)
	}
	s.meet(t, "lee")
	if got := s.menu("lee"); got != "" {
		t.Errorf("with English in an English app somebody sees %s", got)
	}

	s.meet(t, "grace", "role organiser")
	s.say(t, "grace", "/help")
	about("grace", "alert", "en")
	if err := s.do(t.Context(), "grace", "loses organiser"); err != nil {
		t.Fatal(err)
	}
	s.say(t, "grace", "/help")
	if got := s.menu("grace"); got != "" {
		t.Errorf("without her role she sees %s", got)
	}

	// A role that is gained in a turn shows at once.
	if err := s.do(t.Context(), "lee", "invite leader crmc"); err != nil {
		t.Fatal(err)
	}
	s.say(t, "lee", "/join ABCDE-FGHJK-MNPQR-STVWX-YZ012-3")
	s.presses(t, "lee", "Yes, I want that")
	about("lee", "mygroup", "en")
	// And nothing is left in the chat of whoever is forgotten.
	s.say(t, "lee", "/forgetme")
	s.presses(t, "lee", "Yes, forget me")
	if got := s.menu("lee"); got != "" {
		t.Errorf("somebody who is forgotten sees %s", got)
	}
	s.allWell(t)
}

// TestMenuOfTheSilent: whoever is forgotten for their silence has no list of their own
// in their chat any more.
func TestMenuOfTheSilent(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "amina")
	s.meet(t, "amina")
	s.press(t, "amina", "v1:member.language::pl")
	if s.menu("amina") == "" {
		t.Fatal("she has no list of her own")
	}
	amina, _, err := s.db.Engine("").Person(t.Context(), s.Account, "amina")
	if err != nil {
		t.Fatal(err)
	}
	var seen int64
	if _, err := fmt.Sscan(s.behind(t, `SELECT seen_at FROM members WHERE id = '`+string(amina.Member.ID)+`'`), &seen); err != nil {
		t.Fatal(err)
	}
	err = s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return s.db.Privacy().ForgetQuiet(ctx, tx, privacy.Quiet{Member: amina.Member.ID, Seen: time.UnixMilli(seen)})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	if err := s.jobs.Workers[privacy.JobErase](t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.menu("amina"); got != "" || s.known(t, "amina") {
		t.Errorf("forgotten, she sees %s", got)
	}
	s.allWell(t)
}

// TestMenuIsShownAgain: a platform that was busy, or out of reach, shows the menu at
// the next turn, and what it shows already is not written once more.
func TestMenuIsShownAgain(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "amina")
	calls := 0
	away := true
	s.Platform.FailWith(func(out bot.Outgoing) error {
		if len(out.Message.Blocks) > 0 || out.Press != "" {
			return nil
		}
		if calls++; away {
			return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Hour}
		}
		return nil
	})
	s.press(t, "amina", "v1:member.language::pl")
	if calls != 1 || s.menu("amina") != "" {
		t.Errorf("a busy platform was asked %d times", calls)
	}
	away = false
	s.press(t, "amina", "v1:member.consent::yes")
	if calls != 2 || s.menu("amina") == "" {
		t.Errorf("asked %d times, it shows %q", calls, s.menu("amina"))
	}
	s.say(t, "amina", "/help")
	if calls != 2 {
		t.Errorf("what is shown already was written again")
	}
}

// TestLongestAlertIsDiscreet sends the longest text there can be, in every language,
// to people who want a first line that gives nothing away, and each copy a second
// time: with the line, the mark of a repeat and the buttons it must still fit.
func TestLongestAlertIsDiscreet(t *testing.T) {
	e := loadEmbedded(t)
	people := []string{"grace"}
	for _, l := range e.language.Locales() {
		people = append(people, "reader-"+l.Tag)
	}
	s := newFileStage(t, e, people...)
	for _, who := range people[1:] {
		s.meet(t, who)
		s.press(t, who, "v1:privacy.discreet::on")
		s.press(t, who, "v1:member.language::"+strings.TrimPrefix(who, "reader-"))
	}
	s.meet(t, "grace", "role organiser")
	long := func(locale string) string { return locale + strings.Repeat("😀", 1498) }
	s.say(t, "grace", "/alert "+long("en"))
	s.presses(t, "grace", "English")
	for _, l := range e.language.Locales() {
		if l.Tag != "en" {
			s.presses(t, "grace", "➕ Another language")
			s.presses(t, "grace", l.Endonym)
			s.say(t, "grace", long(l.Tag))
		}
	}
	s.presses(t, "grace", "🙋 Ask who is coming")
	s.presses(t, "grace", "👁 Look and send")
	var mu sync.Mutex
	tried := map[string]int{}
	s.Platform.FailWith(func(out bot.Outgoing) error {
		mu.Lock()
		defer mu.Unlock()
		if tried[out.Chat]++; out.Bulk && tried[out.Chat] == 1 {
			return &bot.SendError{Kind: bot.Unclear}
		}
		return nil
	})
	s.presses(t, "grace", "✅ Send now")
	for _, who := range people[1:] {
		locale := strings.TrimPrefix(who, "reader-")
		shown := s.Platform.Shown(who)
		text := shown[len(shown)-1].Message.Text()
		if !strings.HasPrefix(text, e.language.For(locale).Text("discreet.line")+"\n") || !strings.Contains(text, long(locale)) || tried[who] != 2 {
			t.Errorf("after %d tries %s has\n%.300s", tried[who], who, bottest.Visible(text))
		}
	}
	s.allWell(t)
}

// TestForgottenThoughThePlatformIsAway: whoever wants to be forgotten is, when nothing
// can be taken away, too.
func TestForgottenThoughThePlatformIsAway(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "amina")
	s.Platform.Can.TakesBack = 48 * time.Hour
	s.meet(t, "amina")
	s.say(t, "amina", "/forgetme")
	var asked []bot.Ref
	s.Platform.FailWith(func(out bot.Outgoing) error {
		if len(out.TakeBack) > 0 {
			asked = append(asked, out.TakeBack...)
			return &bot.SendError{Kind: bot.NotSent}
		}
		return nil
	})
	s.presses(t, "amina", "Yes, forget me")
	before := len(s.Platform.Shown("amina"))
	s.Clock.Advance(3 * time.Second)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(asked) != before-1 || slices.Contains(asked, s.Platform.Shown("amina")[before-1].Ref) {
		t.Errorf("of %d messages %q were to be taken away", before, asked)
	}
	found, err := s.db.Checkup(t.Context())
	if err != nil || found.Members > 0 {
		t.Errorf("there are %d members, %v", found.Members, err)
	}
}
