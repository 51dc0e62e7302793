package telegramtest

import (
	"strconv"
	"strings"
	"time"
)

// query is one press of a button.
type query struct {
	user    int64
	at      time.Time
	answers []Answer
}

// Answer is one answer to a press, as the person sees it.
type Answer struct {
	Text  string
	Alert bool // in a window of its own
	URL   string
	At    time.Time
}

// Answers are the answers to a press: Did.Query names it.
func (s *Server) Answers(press string) []Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queries[press]; q != nil {
		return append([]Answer(nil), q.answers...)
	}
	return nil
}

// ask makes a press that waits for its answer; s.mu is held.
func (s *Server) ask(user int64) string {
	s.lastTurn++
	id := strconv.FormatInt(4_382_000_000_000_000_000+s.lastTurn*977, 10)
	s.queries[id] = &query{user: user, at: s.now()}
	return id
}

func (s *Server) answerCallbackQuery(c *call) (any, *apiError) {
	q := s.queries[c.values["callback_query_id"]]
	if q == nil || s.now().Sub(q.at) > s.options.AnswerWindow {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	address := c.values["url"]
	if address != "" && !s.isStartLink(address) {
		// Other addresses are for games [doc: answerCallbackQuery].
		s.breach(c, RuleAnswer, "a link that does not start this bot")
		return nil, badRequest("URL_INVALID")
	}
	if len(q.answers) > 0 {
		s.breach(c, RuleAnswer, "a press answered twice")
	}
	q.answers = append(q.answers, Answer{c.values["text"], c.yes("show_alert"), address, s.now()})
	return true, nil
}

// isStartLink reports whether an address is t.me/<this bot>?start=… with a payload
// that it can carry.
func (s *Server) isStartLink(address string) bool {
	for _, begin := range []string{"https://t.me/", "http://t.me/", "t.me/"} {
		if rest, ok := strings.CutPrefix(address, begin); ok {
			name, payload, ok := strings.Cut(rest, "?start=")
			return ok && strings.EqualFold(name, s.options.Username) && isPayload(payload)
		}
	}
	return false
}

// isPayload reports whether a start link can carry it [doc: Deep linking].
func isPayload(p string) bool {
	return len(p) <= 64 && strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}
