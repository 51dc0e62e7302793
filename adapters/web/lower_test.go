package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/message"
)

func TestLowerRefuses(t *testing.T) {
	one := func(blocks ...message.Block) message.Message { return message.Message{Blocks: blocks} }
	link := func(url string) message.Message {
		return one(message.LinkButton{Link: message.Link{Label: "Open", URL: url}})
	}
	button := func(label, data string) message.Message {
		return one(message.Choices{Rows: [][]message.Action{{{Label: label, Data: data}}}})
	}
	many := func(n int) message.Message {
		return one(message.Choices{Rows: [][]message.Action{slices.Repeat([]message.Action{{Label: "x", Data: "v1:a.b::"}}, n)}})
	}
	picture := func(data []byte, alt string) message.Message {
		return one(message.Picture{PNG: data, Width: 4, Height: 4, Alt: alt})
	}
	good := testPicture(t, 4, 4)
	for name, c := range map[string]struct {
		m    message.Message
		code string // "" when it is fine
	}{
		"no blocks":              {one(), "empty"},
		"a nil block":            {one(nil), "block"},
		"exactly as long":        {say(strings.Repeat("é", web.MaxUnits), ""), ""},
		"one unit too long":      {say(strings.Repeat("é", web.MaxUnits), "x"), "too-long"},
		"long in surrogates":     {say(strings.Repeat("🙂", web.MaxUnits/2), "x"), "too-long"},
		"long in facts":          {one(message.Facts{Rows: []message.Fact{{Label: strings.Repeat("x", web.MaxUnits), Value: []message.Span{text("x")}}}}), "too-long"},
		"24 buttons":             {many(24), ""},
		"25 buttons":             {many(25), "buttons"},
		"data of 64 bytes":       {button("x", strings.Repeat("x", 64)), ""},
		"data of 65 bytes":       {button("x", strings.Repeat("x", 65)), "button"},
		"no data":                {button("x", ""), "button"},
		"no label":               {button(" \n", "x"), "button"},
		"data that is no UTF-8":  {button("x", "\xff"), "button"},
		"data with NUL":          {button("x", "a\x00"), "button"},
		"https":                  {link("https://example.org/a?b#c"), ""},
		"tel":                    {link("tel:+441214960000"), ""},
		"mailto":                 {link("mailto:a@example.org"), ""},
		"http":                   {link("http://example.org/"), "link"},
		"javascript":             {link("javascript:alert(1)"), "link"},
		"javascript, disguised":  {link("java\tscript:alert(1)"), "link"},
		"data link":              {link("data:text/html,x"), "link"},
		"no scheme":              {link("//example.org"), "link"},
		"a name before the host": {link("https://gov.uk@example.org/"), "link"},
		"no host":                {link("https:///x"), "link"},
		"a space in a link":      {link("https://example.org/ x"), "link"},
		"no link":                {link(""), "link"},
		"a span's link":          {one(para(message.Span{Kind: message.URL, Text: "here", URL: "javascript:alert(1)"})), "link"},
		"a card's link":          {one(message.Card{Title: []message.Span{text("x")}, Link: &message.Link{Label: "x", URL: "ftp://x"}}), "link"},
		"picture":                {picture(good, "words"), ""},
		"picture without words":  {picture(good, " "), "picture"},
		"picture that is no PNG": {picture([]byte("<svg onload=alert(1)>"), "words"), "picture"},
		"empty picture":          {picture(nil, "words"), "picture"},
		"heavy picture":          {picture(append(slices.Clone(good), make([]byte, web.MaxPicture)...), "words"), "picture"},
		"location, no label":     {one(message.LocationRequest{}), "button"},
		"file":                   {one(testFile()), ""},
		"two files":              {one(testFile(), testFile()), "file"},
		"file without words":     {one(message.File{Name: "a.txt", MediaType: message.PlainText, Data: []byte("x")}), "file"},
		"file that is a page":    {one(message.File{Name: "a.html", MediaType: "text/html", Data: []byte("x"), About: "x"}), "file"},
		"file up in a folder":    {one(message.File{Name: "../a.txt", MediaType: message.PlainText, Data: []byte("x"), About: "x"}), "file"},
		"heavy file":             {one(message.File{Name: "a.pdf", MediaType: message.PDFDocument, Data: make([]byte, message.MaxFile+1), About: "x"}), "file"},
		"much about a file":      {one(message.File{Name: "a.pdf", MediaType: message.PDFDocument, Data: []byte("x"), About: strings.Repeat("x", web.MaxUnits)}), "too-long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := web.Lower(c.m)
			if c.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var se *bot.SendError
			if !errors.As(err, &se) || se.Kind != bot.Invalid || se.Code != c.code {
				t.Errorf("got %v, want invalid (%s)", err, c.code)
			}
		})
	}
}

func TestLowerDraws(t *testing.T) {
	m := message.Message{Locale: "ar", Direction: message.RightToLeft, Blocks: []message.Block{
		para(text("Come to "), value(message.Place, "Swansea"), value(message.Phone, "+44 (0)1792-496 000"),
			value(message.URL, "https://example.org"), value(message.URL, "example.org"), value(message.Command, "/help"), value("later", "\x07new\r\nkind")),
		message.Choices{Rows: [][]message.Action{{act("1", "1", ""), act("2", "2", "odd"), act("3", "3", ""), act("4", "4", message.Danger)}}},
		message.Progress{Done: 12, Total: 10}, message.Progress{Done: -1, Total: -5},
	}}
	got, err := web.Lower(m)
	if err != nil {
		t.Fatal(err)
	}
	if got.Locale != "ar" || got.Dir != "rtl" {
		t.Errorf("locale %q, direction %q", got.Locale, got.Dir)
	}
	want := []web.Span{
		{Kind: "text", Text: "Come to "}, {Kind: "place", Text: "Swansea", Dir: "auto"},
		{Kind: "phone", Text: "+44 (0)1792-496 000", Dir: "ltr", Href: "tel:+4401792496000"},
		{Kind: "url", Text: "https://example.org", Dir: "ltr", Href: "https://example.org"},
		{Kind: "url", Text: "example.org", Dir: "ltr"},
		{Kind: "command", Text: "/help", Dir: "ltr"}, {Kind: "words", Text: "new\nkind", Dir: "auto"},
	}
	if !slices.Equal(got.Blocks[0].Spans, want) {
		t.Errorf("spans: %+v", got.Blocks[0].Spans)
	}
	if rows := got.Blocks[1].Buttons; len(rows) != 2 || len(rows[0]) != web.ButtonRow || rows[0][1].Style != "" || rows[1][0].Style != "danger" {
		t.Errorf("rows: %+v", rows)
	}
	if l, err := web.Lower(message.Message{Blocks: []message.Block{testFile()}}); err != nil || !reflect.DeepEqual(l.Blocks[0], web.Block{Type: "file", Name: "all-about-me.txt", Size: 24, Label: "All about you"}) {
		t.Errorf("file: %+v, %v", l.Blocks, err)
	}
	venue := message.Venue{Title: "Town <b>hall</b>", Address: "Victoria Square", Lat: 52.4796, Lng: -1.9026}
	if l, err := web.Lower(message.Message{Blocks: []message.Block{venue}}); err != nil || !reflect.DeepEqual(l.Blocks[0], web.Block{
		Type: "card", Title: []web.Span{{Kind: "words", Text: venue.Title, Bold: true, Dir: "auto"}}, Spans: []web.Span{{Kind: "place", Text: venue.Address, Dir: "auto"}},
	}) {
		t.Errorf("venue: %+v, %v", l.Blocks, err)
	}
	for i, want := range []int{10, 0} {
		if p := got.Blocks[2+i]; p.Done != want || p.Total != want {
			t.Errorf("progress %d: %d of %d", i, p.Done, p.Total)
		}
	}
	for _, locale := range []string{"en\"onload", "ar ", strings.Repeat("x", 99)} {
		if got, err := web.Lower(message.Message{Locale: locale, Blocks: m.Blocks}); err != nil || got.Locale != "" {
			t.Errorf("locale %q became %q, %v", locale, got.Locale, err)
		}
	}
}

func FuzzLower(f *testing.F) {
	for _, messages := range gallery(f) {
		for _, m := range messages {
			stored, err := json.Marshal(m)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(stored)
		}
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		var m message.Message
		if json.Unmarshal(stored, &m) != nil {
			return
		}
		lowered, err := web.Lower(m)
		if err != nil {
			if bot.SendKindOf(err) != bot.Invalid {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if err := within(lowered); err != nil {
			t.Fatal(err)
		}
	})
}

// startHref is a link that begins a conversation on the page.
var startHref = regexp.MustCompile(`^\?start=[A-Za-z0-9_-]{1,64}$`)

// within holds a lowered message against the limits, on its own account.
func within(l web.Lowered) error {
	wire, err := json.Marshal(l)
	if err != nil || !utf8.Valid(wire) || strings.ContainsAny(string(wire), "\n\r\x00") {
		return fmt.Errorf("not one line of JSON: %w", err)
	}
	buttons := webtest.Buttons(web.Item{Message: &l})
	if len(buttons) > 24 {
		return fmt.Errorf("%d buttons", len(buttons))
	}
	for _, b := range buttons {
		if len(b.Data) > 64 || b.Data == "" || strings.TrimSpace(b.Label) == "" {
			return fmt.Errorf("button %+v", b)
		}
	}
	for _, b := range l.Blocks {
		if b.Type == "" || ((b.Type == "picture" || b.Type == "file") && b.Label == "") || (b.Type == "file" && (b.Name == "" || b.Size < 1 || strings.ContainsAny(b.Name, "/\\\""))) {
			return fmt.Errorf("block %+v", b)
		}
		for _, s := range append(b.Spans, b.Title...) {
			if s.Href != "" && !startHref.MatchString(s.Href) && !strings.HasPrefix(s.Href, "https://") && !strings.HasPrefix(strings.ToLower(s.Href), "https:") && !strings.HasPrefix(strings.ToLower(s.Href), "tel:") && !strings.HasPrefix(strings.ToLower(s.Href), "mailto:") {
				return fmt.Errorf("link %q", s.Href)
			}
		}
	}
	return nil
}
