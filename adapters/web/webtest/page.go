// Package webtest plays the phones of the try page for tests: over real HTTP
// and its real stream, as a browser does, but without one.
package webtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/web"
)

// Patience is how long a Page waits for anything before it fails its test.
const Patience = 20 * time.Second

// pause is how long a Page waits before it tries again to reach a program that
// is not there.
const pause = 25 * time.Millisecond

// Page is one open try page. Its methods must be called from the test's own
// goroutine; they fail the test when something does not come in time.
type Page struct {
	t    testing.TB
	base string

	mu     sync.Mutex
	wake   chan struct{} // closed at every change
	opened bool
	last   string
	phones map[string]*screen
	order  []string
}

// screen is what one phone shows, and what came since it was last asked.
type screen struct {
	state   web.PhoneState
	items   []web.Item
	news    []web.Item
	notices []web.Notice
	typed   int
}

// Open opens the page at base ("http://127.0.0.1:8080") and waits until it shows
// its phones. The page closes with the test. While the program is away the page
// tries to reach it again, as a browser does.
func Open(t testing.TB, base string) *Page {
	t.Helper()
	p := &Page{t: t, base: strings.TrimSuffix(base, "/"), wake: make(chan struct{}), phones: map[string]*screen{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			p.listen(ctx)
			rest(ctx)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	p.await("the page to open", func() bool { return p.opened })
	return p
}

// Phone returns the phone with that id; it must be on the page.
func (p *Page) Phone(id string) *Phone {
	p.t.Helper()
	p.await("phone "+id, func() bool { return p.phones[id] != nil })
	return &Phone{page: p, id: id}
}

// Phones lists the phones, in the order of the page.
func (p *Page) Phones() []web.PhoneState {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []web.PhoneState
	for _, id := range p.order {
		all = append(all, p.phones[id].state)
	}
	return all
}

// AddMember presses "Add another member" and returns the new phone.
func (p *Page) AddMember() *Phone {
	p.t.Helper()
	var state web.PhoneState
	p.post("phones", map[string]any{}, &state)
	return p.Phone(state.ID)
}

// Follow opens a start link and returns the new phone that it begins a
// conversation on.
func (p *Page) Follow(link string) *Phone {
	p.t.Helper()
	address, payload, ok := strings.Cut(link, "/?start=")
	if !ok || address != p.base {
		p.t.Fatal("webtest: this is no start link of this page")
	}
	ph := p.AddMember()
	ph.Say("/start " + payload)
	return ph
}

// await waits until cond, called with mu held, is true.
func (p *Page) await(what string, cond func() bool) {
	p.t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		p.mu.Lock()
		ok, wake := cond(), p.wake
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-wake:
		case <-deadline.C:
			p.t.Fatalf("webtest: waited %v in vain for %s", Patience, what)
		}
	}
}

// post sends a body under a fresh key, again and again while the program is not
// there or not ready, as a person does who presses "Try again".
func (p *Page) post(path string, body map[string]any, answer any) {
	p.t.Helper()
	body["key"] = rand.Text()
	raw, err := json.Marshal(body)
	if err != nil {
		p.t.Fatalf("webtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for {
		err := p.try(ctx, path, raw, answer)
		if err == nil {
			return
		}
		var refused refusedError
		if (errors.As(err, &refused) && refused.status != http.StatusServiceUnavailable) || ctx.Err() != nil {
			p.t.Fatalf("webtest: POST %s: %v", path, err)
		}
		rest(ctx)
	}
}

// refusedError is an answer other than 200.
type refusedError struct {
	status int
	text   string
}

func (e refusedError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.text) }

func (p *Page) try(ctx context.Context, path string, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+"/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		var told web.Refusal
		_ = json.NewDecoder(w.Body).Decode(&told) // without words the status must do
		return refusedError{w.StatusCode, told.Text}
	}
	return json.NewDecoder(w.Body).Decode(answer)
}

// listen reads one stream to its end.
func (p *Page) listen(ctx context.Context) {
	p.mu.Lock()
	last := p.last
	p.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/events?last="+url.QueryEscape(last), nil)
	if err != nil {
		return
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return
	}
	lines := bufio.NewReader(w.Body)
	var id, name string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			p.event(id, name, []byte(value))
		}
	}
}

func rest(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
