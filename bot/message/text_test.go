package message_test

import (
	"reflect"
	"testing"

	"ella/bot/message"
)

const (
	lri = "\u2066" // begins left to right
	fsi = "\u2068" // begins with the direction of the first letter
	pdi = "\u2069" // ends either
)

func TestIsolated(t *testing.T) {
	for kind, want := range map[message.Kind]string{
		message.Text:    "x",
		message.Words:   fsi + "x" + pdi,
		message.Person:  fsi + "x" + pdi,
		message.Place:   fsi + "x" + pdi,
		message.Phone:   lri + "x" + pdi,
		message.URL:     lri + "x" + pdi,
		message.Command: lri + "x" + pdi,
		message.Time:    lri + "x" + pdi,
		message.Money:   lri + "x" + pdi,
		message.Count:   lri + "x" + pdi,
		// A kind that this version does not know: its text may be anybody's.
		"of-a-later-version": fsi + "x" + pdi,
		"":                   fsi + "x" + pdi,
	} {
		if got := (message.Span{Kind: kind, Text: "x"}).Isolated(); got != want {
			t.Errorf("%q: got %q, want %q", kind, got, want)
		}
		// Nothing needs no protection, and two invisible characters would be something.
		if got := (message.Span{Kind: kind}).Isolated(); got != "" {
			t.Errorf("%q: nothing becomes %q", kind, got)
		}
	}
}

func TestPlain(t *testing.T) {
	spans := []message.Span{
		{Kind: message.Text, Text: "May "},
		{Kind: message.Words, Text: "Common Ground"},
		{Kind: message.Text, Text: " call "},
		{Kind: message.Phone, Text: "0121 4960000"},
		{Kind: message.Person},
		{Kind: message.Text, Text: "?"},
	}
	if got, want := message.Plain(spans), "May "+fsi+"Common Ground"+pdi+" call "+lri+"0121 4960000"+pdi+"?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := message.Plain(spans[1:2]); got != fsi+"Common Ground"+pdi {
		t.Errorf("one span alone is %q", got)
	}
	if got := message.Plain(nil); got != "" {
		t.Errorf("no spans are %q", got)
	}
}

// TestText reads a message with every block in it as somebody hears it.
func TestText(t *testing.T) {
	words := func(s string) []message.Span { return []message.Span{{Kind: message.Text, Text: s}} }
	m := message.Message{Blocks: []message.Block{
		message.Heading{Spans: words("Title")},
		message.Say("One paragraph."),
		message.Paragraph{},
		message.List{Items: [][]message.Span{words("a"), words("b")}},
		message.List{Items: [][]message.Span{words("a"), words("b")}, Ordered: true},
		message.Facts{Rows: []message.Fact{{Label: "When", Value: []message.Span{{Kind: message.Time, Text: "18:30"}}}}},
		message.Card{
			Title: words("Group"), Text: words("About it"), Rows: []message.Fact{{Label: "Where", Value: words("Leeds")}},
			Actions: []message.Action{{Label: "With", Data: "v1:a::"}, {Label: "Without", Data: "v1:b::"}}, Link: &message.Link{Label: "Website", URL: "https://example.org"},
		},
		message.Card{Title: words("Bare")},
		message.Choices{Rows: [][]message.Action{{{Label: "1", Data: "v1:c::"}, {Label: "2", Data: "v1:d::"}}, nil, {{Label: "3", Data: "v1:e::"}}}},
		message.LinkButton{Link: message.Link{Label: "Open", URL: "https://example.org"}},
		message.LocationRequest{Label: "Here"},
		message.Picture{Alt: "A bar: 3 of 5."},
		message.Venue{Title: "Town hall", Address: "Victoria Square", Lat: 52.4796, Lng: -1.9026},
		message.File{Name: "all.txt", MediaType: message.PlainText, Data: []byte("not read out"), About: "All about you."},
		message.Progress{Label: words("Sending…"), Done: 3, Total: 5},
	}}
	want := `Title
One paragraph.
• a
• b
1. a
2. b
When: ` + lri + `18:30` + pdi + `
Group
About it
Where: Leeds
[With] [Without]
[Website]
Bare
[1] [2]
[3]
[Open]
[Here]
A bar: 3 of 5.
` + fsi + `Town hall` + pdi + `
` + fsi + `Victoria Square` + pdi + `
All about you.
📎 ` + lri + `all.txt` + pdi + `
Sending…`
	if got := m.Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var data []string
	for _, a := range m.Actions() {
		data = append(data, a.Data)
	}
	if want := []string{"v1:a::", "v1:b::", "v1:c::", "v1:d::", "v1:e::"}; !reflect.DeepEqual(data, want) {
		t.Errorf("buttons %q, want %q", data, want)
	}
	if got := (message.Message{}).Text(); got != "" {
		t.Errorf("an empty message reads %q", got)
	}
}
