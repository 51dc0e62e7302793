package telegram

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"ella/adapters/wire"
	"ella/bot"
)

// webhook is where Telegram brings updates, instead of being asked for them.
type webhook struct {
	URL, secret string

	mu sync.Mutex
	// take hands an update on; nil unless Receive runs.
	take      func(ctx context.Context, raw []byte) error
	accepting sync.WaitGroup // the handlers under way
	taken     atomic.Int64   // how many updates were
	failing   atomic.Bool    // the last one was not, and that is told
}

func newWebhook(url, secret string) *webhook { return &webhook{URL: url, secret: secret} }

const (
	// secretHeader is where Telegram says the secret that it was given
	// (https://core.telegram.org/bots/api#setwebhook).
	secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // only the header's name
	// bodyFor is how long an update may take to come in.
	bodyFor = 30 * time.Second
	// maxConnections is how many updates Telegram brings at once; one person's
	// messages come one after the other all the same.
	maxConnections = 40
)

// WebhookPath is the path under which Handler is to be reached, or empty where Ella
// polls.
func (a *Adapter) WebhookPath() string {
	u, err := url.Parse(a.webhook.URL)
	switch {
	case a.webhook.URL == "" || err != nil:
		return ""
	case u.Path == "":
		return "/"
	}
	return u.Path
}

// Handler takes updates from Telegram. It answers 200 only when an update is durable;
// anything else makes Telegram bring it again, for 24 hours.
func (a *Adapter) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(a.brought(w, r)) })
}

// brought takes one request and says with what status it is answered.
func (a *Adapter) brought(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	}
	if !a.webhook.knows(r.Header.Get(secretHeader)) {
		return http.StatusUnauthorized
	}
	raw, err := wire.ReadBody(w, r, bodyFor)
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		// It would never be taken, and all of that person's updates wait behind it.
		a.tellTooLong()
		return http.StatusOK
	}
	if err != nil {
		return http.StatusBadRequest
	}
	take, done := a.webhook.enter()
	if take == nil {
		return http.StatusServiceUnavailable
	}
	defer done()
	// Where it came from is known by the secret: what can't be read is kept and set
	// aside, since Telegram would bring it again all day.
	if err := take(r.Context(), bytes.TrimSpace(raw)); err != nil {
		if r.Context().Err() == nil && !a.webhook.failing.Swap(true) {
			a.log.Warn("telegram: an update was not taken in, and will be brought again", "account", string(a.account), "err", err)
		}
		return http.StatusInternalServerError
	}
	a.webhook.failing.Store(false)
	return http.StatusOK
}

// knows compares in constant time: hashed, the secrets are also of one length.
func (h *webhook) knows(secret string) bool {
	got, want := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(h.secret))
	return h.secret != "" && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// enter gives what hands updates on while Receive runs; after that call done.
func (h *webhook) enter() (take func(context.Context, []byte) error, done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.take == nil {
		return nil, nil
	}
	h.accepting.Add(1)
	return h.take, h.accepting.Done
}

func (h *webhook) set(take func(context.Context, []byte) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.take = take
}

// serve lets Handler hand updates to the inbox until ctx ends. The webhook stays set
// after that: Telegram keeps what it can't bring, and another process may serve it.
func (a *Adapter) serve(ctx context.Context, inbox bot.Inbox) error {
	a.webhook.set(func(request context.Context, raw []byte) error {
		both, cancel := context.WithCancel(request)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		err := a.take(both, inbox, raw)
		if err == nil {
			a.webhook.taken.Add(1)
		}
		return err
	})
	defer func() {
		a.webhook.set(nil)
		a.webhook.accepting.Wait()
	}()
	if err := a.persist(ctx, a.setWebhook); err != nil {
		return err
	}
	trouble, w := a.newOutage(), watch{Adapter: a}
	beat := time.NewTicker(heardEvery)
	defer beat.Stop()
	for ctx.Err() == nil {
		hears, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case isRefused(err):
			return ErrRefused
		case err != nil:
			trouble.wait(ctx, err)
			continue
		}
		trouble.over()
		if hears {
			a.heard(ctx)
		}
		select {
		case <-ctx.Done():
		case <-beat.C:
		}
	}
	return nil
}

// watch looks after a webhook: that it was taken away, and that nothing arrives, only
// Telegram knows.
type watch struct {
	*Adapter
	failed instant // when Telegram last could not bring one
	taken  int64   // how many had been taken in
	deaf   bool
}

// look reports whether everything that happened has come in, as far as can be known,
// and sets the webhook again where another program took it away or set its own.
func (w *watch) look(ctx context.Context) (hears bool, err error) {
	short, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	taken := w.webhook.taken.Load()
	info, err := w.api.webhookInfo(short)
	if err != nil {
		return false, err
	}
	if info.URL != w.webhook.URL {
		w.log.Warn("telegram: another program with the same token took the webhook away; it is set again", "account", string(w.account))
		return false, w.setWebhook(ctx)
	}
	switch {
	case info.Pending == 0 || taken != w.taken:
		w.deaf = false
	case info.FailedAt != w.failed:
		if !w.deaf {
			w.log.Warn("telegram can't bring updates to the webhook: ella doctor shows why", "account", string(w.account), "count", info.Pending)
		}
		w.deaf = true
	}
	w.failed, w.taken = info.FailedAt, taken
	return !w.deaf, nil
}

// setWebhookParams are the parameters of setWebhook. What waits is never dropped.
type setWebhookParams struct {
	URL            string   `json:"url"`
	Secret         string   `json:"secret_token"`
	Allowed        []string `json:"allowed_updates"`
	MaxConnections int      `json:"max_connections"`
	Drop           bool     `json:"drop_pending_updates"`
}

// setWebhook tells Telegram where to bring updates.
func (a *Adapter) setWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	return a.api.call(ctx, "setWebhook", setWebhookParams{
		URL: a.webhook.URL, Secret: a.webhook.secret, Allowed: allowedUpdates(), MaxConnections: maxConnections,
	}, nil)
}

// deleteWebhook are the parameters of the method of that name.
type deleteWebhook struct {
	Drop bool `json:"drop_pending_updates"`
}
