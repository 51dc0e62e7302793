package telegramtest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is how much a request may hold: a file of 50 MB and its parameters.
const maxBody = maxDocument + 1<<20

// call is one request: a method and its parameters as text, however they came.
type call struct {
	method string
	values map[string]string
	files  map[string]*upload
	remote string
}

// upload is a file in a request.
type upload struct {
	name  string
	bytes []byte
}

// read reads the parameters of a request: from the address, and from a body in
// one of the three forms [doc: Making requests].
func (c *call) read(w http.ResponseWriter, r *http.Request) error {
	c.values, c.files = map[string]string{}, map[string]*upload{}
	for name, values := range r.URL.Query() {
		c.values[name] = values[0]
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		return c.readParts(r)
	case "application/json":
		return c.readJSON(r.Body)
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return err
		}
		for name, values := range r.PostForm {
			c.values[name] = values[0]
		}
	}
	return nil
}

func (c *call) readParts(r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil // also a body of nothing at all, which clients send that have no parameters
		}
		if err != nil {
			return err
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if name := part.FileName(); name != "" {
			c.files[part.FormName()] = &upload{name, body}
		} else {
			c.values[part.FormName()] = string(body)
		}
	}
}

func (c *call) readJSON(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil || len(raw) == 0 {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	for name, value := range object {
		var text string // of null too, which is as good as nothing
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		c.values[name] = text
	}
	return nil
}

// afterParsing are the parameters whose length is that of what is left when the
// markup is parsed: text.go counts it.
var afterParsing = map[string]bool{"text": true, "caption": true}

// check holds the parameters against the table; s.mu is held.
func (s *Server) check(c *call) *apiError {
	known := s.table.Methods[c.method].Parameters
	for name := range c.files {
		// A file is a parameter, or what another one attaches.
		if _, ok := known[name]; !ok && !c.attaches(name) {
			s.breach(c, RuleParameter, "%s has no parameter %s", c.method, name)
		}
	}
	var failed *apiError
	for name, value := range c.values {
		f, ok := known[name]
		if !ok {
			s.breach(c, RuleParameter, "%s has no parameter %s", c.method, name)
			continue
		}
		if value == "" {
			continue // the server does not tell it from a missing one [srv: Query::arg]
		}
		if afterParsing[name] && c.method != "answerCallbackQuery" {
			f.Min, f.Max = nil, nil
		}
		for _, found := range s.table.parameter(f, value) {
			s.breach(c, RuleParameter, "%s %s", name, found.text)
			if !found.ignored {
				failed = badRequest("wrong parameter " + name + " in the request")
			}
		}
	}
	if failed != nil {
		return failed
	}
	for name, f := range known {
		if f.Required && c.values[name] == "" && c.files[name] == nil && !mayBeEmpty(c.method, name) {
			s.breach(c, RuleParameter, "%s lacks %s", c.method, name)
			return missing(c.method, name)
		}
	}
	return nil
}

// mayBeEmpty: an empty url removes the webhook [doc: setWebhook].
func mayBeEmpty(method, name string) bool { return method == "setWebhook" && name == "url" }

// missing has the server's own words where it has some [srv].
func missing(method, name string) *apiError {
	switch {
	case name == "chat_id" && (method == "deleteMessage"):
		return badRequest("chat identifier is not specified")
	case name == "message_id" && method == "deleteMessage":
		return badRequest("message identifier is not specified")
	case name == "message_ids":
		return badRequest("message identifiers are not specified")
	case name == "text":
		return badRequest("message text is empty")
	case name == "photo", name == "document":
		return badRequest("there is no " + name + " in the request")
	}
	return badRequest(name + " is empty")
}

func (c *call) attaches(name string) bool {
	for _, value := range c.values {
		if strings.Contains(value, "attach://"+name) {
			return true
		}
	}
	return false
}

// integer is a parameter as a number; 0 when it is none or not there.
func (c *call) integer(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(c.values[name]), 10, 64)
	return n
}

func (c *call) float(name string) float64 {
	x, _ := strconv.ParseFloat(strings.TrimSpace(c.values[name]), 64)
	return x
}

func (c *call) yes(name string) bool {
	v := strings.ToLower(c.values[name])
	return v == "true" || v == "1" || v == "yes"
}

// json reads a parameter into v. It reports whether there is one that fits: what
// does not was refused by check.
func (c *call) json(name string, v any) bool {
	value := c.values[name]
	return value != "" && json.Unmarshal([]byte(value), v) == nil
}
