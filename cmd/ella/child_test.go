package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/storage"
)

// childVariable makes this test binary run a whole Ella instead of the tests:
// the process that is killed. Its value is childSettings as JSON.
const childVariable = "ELLA_TEST_CHILD"

type childSettings struct {
	Dir, Listen, Platform string
	AlertsPerSecond       float64
}

// childMain runs Ella for one account whose platform is an HTTP server of the
// parent's: what arrived there has arrived, whatever becomes of this process.
func childMain() int {
	var s childSettings
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &s); err != nil {
		return exitUsage
	}
	err := func() error {
		ctx := context.Background()
		db, err := storage.Open(ctx, childDatabase(s.Dir, true))
		if err != nil {
			return err
		}
		bundle, places, err := load()
		if err != nil {
			return err
		}
		account, err := db.Account(ctx, "relay", "test")
		if err != nil {
			return err
		}
		adapter := &wire{url: s.Platform}
		a, err := newApp(parts{
			db: db, clock: bot.SystemClock{}, ids: newIDs(), random: rand.Reader, log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
			language: bundle, places: places, zone: "Europe/London", adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{account: adapter}),
			jobs: storedJobs(db), rate: map[bot.AccountID]float64{account: s.AlertsPerSecond},
		})
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /update", func(w http.ResponseWriter, r *http.Request) {
			var u relayed
			if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
				http.Error(w, "", http.StatusBadRequest)
				return
			}
			body, err := json.Marshal(u.Update)
			if err == nil {
				err = a.engine.Accept(r.Context(), bot.Raw{Account: account, Key: u.Key, Sender: u.Update.Sender, Body: body})
			}
			if err != nil {
				http.Error(w, "", http.StatusServiceUnavailable)
			}
		})
		listener, err := net.Listen("tcp", s.Listen)
		if err != nil {
			return err
		}
		return a.serve(&environment{ctx: ctx, out: os.Stdout, errout: os.Stderr}, listener, mux, func() {})
	}()
	fmt.Fprintln(os.Stderr, "child:", err)
	return exitFailed
}

func childDatabase(dir string, exclusive bool) storage.Options {
	return storage.Options{URL: filepath.Join(dir, "ella.db"), KeyFile: filepath.Join(dir, "ella.key"), Exclusive: exclusive}
}

// relayed is an update as the parent's platform delivers it.
type relayed struct {
	Key    string
	Update bot.Update
}

// wire is the adapter of the parent's platform.
type wire struct{ url string }

func (*wire) Capabilities() bot.Capabilities {
	return bot.Capabilities{Edit: true, ButtonRow: 4, Buttons: 25, MessageUnits: 4000}
}

func (*wire) Receive(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

func (*wire) Decode(raw []byte) (bot.Update, error) {
	var u bot.Update
	if json.Unmarshal(raw, &u) != nil {
		return u, bot.ErrUnreadable
	}
	return u, nil
}

func (r *wire) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	body, err := json.Marshal(arrival{Chat: out.Chat, Text: out.Message.Text(), Edit: string(out.Edit)})
	if err != nil {
		return "", &bot.SendError{Kind: bot.Invalid}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return "", &bot.SendError{Kind: bot.NotSent}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", &bot.SendError{Kind: bot.Unclear}
	}
	defer res.Body.Close()
	ref, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return "", &bot.SendError{Kind: bot.Unclear}
	}
	return bot.Ref(ref), nil
}

// arrival is a message that reached the platform.
type arrival struct{ Chat, Text, Edit string }

// platformServer is the parent's platform: it remembers everything that arrived.
type platformServer struct {
	*httptest.Server
	mu       sync.Mutex
	arrivals []arrival
}

func newPlatformServer(t testing.TB) *platformServer {
	p := &platformServer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a arrival
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			http.Error(w, "", http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if a.Edit == "" {
			p.arrivals = append(p.arrivals, a)
		}
		fmt.Fprintf(w, "message-%d", len(p.arrivals))
	}))
	t.Cleanup(p.Close)
	return p
}

// to returns the texts that arrived in a chat.
func (p *platformServer) to(chat string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var texts []string
	for _, a := range p.arrivals {
		if a.Chat == chat {
			texts = append(texts, a.Text)
		}
	}
	return texts
}

func (p *platformServer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.arrivals)
}

// child is a running process.
type child struct {
	cmd    *exec.Cmd
	exited chan error
}

func startChild(t testing.TB, s childSettings) *child {
	t.Helper()
	setting, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return startProcess(t, s.Dir, s.Listen, childVariable+"="+string(setting))
}

// startProcess starts this test binary as another program, with a variable that
// says which, and waits until it is ready. Its output goes to a file in dir.
func startProcess(t testing.TB, dir, listen, variable string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.CommandContext(t.Context(), self), exited: make(chan error, 1)}
	c.cmd.Env = append(os.Environ(), variable)
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.exited <- c.cmd.Wait()
		log.Close()
	}()
	eventually(t, "the child to be ready", func() bool {
		select {
		case err := <-c.exited:
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("the child ended: %v\n%s", err, text)
		default:
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listen+"/readyz", nil)
		if err != nil {
			return false
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return c
}

// kill ends the process at once, as kill -9 does, and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.exited
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	eventuallyWithin(t, 30*time.Second, what, ok)
}

func eventuallyWithin(t testing.TB, patience time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
