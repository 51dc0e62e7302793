package slack_test

import (
	"bytes"
	"testing"

	"ella/adapters/slack/slacktest"
	"ella/bot"
)

// TestProfilesAreNotKept: of a profile that changed, which Slack tells of everybody in a
// workspace, only what Ella asks for reaches the inbox.
func TestProfilesAreNotKept(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{})
	amina := s.AddUser(slacktest.User{Name: "Amina Canary", Locale: "en-GB"})
	a := onFake(t, s)
	inbox := &taken{came: make(chan bot.Raw, 10)}
	receiving(t, a, inbox)
	await(t, "that she receives", func() bool { return s.Connections() == 2 })
	did := s.SetZone(amina, "Asia/Beirut")
	if !bytes.Contains(s.Payload(did.ID), []byte("Canary")) {
		t.Fatal("Slack tells no name: there is nothing to leave out")
	}
	raw := <-inbox.came
	if bytes.Contains(raw.Body, []byte("Canary")) || bytes.Contains(bytes.ToLower(raw.Body), []byte("profile")) {
		t.Errorf("more is kept than is asked for: %s", raw.Body)
	}
	u, err := a.Decode(raw.Body)
	if err != nil || u.Kind != bot.ProfileChanged || u.Sender != raw.Sender || u.Zone != "Asia/Beirut" || u.LocaleHint != "en-GB" {
		t.Errorf("it is %+v, %v", u, err)
	}
	s.Deactivate(amina)
	raw = <-inbox.came
	if u, err = a.Decode(raw.Body); err != nil || u.Kind != bot.ChatBlocked {
		t.Errorf("gone, it is %+v, %v", u, err)
	}
	said := s.Say(s.AddUser(slacktest.User{Name: "Bogdan"}), "hello")
	raw = <-inbox.came
	if !bytes.Contains(raw.Body, []byte("hello")) || !s.Settled(t.Context(), said.ID) {
		t.Error("anything else does not stay as it came")
	}
}
