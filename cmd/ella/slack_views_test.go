package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

// viewers is a whole Ella on a fake Slack that keeps its limits, and who looks at what.
type viewers struct {
	*testing.T
	*slacktest.Server
	// whole is the test that Ella runs for, of which T may be a part.
	whole   *testing.T
	serving *serving
	people  []string
}

func newViewers(t *testing.T) *viewers {
	t.Helper()
	v := &viewers{T: t, whole: t, Server: onFakeSlack(t)}
	v.start()
	return v
}

func (v *viewers) start() {
	v.Helper()
	v.serving = serve(v.whole)
	eventually(v, "the connections", func() bool { return v.Connections() == 2 })
}

// again ends Ella and begins her anew, on the same database.
func (v *viewers) again() {
	v.Helper()
	v.serving.stop().want(v.T, exitDone)
	v.start()
}

func (v *viewers) person(name, locale string) string {
	user := v.AddUser(slacktest.User{Name: name, Locale: locale, TZ: "Europe/London"})
	v.people = append(v.people, user)
	return user
}

// organiser lets somebody in who may write to many.
func (v *viewers) organiser(name, organisation string) string {
	v.Helper()
	r := ella(v.T, "invite", "organiser", "--organisation", organisation)
	code := regexp.MustCompile(`/ella (join \S+)`).FindStringSubmatch(r.out)
	if code == nil {
		v.Fatalf("no code in %q", r.out)
	}
	user := v.person(name, "en-GB")
	v.Command(user, "", "/ella", code[1])
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please", "Yes, I want that"} {
		pressOnSlack(v.T, v.Server, user, label)
	}
	v.reads(user, "an organiser of")
	return user
}

func (v *viewers) reads(user, words string) {
	v.Helper()
	eventually(v, "the words "+words, readsOnSlack(v.Server, user, words))
}

// page waits until a person's page says that, and a button of it begins so.
func (v *viewers) page(user, words, label string) (page slacktest.View, n int) {
	v.Helper()
	eventually(v, "a page with "+words+" and "+label, func() bool {
		page, _ = v.Home(user)
		n = buttonOf(page.Presses(), label)
		return strings.Contains(page.Text, words) && (label == "" || n >= 0)
	})
	return page, n
}

// pressPage presses a button of a page that says that.
func (v *viewers) pressPage(user, words, label string) {
	v.Helper()
	page, n := v.page(user, words, label)
	v.PressIn(page, n)
}

// pressNewest presses the newest button that begins so.
func (v *viewers) pressNewest(user, label string) {
	v.Helper()
	var m slacktest.Message
	n := -1
	eventually(v, "the button "+label, func() bool {
		all := v.Shown(v.DM(user))
		for i := len(all) - 1; i >= 0 && n < 0; i-- {
			m, n = all[i], buttonOf(all[i].Presses(), label)
		}
		return n >= 0
	})
	v.Press(user, m, n)
}

func buttonOf(buttons []slacktest.Button, label string) int {
	return slices.IndexFunc(buttons, func(b slacktest.Button) bool { return strings.HasPrefix(b.Text, label) })
}

// modal waits until a window that says that stands before somebody.
func (v *viewers) modal(user, words string) (window slacktest.View) {
	v.Helper()
	eventually(v, "a window with "+words, func() bool {
		var open bool
		window, open = v.Modal(user)
		return open && strings.Contains(window.Text, words)
	})
	return window
}

// stands is what stands in a field.
func stands(window slacktest.View, field string) string {
	for _, in := range window.Inputs {
		if in.ActionID == field {
			return in.Initial
		}
	}
	return "no field " + field
}

// harmless: no rule of Slack's is broken, and nobody is shown a warning.
func (v *viewers) harmless() {
	v.Helper()
	for _, b := range v.Breaches() {
		v.Errorf("a rule of Slack's is broken at %s: %v", b.At.Format("05.000"), b)
	}
	for _, user := range v.people {
		if n := v.Warnings(user); n > 0 {
			v.Errorf("somebody is shown %d warnings", n)
		}
	}
}

// drafts is how many cards of a draft with those words stand before somebody.
func (v *viewers) drafts(user, words string) (n int) {
	for _, m := range v.Shown(v.DM(user)) {
		if strings.HasPrefix(m.Text, "Your message\nFrom:") && strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

// TestSlackViews goes through all that people do on their page and in windows.
func TestSlackViews(t *testing.T) {
	v := newViewers(t)
	grace := v.organiser("Grace", "Open Door")

	// Looking makes nobody a member; choosing a language on the page does.
	amina := v.person("Amina", "ar")
	v.OpenHome(amina, "home")
	v.page(amina, "Welcome! Choose your language.", "العربية")
	if all := v.Shown(v.DM(amina)); len(all) > 0 {
		t.Errorf("a look is answered with %d messages", len(all))
	}
	v.pressPage(amina, "Welcome!", "العربية")
	v.pressPage(amina, "هل توافقون على هذا؟", "نعم، أوافق")
	v.pressPage(amina, "Open Door", "نعم، من فضلكم")
	v.page(amina, "صفحتكم", "🔕")
	v.pressPage(amina, "صفحتكم", "🔕")
	v.page(amina, "أوقفتم كل الرسائل.", "🔔")
	v.reads(amina, "تم. لن تصلكم رسائل")
	v.again() // what is on the page is made anew from what is stored
	v.OpenHome(amina, "home")
	v.pressPage(amina, "أوقفتم كل الرسائل.", "🔔")
	v.page(amina, "تصلكم الرسائل.", "🔕")
	v.reads(amina, "أهلًا بعودتكم.")

	for _, part := range []struct {
		name string
		play func(v *viewers, organiser, member string)
	}{
		{"a form", formOnSlack},
		{"a message that is shared", sharedOnSlack},
		{"a question", askedOnSlack},
		{"a window that does not open", unopenedOnSlack},
	} {
		t.Run(part.name, func(t *testing.T) {
			own := *v
			own.T = t
			part.play(&own, grace, amina)
			v.serving = own.serving
		})
	}
	v.harmless()
	v.serving.stop().want(t, exitDone)
}

// formOnSlack writes an alert in a form, with something wrong in it at first, across a
// restart, and sends it; whoever gets it answers on her page.
func formOnSlack(v *viewers, grace, amina string) {
	v.OpenHome(grace, "home")
	v.pressPage(grace, "Your messages to people", "📝")
	form := v.modal(grace, "What do you want to tell people?")
	v.again()
	const text = "March for safe homes: <!channel> & <https://evil.example|https://good.example>"
	v.Submit(form, map[string]string{"text": text, "language": "en", "to": "near:10", "place": "Xyzzyville", "ask": "yes"})
	form = v.modal(grace, "I can't find that place.")
	for field, want := range map[string]string{"text": text, "language": "en", "to": "near:10", "place": "Xyzzyville", "ask": "yes"} {
		if got := stands(form, field); got != want {
			v.Errorf("in %s stands %q, want %q", field, got, want)
		}
	}
	did := v.Submit(form, map[string]string{"to": "everyone", "place": ""})
	v.Redeliver(did.ID)
	v.modal(grace, "The answer is in our conversation")
	v.reads(grace, "Your message")
	v.pressNewest(grace, "👁 Look and send")
	v.pressNewest(grace, "✅ Send now")
	v.reads(amina, "March for safe homes")
	if n := v.drafts(grace, "March for safe homes"); n != 1 {
		v.Errorf("the form made %d drafts", n)
	}
	v.standsAsTyped(amina, text)
	v.OpenHome(amina, "home")
	v.pressPage(amina, "March for safe homes", "✅")
	v.page(amina, "جوابكم: سأحضر.", "")
	v.page(amina, "الجواب في محادثتنا", "")
	v.reads(amina, "كم شخصًا يأتي معكم؟")
	// How it went stands on the organiser's page.
	v.OpenHome(grace, "home")
	v.page(grace, "March for safe homes", "📈")
}

// standsAsTyped: what was typed is read as it was typed, and nothing of it is a mention
// or a link to elsewhere.
func (v *viewers) standsAsTyped(user, text string) {
	v.Helper()
	all := v.Shown(v.DM(user))
	at := slices.IndexFunc(all, func(m slacktest.Message) bool { return strings.Contains(m.Text, text) })
	if at < 0 {
		v.Errorf("nothing that was sent reads %q", text)
		return
	}
	for _, m := range all {
		if strings.Contains(m.Written, "<!channel>") || strings.Contains(m.Written, "<https://evil") {
			v.Error("what was typed reaches Slack as markup")
		}
	}
}

// sharedOnSlack shares a message of a channel, as an organiser and as somebody else.
func sharedOnSlack(v *viewers, grace, amina string) {
	channel := v.AddChannel(slacktest.Channel{Name: "homes", Members: []string{grace, amina}})
	const words = "Eviction at 9: <!channel> see <https://evil.example|https://good.example> & come"
	m := v.SayIn(channel, grace, words).Message
	v.MessageShortcut(grace, m, "alert")
	form := v.modal(grace, "Nothing is sent from here.")
	if got := stands(form, "text"); got != words {
		v.Errorf("the words arrive as %q", got)
	}
	v.Submit(form, map[string]string{"language": "en", "to": "everyone", "ask": "no"})
	v.modal(grace, "The answer is in our conversation")
	eventually(v, "the draft", func() bool { return v.drafts(grace, "Eviction at 9") == 1 })
	v.pressNewest(grace, "👁 Look and send")
	eventually(v, "the preview", func() bool {
		all := v.Shown(v.DM(grace))
		return strings.Contains(all[len(all)-1].Text, "Ready to send?")
	})
	v.pressNewest(grace, "✅ Send now")
	v.reads(amina, "Eviction at 9")
	v.standsAsTyped(amina, words)
	before := len(v.Shown(v.DM(amina)))
	v.MessageShortcut(amina, m, "alert")
	v.modal(amina, "الجواب في محادثتنا")
	eventually(v, "a kind answer", func() bool { return len(v.Shown(v.DM(amina))) == before+1 })
	if said := v.Said(channel); len(said) != 1 || len(v.Shown(channel)) != 0 {
		v.Error("something of it is said in the channel")
	}
}

// askedOnSlack asks a person, and gets the answer.
func askedOnSlack(v *viewers, grace, amina string) {
	v.Shortcut(amina, "ask")
	form := v.modal(amina, "ماذا تحبون أن تعرفوا؟")
	v.Submit(form, map[string]string{"text": "متى اللقاء؟"})
	v.modal(amina, "الجواب في محادثتنا")
	v.reads(grace, "متى اللقاء؟")
	v.pressNewest(grace, "✍️ Answer")
	v.reads(grace, "Write your answer.")
	v.Say(grace, "On Thursday at six.")
	v.reads(amina, "On Thursday at six.")
}

// unopenedOnSlack: whoever pressed in vain is told how to go on.
func unopenedOnSlack(v *viewers, grace, amina string) {
	v.Next("views.open", slacktest.Refused("expired_trigger_id"))
	v.Shortcut(amina, "ask")
	v.reads(amina, "لم تُفتح النافذة.")
	v.pressNewest(amina, "💬 المتابعة هنا")
	v.reads(amina, "ماذا تحبون أن تعرفوا؟")
	v.Say(amina, "هل نلتقي يوم الإثنين؟")
	v.reads(grace, "هل نلتقي يوم الإثنين؟")
	v.Next("views.open", slacktest.Refused("expired_trigger_id"))
	m := v.Say(amina, "شكرا").Message
	v.MessageShortcut(grace, m, "alert")
	v.reads(grace, "Share the message once more")
	v.MessageShortcut(grace, m, "alert")
	if got := stands(v.modal(grace, "Nothing is sent from here."), "text"); got != "شكرا" {
		v.Errorf("shared once more it reads %q", got)
	}
}
