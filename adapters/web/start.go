package web

import (
	"net/url"
	"strings"
)

// A start link leads to the page and says with what a conversation begins:
// http://127.0.0.1:8080/?start=PAYLOAD. Whoever opens it gets a phone of their
// own, from which /start PAYLOAD is sent once.
const (
	startQuery = "start="
	// maxPayload is how many characters a payload has, as on Telegram
	// (https://core.telegram.org/bots/features#deep-linking).
	maxPayload = 64
)

// startLink is the start link of a page, with {} for the payload.
func startLink(address string) string {
	if address == "" {
		return ""
	}
	return strings.TrimSuffix(address, "/") + "/?" + startQuery + "{}"
}

// startPayload is the payload of a start link to a page on this machine. Its
// port does not matter: the link is never followed but opens on the page that
// shows it, and the page may have been at another port when it was written.
func startPayload(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || !isLoopback(u.Hostname()) || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return "", false
	}
	payload, ok := strings.CutPrefix(u.RawQuery, startQuery)
	return payload, ok && isPayload(payload)
}

func isPayload(s string) bool {
	return s != "" && len(s) <= maxPayload && isName(strings.ReplaceAll(s, "_", "-"))
}
