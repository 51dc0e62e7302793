package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// obj is a JSON object.
type obj = map[string]any

// apiError is an answer that is not ok. But for limits and outages it comes with
// the status 200 [doc].
type apiError struct {
	code   string
	status int
	retry  string // Retry-After
	extra  obj
}

func refusal(code string) *apiError { return &apiError{code: code, status: http.StatusOK} }

func (e *apiError) with(name string, value any) *apiError {
	if e.extra == nil {
		e.extra = obj{}
	}
	e.extra[name] = value
	return e
}

// serve takes every request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch part, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); part {
	case "api":
		s.serveAPI(w, r, rest)
	case "link":
		s.serveSocket(w, r)
	case "upload":
		s.serveUpload(w, r, rest)
	case "respond":
		s.serveReply(w, r, rest)
	case "oauth":
		if rest != "v2/authorize" {
			http.NotFound(w, r)
			return
		}
		s.serveAuthorize(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	c := &call{method: name}
	err := c.read(w, r)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "Request Entity Too Large", http.StatusRequestEntityTooLarge)
		return
	case err != nil && r.Context().Err() != nil:
		return // the client went away in the middle
	case errors.Is(err, errForm), errors.Is(err, errJSON), errors.Is(err, errMedia):
		s.mu.Lock()
		s.breach(c, RuleEncoding, "%v", err)
		s.mu.Unlock()
		refuse(w, refusal(err.Error()))
		return
	case err != nil:
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	if methods[name] == nil {
		refuse(w, refusal("unknown_method").with("req_method", name))
		return
	}
	f := s.enter(c)
	if s.before(f, w, r) {
		return
	}
	result, e := s.do(c, f)
	switch {
	case s.after(f, c, result, w, r):
	case e != nil:
		refuse(w, e)
	default:
		s.answer(w, c, result)
	}
}

// enter counts a call and draws the fault that is to happen.
func (s *Server) enter(c *call) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.method]++
	return s.Draw(c.method, s.dice)
}

// do is the whole way of a call to its method.
func (s *Server) do(c *call, f Fault) (obj, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.authorise(c); e != nil {
		return nil, e
	}
	if e := s.instead(c, f); e != nil {
		return nil, e
	}
	if e := s.admit(c); e != nil {
		return nil, e
	}
	if c.verb == http.MethodGet && !slices.Contains(reads, c.method) {
		s.breach(c, RuleEncoding, "what changes something is asked for with GET")
	}
	if c.media == "application/json" && !s.table.Methods[c.method].JSON {
		s.breach(c, RuleEncoding, "this method takes no JSON")
		clear(c.args) // Slack looks for a form, and finds none
	}
	if e := s.checkArguments(c); e != nil {
		return nil, e
	}
	return methods[c.method](s, c)
}

func (s *Server) answer(w http.ResponseWriter, c *call, result obj) {
	body := obj{"ok": true}
	maps.Copy(body, result)
	if c.plain {
		body["warning"] = "missing_charset"
		body["response_metadata"] = obj{"warnings": []string{"missing_charset"}}
	}
	if c.scopes != nil {
		w.Header().Set("X-Oauth-Scopes", strings.Join(c.scopes, ","))
		w.Header().Set("X-Accepted-Oauth-Scopes", strings.Join(s.table.Methods[c.method].Scopes, ","))
	}
	write(w, http.StatusOK, body)
}

func refuse(w http.ResponseWriter, e *apiError) {
	if e.retry != "" {
		w.Header().Set("Retry-After", e.retry)
	}
	body := obj{"ok": false, "error": e.code}
	maps.Copy(body, e.extra)
	write(w, e.status, body)
}

func write(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"ok":false,"error":"internal_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may be gone
}
