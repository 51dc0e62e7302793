package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	library "github.com/slack-go/slack"

	"ella/adapters/slack"
	"ella/bot"
	"ella/bot/bottest"
	form "ella/bot/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The characters of UAX #9 by their names, so that they can be seen.
const (
	lri = "\u2066"
	fsi = "\u2068"
	pdi = "\u2069"
	rlm = "\u200f"
)

var visible = strings.NewReplacer(lri, "{LRI}", fsi, "{FSI}", pdi, "{PDI}", rlm, "{RLM}")

func text(s string) form.Span { return form.Span{Kind: form.Text, Text: s} }

func words(s string) form.Span { return form.Span{Kind: form.Words, Text: s} }

func para(spans ...form.Span) form.Block { return form.Paragraph{Spans: spans} }

func of(blocks ...form.Block) form.Message { return form.Message{Locale: "en", Blocks: blocks} }

func choices(labels ...string) form.Block {
	var row []form.Action
	for i, l := range labels {
		row = append(row, form.Action{Label: l, Data: fmt.Sprintf("v1:a:%d:", i)})
	}
	return form.Choices{Rows: [][]form.Action{row}}
}

func testPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lowered is a message as one reads it in a golden file: the text, and the blocks as
// they go over the wire.
func lowered(t testing.TB, l slack.Lowered) string {
	t.Helper()
	var b strings.Builder
	for _, p := range l.Parts {
		fmt.Fprintf(&b, "--- %s", p.Kind)
		if p.Name != "" {
			fmt.Fprintf(&b, " %s (%d bytes)", p.Name, len(p.Data))
		}
		fmt.Fprintf(&b, "\n%s\n", visible.Replace(p.Text))
		if p.Blocks != nil {
			body, err := json.MarshalIndent(p.Blocks, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			// So that it reads as it is written.
			body = []byte(strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(body)))
			b.WriteString(visible.Replace(string(body)) + "\n")
		}
	}
	return b.String()
}

// goldens are messages of each block, in both directions, as the rooms build them.
func goldens(t testing.TB, right bool) map[string]form.Message {
	say := func(en, ar string) string {
		if right {
			return ar
		}
		return en
	}
	m := func(blocks ...form.Block) form.Message {
		if right {
			return form.Message{Locale: "ar", Direction: form.RightToLeft, Blocks: blocks}
		}
		return form.Message{Locale: "en", Direction: form.LeftToRight, Blocks: blocks}
	}
	every := []form.Span{
		text(say("Come to ", "تعالوا إلى ")), {Kind: form.Place, Text: "Victoria Square"}, text(say(" at ", " الساعة ")), {Kind: form.Time, Text: "18:30"},
		text(say(", call ", "، اتصلوا بـ ")), {Kind: form.Phone, Text: "0121 496 0000"}, text(say(", look at ", "، انظروا ")),
		{Kind: form.URL, Text: "https://example.org/?a=1&b=2"}, text(say(" or ", " أو ")), {Kind: form.URL, Text: say("our page", "صفحتنا"), URL: "https://example.org/"},
		text(say(", ask ", "، اسألوا ")), {Kind: form.Person, Text: "Amina <3", Bold: true}, text(say(", bring ", "، أحضروا ")), {Kind: form.Money, Text: "£3.50"},
		text(say(" for ", " عن ")), {Kind: form.Count, Text: "2"}, text(say(", or type ", "، أو اكتبوا ")), {Kind: form.Command, Text: "/help"},
	}
	name := words(say("Common Ground", "أرض مشتركة"))
	facts := []form.Fact{
		{Label: say("Where", "أين"), Value: []form.Span{{Kind: form.Place, Text: "B11 1AA"}}},
		{Label: say("When", "متى"), Value: []form.Span{{Kind: form.Time, Text: "18:30"}, text("–"), {Kind: form.Time, Text: "20:00"}}},
	}
	card := form.Card{
		Title: []form.Span{name}, Text: []form.Span{words("We drink tea.")}, Rows: facts,
		Actions: []form.Action{{Label: say("I'm with them", "أنا معهم"), Data: "v1:group.with:1:", Style: form.Primary}},
		Link:    &form.Link{Label: say("Website", "الموقع"), URL: "https://example.org/"},
	}
	heading := form.Heading{Spans: []form.Span{text(say("Vigil", "وقفة")), text(" "), {Kind: form.Place, Text: "Leeds"}}}
	return map[string]form.Message{
		"paragraph":    m(para(every...), para(name), para(words("Meet at 3.\nBring a friend!"), text("."))),
		"heading":      m(heading, para(text(say("Tomorrow.", "غدًا.")))),
		"long-heading": m(form.Heading{Spans: []form.Span{words(strings.Repeat(say("Vigil ", "وقفة "), 40))}}, form.Heading{Spans: []form.Span{words("a\nb")}}),
		"list": m(form.List{Items: [][]form.Span{{name, text(say(" – tea", " – شاي"))}, {words("Roots")}}},
			form.List{Items: [][]form.Span{{text(say("Open it", "افتحوه"))}, {{Kind: form.Command, Text: "/groups"}}}, Ordered: true}),
		"facts": m(form.Facts{Rows: facts}),
		"card":  m(para(text(say("Near you:", "بالقرب منكم:"))), card),
		"cards": m(para(text(say("Near you:", "بالقرب منكم:"))), card, card, choices(say("More", "المزيد"), say("Another place", "مكان آخر"))),
		"choices": m(para(text(say("Will you come?", "هل ستأتون؟"))), choices(say("Yes", "نعم"), say("No", "لا"), say("Perhaps, I will tell you later", "ربما، سأخبركم لاحقًا"), "Leeds – ليدز"),
			form.Choices{Rows: [][]form.Action{{{Label: say("Stop", "توقف"), Data: "v1:b::", Style: form.Danger}, {Label: strings.Repeat(say("long label ", "نص طويل "), 10), Data: "v1:c::"}}}}),
		"link":     m(para(text(say("Ask them.", "اسألوهم."))), form.LinkButton{Link: form.Link{Label: say("Open", "افتح"), URL: "https://example.org/a?b&c"}}, form.LinkButton{Link: form.Link{Label: say("Call", "اتصال"), URL: "tel:+441214960000"}}),
		"location": m(para(text(say("Where are you?", "أين أنتم؟"))), form.LocationRequest{Label: say("Share my location", "مشاركة موقعي")}),
		"picture":  m(para(text(say("The answers:", "الإجابات:"))), form.Picture{PNG: testPNG(t), Alt: say("3 yes, 2 no.", "3 نعم، 2 لا.")}, choices(say("Again", "مرة أخرى"))),
		"venue":    m(para(text(say("Come!", "تعالوا!"))), form.Venue{Title: say("Victoria Square", "ساحة فيكتوريا"), Address: "Birmingham B1 1BB", Lat: 52.4796, Lng: -1.9026}, choices(say("Yes", "نعم"))),
		"file":     m(para(text(say("Here it is.", "ها هو."))), form.File{Name: "all.txt", MediaType: form.PlainText, Data: []byte("x"), About: say("All about you.", "كل شيء عنكم.")}),
		"progress": m(form.Progress{Label: []form.Span{text(say("Sending… ", "جارٍ الإرسال… ")), {Kind: form.Count, Text: "12"}}, Done: 12, Total: 40},
			form.Progress{Label: []form.Span{text(say("Counting…", "جارٍ العد…"))}}),
		"code": m(para(form.Span{Kind: form.Command, Text: "/join ABCD-EFGH"}), para(form.Span{Kind: form.Command, Text: "ABCD-EFGH"})),
	}
}

func TestLowerGolden(t *testing.T) {
	for _, right := range []bool{false, true} {
		for name, m := range goldens(t, right) {
			file := name + map[bool]string{false: ".ltr.txt", true: ".rtl.txt"}[right]
			t.Run(file, func(t *testing.T) {
				l, err := slack.Lower(m, "/ella")
				if err != nil {
					t.Fatal(err)
				}
				got, path := lowered(t, l), filepath.Join("testdata", "lower", file)
				if *update {
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s is now\n%s", path, got)
				}
			})
		}
	}
}

// TestLowerTextIsTheMessage holds the text beside the blocks against the message as
// plain words, which notifications and screen readers are to get.
func TestLowerTextIsTheMessage(t *testing.T) {
	unescape := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")
	bare := strings.NewReplacer(lri, "", fsi, "", pdi, "", rlm, "", "/ella ", "/", "▰", "", "▱", "", "…", "")
	flat := func(s string) string { return strings.Join(strings.Fields(bare.Replace(s)), " ") }
	for _, right := range []bool{false, true} {
		for name, m := range goldens(t, right) {
			if strings.HasPrefix(name, "location") || name == "file" || strings.HasPrefix(name, "card") || name == "link" {
				continue // their order, or what can't be, differs
			}
			l, err := slack.Lower(m, "/ella")
			if err != nil {
				t.Fatal(err)
			}
			if got, want := flat(unescape.Replace(l.Parts[0].Text)), flat(m.Text()); got != want {
				t.Errorf("%s says\n%s\nand the message is\n%s", name, got, want)
			}
		}
	}
}

// wholeText is all that a reader gets of a message, part by part.
func wholeText(l slack.Lowered) string {
	var b strings.Builder
	for _, p := range l.Parts {
		for _, block := range p.Blocks {
			rich, ok := block.(*library.RichTextBlock)
			if !ok {
				continue
			}
			for _, e := range rich.Elements {
				sections := []library.RichTextElement{e}
				if list, ok := e.(*library.RichTextList); ok {
					sections = list.Elements
				}
				for _, s := range sections {
					for _, inner := range s.(*library.RichTextSection).Elements {
						switch inner := inner.(type) {
						case *library.RichTextSectionTextElement:
							b.WriteString(inner.Text)
						case *library.RichTextSectionLinkElement:
							b.WriteString(inner.Text)
						}
					}
				}
			}
		}
	}
	return b.String()
}

// letters is what may not be lost when a text is cut: all but space and what is not seen.
func letters(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "\t", "", lri, "", fsi, "", pdi, "", "\u2067", "", rlm, "").Replace(s)
}

func TestLowerSplits(t *testing.T) {
	for name, c := range map[string]struct {
		m     form.Message
		parts int
	}{
		"short":         {of(para(words("hello"))), 1},
		"as promised":   {of(para(words(strings.Repeat("жук ", 750)))), 1},
		"long":          {of(para(words(strings.Repeat("жук ", 1500)))), 2},
		"no space":      {of(para(words(strings.Repeat("ж", 7000)))), 3},
		"escaped":       {of(para(words(strings.Repeat("&<>", 1000)))), 5},
		"paragraphs":    {of(para(words(strings.Repeat("a ", 1000))), para(words(strings.Repeat("b ", 1000)))), 2},
		"many":          {of(slices.Repeat([]form.Block{para(words("x"))}, 70)...), 3},
		"a long list":   {of(form.List{Ordered: true, Items: slices.Repeat([][]form.Span{{words(strings.Repeat("x", 300))}}, 25)}), 3},
		"one character": {of(para(words("e" + strings.Repeat("\u0301", 4000)))), 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, right := range []bool{false, true} {
				if c.m.Direction = form.LeftToRight; right {
					c.m.Direction = form.RightToLeft
				}
				l, err := slack.Lower(c.m, "/ella")
				if err != nil {
					t.Fatal(err)
				}
				if len(l.Parts) != c.parts {
					t.Errorf("it becomes %d messages, want %d", len(l.Parts), c.parts)
				}
				var want strings.Builder
				for _, b := range c.m.Blocks {
					switch b := b.(type) {
					case form.Paragraph:
						want.WriteString(b.Spans[0].Text)
					case form.List:
						for _, i := range b.Items {
							want.WriteString(i[0].Text)
						}
					}
				}
				if got := letters(wholeText(l)); got != letters(want.String()) {
					t.Errorf("of %d bytes %d are left", len(letters(want.String())), len(got))
				}
			}
		})
	}
}

func TestLowerNumbersGoOn(t *testing.T) {
	l, err := slack.Lower(of(form.List{Ordered: true, Items: slices.Repeat([][]form.Span{{words(strings.Repeat("x", 300))}}, 25)}), "")
	if err != nil {
		t.Fatal(err)
	}
	next := 1
	for _, p := range l.Parts {
		list := p.Blocks[0].(*library.RichTextBlock).Elements[0].(*library.RichTextList)
		if list.Offset != next-1 || !strings.HasPrefix(p.Text, fmt.Sprintf("%d. ", next)) {
			t.Errorf("a part goes on at %d, with %.10q; want %d", list.Offset+1, p.Text, next)
		}
		next += len(list.Elements)
	}
	if next != 26 {
		t.Errorf("there are %d items", next-1)
	}
}

func TestLowerButtonsOnTheLast(t *testing.T) {
	l, err := slack.Lower(of(para(words(strings.Repeat("жук ", 1500))), choices("Yes", "No")), "")
	if err != nil || len(l.Parts) != 2 {
		t.Fatalf("%d parts, %v", len(l.Parts), err)
	}
	for i, p := range l.Parts {
		_, ok := p.Blocks[len(p.Blocks)-1].(*library.ActionBlock)
		if ok != (i == 1) {
			t.Errorf("buttons in part %d: %v", i, ok)
		}
	}
}

func TestLowerManyButtons(t *testing.T) {
	var rows [][]form.Action
	for i := range 40 {
		rows = append(rows, []form.Action{{Label: fmt.Sprintf("Button %d", i), Data: fmt.Sprintf("v1:a:%d:", i)}})
	}
	l, err := slack.Lower(of(para(text("Which?")), form.Choices{Rows: rows}), "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range l.Parts {
		for _, b := range p.Blocks {
			if a, ok := b.(*library.ActionBlock); ok {
				n += len(a.Elements.ElementSet)
			}
		}
	}
	if n != 40 {
		t.Errorf("%d buttons are there", n)
	}
}

func TestLowerRefuses(t *testing.T) {
	picture := testPNG(t)
	file := form.File{Name: "a.txt", MediaType: form.PlainText, Data: []byte("x"), About: "x"}
	for name, c := range map[string]struct {
		code string
		m    form.Message
	}{
		"nothing":             {"empty", form.Message{}},
		"only a place":        {"empty", of(form.LocationRequest{Label: "x"})},
		"a hundred thousand":  {"too-long", of(para(words(strings.Repeat("a", 100_000))))},
		"41 buttons":          {"buttons", of(para(text("x")), choices(slices.Repeat([]string{"x"}, 41)...))},
		"no label":            {"button", of(para(text("x")), choices(""))},
		"no data":             {"button", of(form.Choices{Rows: [][]form.Action{{{Label: "x"}}}})},
		"65 bytes":            {"button", of(form.Choices{Rows: [][]form.Action{{{Label: "x", Data: strings.Repeat("x", 65)}}}})},
		"a script":            {"link", of(form.LinkButton{Link: form.Link{Label: "x", URL: "javascript:alert(1)"}})},
		"a name before":       {"link", of(form.LinkButton{Link: form.Link{Label: "x", URL: "https://good.example@evil.example/"}})},
		"a link in a link":    {"link", of(para(form.Span{Kind: form.URL, Text: "x", URL: "https://a|b"}))},
		"half a picture":      {"picture", of(form.Picture{PNG: picture[:20], Alt: "x"})},
		"a picture unsaid":    {"picture", of(form.Picture{PNG: picture})},
		"a venue nowhere":     {"venue", of(form.Venue{Title: "x", Address: "y", Lat: 91})},
		"two files":           {"file", of(file, file)},
		"a file that is none": {"file", of(form.File{Name: "../x", About: "x"})},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := slack.Lower(c.m, "/ella")
			se, ok := err.(*bot.SendError) //nolint:errorlint // that is what is promised
			if !ok || se.Kind != bot.Invalid || se.Code != c.code {
				t.Errorf("it is %v, want %s", err, c.code)
			}
		})
	}
}

// TestLowerNeverBreaksALimit lowers whatever there is: what comes out passes the check.
func TestLowerNeverBreaksALimit(t *testing.T) {
	for _, m := range bottest.Messages() {
		l, err := slack.Lower(m, "/ella")
		if err != nil {
			if se, ok := err.(*bot.SendError); !ok || strings.HasPrefix(se.Code, "limit-") { //nolint:errorlint // as above
				t.Errorf("%.100q is %v", m.Text(), err)
			}
			continue
		}
		for _, p := range l.Parts {
			if fault := slack.Check(p); fault != "" {
				t.Errorf("%.100q breaks the limit %s", m.Text(), fault)
			}
		}
	}
}

func FuzzLower(f *testing.F) {
	for _, s := range bottest.Hostile() {
		f.Add(s, 1, false)
		f.Add(s, 700, true)
	}
	f.Fuzz(func(t *testing.T, s string, times int, right bool) {
		if times < 1 || times > 1000 || len(s)*times > 30_000 {
			t.Skip()
		}
		words := strings.Repeat(s, times)
		m := of(form.Heading{Spans: []form.Span{{Kind: form.Words, Text: s}}}, form.List{Ordered: true, Items: [][]form.Span{{{Kind: form.Words, Text: words}}}})
		if right {
			m.Direction = form.RightToLeft
		}
		l, err := slack.Lower(m, "/ella")
		if err != nil {
			if se, ok := err.(*bot.SendError); !ok || se.Code != "empty" && se.Code != "too-long" { //nolint:errorlint // as above
				t.Fatalf("it is %v", err)
			}
			return
		}
		for _, p := range l.Parts {
			if fault := slack.Check(p); fault != "" {
				t.Fatalf("it breaks the limit %s", fault)
			}
			if strings.ContainsAny(p.Text, "<>") {
				t.Fatal("a sign of markup stands in the text")
			}
		}
	})
}
