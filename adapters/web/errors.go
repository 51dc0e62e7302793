package web

import (
	"encoding/json"
	"net/http"

	"ella/bot"
)

// sendError is a failed send. The codes are those of this package's own rules.
func sendError(kind bot.SendKind, code string) error {
	return &bot.SendError{Kind: kind, Code: code}
}

// refusal is a request that is not carried out, and what the page says of it.
// Words is the key of an entry in StringKeys.
type refusal struct {
	status int
	words  string
}

// The refusals. Each has words that say what to do.
var (
	errInput   = refusal{http.StatusBadRequest, "web.error.input"}
	errEmpty   = refusal{http.StatusBadRequest, "web.error.empty"}
	errForeign = refusal{http.StatusForbidden, "web.error.foreign"}
	errGone    = refusal{http.StatusNotFound, "web.error.gone"}
	errFull    = refusal{http.StatusConflict, "web.error.full"}
	errBlocked = refusal{http.StatusConflict, "web.error.blocked"}
	errLong    = refusal{http.StatusRequestEntityTooLarge, "web.error.long"}
	errBusy    = refusal{http.StatusServiceUnavailable, "web.error.busy"}
)

func (r refusal) Error() string { return english(r.words) }

// write answers with the refusal: its key, for the page to say it in the
// phone's language, and its English, for everybody else.
func (r refusal) write(w http.ResponseWriter) {
	writeJSON(w, r.status, Refusal{Error: r.words, Text: english(r.words)})
}

// Refusal is what a request that is not carried out is answered with.
type Refusal struct {
	// Error is the key of an entry in StringKeys.
	Error string `json:"error"`
	// Text is that entry in English.
	Text string `json:"text"`
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		// Everything written here is made of strings and numbers.
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A reader who left can't be told.
	_, _ = w.Write(body)
}
