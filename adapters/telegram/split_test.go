package telegram_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"ella/adapters/telegram"
	"ella/bot/bottest"
	form "ella/bot/message"
)

var tag = regexp.MustCompile(`</?[a-z]+( href="[^"]*")?>`)

// read is what Telegram shows of a text, and how many entities it has.
func read(t *testing.T, s string) (shown string, entities int) {
	t.Helper()
	var open []string
	for _, found := range tag.FindAllString(s, -1) {
		name := strings.Trim(strings.Fields(found)[0], "</>")
		if !strings.HasPrefix(found, "</") {
			open = append(open, name)
			entities++
			continue
		}
		if len(open) == 0 || open[len(open)-1] != name {
			t.Fatalf("%s closes what is not open in %.200q", found, s)
		}
		open = open[:len(open)-1]
	}
	if len(open) > 0 {
		t.Fatalf("%v is left open in %.200q", open, s)
	}
	shown = tag.ReplaceAllString(s, "")
	if strings.ContainsAny(shown, "<>") {
		t.Fatalf("something is not escaped in %.200q", shown)
	}
	return html.UnescapeString(shown), entities
}

// within holds a part against Telegram's limits and returns what it shows.
func within(t *testing.T, p telegram.Part) string {
	t.Helper()
	shown, entities := read(t, p.HTML)
	limit := 4000
	if p.Kind != telegram.TextPart {
		limit = 1024
	}
	if n := len(utf16.Encode([]rune(shown))); n > limit {
		t.Errorf("a %s has %d units of %d", p.Kind, n, limit)
	}
	if entities > 100 {
		t.Errorf("a %s has %d entities", p.Kind, entities)
	}
	if !utf8.ValidString(p.HTML) || p.Kind == telegram.TextPart && strings.TrimSpace(shown) == "" {
		t.Errorf("a %s can't be shown: %.80q", p.Kind, p.HTML)
	}
	depth := 0
	for _, r := range shown {
		switch {
		case r >= '\u2066' && r <= '\u2068':
			depth++
		case r == '\u2069':
			depth--
		}
		if depth < 0 {
			t.Errorf("an isolate is closed that is not open in %.200q", shown)
			break
		}
	}
	if depth > 0 {
		t.Errorf("%d isolates are left open in %.200q", depth, shown)
	}
	return shown
}

// bare is a text without what a split may change: space, what protects words, and
// what nobody sees.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Z) || r == '\u2800' {
			return -1
		}
		return r
	}, s)
}

func shownBy(t *testing.T, l telegram.Lowered) string {
	t.Helper()
	var all strings.Builder
	for _, p := range l.Parts {
		all.WriteString(within(t, p))
	}
	return all.String()
}

// TestSplit cuts where a reader would: between paragraphs, lines, words, and never
// inside a character.
func TestSplit(t *testing.T) {
	family := "👩‍👩‍👧‍👦"
	p := func(s string, n int) form.Block { return para(words(strings.Repeat(s, n))) }
	for name, c := range map[string]struct {
		m form.Message
		// ends are what the texts end in, begins how they begin, isolates apart.
		ends, begins []string
	}{
		"between paragraphs":                         {of(p("a", 3000), p("b", 3000)), []string{"a", "b"}, []string{"a", "b"}},
		"between lines":                              {of(para(words(strings.Repeat("line of text\n", 400)))), []string{"text", "text"}, []string{"line", "line"}},
		"between words":                              {of(p("many words ", 500)), []string{"words", "words"}, []string{"many", "many"}},
		"between characters":                         {of(p(family, 500)), []string{family, family}, []string{family, family}},
		"between accents":                            {of(p("e\u0301", 3000)), []string{"e\u0301", "e\u0301"}, []string{"e\u0301", "e\u0301"}},
		"between surrogates":                         {of(p("😀", 3000)), []string{"😀", "😀"}, []string{"😀", "😀"}},
		"in the list":                                {of(form.List{Items: many("an item of this list", 250)}), []string{"list", "list"}, []string{"• an", "• an"}},
		"where entities are many":                    {of(form.List{Items: many("**", 150)}), []string{"**", "**"}, []string{"• **", "• **"}},
		"a line of many entities":                    {of(para(spans("bold", 150)...)), []string{"bold", "bold"}, []string{"bold", "bold"}},
		"a longer one after a few":                   {of(p("a", 100), p("b", 3990)), []string{"a", "b"}, []string{"a", "b"}},
		"one that is too long anyway begins at once": {of(p("a", 100), p("b ", 3000)), []string{"b", "b"}, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := telegram.Lower(c.m)
			if err != nil {
				t.Fatal(err)
			}
			if len(l.Parts) != len(c.ends) {
				t.Fatalf("it becomes %d texts, want %d", len(l.Parts), len(c.ends))
			}
			for i, part := range l.Parts {
				shown := strings.TrimSpace(strings.NewReplacer(fsi, "", pdi, "").Replace(within(t, part)))
				if !strings.HasSuffix(shown, c.ends[i]) || !strings.HasPrefix(shown, c.begins[i]) {
					t.Errorf("text %d goes from %.20q to %q", i, shown, shown[max(0, len(shown)-20):])
				}
			}
		})
	}
}

// many is items of one text, which is bold if it is "**".
func many(s string, n int) (items [][]form.Span) {
	for range n {
		items = append(items, []form.Span{{Kind: form.Words, Text: s, Bold: s == "**"}})
	}
	return items
}

func spans(s string, n int) (all []form.Span) {
	for range n {
		all = append(all, form.Span{Kind: form.Person, Text: s, Bold: true})
	}
	return all
}

// TestSplitKeyboard: buttons stand below the last text.
func TestSplitKeyboard(t *testing.T) {
	l, err := telegram.Lower(of(para(words(strings.Repeat("a", 9000))), choices("Yes")))
	if err != nil || len(l.Parts) != 3 {
		t.Fatalf("it becomes %d texts, %v", len(l.Parts), err)
	}
	for i, p := range l.Parts {
		if want := i == 2; (len(p.Buttons) > 0) != want {
			t.Errorf("text %d has the buttons %v", i, p.Buttons)
		}
	}
}

// TestLowerKeepsToLimits lowers everything that a message can be.
func TestLowerKeepsToLimits(t *testing.T) {
	for i, m := range bottest.Messages() {
		if l, err := telegram.Lower(m); err == nil {
			if shownBy(t, l) == "" && l.Parts[0].Kind == telegram.TextPart {
				t.Errorf("message %d shows nothing", i)
			}
		}
	}
}

// FuzzSplit writes anything, as often as it likes: nothing is lost, and each text is
// within the limits.
func FuzzSplit(f *testing.F) {
	f.Add("many words ", uint16(800), uint8(0))
	f.Add("👩‍👩‍👧‍👦", uint16(900), uint8(3))
	f.Add("a\n\n\u2069\u2066", uint16(1500), uint8(6))
	f.Add("a"+strings.Repeat("\u0301", 30), uint16(300), uint8(9))
	f.Add(strings.Repeat("\u0301", 3000), uint16(3), uint8(4))
	f.Add("<b>&amp;", uint16(600), uint8(13))
	f.Add("\u2066\u2067\u2068\u2069\u2069\u200f\x00\xff", uint16(700), uint8(31))
	f.Fuzz(func(t *testing.T, s string, n uint16, how uint8) {
		if len(s)*int(n) > 100_000 {
			t.Skip("longer than anything that is written")
		}
		s = strings.Repeat(s, int(n))
		span := form.Span{Kind: form.Words, Text: s, Bold: how&1 != 0}
		if how&2 != 0 {
			span.Kind = form.Text
		}
		m := form.Message{}
		if how&4 != 0 {
			m.Direction = form.RightToLeft
		}
		switch how >> 3 & 3 {
		case 0:
			m.Blocks = []form.Block{para(span)}
		case 1:
			m.Blocks = []form.Block{form.Heading{Spans: []form.Span{text("x"), span}}, para(span)}
		case 2:
			m.Blocks = []form.Block{form.List{Items: [][]form.Span{{span}, {text("x"), span, text("y")}}}, choices("z")}
		default:
			m.Blocks = []form.Block{form.Picture{PNG: testPNG(1), Alt: "x" + s}, para(span)}
		}
		l, err := telegram.Lower(m)
		if err != nil {
			return
		}
		got := bare(shownBy(t, l))
		clean := func(s string) string {
			return bare(strings.Map(func(r rune) rune {
				if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
					return -1
				}
				return r
			}, strings.ToValidUTF8(s, "\ufffd")))
		}
		if want := clean(s); strings.Count(got, "x"+want)+strings.Count(got, want) == 0 || how>>3&3 == 1 && len(got) < 2*len(want) {
			t.Errorf("of %.80q is left %.80q", want, got)
		}
	})
}
