package slacktest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// team is a workspace.
type team struct {
	id, name, domain string
	botUser, botID   string
	token            *token
	paces            map[string]*pace
}

// token is a bot's, an xoxb-.
type token struct {
	value  string
	team   *team
	scopes []string
	gone   string // the error that it is answered with since it was revoked
	told   int    // how often it was
}

func (k *token) has(scope string) bool { return k != nil && slices.Contains(k.scopes, scope) }

// grant is what an administrator allowed: a code that oauth.v2.access takes once.
type grant struct {
	team     *team
	installs string // the user who installs
	scopes   []string
	// redirect is where the page led back to; empty where there was none (Grant).
	redirect string
	used     bool
}

// AddTeam makes one more workspace, with the app in it, and returns its id.
func (s *Server) AddTeam(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &team{
		id: s.id("T"), name: name, domain: strings.ToLower(strings.ReplaceAll(name, " ", "-")),
		botUser: s.id("U"), botID: s.id("B"), paces: map[string]*pace{},
	}
	s.teams[t.id] = t
	s.users[t.botUser] = &User{ID: t.botUser, Team: t.id, Name: "Ella", Locale: "en-US", TZ: "Europe/London", Bot: true}
	s.issue(t, s.options.Scopes)
	return t.id
}

// issue gives a workspace its token; s.mu is held.
func (s *Server) issue(t *team, scopes []string) {
	s.lastID++
	t.token = &token{value: fmt.Sprintf("xoxb-3336676569200-%d-for0tests0only", s.lastID), team: t, scopes: slices.Clone(scopes)}
	s.tokens[t.token.value] = t.token
}

// Team is the id of the first workspace.
func (s *Server) Team() string { return s.first.id }

// BotToken is the app's token in the first workspace, an xoxb-.
func (s *Server) BotToken() string { return s.TokenOf(s.first.id) }

// TokenOf is the app's token in a workspace.
func (s *Server) TokenOf(team string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.team(team).token.value
}

// BotUser is the user that the app is in a workspace, BotID the bot's own id.
func (s *Server) BotUser(team string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.team(team).botUser
}

// BotID is the id of the app's bot in a workspace.
func (s *Server) BotID(team string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.team(team).botID
}

// team is a workspace that the test named; s.mu is held.
func (s *Server) team(id string) *team {
	t := s.teams[id]
	if t == nil {
		s.t.Errorf("slacktest: there is no workspace %q", id)
		return s.first
	}
	return t
}

// SetScopes changes what the app may do in a workspace, as a new installation does.
func (s *Server) SetScopes(team string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.team(team).token.scopes = slices.Clone(scopes)
}

// RevokeTokens has a workspace's administrator revoke the app's token, and tells the
// app. The event carries the bot's user, no token [doc].
func (s *Server) RevokeTokens(team string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.team(team)
	t.token.gone = "token_revoked"
	return s.event(t, obj{"type": "tokens_revoked", "tokens": obj{"oauth": []string{}, "bot": []string{t.botUser}}}, true)
}

// Uninstall takes the app out of a workspace. It is told so twice, in an order that
// Slack does not promise [doc]; revokedFirst chooses it.
func (s *Server) Uninstall(team string, revokedFirst bool) (uninstalled, revoked Did) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.team(team)
	t.token.gone = "account_inactive"
	tell := func(e obj) Did { return s.event(t, e, true) }
	gone := obj{"type": "app_uninstalled"}
	tokens := obj{"type": "tokens_revoked", "tokens": obj{"oauth": []string{}, "bot": []string{t.botUser}}}
	if revokedFirst {
		revoked = tell(tokens)
		return tell(gone), revoked
	}
	uninstalled = tell(gone)
	return uninstalled, tell(tokens)
}

// Invalidate makes a workspace's token one that Slack never heard of, and tells
// nobody.
func (s *Server) Invalidate(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.team(team).token.gone = "invalid_auth"
}

// InvalidateAppToken does so to the app's own token.
func (s *Server) InvalidateAppToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.revoked = true
}

// Grant has an administrator allow the app into a workspace, anew or for the first
// time, and returns the code that the redirect URL gets.
func (s *Server) Grant(team, administrator string, scopes ...string) (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scopes == nil {
		scopes = s.options.Scopes
	}
	return s.newGrant(s.team(team), administrator, scopes)
}

// newGrant makes a code; s.mu is held.
func (s *Server) newGrant(t *team, administrator string, scopes []string) (code string) {
	s.lastID++
	code = fmt.Sprintf("%d.grant.for0tests", s.lastID)
	s.grants[code] = &grant{team: t, installs: administrator, scopes: scopes}
	return code
}

// patience is how often a revoked token may be tried before it is a breach: an app
// with several senders learns of it more than once.
const patience = 20

// authorise finds whose call it is, and whether they may; s.mu is held.
func (s *Server) authorise(c *call) *apiError {
	switch {
	case c.method == "oauth.v2.access":
		return nil // by the client's id and secret
	case c.bearer == "":
		return refusal("not_authed")
	case c.method == "apps.connections.open":
		return s.authoriseApp(c)
	case c.bearer == s.app.token:
		return refusal("not_allowed_token_type")
	}
	k := s.tokens[c.bearer]
	if k == nil {
		return refusal("invalid_auth")
	}
	c.token, c.team, c.scopes = k, k.team, k.scopes
	if k.gone != "" {
		if k.told++; k.told > patience {
			s.breach(c, RuleAppIsGone, "called %d times since the token is %s", k.told, k.gone)
		}
		return refusal(k.gone)
	}
	return s.authoriseScope(c, s.table.Methods[c.method].Scopes)
}

func (s *Server) authoriseApp(c *call) *apiError {
	switch {
	case s.tokens[c.bearer] != nil:
		return refusal("not_allowed_token_type")
	case c.bearer != s.app.token || s.app.revoked:
		return refusal("invalid_auth")
	case !c.header:
		// It wants the token in the header, and nowhere else [doc].
		s.breach(c, RuleEncoding, "the app's token as an argument")
		return refusal("invalid_auth")
	}
	return nil
}

// authoriseScope asks for one of several scopes.
func (s *Server) authoriseScope(c *call, oneOf []string) *apiError {
	if len(oneOf) == 0 || slices.ContainsFunc(oneOf, c.token.has) {
		return nil
	}
	s.breach(c, RuleScope, "needs %s", strings.Join(oneOf, " or "))
	return refusal("missing_scope").with("needed", strings.Join(oneOf, ",")).with("provided", strings.Join(c.token.scopes, ","))
}

func (s *Server) authTest(c *call) (obj, *apiError) {
	t := c.team
	return obj{
		"url": "https://" + t.domain + ".slack.com/", "team": t.name, "user": "ella", "team_id": t.id, "user_id": t.botUser,
		"bot_id": t.botID, "app_id": s.app.id, "is_enterprise_install": false,
	}, nil
}

func (s *Server) teamInfo(c *call) (obj, *apiError) {
	if id := c.args["team"]; id != "" && id != c.team.id {
		return nil, refusal("team_not_found")
	}
	return obj{"team": obj{"id": c.team.id, "name": c.team.name, "domain": c.team.domain, "email_domain": "", "icon": obj{"image_default": true}}}, nil
}

func (s *Server) botsInfo(c *call) (obj, *apiError) {
	if c.has("bot") && c.args["bot"] != c.team.botID {
		return nil, refusal("bot_not_found")
	}
	return obj{"bot": obj{"id": c.team.botID, "deleted": false, "name": "Ella", "app_id": s.app.id, "user_id": c.team.botUser, "icons": obj{}}}, nil
}

func (s *Server) revoke(c *call) (obj, *apiError) {
	if test, _ := c.flag("test"); test {
		return obj{"revoked": false}, nil
	}
	c.token.gone = "token_revoked"
	return obj{"revoked": true}, nil
}

func (s *Server) uninstall(c *call) (obj, *apiError) {
	if c.args["client_id"] != s.app.clientID {
		return nil, refusal("invalid_client_id")
	}
	if c.args["client_secret"] != s.app.clientSecret {
		return nil, refusal("bad_client_secret")
	}
	c.token.gone = "account_inactive"
	s.event(c.team, obj{"type": "app_uninstalled"}, true)
	return obj{}, nil
}

// oauthAccess takes the client's id and secret as arguments or as basic
// authorisation [doc]; the latter is not needed here.
func (s *Server) oauthAccess(c *call) (obj, *apiError) {
	g := s.grants[c.args["code"]]
	switch {
	case c.verb != http.MethodPost:
		return nil, refusal("invalid_post_type")
	case c.args["client_id"] != s.app.clientID:
		return nil, refusal("invalid_client_id")
	case c.args["client_secret"] != s.app.clientSecret:
		return nil, refusal("bad_client_secret")
	case g == nil || g.used:
		return nil, refusal("invalid_code")
	case g.redirect != c.args["redirect_uri"] && (g.redirect != "" || c.args["redirect_uri"] != "" && !s.leadsBack(c.args["redirect_uri"])):
		return nil, refusal("bad_redirect_uri")
	}
	g.used = true
	if old := g.team.token; old.gone != "" {
		s.issue(g.team, g.scopes)
	} else { // an installation over another keeps the token and adds scopes
		for _, scope := range g.scopes {
			if !old.has(scope) {
				old.scopes = append(slices.Clone(old.scopes), scope)
			}
		}
	}
	t := g.team
	return obj{
		"app_id": s.app.id, "authed_user": obj{"id": g.installs}, "scope": strings.Join(t.token.scopes, ","), "token_type": "bot",
		"access_token": t.token.value, "bot_user_id": t.botUser, "team": obj{"id": t.id, "name": t.name}, "enterprise": nil, "is_enterprise_install": false,
	}, nil
}
