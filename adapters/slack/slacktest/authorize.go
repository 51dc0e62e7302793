package slacktest

import (
	"net/http"
	"net/url"
	"strings"
)

// consent is who sits before the page that asks whether the app may come in, and what
// they say.
type consent struct {
	team, administrator string
	yes                 bool
}

// Consents has whoever opens the page of Slack's that asks whether the app may come in be
// an administrator of a workspace, who says yes or no at once. Without it the page waits
// for somebody to sign in.
func (s *Server) Consents(team, administrator string, yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.team(team)
	s.consent = &consent{team, administrator, yes}
}

// RedirectURLs are those that the app's settings name: the page leads to no other
// [doc: Installing with OAuth]. A longer address below one of them will do.
func (s *Server) RedirectURLs(all ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.redirects = all
}

// serveAuthorize is that page: /oauth/v2/authorize.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := r.URL.Query()
	back, err := url.Parse(asked.Get("redirect_uri"))
	scopes := strings.FieldsFunc(asked.Get("scope"), func(r rune) bool { return r == ',' })
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	case asked.Get("client_id") != s.app.clientID:
		s.wrongInstall(w, "invalid_client_id")
		return
	case len(scopes) == 0:
		s.wrongInstall(w, "no_scopes")
		return
	case err != nil || back.Host == "" || !s.leadsBack(back.String()):
		s.wrongInstall(w, "bad_redirect_uri")
		return
	case s.consent == nil:
		_, _ = w.Write([]byte("Sign in to your workspace"))
		return
	}
	answer := back.Query()
	answer.Set("state", asked.Get("state"))
	if s.consent.yes {
		code := s.newGrant(s.teams[s.consent.team], s.consent.administrator, scopes)
		s.grants[code].redirect = asked.Get("redirect_uri")
		answer.Set("code", code)
	} else {
		answer.Set("error", "access_denied")
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// wrongInstall is what a person sees when the app asks wrongly; they are led nowhere.
func (s *Server) wrongInstall(w http.ResponseWriter, code string) {
	s.breach(&call{method: "oauth/v2/authorize"}, RuleArgument, "%s", code)
	http.Error(w, "Something went wrong when authorizing this app: "+code, http.StatusBadRequest)
}

// leadsBack reports whether the app's settings name an address, if they name any.
func (s *Server) leadsBack(address string) bool {
	for _, known := range s.app.redirects {
		if rest, ok := strings.CutPrefix(address, known); ok && (rest == "" || strings.HasSuffix(known, "/") || rest[0] == '/' || rest[0] == '?') {
			return true
		}
	}
	return len(s.app.redirects) == 0
}
