package slack_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
)

// partners are two workspaces that installed one app.
type partners struct {
	*slacktest.Server
	apps    *slack.Apps
	app     *slack.App
	team    [2]string
	amina   [2]string // somebody in each
	adapter [2]*slack.Adapter
	inbox   [2]*taken
	stop    [2]func() error
	ended   [2]<-chan error
	journal *journal
}

func newPartners(t *testing.T, http bool) *partners {
	t.Helper()
	s := slacktest.New(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	p := &partners{Server: s, apps: &slack.Apps{}, journal: &journal{}}
	o := slack.Options{APIURL: s.APIURL(), AppToken: s.AppToken(), Shelf: &shelf{}}
	if http {
		o.AppToken, o.SigningSecret = "", s.SigningSecret()
	}
	p.journal.keep(&o)
	var err error
	if p.app, err = p.apps.Of(o); err != nil {
		t.Fatal(err)
	}
	if again, err := p.apps.Of(o); err != nil || again != p.app {
		t.Fatalf("the same app is another: %v", err)
	}
	p.team = [2]string{s.Team(), s.AddTeam("Another Roof")}
	for i, account := range []bot.AccountID{"one", "two"} {
		p.amina[i] = s.AddUser(slacktest.User{Name: "Amina", Team: p.team[i]})
		o.Account, o.BotToken, o.App = account, s.TokenOf(p.team[i]), p.app
		if p.adapter[i], err = slack.Connect(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		p.inbox[i] = &taken{}
		p.stop[i], p.ended[i] = receiving(t, p.adapter[i], p.inbox[i])
	}
	if http {
		web := httptest.NewServer(p.apps.Handler())
		t.Cleanup(web.Close)
		urls := slacktest.RequestURLs{Events: web.URL + slack.PathEvents, Interactions: web.URL + slack.PathInteractive, Commands: web.URL + slack.PathCommands}
		if err := s.UseRequestURLs(t.Context(), urls); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "that both receive", func() bool {
		return slack.Takes(p.adapter[0]) && slack.Takes(p.adapter[1]) && (http || s.Connections() == 2)
	})
	return p
}

// says has the person of a workspace write, and waits until it was taken in.
func (p *partners) says(t *testing.T, i int, words string) {
	t.Helper()
	before := len(p.inbox[i].all())
	did := p.Say(p.amina[i], words)
	await(t, "it", func() bool { return p.Acknowledged(did.ID) })
	got := p.inbox[i].all()[before:]
	if len(got) != 1 {
		t.Fatalf("it was taken in %d times", len(got))
	}
	u, err := p.adapter[i].Decode(got[0].Body)
	if err != nil || u.Text != words || u.Sender != p.team[i]+":"+p.amina[i] || got[0].Account != bot.AccountID([]string{"one", "two"}[i]) {
		t.Errorf("it was taken in as %+v (%v), of %s", u, err, got[0].Account)
	}
}

// TestAppDealsOut: one app, two workspaces, one pair of connections or one handler; each
// gets its own and nothing of the other's.
func TestAppDealsOut(t *testing.T) {
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			p := newPartners(t, http)
			for range 3 {
				p.says(t, 0, "good morning")
				p.says(t, 1, "dzień dobry")
			}
			for i := range 2 {
				before := len(p.inbox[i].all())
				did := p.Command(p.amina[i], "", "/ella", "help")
				await(t, "a command", func() bool { return p.Acknowledged(did.ID) })
				if got := len(p.inbox[i].all()) - before; got != 1 {
					t.Errorf("the command was taken in %d times", got)
				}
			}
			if p.adapter[0].Receiver() != p.adapter[1].Receiver() {
				t.Error("one process holds the connections of an app, and there are two leases")
			}
			for i := range 2 {
				if err := p.stop[i](); err != nil {
					t.Error(err)
				}
			}
			if !http {
				await(t, "the end of the connections", func() bool { return p.Connections() == 0 })
			}
			if p.Warnings(p.amina[0])+p.Warnings(p.amina[1]) > 0 {
				t.Error("somebody was shown a warning")
			}
		})
	}
}

// TestOnlyOneIsTakenOut: in either order of the two events, and twice. The other one goes
// on, over the same connections.
func TestOnlyOneIsTakenOut(t *testing.T) {
	for name, revokedFirst := range map[string]bool{"revoked first": true, "uninstalled first": false} {
		t.Run(name, func(t *testing.T) {
			p := newPartners(t, false)
			uninstalled, revoked := p.Uninstall(p.team[1], revokedFirst)
			if err := <-p.ended[1]; !errors.Is(err, slack.ErrTakenOut) || !slack.Ended(err) {
				t.Errorf("the one ends with %v", err)
			}
			p.adapter[1].Close()
			for _, did := range []slacktest.Did{uninstalled, revoked} {
				// The second may have come when she had stopped receiving and had not left yet:
				// then it is brought again.
				if !p.Deliver(t.Context(), did.ID) {
					t.Error("that she was taken out is not acknowledged")
				}
			}
			select {
			case err := <-p.ended[0]:
				t.Fatalf("the other one ends with %v", err)
			default:
			}
			p.says(t, 0, "still here")
		})
	}
}

// TestLateUninstall: of one who let her in again, an old event says nothing.
func TestLateUninstall(t *testing.T) {
	p := newPartners(t, false)
	payload := `{"type":"event_callback","team_id":"` + p.team[1] + `","event_id":"EvLATE","event":{"type":"app_uninstalled"}}`
	did := p.Raw("events_api", payload)
	await(t, "it", func() bool { return p.Acknowledged(did.ID) })
	await(t, "that she asks", func() bool { return strings.Contains(p.journal.String(), "her token works") })
	p.says(t, 1, "still here")
}

// TestWhoIsNotReceiving is not dropped: Slack brings it again.
func TestWhoIsNotReceiving(t *testing.T) {
	p := newPartners(t, true)
	if err := p.stop[1](); err != nil {
		t.Fatal(err)
	}
	about := func(team string) int {
		w := httptest.NewRecorder()
		p.apps.Handler().ServeHTTP(w, signedRequest(p.SigningSecret(), strings.Replace(hello, "T0ELLA0001", team, 1)))
		return w.Code
	}
	if got := about(p.team[1]); got != http.StatusServiceUnavailable {
		t.Errorf("for one that begins to receive it answers %d", got)
	}
	p.adapter[1].Close()
	if got := about(p.team[1]); got != http.StatusOK {
		t.Errorf("for one that is not served any more it answers %d", got)
	}
	p.apps.Expect(func(_ context.Context, team string) bool { return team == "T0COMING01" })
	if got := about("T0COMING01"); got != http.StatusServiceUnavailable {
		t.Errorf("for one that is being connected it answers %d", got)
	}
	if got := about("T0STRANGE1"); got != http.StatusOK {
		t.Errorf("for a stranger it answers %d", got)
	}
	if got := about(p.team[0]); got != http.StatusOK || len(p.inbox[0].all()) != 1 {
		t.Errorf("for one that receives it answers %d, with %d taken in", got, len(p.inbox[0].all()))
	}
	if len(p.inbox[1].all()) > 0 {
		t.Error("something was taken in by the wrong one")
	}
}

// TestAppsHaveSecretsOfTheirOwn: a workspace that signs with its own app's secret speaks
// for itself only.
func TestAppsHaveSecretsOfTheirOwn(t *testing.T) {
	p := newPartners(t, true)
	own := &taken{}
	const secret = "0123456789abcdef0123456789abcdef"
	app, err := p.apps.Of(slack.Options{SigningSecret: secret})
	if err != nil || app == p.app {
		t.Fatalf("another secret is the same app: %v", err)
	}
	a := known(t, func(o *slack.Options) { o.App = app })
	stop, _ := receiving(t, a, own)
	await(t, "that she receives", func() bool { return slack.Takes(a) })
	bring := func(secret, team string) int {
		w := httptest.NewRecorder()
		p.apps.Handler().ServeHTTP(w, signedRequest(secret, strings.Replace(hello, "T0ELLA0001", team, 1)))
		return w.Code
	}
	if got := bring(secret, "T0ELLA0001"); got != http.StatusOK || len(own.all()) != 1 {
		t.Errorf("its own is answered with %d, and taken in %d times", got, len(own.all()))
	}
	if got := bring(secret, p.team[0]); got != http.StatusOK || len(p.inbox[0].all())+len(own.all()) != 1 {
		t.Errorf("another's is answered with %d, and taken in", got)
	}
	if got := bring("another", "T0ELLA0001"); got != http.StatusUnauthorized {
		t.Errorf("a strange secret is answered with %d", got)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	new(slack.Apps).Handler().ServeHTTP(w, signedRequest(secret, hello))
	if w.Code != http.StatusNotFound {
		t.Errorf("without an app it answers %d", w.Code)
	}
}

// TestGuestsAndStrangers: guests are people of the workspace; whoever comes through a
// shared channel is not.
func TestGuestsAndStrangers(t *testing.T) {
	p := newPartners(t, false)
	guest := p.AddUser(slacktest.User{Name: "Gaston", Team: p.team[0], Guest: true})
	stranger := p.AddUser(slacktest.User{Name: "Zoe", Team: p.team[0], Stranger: true})
	channel := p.AddChannel(slacktest.Channel{Name: "shared", Members: []string{p.amina[0], guest, stranger}})
	p.InviteApp(channel, p.amina[0])
	await(t, "the invitation", func() bool { return len(p.inbox[0].all()) == 1 })
	kind := func(did slacktest.Did) bot.Update {
		t.Helper()
		await(t, "it", func() bool { return p.Acknowledged(did.ID) })
		all := p.inbox[0].all()
		u, err := p.adapter[0].Decode(all[len(all)-1].Body)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if u := kind(p.Say(guest, "hello")); u.Kind != bot.TextSent || u.Chat != guest {
		t.Errorf("a guest's words are %+v", u)
	}
	if u := kind(p.Mention(channel, stranger, "help")); u.Kind != bot.Other {
		t.Errorf("a stranger's are %+v", u)
	}
	if _, err := p.adapter[0].Send(t.Context(), bot.Outgoing{Chat: channel, Message: of(choices("Yes"))}); err != nil {
		t.Fatal(err)
	}
	if u := kind(p.Press(stranger, p.Shown(channel)[0], 0)); u.Kind != bot.Other {
		t.Errorf("a stranger's press is %+v", u)
	}
	p.Say(guest, "hello")
	p.Deactivate(guest)
	_, err := p.adapter[0].Send(context.WithoutCancel(t.Context()), bot.Outgoing{Chat: guest, Message: of(choices("Yes"))})
	if got := bot.SendKindOf(err); got != bot.Gone {
		t.Errorf("whoever left the workspace is %q", got)
	}
}
