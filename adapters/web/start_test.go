package web_test

import (
	"strings"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/message"
)

// TestStartLinks: of all addresses on this machine only start links may stand in
// a message, and they lead to the page that shows them.
func TestStartLinks(t *testing.T) {
	long := strings.Repeat("x", 64)
	for address, want := range map[string]string{ // empty when it may not be opened
		"http://127.0.0.1:8080/?start=lar_n-legal": "?start=lar_n-legal",
		"http://127.0.0.1:9999?start=x":            "?start=x",
		"http://localhost/?start=A_9-":             "?start=A_9-",
		"http://[::1]:8080/?start=x":               "?start=x",
		"http://127.0.0.1/?start=" + long:          "?start=" + long,
		"http://127.0.0.1/?start=" + long + "x":    "",
		"http://127.0.0.1/?start=":                 "",
		"http://127.0.0.1/?start={}":               "",
		"http://127.0.0.1/?start=a b":              "",
		"http://127.0.0.1/?start=a%20b":            "",
		"http://127.0.0.1/?start=a&x=y":            "",
		"http://127.0.0.1/?x=y&start=a":            "",
		"http://127.0.0.1/?start=a#b":              "",
		"http://127.0.0.1/?start=مرحبا":            "",
		"http://127.0.0.1/phones?start=a":          "",
		"http://127.0.0.1/":                        "",
		"http://ella@127.0.0.1/?start=a":           "",
		"http://192.168.1.2/?start=a":              "",
		"http://127.0.0.1.evil.example/?start=a":   "",
		"?start=a":                                 "",
		"/?start=a":                                "",
		// Somebody else's start link is a page like any other.
		"https://memory.example/?start=a": "https://memory.example/?start=a",
	} {
		button, err := web.Lower(message.Message{Blocks: []message.Block{message.LinkButton{Link: message.Link{Label: "x", URL: address}}}})
		switch {
		case want == "" && bot.SendKindOf(err) != bot.Invalid:
			t.Errorf("%s may be opened: %+v", address, button)
		case want != "" && (err != nil || button.Blocks[0].Link.Href != want):
			t.Errorf("%s leads to %+v, %v", address, button, err)
		}
		behind, err := web.Lower(message.Message{Blocks: []message.Block{para(message.Span{Kind: message.URL, Text: "here", URL: address})}})
		if (err == nil) != (want != "") || err == nil && behind.Blocks[0].Spans[0].Href != want {
			t.Errorf("%s behind words: %+v, %v", address, behind, err)
		}
		// As words of its own it is shown in any case.
		shown, err := web.Lower(message.Message{Blocks: []message.Block{para(value(message.URL, address))}})
		if err != nil || shown.Blocks[0].Spans[0].Href != want || shown.Blocks[0].Spans[0].Text != address {
			t.Errorf("%s as it is: %+v, %v", address, shown, err)
		}
	}
}

// TestFollow opens a start link without a browser.
func TestFollow(t *testing.T) {
	s := play(t)
	page := webtest.Open(t, s.url)
	phone := page.Follow(s.url + "/?start=lar_n-legal")
	phone.WaitText("You said: /start lar_n-legal")
	if phone.ID() != "member-2" {
		t.Errorf("it began on %s", phone.ID())
	}
}
