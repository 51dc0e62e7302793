// Package faulttest is what goes wrong on the way to any platform, and when: the fake
// platforms are told of it by tests.
package faulttest

import (
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// AnyMethod stands for every method.
const AnyMethod = "*"

// Script says which of the calls of a fake go wrong, and how; F is a fault as that
// platform knows it. It is safe for concurrent use, and empty at first.
type Script[F any] struct {
	mu      sync.Mutex
	next    map[string][]F
	chances []chance[F]
}

// chance is a fault that happens now and then.
type chance[F any] struct {
	method string
	share  float64
	fault  F
}

// Next has the next calls of a method go wrong, one after the other. The zero fault lets
// one through.
func (s *Script[F]) Next(method string, faults ...F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = map[string][]F{}
	}
	s.next[method] = append(s.next[method], faults...)
}

// Sometimes has a share of the calls of a method go wrong, from 0 to 1, as the dice have
// it. What is scripted with Next goes first.
func (s *Script[F]) Sometimes(method string, share float64, f F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chances = append(s.chances, chance[F]{method, share, f})
}

// Heal takes back all faults that did not happen yet.
func (s *Script[F]) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.next)
	s.chances = nil
}

// Draw is what goes wrong with a call that a fake got: the zero fault for nothing. Nobody
// else may throw the dice meanwhile.
func (s *Script[F]) Draw(method string, dice *rand.Rand) (f F) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, of := range []string{method, AnyMethod} {
		if next := s.next[of]; len(next) > 0 {
			s.next[of] = next[1:]
			return next[0]
		}
	}
	for _, ch := range s.chances {
		if (ch.method == method || ch.method == AnyMethod) && dice.Float64() < ch.share {
			return ch.fault
		}
	}
	return f
}

// Hold holds a request for so long, in real time, or until its client or the fake ends.
func Hold(r *http.Request, d time.Duration, ended <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-ended:
	}
}

// NeverAnswer answers nothing until the client gives up, or the fake ends.
func NeverAnswer(w http.ResponseWriter, r *http.Request, ended <-chan struct{}) {
	select {
	case <-r.Context().Done():
	case <-ended:
	}
	Reset(w)
}

// BadGateway answers 502 with a page of HTML, as a proxy in between does.
func BadGateway(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"))
}

// Reset breaks the connection off, so that the client sees no orderly end.
func Reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then it ends orderly, which is no answer either
	}
	_ = conn.Close()
}
