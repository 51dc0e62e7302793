package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
	"ella/storage/storagetest"
)

// TestTwoProcessesOnSlack has two processes on one PostgreSQL share an app that workspaces
// install. The one that holds the connections is killed; the other takes over when the
// lease is over, and every envelope is acted on once. A workspace that is let in at one of
// them is served whichever holds the connections.
func TestTwoProcessesOnSlack(t *testing.T) {
	dir := home(t)
	address := storagetest.PostgresURL(t)
	fake := slacktest.New(t, slacktest.Options{RetryClicks: true, Retries: 1000})
	client, secret := fake.Client()
	listen := []string{freeAddress(t), freeAddress(t)}
	for variable, value := range map[string]string{
		"ELLA_DATABASE": address, "ELLA_KEY_FILE": filepath.Join(dir, "ella.key"), "ELLA_SLACK_APP_TOKEN": fake.AppToken(), "ELLA_SLACK_API_URL": fake.APIURL(),
		"ELLA_SLACK_CLIENT_ID": client, "ELLA_SLACK_CLIENT_SECRET": secret, "ELLA_SLACK_PUBLIC_URL": "http://" + listen[0],
	} {
		t.Setenv(variable, value)
	}
	letIn := func(team, administrator string) {
		t.Helper()
		link := regexp.MustCompile(`http://\S+/slack/install\?code=\S+`).FindString(ella(t, "accounts", "invite", "slack").out)
		if status, text := install(t, fake, link, team, administrator); status != 200 {
			t.Fatalf("it is answered with %d: %s", status, text)
		}
	}
	first := startProgram(t, dir, listen[0], "serve", "--listen", listen[0])
	defer func() { first.kill() }()
	grace := fake.AddUser(slacktest.User{Name: "Grace", Locale: "en-GB"})
	letIn(fake.Team(), grace)
	eventually(t, "the connections of the first", func() bool { return fake.Connections() == 2 })
	second := startProgram(t, dir, listen[1], "serve", "--listen", listen[1])
	defer func() { second.kill() }()

	invited := ella(t, "invite", "organiser", "--organisation", "Another Roof")
	fake.Command(grace, "", "/ella", regexp.MustCompile(`/ella (join \S+)`).FindStringSubmatch(invited.out)[1])
	for _, label := range []string{"English", "Yes, that is all right", "Yes, please", "Yes, I want that"} {
		pressOnSlack(t, fake, grace, label)
	}
	eventually(t, "the role", readsOnSlack(fake, grace, "an organiser of"))

	// Half before it is killed, half while nobody is connected.
	const drafts = 40
	holder := string(storagetest.Value(t, address, `SELECT owner FROM leases WHERE name LIKE 'receive:slack:%'`))
	for i := range drafts {
		if i == drafts/2 {
			first.kill()
		}
		fake.Say(grace, fmt.Sprintf("/alert draft number %d", i))
	}
	eventually(t, "the end of the first", func() bool { return fake.Connections() == 0 })
	passes(t, address, holder)
	eventually(t, "the connections of the second", func() bool { return fake.Connections() == 2 })
	db := openHome(t)
	eventuallyWithin(t, time.Minute, "all to be acted on", func() bool {
		c, err := db.Checkup(t.Context())
		return err == nil && c.Waiting == 0 && len(fake.Pending()) == 0
	})
	if c, err := db.Checkup(t.Context()); err != nil || c.Drafts != drafts || len(c.Parked) > 0 {
		t.Errorf("%d envelopes made %d drafts, set aside: %v (%v)", drafts, c.Drafts, c.Parked, err)
	}

	// The first comes back, without the connections, and lets a workspace in. What is
	// written there at once comes to the second, which has never heard of it.
	first = startProgram(t, dir, listen[0], "serve", "--listen", listen[0])
	for i := range 3 {
		team := fake.AddTeam(fmt.Sprint("Partner ", i))
		bogdan := fake.AddUser(slacktest.User{Name: "Bogdan", Team: team})
		letIn(team, bogdan)
		fake.Say(bogdan, "hello")
		pressOnSlack(t, fake, bogdan, "English")
	}
	if lost := fake.Lost(); len(lost) > 0 {
		t.Errorf("Slack gave %d up", len(lost))
	}
	if now := string(storagetest.Value(t, address, `SELECT owner FROM leases WHERE name LIKE 'receive:slack:%'`)); now == holder || now == "" {
		t.Error("the connections are held by whoever was killed")
	}
	for _, b := range fake.Breaches() {
		t.Errorf("a rule of Slack's was broken: %v", b)
	}
	for table, rows := range storagetest.DumpOf(t, address) {
		for _, row := range rows {
			for _, word := range []string{"xoxb-", "xapp-", secret, "Partner 0", fake.Team()} {
				if strings.Contains(row, word) && (word != fake.Team() || table != "accounts") {
					t.Errorf("%s holds %q", table, word)
				}
			}
		}
	}
}

// passes lets the time pass that whoever was killed still has by its leases, but for a
// second.
func passes(t *testing.T, address, owner string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE leases SET expires_at = $2 WHERE owner = $1`, owner, time.Now().Add(time.Second).UnixMilli()); err != nil {
		t.Fatal(err)
	}
}
