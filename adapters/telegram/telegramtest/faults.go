package telegramtest

import (
	"net/http"
	"time"

	"ella/adapters/faulttest"
	"ella/adapters/limittest"
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
const AnyMethod = faulttest.AnyMethod

// before does what happens before a request is looked at, and reports whether that
// was all.
func (s *Server) before(f Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.kind {
	case delayed:
		faulttest.Hold(r, f.wait, s.ended)
		return false
	case resetBefore:
		faulttest.Reset(w)
	case serverError:
		refuse(w, &apiError{Code: f.code, Description: http.StatusText(f.code)})
	case badGateway:
		faulttest.BadGateway(w)
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
			return tooMany(to.wait.Tell(s.now(), f.wait))
		}
		s.waits[c.method] = &limittest.Wait{}
		return tooMany(s.waits[c.method].Tell(s.now(), f.wait))
	case throttledOverall:
		return tooMany(s.wait.Tell(s.now(), f.wait))
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
		faulttest.Reset(w)
	case neverAnswered:
		faulttest.NeverAnswer(w, r, s.ended)
	case serverErrorAfter:
		refuse(w, &apiError{Code: f.code, Description: http.StatusText(f.code)})
	case garbled:
		answer(w, []any{"this is", "no result"})
	default:
		return false
	}
	return true
}
