package bottest

import (
	"encoding/base64"
	"strings"

	"ella/bot/message"
)

// Hostile are words that people write, or that somebody writes to break things:
// the markup of every platform, what calls a whole channel, escapes, both
// directions and the characters that turn them, joiners that are spelling, and
// emoji of several code points. Each must arrive as it is, wherever it stands.
func Hostile() []string {
	return []string{
		"<b>bold</b>", "</div><script>alert(1)</script>", "<!channel>", "<!here|here>", "<@U012AB3CD>", "@everyone", "<https://example.org|click>",
		"*x* _x_ ~x~ `x`", "**x** __x__ ```x```", "[a](b)", "![a](https://example.org/a.png)", "||x||", "> x", "# x", "1. x", "- x",
		"&amp; &lt;b&gt; &#60; &", `\*x\* \\ \n \u202e`, `"x" 'x'`, "{{.Name}} %s %d $1", "a\nb\n\nc", "a  b",
		"x\u202ey", "\u2066x", "x\u2069\u2069y", "\u200fx\u200ey",
		"👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇺🇦", "😀😀", "می\u200cخواهم", "क्\u200dष", "e\u0301 ë ẅ", "ትግርኛ 中文 తెలుగు", "سلام (hello) 12:30 B11 1AA",
	}
}

// Messages are one of every block in both directions, alone and together, and
// what lies at the edges of each: empty, far too long, of a later version, with
// addresses that no reader should open.
func Messages() []message.Message {
	var all []message.Message
	for _, direction := range []message.Direction{message.LeftToRight, message.RightToLeft} {
		locale, words := "en", "Sunday at 3 pm"
		if direction == message.RightToLeft {
			locale, words = "ar", "يوم السبت الساعة 2 ظهرًا"
		}
		blocks := append(plainBlocks(words), oddBlocks(words)...)
		for _, b := range blocks {
			all = append(all, message.Message{Locale: locale, Direction: direction, Blocks: []message.Block{message.Say(words), b}}, message.Message{Locale: locale, Direction: direction, Blocks: []message.Block{b}})
		}
		all = append(all, message.Message{Locale: locale, Direction: direction, Blocks: plainBlocks(words)}, message.Message{Locale: locale, Direction: direction, Blocks: blocks})
	}
	return append(all,
		message.Message{}, message.Message{Locale: "en"}, message.Message{Locale: "<b>", Direction: "sideways", Blocks: []message.Block{message.Say("x")}},
		message.Message{Blocks: []message.Block{message.Say("x"), message.Say(""), message.Say("y")}},
		message.Message{Locale: "en", Blocks: plainBlocks("Sunday at 3 pm"), Options: message.Options{Silent: true, Protected: true, Preview: true}})
}

// pixel is a PNG of one pixel.
func pixel() []byte {
	// A constant: it decodes.
	body, _ := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
	return body
}

func plainBlocks(words string) []message.Block {
	every := []message.Span{
		{Kind: message.Text, Text: "Text "}, {Kind: message.Words, Text: words, Bold: true}, {Kind: message.Person, Text: "أمينة"}, {Kind: message.Place, Text: "B11 1"},
		{Kind: message.Time, Text: "18:30"}, {Kind: message.Phone, Text: "0121 4960000"}, {Kind: message.URL, Text: "https://example.org/?a=1&b=2"},
		{Kind: message.URL, Text: words, URL: "https://example.org/"}, {Kind: message.Count, Text: "١٢"}, {Kind: message.Money, Text: "£3.50"}, {Kind: message.Command, Text: "/help"},
	}
	facts := []message.Fact{{Label: words, Value: every}, {Label: "Where", Value: every[3:4]}}
	buttons := []message.Action{{Label: words, Data: "v1:a::", Style: message.Primary}, {Label: "✅", Data: "v1:b::"}, {Label: "No", Data: "v1:c::", Style: message.Danger}}
	return []message.Block{
		message.Heading{Spans: every[1:2]},
		message.Paragraph{Spans: every},
		message.List{Items: [][]message.Span{every[1:2], every}},
		message.List{Items: [][]message.Span{every[1:2], every[2:3]}, Ordered: true},
		message.Facts{Rows: facts},
		message.Card{Title: every[1:2], Text: every, Rows: facts, Actions: buttons, Link: &message.Link{Label: words, URL: "https://example.org/"}},
		message.Choices{Rows: [][]message.Action{buttons, buttons[:1]}},
		message.LinkButton{Link: message.Link{Label: words, URL: "tel:+441214960000"}},
		message.LinkButton{Link: message.Link{Label: words, URL: "mailto:ella@example.org"}},
		message.LocationRequest{Label: words},
		message.Picture{PNG: pixel(), Width: 1, Height: 1, Alt: words},
		message.Venue{Title: words, Address: "Victoria Square, Birmingham B1 1BB", Lat: 52.4796, Lng: -1.9026},
		message.File{Name: "all-about-me.txt", MediaType: message.PlainText, Data: []byte(words + "\n"), About: words},
		message.Progress{Label: every[1:2], Done: 3, Total: 40},
		message.Progress{Label: every[1:2]},
	}
}

func oddBlocks(words string) []message.Block {
	in := func(s string) []message.Span { return []message.Span{{Kind: message.Words, Text: s}} }
	link := func(url string) message.Block { return message.LinkButton{Link: message.Link{Label: "x", URL: url}} }
	row := func(n int, label, data string) []message.Action {
		var all []message.Action
		for range n {
			all = append(all, message.Action{Label: label, Data: data})
		}
		return all
	}
	many := make([][]message.Span, 200)
	for i := range many {
		many[i] = in(words)
	}
	odd := []message.Block{
		message.Paragraph{}, message.Heading{}, message.List{}, message.List{Items: [][]message.Span{nil, {}}}, message.Facts{}, message.Facts{Rows: []message.Fact{{}}},
		message.Card{}, message.Choices{}, message.Choices{Rows: [][]message.Action{nil, {}}}, message.LinkButton{}, message.LocationRequest{}, message.Picture{}, message.Progress{},
		message.Paragraph{Spans: []message.Span{{Kind: "of-a-later-version", Text: words}, {Text: words}, {Kind: message.Phone, Text: "not a number"}}},
		message.Heading{Spans: in(strings.Repeat(words+" ", 40))}, message.Heading{Spans: in("a\nb")},
		message.List{Items: many},
		message.Choices{Rows: [][]message.Action{row(9, "x", "v1:a::")}}, message.Choices{Rows: [][]message.Action{row(200, "x", "v1:a::")}},
		message.Choices{Rows: [][]message.Action{row(1, "", "v1:a::")}}, message.Choices{Rows: [][]message.Action{row(1, strings.Repeat(words, 40), "v1:a::")}},
		message.Choices{Rows: [][]message.Action{row(1, "x", "")}}, message.Choices{Rows: [][]message.Action{row(1, "x", strings.Repeat("x", 65))}},
		message.Choices{Rows: [][]message.Action{row(1, "x", "v1:\x00:\xff:")}}, message.Choices{Rows: [][]message.Action{{{Label: "x", Data: "v1:a::", Style: "rainbow"}}}},
		message.Card{Title: in("x"), Actions: row(12, "x", "v1:a::"), Link: &message.Link{}},
		message.Picture{PNG: []byte("no picture"), Width: 1, Height: 1, Alt: words}, message.Picture{PNG: pixel(), Width: 1, Height: 1},
		message.Venue{}, message.Venue{Title: words, Address: words, Lat: 91, Lng: -181}, message.Venue{Title: strings.Repeat(words, 200), Address: "a\nb", Lat: -90, Lng: 180},
		message.File{}, message.File{Name: "../a.txt", MediaType: message.PlainText, Data: []byte("x"), About: words},
		message.File{Name: "a.html", MediaType: "text/html", Data: []byte("<script>alert(1)</script>"), About: words},
		message.File{Name: "a.pdf", MediaType: message.PDFDocument, Data: []byte("\xff\x00"), About: strings.Repeat(words, 100)},
		message.Picture{PNG: pixel(), Width: -1, Height: 1 << 30, Alt: words}, message.Picture{PNG: pixel()[:40], Alt: words},
		message.Progress{Label: in(words), Done: -3, Total: -1}, message.Progress{Label: in(words), Done: 50, Total: 40},
	}
	for _, text := range []string{strings.Repeat("ж", 3000), strings.Repeat("ж", 5000), strings.Repeat("😀", 2500), strings.Repeat("a", 100_000), "\x00", "a\xffb", "\u202e", "\n\n", " ", "\x1b[31mred"} {
		odd = append(odd, message.Paragraph{Spans: in(text)})
	}
	for _, url := range []string{
		"javascript:alert(1)", "http://example.org", "https://", "https://ella@example.org", "/relative", "data:text/html,x", "https://example.org/ a", "https://example.org/\x00", "tel:", "",
	} {
		odd = append(odd, link(url), message.Paragraph{Spans: []message.Span{{Kind: message.URL, Text: "x", URL: url}, {Kind: message.URL, Text: url}}})
	}
	return odd
}
