package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot/language"
)

// argumentsVariable makes this test binary be the program itself, with these
// arguments as JSON: a real process that can be killed and stopped.
const argumentsVariable = "ELLA_TEST_ARGUMENTS"

// startProgram starts ella with arguments, as a process of its own.
func startProgram(t testing.TB, dir, listen string, arguments ...string) *child {
	t.Helper()
	words, err := json.Marshal(arguments)
	if err != nil {
		t.Fatal(err)
	}
	return startProcess(t, dir, listen, argumentsVariable+"="+string(words))
}

// programMain is what that process does.
func programMain() int {
	var arguments []string
	if err := json.Unmarshal([]byte(os.Getenv(argumentsVariable)), &arguments); err != nil {
		return exitUsage
	}
	return runUntilSignal(arguments)
}

// TestTry does the main job in the page of a real `ella try`: a call to action
// reaches members in four languages, they answer, and a newcomer is pointed to a
// group. The process is killed in the middle of the sending and in the middle of
// an answer; the page comes back by itself and goes on.
func TestTry(t *testing.T) {
	e := loadEmbedded(t)
	dir, listen := t.TempDir(), freeAddress(t)
	start := func() *child {
		return startProgram(t, dir, listen, "try", "--dir", dir, "--listen", listen, "--log", "text,warn")
	}
	ella := start()
	page := webtest.Open(t, "http://"+listen)

	// The page isolates values with elements instead of characters.
	bare := strings.NewReplacer("\u2066", "", "\u2068", "", "\u2069", "")
	says := func(locale, key string, values ...language.Value) string {
		return bare.Replace(e.language.For(locale).Text(key, values...))
	}
	welcome := func(phone *webtest.Phone, locale, endonym, place, group string) {
		phone.Say("👋")
		phone.Press(endonym)
		phone.Press(says(locale, "consent.yes"))
		if phone.ID() != web.RoleLeader && phone.ID() != web.RoleOrganiser {
			phone.Press(says(locale, "agree.yes"))
		}
		phone.WaitText(says(locale, "place.ask"))
		phone.Say(place)
		phone.WaitText(group)
	}
	amina, olena := page.Phone(web.RoleMember), page.AddMember()
	kasia, grace := page.Phone(web.RoleLeader), page.Phone(web.RoleOrganiser)
	welcome(amina, "ar", "العربية", "كوفنتري", "Coventry Refugee and Migrant Centre")
	welcome(olena, "uk", "Українська", "Бірмінгем", "Coventry Refugee and Migrant Centre")
	welcome(kasia, "pl", "Polski", "Peterborough", "Compas")
	welcome(grace, "en", "English", "e8", "Migrants Organise")

	grace.Press(says("en", "groups.another-place"))
	grace.WaitText(says("en", "place.ask-again"))
	grace.Say("/alert")
	grace.WaitText(says("en", "alert.ask-text"))
	grace.Say("We march on Saturday.")
	grace.WaitText(says("en", "alert.which-language"))
	grace.Press("English")
	for _, v := range []struct{ locale, endonym, text string }{
		{"ar", "العربية", "نسير يوم السبت."}, {"uk", "Українська", "Ми йдемо в суботу."},
	} {
		grace.Press(says("en", "alert.add-language"))
		grace.WaitText(says("en", "alert.ask-variant"))
		grace.Press(v.endonym)
		grace.WaitText(says("en", "alert.ask-variant-text", language.Words("Language", v.endonym)))
		grace.Say(v.text)
		grace.WaitText(v.text)
	}
	grace.Press(says("en", "alert.ask-coming"))
	grace.Press(says("en", "alert.preview"))
	grace.Press(says("en", "alert.send"))
	grace.WaitText(says("en", "progress.title"))
	ella.kill() // in the middle of the alert
	ella = start()

	amina.WaitText("نسير يوم السبت.")
	olena.WaitText("Ми йдемо в суботу.")
	kasia.WaitText(says("pl", "alert.not-in-your-language", language.Words("Language", "English")))
	grace.WaitText(says("en", "progress.done"))

	amina.Press(says("ar", "rsvp.yes"))
	ella.kill() // in the middle of an answer
	ella = start()
	amina.WaitText(says("ar", "rsvp.you.yes"))
	kasia.Press(says("pl", "rsvp.maybe"))
	kasia.WaitText(says("pl", "rsvp.you.maybe"))
	kasia.Press("+5")
	kasia.WaitText("5")
	kasia.Press(says("pl", "rsvp.no"))
	kasia.WaitText(says("pl", "rsvp.you.no"))
	olena.Say("допоможіть")
	olena.WaitText(says("uk", "help.intro"))
	grace.Press(says("en", "progress.answers"))
	grace.WaitText(says("en", "results.yes"))

	for phone, own := range map[*webtest.Phone]string{amina: "نسير يوم السبت.", olena: "Ми йдемо в суботу.", kasia: "We march on Saturday."} {
		var copies []string
		for _, it := range phone.Items() {
			if text := webtest.Text(it); it.From == "ella" && strings.Contains(text, "Common Ground") && strings.Contains(text, own) && strings.Contains(text, "/stop") {
				copies = append(copies, text)
			}
		}
		if len(copies) == 2 && !strings.Contains(copies[1], repeat(e.language, copies[1])) || len(copies) == 0 || len(copies) > 2 {
			t.Errorf("%s has %d copies: %q", phone.ID(), len(copies), copies)
		}
	}
	if code := ella.stop(t); code != exitDone {
		t.Errorf("after an interrupt it ended with %d", code)
	}
}

// repeat is the line, in any language, by which a second copy says what it is;
// something that stands nowhere when it says nothing.
func repeat(b *language.Bundle, text string) string {
	for _, l := range b.Locales() {
		if line := b.For(l.Tag).Text("alert.repeat"); strings.Contains(text, line) {
			return line
		}
	}
	return "a line that says it is a repeat"
}

// stop interrupts the process, as Ctrl-C does, and returns its exit code.
func (c *child) stop(t *testing.T) int {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-c.exited
	return c.cmd.ProcessState.ExitCode()
}
