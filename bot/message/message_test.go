package message_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ella/bot/message"
)

// pieces are what people write and what has broken other bots: markup of every
// platform, quotes, escapes, both directions, joiners, marks, and emoji of
// several code points.
var pieces = []string{
	"Hello", "مرحبا", "Привіт", "سلام\u200cها", "👩‍👩‍👧‍👦", "<b>x</b>", "<!channel>", "&amp;", "*x*", "[a](b)", `"'\`, "\u202ereversed", "\u2066",
	"\u2028", "line\nbreak", "\t", "\x00", "\x1b[31m", "ë", "ẅ", "\ufffd", "{{.Name}}", "v1:a:b:c", " ", "",
}

// dice draws random trees. The same seed draws the same tree.
type dice struct{ *rand.Rand }

func (d dice) text() string {
	var b strings.Builder
	for range d.IntN(4) {
		b.WriteString(pieces[d.IntN(len(pieces))])
	}
	return b.String()
}

// some is up to four of a thing, or nil: an empty list that is not nil is
// nothing that any room builds.
func some[T any](d dice, one func() T) []T {
	var all []T
	for range d.IntN(5) {
		all = append(all, one())
	}
	return all
}

func (d dice) span() message.Span {
	kinds := []message.Kind{
		message.Text, message.Words, message.Person, message.Place, message.Time, message.Phone,
		message.URL, message.Count, message.Money, message.Command, "of-a-later-version", "",
	}
	return message.Span{Kind: kinds[d.IntN(len(kinds))], Text: d.text(), Bold: d.IntN(2) == 0, URL: d.text()}
}

func (d dice) spans() []message.Span { return some(d, d.span) }

func (d dice) fact() message.Fact { return message.Fact{Label: d.text(), Value: d.spans()} }

func (d dice) action() message.Action {
	styles := []message.Style{"", message.Primary, message.Danger}
	return message.Action{Label: d.text(), Data: d.text(), Style: styles[d.IntN(len(styles))]}
}

func (d dice) row() []message.Action { return some(d, d.action) }

func (d dice) octet() byte { return byte(d.IntN(256)) }

func (d dice) block() message.Block {
	switch d.IntN(12) {
	case 0:
		return message.Paragraph{Spans: d.spans()}
	case 1:
		return message.Heading{Spans: d.spans()}
	case 2:
		return message.List{Items: some(d, d.spans), Ordered: d.IntN(2) == 0}
	case 3:
		return message.Facts{Rows: some(d, d.fact)}
	case 4:
		c := message.Card{Title: d.spans(), Text: d.spans(), Rows: some(d, d.fact), Actions: d.row()}
		if d.IntN(2) == 0 {
			c.Link = &message.Link{Label: d.text(), URL: d.text()}
		}
		return c
	case 5:
		return message.Choices{Rows: some(d, d.row)}
	case 6:
		return message.LinkButton{Link: message.Link{Label: d.text(), URL: d.text()}}
	case 7:
		return message.LocationRequest{Label: d.text()}
	case 8:
		return message.Picture{PNG: some(d, d.octet), Width: d.IntN(900), Height: d.IntN(900), Alt: d.text()}
	case 9:
		types := []message.MediaType{message.PlainText, message.Calendar, message.CommaTable, message.JSON, message.PDFDocument, "of/a-later-version", ""}
		return message.File{Name: d.text(), MediaType: types[d.IntN(len(types))], Data: some(d, d.octet), About: d.text()}
	case 10:
		return message.Venue{Title: d.text(), Address: d.text(), Lat: d.Float64()*180 - 90, Lng: d.Float64()*360 - 180}
	}
	return message.Progress{Label: d.spans(), Done: d.IntN(100) - 1, Total: d.IntN(100)}
}

func (d dice) message() message.Message {
	directions := []message.Direction{"", message.LeftToRight, message.RightToLeft}
	return message.Message{
		Locale: d.text(), Direction: directions[d.IntN(len(directions))], Blocks: some(d, d.block),
		Options: message.Options{Silent: d.IntN(2) == 0, Protected: d.IntN(2) == 0, Preview: d.IntN(2) == 0},
	}
}

// TestRoundTrip stores and reads back many random trees: what comes out is what
// went in, and is stored the same again.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(3000) {
		m := dice{rand.New(rand.NewPCG(1, seed))}.message()
		stored, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var back message.Message
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, stored)
		}
		if !reflect.DeepEqual(back, m) {
			t.Fatalf("seed %d: %#v\ncame back as %#v", seed, m, back)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(stored) {
			t.Fatalf("seed %d: stored as\n%s\nand then as\n%s (%v)", seed, stored, again, err)
		}
		if got, want := back.Text(), m.Text(); got != want {
			t.Fatalf("seed %d: reads %q, was %q", seed, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for stored, ok := range map[string]bool{
		`{"v":1,"blocks":[]}`:   true,
		`{"v":1}`:               true,
		`{"v":2,"blocks":[]}`:   false,
		`{"v":0,"blocks":[]}`:   false,
		`{"v":-1,"blocks":[]}`:  false,
		`{"v":"1","blocks":[]}`: false,
		`{"v":1.5,"blocks":[]}`: false,
		`{"blocks":[]}`:         false,
		`{}`:                    false,
		`[]`:                    false,
		`"v"`:                   false,
		`null`:                  false,
	} {
		var m message.Message
		err := json.Unmarshal([]byte(stored), &m)
		if ok != (err == nil) || err != nil && !errors.Is(err, message.ErrShape) {
			t.Errorf("%s: %v", stored, err)
		}
	}
	stored, err := json.Marshal(message.Message{})
	if err != nil || string(stored) != `{"v":1,"blocks":[]}` {
		t.Errorf("an empty message is stored as %s, %v", stored, err)
	}
}

// TestErrShapeHoldsNoText breaks stored messages in every way at hand. Their
// errors are logged, so no word of them may be in one.
func TestErrShapeHoldsNoText(t *testing.T) {
	const secret = "Amina-lives-here"
	for _, stored := range []string{
		`{"v":1,"blocks":[{"type":"` + secret + `"}]}`,
		`{"v":1,"blocks":[{"` + secret + `":1}]}`,
		`{"v":1,"blocks":["` + secret + `"]}`,
		`{"v":1,"blocks":[{"type":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[null]}`,
		`{"v":1,"blocks":"` + secret + `"}`,
		`{"v":"` + secret + `","blocks":[]}`,
		`{"v":1,"locale":{"` + secret + `":1},"blocks":[]}`,
		`{"v":1,"blocks":[{"type":"paragraph","spans":"` + secret + `"}]}`,
		`{"v":1,"blocks":[{"type":"paragraph","spans":[{"k":"words","t":["` + secret + `"]}]}]}`,
		`{"v":1,"blocks":[{"type":"heading","spans":{"` + secret + `":1}}]}`,
		`{"v":1,"blocks":[{"type":"list","items":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"facts","rows":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"card","link":"` + secret + `"}]}`,
		`{"v":1,"blocks":[{"type":"choices","rows":[["` + secret + `"]]}]}`,
		`{"v":1,"blocks":[{"type":"link-button","link":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"location-request","label":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"picture","png":"` + secret + `!"}]}`,
		`{"v":1,"blocks":[{"type":"picture","width":"` + secret + `"}]}`,
		`{"v":1,"blocks":[{"type":"venue","title":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"venue","lat":"` + secret + `"}]}`,
		`{"v":1,"blocks":[],"silent":"` + secret + `"}`,
		`{"v":1,"blocks":[{"type":"file","data":"` + secret + `!"}]}`,
		`{"v":1,"blocks":[{"type":"file","name":["` + secret + `"]}]}`,
		`{"v":1,"blocks":[{"type":"progress","done":"` + secret + `"}]}`,
		`{"v":1,"blocks":[{"type":"progress","done":1e99}]}`,
		`{"v":1,"blocks":[{"type":"paragraph","spans":[{"k":"words","t":"` + secret,
		secret,
		``,
	} {
		kept := message.Message{Locale: "en", Blocks: []message.Block{message.Say("before")}}
		m := kept
		// Called directly: json.Unmarshal would stop at bytes that are no JSON.
		err := m.UnmarshalJSON([]byte(stored))
		if !errors.Is(err, message.ErrShape) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", stored, err)
		}
		if !reflect.DeepEqual(m, kept) {
			t.Errorf("%s: was read in part: %+v", stored, m)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for seed := range uint64(40) {
		stored, err := json.Marshal(dice{rand.New(rand.NewPCG(2, seed))}.message())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stored)
	}
	f.Add([]byte(`{"v":1,"blocks":[{"type":"card","title":null,"rows":[{"label":"","value":[{}]}]}]}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		var m message.Message
		if err := m.UnmarshalJSON(stored); err != nil {
			if !errors.Is(err, message.ErrShape) {
				t.Fatalf("error %v", err)
			}
			return
		}
		_ = m.Text()
		_ = m.Actions()
		once, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back message.Message
		if err := json.Unmarshal(once, &back); err != nil {
			t.Fatal(err)
		}
		twice, err := json.Marshal(back)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("stored as\n%s\nand then as\n%s (%v)", once, twice, err)
		}
	})
}
