package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
	"ella/adapters/telegram/telegramtest"
)

// TestOnePersonOnTelegramAndSlack joins what one person has on both platforms, through a
// real `ella serve`: an alert then comes to the one that she prefers, and once.
func TestOnePersonOnTelegramAndSlack(t *testing.T) {
	slack := onFakeSlack(t)
	telegram := telegramtest.New(t, telegramtest.Options{Name: "helper"})
	t.Setenv("ELLA_TELEGRAM_TOKEN", telegram.Token())
	t.Setenv("ELLA_TELEGRAM_API_URL", telegram.URL())
	s := serve(t)
	eventually(t, "a connection", func() bool { return slack.Connections() > 0 })
	on := func(chat int64, words string) func() bool {
		return func() bool {
			return slices.ContainsFunc(telegram.Shown(chat), func(m telegramtest.Message) bool { return strings.Contains(m.Text, words) })
		}
	}

	invited := ella(t, "invite", "organiser", "--organisation", "Another Roof")
	grace := slack.AddUser(slacktest.User{Name: "Grace", Locale: "en-GB"})
	slack.Command(grace, "", "/ella", regexp.MustCompile(`/ella (join \S+)`).FindStringSubmatch(invited.out)[1])
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please", "Yes, I want that"} {
		pressOnSlack(t, slack, grace, label)
	}
	eventually(t, "the role", readsOnSlack(slack, grace, "an organiser of"))

	chat := telegram.AddUser(telegramtest.User{FirstName: "Amina", Language: "en", Started: true})
	telegram.Say(chat, "hello")
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please"} {
		pressOn(t, telegram, chat, label)
	}
	eventually(t, "the end of the first minute", on(chat, "Where do you live?"))
	telegram.Say(chat, "/link")
	code := regexp.MustCompile(`/link [0-9A-Z]{5}(-[0-9A-Z]+)+`)
	eventually(t, "the code", func() bool {
		return slices.ContainsFunc(telegram.Shown(chat), func(m telegramtest.Message) bool { return code.MatchString(m.Text) })
	})
	var typed string
	for _, m := range telegram.Shown(chat) {
		if found := code.FindString(m.Text); found != "" {
			typed = found
		}
	}

	amina := slack.AddUser(slacktest.User{Name: "Amina", Locale: "en-GB"})
	slack.Command(amina, "", "/ella", strings.TrimPrefix(typed, "/"))
	pressOnSlack(t, slack, amina, "Yes, I made it")
	eventually(t, "the question on Telegram", on(chat, "Was it you?"))
	pressOn(t, telegram, chat, "Yes, it was me")
	eventually(t, "that it is done, on Telegram", on(chat, "one person now"))
	eventually(t, "that it is done, on Slack", readsOnSlack(slack, amina, "one person now"))
	// She is asked nothing of the first minute, and is known on both.
	slack.Say(amina, "/mydata")
	eventually(t, "both platforms", readsOnSlack(slack, amina, "Telegram"))

	send := func(text string) {
		slack.Command(grace, "", "/ella", "alert "+text)
		for _, label := range []string{"English", "👁", "✅"} {
			pressOnSlack(t, slack, grace, label)
		}
		eventually(t, "the copies of "+text, func() bool {
			return slices.ContainsFunc(slack.Shown(slack.DM(grace)), func(m slacktest.Message) bool {
				return strings.Contains(m.Text, text) && strings.Contains(m.Text, "Finished")
			})
		})
	}
	count := func(words string) (there, here int) {
		for _, m := range telegram.Shown(chat) {
			there += strings.Count(m.Text, words)
		}
		for _, m := range slack.Shown(slack.DM(amina)) {
			here += strings.Count(m.Text, words)
		}
		return there, here
	}
	send("Tea on Monday.")
	if there, here := count("Tea on Monday."); there != 1 || here != 0 {
		t.Errorf("%d came to Telegram and %d to Slack, and she prefers Telegram", there, here)
	}
	telegram.Say(chat, "/mydata")
	pressOn(t, telegram, chat, "📥 Where messages come")
	pressOn(t, telegram, chat, "📥 To ")
	eventually(t, "the other platform", on(chat, "Messages come to"))
	send("Tea on Tuesday.")
	if there, here := count("Tea on Tuesday."); there != 0 || here != 1 {
		t.Errorf("%d came to Telegram and %d to Slack, and she prefers Slack", there, here)
	}
	s.stop()
	if broken := slack.Breaches(); len(broken) > 0 || len(telegram.Breaches()) > 0 {
		t.Errorf("rules are broken: %v, %v", broken, telegram.Breaches())
	}
}
