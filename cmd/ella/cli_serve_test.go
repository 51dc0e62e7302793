package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen is what a running program has said so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	wake chan struct{} // closed at every change
}

func newScreen() *screen { return &screen{wake: make(chan struct{})} }

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.wake)
	s.wake = make(chan struct{})
	return s.text.Write(p)
}

// find waits until something was said, and returns its groups.
func (s *screen) find(t *testing.T, what *regexp.Regexp) []string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		found, wake := what.FindStringSubmatch(s.text.String()), s.wake
		s.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-wake:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestBesideServe runs the other commands beside a serving Ella, and refuses a
// second one.
func TestBesideServe(t *testing.T) {
	home(t)
	serve := func() (address string, stop func() result) {
		ctx, cancel := context.WithCancel(t.Context())
		out, errout := newScreen(), newScreen()
		code := make(chan int, 1)
		go func() { code <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0"}, out, errout) }()
		address = out.find(t, regexp.MustCompile(`http://(\S+)/readyz`))[1]
		return address, func() result {
			cancel()
			r := result{<-code, out.String(), errout.String()}
			r.readable(t, []string{"serve"})
			return r
		}
	}
	address, stop := serve()
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if got := get(t, "http://"+address+path); got != want {
			t.Errorf("%s is %q", path, got)
		}
	}
	if err := os.WriteFile("groups.csv", []byte("id,name,town\n1,Leeds Together,Leeds\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone, "/join ")
	ella(t, "import", "groups", "groups.csv").want(t, exitDone, "1 added")
	ella(t, "invite", "leader", "--group", "1").want(t, exitDone, "/join ")
	ella(t, "migrate").want(t, exitDone)
	ella(t, "doctor").want(t, exitDone, "groups: 1")
	ella(t, "serve", "--listen", "127.0.0.1:0").want(t, exitFailed, "already being served by another process", "end that one first", "PostgreSQL")
	// Another database at the same address, and the page.
	taken := []string{"can't be used", "end the program that uses it, or name another"}
	ella(t, "serve", "--listen", address, "--database", "other.db", "--key-file", "other.key").want(t, exitFailed, taken...)
	ella(t, "try", "--listen", address, "--dir", "try").want(t, exitFailed, taken...)

	r := stop()
	r.want(t, exitDone, "A new key was made", "ella try", "Stopping")
	_, again := serve()
	again().want(t, exitDone)
}

func get(t *testing.T, url string) string {
	t.Helper()
	w, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestListenError: what the system says about an address comes with what to do.
func TestListenError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = net.Listen("tcp", l.Addr().String())
	told := listenError(l.Addr().String(), err).Error()
	if strings.Count(told, l.Addr().String()) != 1 || !strings.Contains(told, "end the program that uses it") {
		t.Errorf("told is %q", told)
	}
}
