package slack_test

import (
	"errors"
	"slices"
	"testing"

	"ella/adapters/slack/slacktest"
	"ella/bot"
)

// Whom Slack has in its user groups Ella can ask for, if she may, by the names that their
// updates carry.
func TestRosters(t *testing.T) {
	server := slacktest.New(t, slacktest.Options{})
	maryam, omar := server.AddUser(slacktest.User{Name: "Maryam"}), server.AddUser(slacktest.User{Name: "Omar"})
	drivers := server.AddUsergroup(server.Team(), "drivers", maryam, omar)
	empty := server.AddUsergroup(server.Team(), "nobody")
	server.AddUsergroup(server.AddTeam("Another"), "others")
	a := onFake(t, server)
	all, err := a.Rosters(t.Context())
	if err != nil || !slices.Equal(all, []bot.Roster{{ID: drivers, Name: "drivers"}, {ID: empty, Name: "nobody"}}) {
		t.Errorf("the lists are %v, %v", all, err)
	}
	within := func(id string) (all []string, err error) {
		err = a.Within(t.Context(), id, func(senders []string) error {
			all = append(all, senders...)
			return nil
		})
		return all, err
	}
	if got, err := within(drivers); err != nil || !slices.Equal(got, []string{server.Team() + ":" + maryam, server.Team() + ":" + omar}) {
		t.Errorf("within: %v, %v", got, err)
	}
	if got, err := within(empty); err != nil || len(got) > 0 {
		t.Errorf("within one that is empty: %v, %v", got, err)
	}
	if _, err := within("S0NONE"); !errors.Is(err, bot.ErrNotFound) {
		t.Errorf("one that is gone: %v", err)
	}
	stop := errors.New("stop")
	if err := a.Within(t.Context(), drivers, func([]string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("whoever takes them fails: %v", err)
	}
	server.Close()
	if _, err := within(drivers); err == nil || errors.Is(err, bot.ErrNotFound) || errors.Is(err, bot.ErrNoRosters) {
		t.Errorf("out of reach: %v", err)
	}
}

// Without the scope there are none, and it is said so.
func TestRostersWithoutScope(t *testing.T) {
	scopes := slices.DeleteFunc(slacktest.AllScopes(), func(s string) bool { return s == "usergroups:read" })
	server := slacktest.New(t, slacktest.Options{Scopes: scopes})
	drivers := server.AddUsergroup(server.Team(), "drivers")
	a := onFake(t, server)
	if _, err := a.Rosters(t.Context()); !errors.Is(err, bot.ErrNoRosters) {
		t.Errorf("the lists: %v", err)
	}
	if err := a.Within(t.Context(), drivers, func([]string) error { return nil }); !errors.Is(err, bot.ErrNoRosters) {
		t.Errorf("within one: %v", err)
	}
}
