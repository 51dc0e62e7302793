package slacktest

import (
	"net/http"
	"strconv"
	"time"

	"ella/adapters/faulttest"
)

// Fault is something that goes wrong with one request. Make one with the functions
// below.
type Fault struct {
	kind faultKind
	wait time.Duration
	code int
	text string
}

type faultKind int

const (
	noFault faultKind = iota
	delayed
	resetBefore
	resetAfter
	neverAnswered
	garbled
	notOK
	strange
	serverError
	serverErrorAfter
	badGateway
	throttled
	throttledBare
	throttledOddly
	throttledInBody
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

// Garbled does what was asked, and answers 200 with what is no JSON object.
func Garbled() Fault { return Fault{kind: garbled} }

// NotOK answers 200 and {"ok":false} without saying why; nothing happened. The
// library takes it for a success [ran].
func NotOK() Fault { return Fault{kind: notOK} }

// Strange does what was asked, and answers with a message that has an element of a
// type that nobody knows yet: the library then reports an error for a message that
// was posted [ran].
func Strange() Fault { return Fault{kind: strange} }

// ServerError answers a 5xx in JSON; nothing happened.
func ServerError(code int) Fault { return Fault{kind: serverError, code: code} }

// ServerErrorAfter does what was asked, and answers a 5xx all the same.
func ServerErrorAfter(code int) Fault { return Fault{kind: serverErrorAfter, code: code} }

// BadGateway answers 502 with a page of HTML, as a proxy in between does; nothing
// happened.
func BadGateway() Fault { return Fault{kind: badGateway} }

// Throttled answers 429 with Retry-After. Until it is over the method may not be
// called in that workspace.
func Throttled(d time.Duration) Fault { return Fault{kind: throttled, wait: d} }

// ThrottledBare is Throttled for a minute, without the header.
func ThrottledBare() Fault { return Fault{kind: throttledBare, wait: time.Minute} }

// ThrottledOddly is Throttled with a header that is no whole number.
func ThrottledOddly(header string) Fault {
	return Fault{kind: throttledOddly, wait: time.Second, text: header}
}

// ThrottledInBody answers 200 with an error that says to wait, such as rate_limited
// or message_limit_exceeded, and no header.
func ThrottledInBody(code string) Fault { return Fault{kind: throttledInBody, text: code} }

// Refused answers an error of one's own; nothing happened.
func Refused(code string) Fault { return Fault{kind: refused, text: code} }

// AnyMethod stands for every method.
const AnyMethod = faulttest.AnyMethod

// Uploading stands for the step of an upload that carries the bytes, which is no
// method.
const Uploading = "upload"

// Responding stands for a post to a response URL.
const Responding = "respond"

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
		refuse(w, &apiError{code: "internal_error", status: f.code})
	case notOK:
		write(w, http.StatusOK, obj{"ok": false})
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
	case throttled, throttledBare, throttledOddly:
		e := tooMany(s.paceOf(c).wait.Tell(s.now(), f.wait))
		switch f.kind {
		case throttledBare:
			e.retry = ""
		case throttledOddly:
			e.retry = f.text
		default:
		}
		return e
	case throttledInBody, refused:
		e := refusal(f.text)
		if f.text == "missing_scope" {
			e.with("needed", "chat:write").with("provided", "commands")
		}
		return e
	default:
		return nil
	}
}

// after does what happens in the place of the answer, and reports whether it did.
func (s *Server) after(f Fault, c *call, result obj, w http.ResponseWriter, r *http.Request) bool {
	switch f.kind {
	case resetAfter:
		faulttest.Reset(w)
	case neverAnswered:
		faulttest.NeverAnswer(w, r, s.ended)
	case serverErrorAfter:
		refuse(w, &apiError{code: "internal_error", status: f.code})
	case garbled:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(cutOff)))
		_, _ = w.Write([]byte(cutOff))
	case strange:
		if result == nil {
			return false
		}
		m, _ := result["message"].(obj)
		if m == nil {
			m = obj{}
		}
		m["blocks"] = []obj{{"type": "actions", "block_id": "strange", "elements": []obj{{"type": "hologram_button", "action_id": "h"}}}}
		result["message"] = m
		s.answer(w, c, result)
	default:
		return false
	}
	return true
}

const cutOff = `{"ok":true,"channel":["not`
