package telegramtest

import (
	"net"
	"net/http"
	"time"
)

// Fault is something that goes wrong with one request. Make one with the functions
// below.
type Fault struct {
	kind faultKind
	wait time.Duration
	code int
	text string
	chat int64
}

type faultKind int

const (
	noFault faultKind = iota
	delayed
	resetBefore
	resetAfter
	neverAnswered
	garbled
	serverError
	serverErrorAfter
	badGateway
	throttled
	throttledOverall
	migrated
	refused
)

// Delayed holds a request for so long, in real time, before it is looked at.
func Delayed(d time.Duration) Fault { return Fault{kind: delayed, wait: d} }

// ResetBefore reads a request and resets the connection: nothing happened.
func ResetBefore() Fault { return Fault{kind: resetBefore} }

// ResetAfter does what was asked, and resets the connection instead of answering.
func ResetAfter() Fault { return Fault{kind: resetAfter} }

// NeverAnswered does what was asked, and answers nothing until the client gives up.
func NeverAnswered() Fault { return Fault{kind: neverAnswered} }

// Garbled does what was asked, and answers 200 with a result of another shape.
func Garbled() Fault { return Fault{kind: garbled} }

// ServerError answers a 5xx in JSON; nothing happened.
func ServerError(code int) Fault { return Fault{kind: serverError, code: code} }

// ServerErrorAfter does what was asked, and answers a 5xx all the same.
func ServerErrorAfter(code int) Fault { return Fault{kind: serverErrorAfter, code: code} }

// BadGateway answers 502 with a page of HTML, as a proxy in between does; nothing
// happened.
func BadGateway() Fault { return Fault{kind: badGateway} }

// Throttled answers 429. Until it is over nothing may be sent to that chat; after
// a method that sends nothing, that method may not be called.
func Throttled(d time.Duration) Fault { return Fault{kind: throttled, wait: d} }

// ThrottledOverall answers 429, and until it is over nothing may be sent to anyone.
func ThrottledOverall(d time.Duration) Fault { return Fault{kind: throttledOverall, wait: d} }

// Migrated answers that the group is a supergroup now.
func Migrated(to int64) Fault { return Fault{kind: migrated, chat: to} }

// Refused answers an error of one's own, with the prefix of its code: "Bad
// Request: " and so on.
func Refused(code int, text string) Fault { return Fault{kind: refused, code: code, text: text} }

// AnyMethod stands for every method.
const AnyMethod = "*"

// chance is a fault that happens now and then.
type chance struct {
	method string
	share  float64
	fault  Fault
}

// Next has the next calls of a method go wrong, one after the other. The zero
// Fault lets one through.
func (s *Server) Next(method string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripted[method] = append(s.scripted[method], faults...)
}

// Sometimes has a share of the calls of a method go wrong, from 0 to 1, as the
// seed has it. What is scripted with Next goes first.
func (s *Server) Sometimes(method string, share float64, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chances = append(s.chances, chance{method, share, f})
}

// Heal takes back all faults that did not happen yet.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.scripted)
	s.chances = nil
}

// draw is what goes wrong with a call; s.mu is held.
func (s *Server) draw(c *call) Fault {
	for _, method := range []string{c.method, AnyMethod} {
		if next := s.scripted[method]; len(next) > 0 {
			s.scripted[method] = next[1:]
			return next[0]
		}
	}
	for _, ch := range s.chances {
		if (ch.method == c.method || ch.method == AnyMethod) && s.dice.Float64() < ch.share {
			return ch.fault
		}
	}
	return Fault{}
}

// before does what happens before a request is looked at, and reports whether that
// was all.
func (s *Server) before(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.kind {
	case delayed:
		timer := time.NewTimer(f.wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		case <-s.ended:
		}
		return false
	case resetBefore:
		reset(w)
	case serverError:
		refuse(w, &apiError{Code: f.code, Description: http.StatusText(f.code)})
	case badGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"))
	default:
		return false
	}
	return true
}

// instead is what a fault answers in the place of the method; s.mu is held.
func (s *Server) instead(c *call, f Fault) *apiError {
	switch f.kind {
	case throttled:
		if to := s.chats[c.integer("chat_id")]; to != nil {
			return to.wait.tell(s.now(), f.wait)
		}
		s.waits[c.method] = &wait{}
		return s.waits[c.method].tell(s.now(), f.wait)
	case throttledOverall:
		return s.wait.tell(s.now(), f.wait)
	case migrated:
		return &apiError{
			Code: http.StatusBadRequest, Description: "Bad Request: group chat was upgraded to a supergroup chat",
			Parameters: &wireParameters{MigrateTo: f.chat},
		}
	case refused:
		return &apiError{Code: f.code, Description: http.StatusText(f.code) + ": " + f.text}
	default:
		return nil
	}
}

// after does what happens in the place of the answer, and reports whether it did.
func (s *Server) after(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.kind {
	case resetAfter:
		reset(w)
	case neverAnswered:
		select {
		case <-r.Context().Done():
		case <-s.ended:
		}
		reset(w)
	case serverErrorAfter:
		refuse(w, &apiError{Code: f.code, Description: http.StatusText(f.code)})
	case garbled:
		answer(w, []any{"this is", "no result"})
	default:
		return false
	}
	return true
}

// reset breaks the connection off, so that the client sees no orderly end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then it ends orderly, which is no answer either
	}
	_ = conn.Close()
}
