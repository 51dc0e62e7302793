package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// OAuth is how workspaces let an app in that is not their own
// (https://docs.slack.dev/authentication/installing-with-oauth).
type OAuth struct {
	ClientID, ClientSecret string
	// Redirect is the address that Slack sends the browser back to, as it stands among the
	// app's Redirect URLs.
	Redirect string
	// APIURL and Transport are as in Options. Where people say yes is beside the API.
	APIURL    string
	Transport http.RoundTripper
}

// Installation is a workspace that has let the app in.
type Installation struct {
	Place
	BotToken string // in no error, no log
}

// ErrWholeGrid reports that an organisation of several workspaces let the app in as a
// whole, where a bot is in no workspace yet and members of all would be in one account.
var ErrWholeGrid = errors.New("the app was installed for a whole Enterprise organisation: install it to one workspace")

// Authorize is the address at which a workspace's administrator is asked. state comes
// back with the answer.
func (o OAuth) Authorize(state string) string {
	base := strings.TrimSuffix(Options{APIURL: o.APIURL}.base(), "/api")
	return base + "/oauth/v2/authorize?" + url.Values{
		"client_id": {o.ClientID}, "scope": {strings.Join(Scopes(), ",")}, "redirect_uri": {o.Redirect}, "state": {state},
	}.Encode()
}

// Exchange turns the code of a yes into a bot token. A code can be exchanged once, so it
// is never tried again. It blocks for one call.
func (o OAuth) Exchange(ctx context.Context, code string) (Installation, error) {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	var a struct {
		Token string `json:"access_token"`
		Kind  string `json:"token_type"`
		Team  *struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"team"`
		Whole bool `json:"is_enterprise_install"`
	}
	_, err := o.api("").callWith(ctx, "oauth.v2.access", url.Values{
		"client_id": {o.ClientID}, "client_secret": {o.ClientSecret}, "code": {code}, "redirect_uri": {o.Redirect},
	}, &a)
	switch {
	case err != nil:
		return Installation{}, err
	case a.Whole || a.Team == nil:
		return Installation{}, ErrWholeGrid
	case a.Kind != "bot" || !IsBotToken(a.Token) || !isID(a.Team.ID):
		return Installation{}, errors.New("oauth.v2.access: it gives no bot token of a workspace")
	}
	return Installation{Place{a.Team.ID, a.Team.Name}, a.Token}, nil
}

// Uninstall takes the app out of a workspace
// (https://docs.slack.dev/reference/methods/apps.uninstall).
func (o OAuth) Uninstall(ctx context.Context, botToken string) error {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	var done struct{}
	_, err := o.api(botToken).callWith(ctx, "apps.uninstall", url.Values{"client_id": {o.ClientID}, "client_secret": {o.ClientSecret}}, &done)
	return err
}

func (o OAuth) api(token string) api {
	return Options{APIURL: o.APIURL, Transport: o.Transport}.filled().api(token)
}

// Revoke ends a bot token (https://docs.slack.dev/reference/methods/auth.revoke). The app
// stays in the workspace, and does nothing there.
func Revoke(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	var done struct{}
	_, err := o.filled().api(o.BotToken).call(ctx, "auth.revoke", &done)
	return err
}

// DeniedBy is Slack's own word for why it refused a call, which may be shown, or empty.
func DeniedBy(err error) string {
	d, _ := errors.AsType[*denial](err)
	if d == nil {
		return ""
	}
	return d.code
}
