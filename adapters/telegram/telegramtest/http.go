package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// apiError is an answer that is no result [doc: Making requests].
type apiError struct {
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  *wireParameters `json:"parameters,omitempty"`
}

type wireParameters struct {
	MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
	RetryAfter int   `json:"retry_after,omitempty"`
}

func badRequest(text string) *apiError {
	return &apiError{Code: http.StatusBadRequest, Description: "Bad Request: " + text}
}

func forbidden(text string) *apiError {
	return &apiError{Code: http.StatusForbidden, Description: "Forbidden: " + text}
}

func unauthorized() *apiError {
	return &apiError{Code: http.StatusUnauthorized, Description: "Unauthorized"}
}

func conflict(text string) *apiError {
	return &apiError{Code: http.StatusConflict, Description: "Conflict: " + text}
}

func tooMany(seconds int) *apiError {
	return &apiError{
		Code: http.StatusTooManyRequests, Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds),
		Parameters: &wireParameters{RetryAfter: seconds},
	}
}

// serve takes every request: /bot<token>/<method>.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{remote: r.RemoteAddr}
	err := c.read(w, r)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, &apiError{Code: http.StatusRequestEntityTooLarge, Description: "Request Entity Too Large"})
		return
	case err != nil && r.Context().Err() != nil:
		return // the client went away in the middle
	case err != nil:
		refuse(w, badRequest("can't parse request"))
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, method, named := strings.Cut(rest, "/")
	if !ok || !named {
		refuse(w, &apiError{Code: http.StatusNotFound, Description: "Not Found"})
		return
	}
	f, e := s.enter(c, token, method)
	if e != nil {
		refuse(w, e)
		return
	}
	if s.before(f, w, r) {
		return
	}
	result, e := s.do(r, c, f)
	switch {
	case s.after(f, w, r):
	case e != nil:
		refuse(w, e)
	default:
		answer(w, result)
	}
}

// enter finds the method, counts the call and draws the fault that is to happen.
func (s *Server) enter(c *call, token, method string) (Fault, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revoked || token != s.options.Token {
		return Fault{}, unauthorized()
	}
	for known := range s.table.Methods { // names are not case-sensitive [doc]
		if strings.EqualFold(known, method) {
			c.method = known
		}
	}
	if c.method == "" {
		return Fault{}, &apiError{Code: http.StatusNotFound, Description: "Not Found: method not found"}
	}
	s.calls[c.method]++
	return s.Draw(c.method, s.dice), nil
}

func answer(w http.ResponseWriter, result any) {
	write(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

func refuse(w http.ResponseWriter, e *apiError) {
	if p := e.Parameters; p != nil && p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	write(w, e.Code, struct {
		OK bool `json:"ok"`
		*apiError
	}{false, e})
}

func write(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may be gone
}
