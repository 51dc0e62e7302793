package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"ella/adapters/slack"
	"ella/bot"
	"ella/bot/code"
	"ella/storage"
)

// How a workspace installs the configured app: whoever runs Ella hands a link on, which
// works once, so that no stranger can let her in somewhere. It leads to Slack, and Slack
// leads the same browser back with a code for a bot token.

const (
	// invitedFor is how long a link can be used, begunFor how long it may take on Slack.
	invitedFor = 24 * time.Hour
	begunFor   = 10 * time.Minute
	// nonceCookie binds an installation to the browser in which it was begun.
	nonceCookie = "ella_install"
)

// registerInstall adds the two pages that browsers see.
func (w *workspaces) registerInstall(mux *http.ServeMux) {
	mux.HandleFunc("GET "+pathInstall, w.install)
	mux.HandleFunc("GET "+pathOAuth, w.installed)
}

// Words for whoever installs. They are an administrator's, in English like the command
// line.
const (
	askForLink = "Ask whoever runs Ella for a new link, and open it in the browser in which you are signed in to Slack."
	openAgain  = "Open the link that you were given once more."
)

// install sends a browser with a link to Slack. It leaves the link unused: programs that
// draw previews open links too.
func (w *workspaces) install(rw http.ResponseWriter, r *http.Request) {
	invitation, ok := code.Parse(r.URL.Query().Get("code"))
	if !ok {
		page(rw, http.StatusForbidden, "This link is not whole", askForLink)
		return
	}
	state, err1 := code.New(rand.Reader)
	nonce, err2 := code.New(rand.Reader)
	now := time.Now()
	err := errors.Join(err1, err2)
	if err == nil {
		err = w.db.Installs().Begin(r.Context(), invitation, state, nonce, now, now.Add(begunFor))
	}
	switch {
	case errors.Is(err, bot.ErrNotFound):
		page(rw, http.StatusForbidden, "This link does not work, or not any more", "It works once, for a day. "+askForLink)
	case err != nil:
		w.log.Warn("beginning an installation failed", "err", err)
		page(rw, http.StatusServiceUnavailable, "That did not work", "It is Ella's fault. Wait a minute, and open the link again.")
	default:
		http.SetCookie(rw, w.cookie(nonce, int(begunFor/time.Second)))
		guard(rw)
		http.Redirect(rw, r, w.setup.oauth.Authorize(state), http.StatusFound)
	}
}

// cookie comes back with the browser from Slack, and goes nowhere else.
func (w *workspaces) cookie(nonce string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // not Secure on this machine itself only, where tests are
		Name: nonceCookie, Value: nonce, Path: pathOAuth, MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(w.setup.oauth.Redirect, "https://"),
	}
}

// installed takes a browser back from Slack. The state is looked up by its keyed hash, so
// that how long it takes says nothing about it.
func (w *workspaces) installed(rw http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	http.SetCookie(rw, w.cookie("", -1))
	if asked.Get("state") == "" {
		page(rw, http.StatusForbidden, "Ella was not installed", "Slack's own pages can't begin it. "+askForLink)
		return
	}
	var nonce string
	if c, err := r.Cookie(nonceCookie); err == nil {
		nonce = c.Value
	}
	invitation, err := w.db.Installs().End(r.Context(), asked.Get("state"), nonce, time.Now())
	switch {
	case errors.Is(err, bot.ErrNotFound):
		page(rw, http.StatusForbidden, "Ella was not installed", "This page was opened twice, in another browser, or too late. "+openAgain+" If that does not work either: "+askForLink)
		return
	case err != nil:
		w.log.Warn("ending an installation failed", "err", err)
		page(rw, http.StatusServiceUnavailable, "Ella was not installed", "It is her own fault. Wait a minute. "+openAgain)
		return
	}
	// What has begun at Slack is brought to its end, also when the browser goes away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
	defer cancel()
	title, text := w.letIn(ctx, asked.Get("code"), asked.Get("error"))
	if text == "" {
		w.known.forget()
		// Before anybody is told that she is there: what they write at once must not be lost.
		if err := w.look(w.app.run); err != nil {
			w.hurry()
		}
		page(rw, http.StatusOK, "Ella is in the workspace "+title, "Nothing more is needed here: close this page. In Slack, find Ella under Apps and write her “hello”, or type "+w.setup.Command+". To have her write in a channel, invite her there with /invite.")
		return
	}
	if err := w.db.Installs().Reopen(ctx, invitation); err != nil {
		w.log.Warn("giving an invitation back failed", "err", err)
	}
	page(rw, http.StatusBadRequest, title, text)
}

// letIn ends an installation with what Slack answered: the workspace's name and no text,
// or what went wrong and what to do.
func (w *workspaces) letIn(ctx context.Context, answer, refusal string) (title, text string) {
	const not = "Ella was not installed"
	switch {
	case refusal == "access_denied":
		return not, "You, or your workspace's administrators, did not allow it. If that was not meant: " + openAgain
	case refusal != "" || answer == "":
		return not, "Slack says that something went wrong. " + openAgain
	}
	in, err := w.setup.oauth.Exchange(ctx, answer)
	if errors.Is(err, slack.ErrWholeGrid) {
		return not, "She was allowed for a whole Enterprise organisation, and she works in one workspace at a time. Open the link again, and choose one workspace."
	}
	if err != nil {
		w.log.Warn("slack: an installation failed", "err", err)
		switch slack.DeniedBy(err) {
		case "bad_client_secret", "invalid_client_id", "bad_redirect_uri":
			return not, "Whoever runs Ella has to put the app's client ID, client secret or Redirect URL right: ella doctor says how. Then: " + openAgain
		}
		return not, "Slack did not hand over the key. " + openAgain
	}
	secret, err := json.Marshal(stored{Version: storedVersion, BotToken: in.BotToken})
	if err == nil {
		_, err = w.db.LetIn(ctx, storage.Entry{Platform: platformSlack, Name: in.ID, Title: in.Name, Way: wayOAuth, Secret: secret})
	}
	if err != nil {
		w.log.Error("an installation was not kept", "err", err)
		return not, "It is her own fault. Wait a minute. " + openAgain
	}
	return in.Name, ""
}

// guard keeps a page out of caches, frames and other sites' logs: its address holds a
// code.
func guard(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

// page shows a heading and a paragraph.
func page(w http.ResponseWriter, status int, title, text string) {
	guard(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	title, text = template.HTMLEscapeString(title), template.HTMLEscapeString(text)
	_, _ = fmt.Fprintf(w, pageForm, title, title, text)
}

// pageForm takes the heading twice and then the paragraph, both escaped.
const pageForm = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title>
<h1><bdi>%s</bdi></h1><p>%s</p></html>
`
