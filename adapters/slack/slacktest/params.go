package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxRequest is the largest request that is read. Slack names no figure.
const maxRequest = 4 << 20

// call is one request for a method.
type call struct {
	method string
	// args are the arguments as text; what came as JSON and is no text is JSON here.
	args   map[string]string
	bearer string // from the Authorization header, or the argument token
	header bool   // the token came in the header
	media  string
	verb   string
	remote string
	plain  bool // JSON without a charset, which Slack warns of

	team   *team // whose token it is; nil for the app's
	token  *token
	scopes []string // of the token, as they were then
}

var (
	errForm  = errors.New("invalid_form_data")
	errJSON  = errors.New("invalid_json")
	errMedia = errors.New("invalid_post_type")
)

// read takes the arguments in.
func (c *call) read(w http.ResponseWriter, r *http.Request) error {
	c.args, c.remote, c.verb = map[string]string{}, r.RemoteAddr, r.Method
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.bearer, c.header = token, true
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	c.media = media
	switch {
	case r.Method == http.MethodGet:
		for name, values := range r.URL.Query() {
			c.args[name] = values[0]
		}
	case media == "application/json":
		c.plain = params["charset"] == ""
		return c.readJSON(r.Body)
	case media == "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return errForm
		}
		for name, values := range r.PostForm {
			c.args[name] = values[0]
		}
	case media == "multipart/form-data":
		if err := r.ParseMultipartForm(maxRequest); err != nil {
			return errForm
		}
		for name, values := range r.MultipartForm.Value {
			c.args[name] = values[0]
		}
	case err != nil && r.ContentLength == 0: // nothing to tell
	default:
		return errMedia
	}
	// A token in a query is not taken from newer apps [doc].
	if c.bearer == "" && r.Method == http.MethodPost {
		c.bearer = c.args["token"]
	}
	return nil
}

func (c *call) readJSON(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	var fields map[string]json.RawMessage
	if len(raw) > 0 && json.Unmarshal(raw, &fields) != nil {
		return errJSON
	}
	for name, value := range fields {
		var text string
		switch {
		case string(value) == "null":
		case json.Unmarshal(value, &text) == nil:
			c.args[name] = text
		default:
			c.args[name] = string(value)
		}
	}
	return nil
}

// flag is a boolean argument, and whether it is there.
func (c *call) flag(name string) (value, given bool) {
	text, given := c.args[name]
	return text == "true" || text == "1", given
}

// number is an argument, or another number where it is none.
func (c *call) number(name string, or int) int {
	if n, err := strconv.Atoi(c.args[name]); err == nil {
		return n
	}
	return or
}

// has reports whether an argument is there and not empty.
func (c *call) has(name string) bool { return c.args[name] != "" }

// booleans are the arguments that are true or false.
var booleans = []string{
	"link_names", "unfurl_links", "unfurl_media", "mrkdwn", "as_user", "reply_broadcast", "return_im", "prevent_creation",
	"include_locale", "include_num_members", "exclude_archived", "include_count", "include_disabled", "include_users", "test",
}

// checkArguments holds a call against the table; s.mu is held. Slack ignores what it
// doesn't know.
func (s *Server) checkArguments(c *call) *apiError {
	f := s.table.Methods[c.method]
	for name := range c.args {
		if !slices.Contains(f.Arguments, name) {
			s.breach(c, RuleArgument, "there is no argument %s", name)
		}
	}
	var wrong []string
	for _, name := range f.Required {
		if _, given := c.args[name]; !given || !c.has(name) && name != "text" {
			wrong = append(wrong, "[ERROR] missing required field: "+name)
		}
	}
	for _, name := range booleans {
		if text, given := c.args[name]; given && !slices.Contains([]string{"true", "false", "1", "0"}, text) {
			wrong = append(wrong, "[ERROR] must be a boolean [json-pointer:/"+name+"]")
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	s.breach(c, RuleArgument, "%s", strings.Join(wrong, "; "))
	return refusal("invalid_arguments").with("response_metadata", obj{"messages": wrong})
}
