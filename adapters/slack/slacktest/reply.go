package slacktest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// responseURL is where the app can answer an interaction or a command: five times,
// within 30 minutes, also where it is no member [doc].
type responseURL struct {
	team    *team
	user    string
	channel *channel
	// message is the one that was acted on, or nil; ephemeral is its place among the
	// person's, from 1.
	message   *Message
	ephemeral int
	made      time.Time
	used      int
}

const (
	replyUses = 5
	replyLife = 30 * time.Minute
)

// newReply makes a response URL; s.mu is held.
func (s *Server) newReply(r responseURL) string {
	s.lastID++
	id := strconv.Itoa(s.lastID)
	r.made = s.now()
	s.replies[id] = &r
	return s.http.URL + "/respond/" + r.team.id + "/" + id + "/fake0secret"
}

// serveReply takes an answer: JSON, and no token.
func (s *Server) serveReply(w http.ResponseWriter, r *http.Request, rest string) {
	c := &call{method: Responding}
	f := s.enter(c)
	if s.before(f, w, r) {
		return
	}
	err := c.read(w, r)
	if err == nil && c.media != "application/json" {
		err = errMedia
	}
	if err != nil {
		s.mu.Lock()
		s.breach(c, RuleEncoding, "%v", err)
		s.mu.Unlock()
		code := "invalid_payload"
		if errors.Is(err, errMedia) {
			code = err.Error()
		}
		refuse(w, &apiError{code: code, status: http.StatusBadRequest})
		return
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		http.NotFound(w, r)
		return
	}
	e := s.reply(c, parts[1], f)
	switch {
	case s.after(f, c, nil, w, r):
	case e != nil:
		refuse(w, e)
	default:
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("ok"))
	}
}

func (s *Server) reply(c *call, id string, f Fault) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.kind == refused {
		return &apiError{code: f.text, status: http.StatusNotFound}
	}
	u := s.replies[id]
	if u == nil {
		return &apiError{code: "invalid_url", status: http.StatusNotFound}
	}
	c.team = u.team
	switch {
	case s.now().Sub(u.made) > replyLife:
		s.breach(c, RuleReply, "used after 30 minutes")
		return &apiError{code: "expired_url", status: http.StatusNotFound}
	case u.used >= replyUses:
		s.breach(c, RuleReply, "used more than 5 times")
		return &apiError{code: "used_url", status: http.StatusNotFound}
	}
	u.used++
	for name := range c.args {
		switch name {
		case "text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn":
		case "unfurl_links", "unfurl_media", "parse": // the library drops them; Slack doesn't care
		default:
			s.breach(c, RuleArgument, "there is no argument %s", name)
		}
	}
	if gone, _ := c.flag("delete_original"); gone {
		s.takeOriginal(u)
		return nil
	}
	n, e := s.content(c)
	if e != nil {
		e.status = http.StatusBadRequest
		return e
	}
	s.put(c, u, n)
	return nil
}

// put shows an answer where it belongs.
func (s *Server) put(c *call, u *responseURL, n *content) {
	replace, given := c.flag("replace_original")
	if !given { // then it is replaced where there is one [doc: Handling user interaction]
		replace = c.args["response_type"] == ""
	}
	switch {
	case replace && u.ephemeral > 0:
		m := &s.ephemerals[u.user][u.ephemeral-1]
		n.shown(m)
		m.Edited = s.now()
		s.accept(c, m)
	case replace && u.message != nil && u.message.Deleted.IsZero():
		n.shown(u.message)
		u.message.Edited = s.now()
		s.shareFiles(n, u.message)
		s.accept(c, u.message)
	case c.args["response_type"] == "in_channel":
		m := n.shown(&Message{User: u.team.botUser, ThreadTS: c.args["thread_ts"], unfurl: true})
		s.add(u.channel, m)
		s.accept(c, m)
	default:
		s.whisper(c, u, n)
	}
}

// whisper shows something to one person.
func (s *Server) whisper(c *call, u *responseURL, n *content) {
	m := n.shown(&Message{User: u.team.botUser, Team: u.team.id, TS: s.ts(), Date: s.now(), Ephemeral: true, ForUser: u.user, ThreadTS: c.args["thread_ts"]})
	if u.channel != nil {
		m.Channel = u.channel.id
	}
	s.ephemerals[u.user] = append(s.ephemerals[u.user], *m)
	s.accept(c, m)
}

func (s *Server) takeOriginal(u *responseURL) {
	switch {
	case u.ephemeral > 0:
		s.ephemerals[u.user][u.ephemeral-1].Deleted = s.now()
	case u.message != nil:
		u.message.Deleted = s.now()
	}
}
