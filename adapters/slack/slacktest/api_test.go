package slacktest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

func TestTokens(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	who := c.must(c.form("auth.test"))
	if who.str("team_id") != c.s.Team() || who.str("user_id") != c.s.BotUser(c.s.Team()) || who.str("bot_id") == "" {
		t.Errorf("auth.test says %s", who.body)
	}
	if !strings.Contains(who.header.Get("X-Oauth-Scopes"), "chat:write") {
		t.Errorf("the scopes are %q", who.header.Get("X-Oauth-Scopes"))
	}
	for token, want := range map[string]string{"": "not_authed", "xoxb-wrong": "invalid_auth", c.s.AppToken(): "not_allowed_token_type"} {
		one := c
		one.token = token
		one.refused(one.form("auth.test"), want)
	}
	// A token in a query is no token; one in a form is.
	w, err := http.Get(c.s.APIURL() + "auth.test?token=" + c.token)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if raw, _ := io.ReadAll(w.Body); !strings.Contains(string(raw), "not_authed") {
		t.Errorf("a token in a query is answered %s", raw)
	}
	c.must(c.do(c.request(c.s.APIURL()+"auth.test", "application/x-www-form-urlencoded", "token="+c.token)))
	c.broke()

	c.s.Invalidate(c.s.Team())
	c.refused(c.form("auth.test"), "invalid_auth")
	c.s.RevokeTokens(c.s.Team())
	for range 20 {
		c.refused(c.form("auth.test"), "token_revoked")
	}
	c.broke(slacktest.RuleAppIsGone)
}

func TestWorkspaces(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	other := c.s.AddTeam("Other")
	there := c
	there.token = c.s.TokenOf(other)
	here, stranger := c.s.AddUser(slacktest.User{Name: "Maryam"}), c.s.AddUser(slacktest.User{Name: "Bogdan", Team: other})
	c.must(c.post(here, "hello"))
	c.refused(c.post(stranger, "hello"), "channel_not_found")
	c.refused(there.form("users.info", "user", here), "user_not_found")
	c.s.Uninstall(other, true)
	c.refused(there.form("auth.test"), "account_inactive")
	c.must(c.form("auth.test"))
	if got := c.must(c.form("team.info")).str("team", "id"); got != c.s.Team() {
		t.Errorf("the team is %q", got)
	}
	c.must(c.form("auth.revoke"))
	c.refused(c.form("auth.test"), "token_revoked")
	c.broke()
}

func TestScopes(t *testing.T) {
	c := newClient(t, slacktest.Options{Scopes: []string{"commands", "chat:write"}})
	maryam := c.s.AddUser(slacktest.User{})
	a := c.form("users.info", "user", maryam)
	c.refused(a, "missing_scope")
	if a.str("needed") != "users:read" || a.str("provided") != "commands,chat:write" {
		t.Errorf("it says %s", a.body)
	}
	c.refused(c.form("conversations.open", "users", maryam), "missing_scope")
	c.refused(c.form("conversations.info", "channel", c.s.DM(maryam)), "missing_scope")
	c.must(c.post(maryam, "hello"))
	c.broke(slacktest.RuleScope, slacktest.RuleScope, slacktest.RuleScope)
	if did := c.s.Say(maryam, "hello"); did.ID != "" {
		t.Error("without im:history the app is told of a message")
	}
	c.s.SetScopes(c.s.Team(), slacktest.AllScopes()...)
	c.must(c.form("users.info", "user", maryam))
}

func TestEncodings(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	c.must(c.json("chat.postMessage", fields{"channel": maryam, "text": "hello", "unfurl_links": false, "unfurl_media": false}))
	c.broke()
	r := c.request(c.s.APIURL()+"auth.test", "application/json", "{}")
	r.Header.Set("Authorization", "Bearer "+c.token)
	if got := c.must(c.do(r)); got.str("warning") != "missing_charset" {
		t.Errorf("JSON without a charset is answered %s", got.body)
	}
	c.refused(c.json("users.info", fields{"user": maryam}), "invalid_arguments") // takes no JSON
	c.broke(slacktest.RuleEncoding, slacktest.RuleArgument)
	c.refused(c.do(c.request(c.s.APIURL()+"auth.test", "text/plain", "x")), "invalid_post_type")
	c.refused(c.do(c.request(c.s.APIURL()+"auth.test", "application/json", "[")), "invalid_json")
	c.refused(c.form("chat.shout"), "unknown_method")
	c.refused(c.form("chat.postMessage", "text", "hello"), "invalid_arguments")
	c.refused(c.post(maryam, "hello", "link_names", "perhaps"), "invalid_arguments")
	c.must(c.post(maryam, "hello", "volume", "11"))
	c.broke(slacktest.RuleEncoding, slacktest.RuleArgument, slacktest.RuleEncoding, slacktest.RuleEncoding, slacktest.RuleArgument, slacktest.RuleArgument, slacktest.RuleArgument)
	if n := c.s.Calls("chat.postMessage"); n != 4 {
		t.Errorf("%d calls were counted", n)
	}
}

func TestDirectory(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{Name: "Maryam", Locale: "en-GB", TZ: "Europe/Warsaw"})
	guest := c.s.AddUser(slacktest.User{SingleChannelGuest: true})
	stranger := c.s.AddUser(slacktest.User{Stranger: true})
	open := c.s.AddChannel(slacktest.Channel{Name: "news", Members: []string{maryam, guest, stranger}})
	closed := c.s.AddChannel(slacktest.Channel{Name: "board", Private: true, WithoutApp: true})
	outside := c.s.AddChannel(slacktest.Channel{Name: "other", WithoutApp: true})

	u := c.must(c.form("users.info", "user", maryam, "include_locale", "true"))
	if u.str("user", "locale") != "en-GB" || u.str("user", "tz") != "Europe/Warsaw" || u.str("user", "team_id") != c.s.Team() {
		t.Errorf("users.info says %s", u.body)
	}
	if plain := c.must(c.form("users.info", "user", maryam)); plain.str("user", "locale") != "" {
		t.Error("the locale comes unasked")
	}
	if got := c.must(c.form("users.info", "user", stranger)); got.str("user", "team_id") == c.s.Team() || !strings.Contains(got.body, `"is_stranger":true`) {
		t.Errorf("a stranger is %s", got.body)
	}
	if got := c.must(c.form("users.info", "user", guest)); !strings.Contains(got.body, `"is_ultra_restricted":true`) {
		t.Errorf("a guest is %s", got.body)
	}
	var members []string
	cursor := ""
	for {
		page := c.must(c.form("conversations.members", "channel", open, "limit", "2", "cursor", cursor))
		for _, m := range page.fields["members"].([]any) {
			members = append(members, m.(string))
		}
		if cursor = page.str("response_metadata", "next_cursor"); cursor == "" {
			break
		}
	}
	for _, want := range []string{maryam, guest, stranger, c.s.BotUser(c.s.Team())} {
		if !slices.Contains(members, want) || len(members) != 4 {
			t.Errorf("the members are %v", members)
		}
	}
	c.refused(c.form("conversations.members", "channel", open, "cursor", "bm8="), "invalid_cursor")
	c.refused(c.form("conversations.members", "channel", closed), "channel_not_found")
	list := c.must(c.form("conversations.list", "types", "public_channel,private_channel")).body
	if !strings.Contains(list, open) || !strings.Contains(list, outside) || strings.Contains(list, closed) {
		t.Errorf("the channels are %s", list)
	}
	c.refused(c.form("conversations.list", "types", "secret"), "invalid_types")
	if got := c.must(c.form("users.list", "limit", "1000")).body; !strings.Contains(got, maryam) {
		t.Errorf("the users are %s", got)
	}

	group := c.s.AddUsergroup(c.s.Team(), "drivers", maryam)
	if got := c.must(c.form("usergroups.list", "include_users", "true")).body; !strings.Contains(got, group) || !strings.Contains(got, maryam) {
		t.Errorf("the user groups are %s", got)
	}
	c.must(c.form("usergroups.users.list", "usergroup", group))
	c.refused(c.form("usergroups.users.list", "usergroup", "S0NONE"), "no_such_subteam")
	c.must(c.form("bots.info", "bot", c.s.BotID(c.s.Team())))
	c.refused(c.form("bots.info", "bot", "B0NONE"), "bot_not_found")
	c.broke()
}

func TestOpening(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	if c.s.IsOpen(maryam) {
		t.Error("a conversation is open that nobody opened")
	}
	dm := c.must(c.form("conversations.open", "users", maryam, "return_im", "true")).str("channel", "id")
	if dm == "" || dm != c.s.DM(maryam) || dm != c.must(c.post(maryam, "hello")).str("channel") {
		t.Errorf("the conversation is %q", dm)
	}
	gone, stranger := c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{Stranger: true})
	c.s.Deactivate(gone)
	c.refused(c.form("conversations.open", "users", gone), "user_disabled")
	c.refused(c.form("conversations.open", "users", stranger), "user_not_visible")
	c.refused(c.form("conversations.open", "users", "U0NOBODY"), "user_not_found")
	c.refused(c.form("conversations.open"), "users_list_not_supplied")
	c.broke()
}

func TestOAuth(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	admin := c.s.AddUser(slacktest.User{Admin: true})
	id, secret := c.s.Client()
	c.s.Uninstall(c.s.Team(), false)
	code := c.s.Grant(c.s.Team(), admin, "chat:write")
	c.refused(c.form("oauth.v2.access", "client_id", id, "client_secret", "wrong", "code", code), "bad_client_secret")
	c.refused(c.form("oauth.v2.access", "client_id", "1.2", "client_secret", secret, "code", code), "invalid_client_id")
	got := c.must(c.form("oauth.v2.access", "client_id", id, "client_secret", secret, "code", code))
	if got.str("access_token") != c.s.BotToken() || got.str("authed_user", "id") != admin || got.str("team", "id") != c.s.Team() || got.str("scope") != "chat:write" {
		t.Errorf("it gives %s", got.body)
	}
	c.refused(c.form("oauth.v2.access", "client_id", id, "client_secret", secret, "code", code), "invalid_code")
	c.token = got.str("access_token")
	c.must(c.form("auth.test"))
	c.broke()
}
