package language_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot/language"
	"ella/bot/message"
)

func TestPrinterValues(t *testing.T) {
	b := load(t, map[string]string{
		"en": "meet = \"Meet {{.Name}} at {{.Place}}, {{.Name}}!\"\nall = \"{{.V}}\"\n",
		"ar": "meet = \"قابل {{.Name}} في {{.Place}}، {{.Name}}!\"\nall = \"{{.V}}\"\n",
	})
	p := b.For("ar")
	spans := p.Spans("meet", language.Person("Name", "Ann"), language.Place("Place", "Leeds"), language.Phone("Unused", "1"))
	if got, want := show(spans), "قابل [person Ann] في [place Leeds]، [person Ann]!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Text("meet", language.Person("Name", "Ann"), language.Place("Place", "Leeds")), "قابل \u2068Ann\u2069 في \u2068Leeds\u2069، \u2068Ann\u2069!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range []struct {
		value language.Value
		want  string
	}{
		{language.Person("V", "Ann"), "[person Ann]"},
		{language.Place("V", "Leeds"), "[place Leeds]"},
		{language.Time("V", "18:30"), "[time 18:30]"},
		{language.Phone("V", "07700 900123"), "[phone 07700 900123]"},
		{language.URL("V", "https://example.org"), "[url https://example.org]"},
		{language.Link("V", "here", "https://example.org"), "[url here https://example.org]"},
		{language.Command("V", "/help"), "[command /help]"},
		{language.Words("V", "two\r\nlines\u2028three"), "[words two\nlines\nthree]"},
		{language.Count("V", 12345), "[count 12,345]"},
		{language.Money("V", 450), "[money £4.50]"},
		{language.Money("V", 500), "[money £5]"},
		{language.Money("V", -5), "[money -£0.05]"},
		{language.Spans("V", []message.Span{{Kind: message.Person, Text: "A\u202E"}, {Kind: message.Text, Text: " + "}, {Kind: message.Person, Text: "B", Bold: true}}), "[person A] + [person B]"},
		{language.Spans("V", nil), ""},
		{language.Person("V", ""), "[person ]"},
	} {
		if got := show(p.Spans("all", c.value)); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := b.Faults(); len(got) != 0 {
		t.Errorf("faults %+v", got)
	}
}

// Nothing that a person types can become a value, end an isolate or reorder the
// words around it.
func TestPrinterValuesInjectNothing(t *testing.T) {
	b := load(t, map[string]string{"en": "say = \"{{.Name}} says {{.Other}}.\"\n"})
	p := b.For("en")
	for _, c := range []struct{ text, want string }{
		{"{{.Other}}", "{{.Other}}"},
		{"a\u202Eb\u202A\u202B\u202C\u202D", "ab"},
		{"a\u2069\u2066\u2067\u2068b", "ab"},
		{"a\x00b\x1bc\x7f\u0085d", "abc d"},
		{"a\nb\tc\r\nd", "a b c d"},
		{"\uFEFFa", "a"},
		{"a\xffb", "a\uFFFDb"},
		{"می\u200Cخواهم \u200D", "می\u200Cخواهم \u200D"},
		{"\u200Fa\u200E", "\u200Fa\u200E"},
		{"<b>*_`&amp;", "<b>*_`&amp;"},
	} {
		spans := p.Spans("say", language.Person("Name", c.text), language.Person("Other", "x"))
		if got, want := show(spans), "[person "+c.want+"] says [person x]."; got != want {
			t.Errorf("%q: got %q, want %q", c.text, got, want)
		}
	}
}

func TestPrinterPlural(t *testing.T) {
	b := load(t, map[string]string{
		"en": "n.one = \"one {{.Count}} {{.Who}}\"\nn.other = \"other {{.Count}} {{.Who}}\"\n",
		"ar": "n.zero = \"zero {{.Who}}\"\nn.one = \"one {{.Who}}\"\nn.two = \"two {{.Who}}\"\nn.few = \"few {{.Count}} {{.Who}}\"\nn.many = \"many {{.Count}} {{.Who}}\"\nn.other = \"other {{.Count}} {{.Who}}\"\n",
		"pl": "n.one = \"one {{.Who}}\"\nn.few = \"few {{.Count}} {{.Who}}\"\nn.many = \"many {{.Count}} {{.Who}}\"\nn.other = \"other {{.Count}} {{.Who}}\"\n",
		"uk": "n.one = \"one {{.Count}} {{.Who}}\"\nn.few = \"few {{.Count}} {{.Who}}\"\nn.many = \"many {{.Count}} {{.Who}}\"\nn.other = \"other {{.Count}} {{.Who}}\"\n",
		"vi": "n = \"other {{.Count}} {{.Who}}\"\n",
		"bn": "n.one = \"one {{.Count}} {{.Who}}\"\nn.other = \"other {{.Count}} {{.Who}}\"\n",
	})
	for locale, wants := range map[string]map[int]string{
		"en": {0: "other", 1: "one", 2: "other", -1: "one", 1000000: "other"},
		"ar": {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 102: "other", 103: "few", 111: "many", 1000: "other", 1003: "few"},
		"pl": {0: "many", 1: "one", 2: "few", 5: "many", 12: "many", 21: "many", 22: "few", 112: "many", 1001: "many", 1002: "few"},
		"uk": {0: "many", 1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 22: "few", 111: "many", 1001: "one", 100021: "one"},
		"vi": {0: "other", 1: "other", 2: "other", 500: "other"},
		"bn": {0: "one", 1: "one", 2: "other", 300: "other"},
	} {
		for n, want := range wants {
			spans := b.For(locale).Plural("n", n, language.Person("Who", "x"))
			if got := show(spans); !strings.HasPrefix(got, want+" ") || !strings.HasSuffix(got, " [person x]") {
				t.Errorf("%s: %d: got %q, want %q", locale, n, got, want)
			}
			if again := b.For(locale).Paragraph("n", language.Person("Who", "x"), language.Count("Count", n)).Spans; !slices.Equal(again, spans) {
				t.Errorf("%s: %d: Paragraph with a count differs: %q", locale, n, show(again))
			}
		}
	}
	if got := b.Faults(); len(got) != 0 {
		t.Errorf("faults %+v", got)
	}
	if got := show(b.For("bn").Plural("n", 12, language.Person("Who", "x"))); got != "other [count ১২] [person x]" {
		t.Errorf("got %q", got)
	}
	if got := show(b.For("pl").Spans("n", language.Person("Who", "x"))); got != "other … [person x]" {
		t.Errorf("without a count: got %q", got)
	}
}

func TestPrinterShortfalls(t *testing.T) {
	b, err := language.Load(files(t, map[string]string{
		"en": "both = \"Both {{.Name}}\"\nonly-english.n.one = \"{{.Count}} thing\"\nonly-english.n.other = \"{{.Count}} things\"\nform.one = \"{{.Count}} cat\"\nform.other = \"{{.Count}} cats\"\n",
		"fa": "both = \"هر دو {{.Name}}\"\nform.other = \"{{.Count}} گربه\"\n",
	}))
	if err == nil {
		t.Fatal("no fault for a missing entry")
	}
	p := b.For("fa")
	for _, c := range []struct{ got, want string }{
		{show(p.Spans("both")), "هر دو …"},
		{p.Text("both"), "هر دو …"},
		{show(p.Plural("only-english.n", 1)), "[count 1] thing"},
		{show(p.Plural("only-english.n", 12)), "[count 12] things"},
		{show(p.Plural("form", 1)), "[count ۱] گربه"},
		{p.Text("no.such.last-word"), "last word"},
		{show(p.Spans("no.such.last_word")), "last word"},
		{p.Text(""), "…"},
		{p.Text("no.such."), "…"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if p.Has("only-english.n") || !p.Has("both") || p.Has("no") {
		t.Error("Has is wrong")
	}
	want := []language.FaultCount{
		{Locale: "fa", Key: "", Shortfall: language.MissingEntry, Count: 1},
		{Locale: "fa", Key: "both", Shortfall: language.MissingValue, Count: 2},
		{Locale: "fa", Key: "form", Shortfall: language.MissingForm, Count: 1},
		{Locale: "fa", Key: "no.such.", Shortfall: language.MissingEntry, Count: 1},
		{Locale: "fa", Key: "no.such.last-word", Shortfall: language.MissingEntry, Count: 1},
		{Locale: "fa", Key: "no.such.last_word", Shortfall: language.MissingEntry, Count: 1},
		{Locale: "fa", Key: "only-english.n", Shortfall: language.MissingEntry, Count: 2},
	}
	if got := b.Faults(); !slices.Equal(got, want) {
		t.Errorf("faults\n%+v\nwant\n%+v", got, want)
	}
}

func TestPrinterMessage(t *testing.T) {
	b := load(t, map[string]string{"en": "hello = \"Hello\"\n", "ar": "hello = \"مرحبا\"\n"})
	m := b.For("ar").Message(b.For("ar").Heading("hello"), b.For("ar").Paragraph("hello"))
	if m.Locale != "ar" || m.Direction != message.RightToLeft || len(m.Blocks) != 2 || m.Text() != "مرحبا\nمرحبا" {
		t.Errorf("got %+v", m)
	}
	if p := b.For("xx"); p.Locale() != "en" || p.Direction() != message.LeftToRight {
		t.Errorf("an unknown locale is %s", p.Locale())
	}
	// Changing what was handed out changes nothing for the next reader.
	b.For("en").Spans("hello")[0].Text = "changed"
	b.Locales()[0].Tag = "changed"
	if b.For("en").Text("hello") != "Hello" || b.Locales()[0].Tag != "ar" {
		t.Error("the bundle was changed from outside")
	}
}

func TestKilometres(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct {
		locale string
		km     float64
		want   string
	}{
		{"en", 0, "under 1 km"},
		{"en", 0.99, "under 1 km"},
		{"en", 1, "[count 1] km"},
		{"en", 2.5, "[count 3] km"},
		{"en", 1234.4, "[count 1,234] km"},
		{"ar", 3, "[count 3] كم"},
		{"pl", 0.5, "poniżej 1 km"},
		{"uk", 21, "[count 21] км"},
		{"en", -1, ""},
		{"en", math.NaN(), ""},
		{"en", math.Inf(1), ""},
	} {
		if got := show(b.For(c.locale).Kilometres(c.km)); got != c.want {
			t.Errorf("%s: %v km: got %q, want %q", c.locale, c.km, got, c.want)
		}
	}
}

func TestListSpans(t *testing.T) {
	b := everyTag(t)
	name := func(text string) []message.Span { return []message.Span{{Kind: message.Person, Text: text}} }
	items := [][]message.Span{name("A"), name("B"), name("C")}
	for locale, want := range map[string]string{
		"en": "[person A], [person B] and [person C]",
		"ar": "[person A] و[person B] و[person C]",
		"ti": "[person A]፣ [person B]ን [person C]ን",
	} {
		if got := show(b.For(locale).ListSpans(items)); got != want {
			t.Errorf("%s: got %q, want %q", locale, got, want)
		}
	}
	if got := show(b.For("en").ListSpans(items[:1])) + show(b.For("en").ListSpans(nil)); got != "[person A]" {
		t.Errorf("got %q", got)
	}
}

func TestTimesAreOfTheirOwnZone(t *testing.T) {
	p := everyTag(t).For("en")
	late := time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC)
	summer := late.In(time.FixedZone("BST", 3600))
	if got := p.Date(late) + " " + p.Time(late) + ", " + p.Date(summer) + " " + p.Time(summer); got != "Wednesday 1 July 23:30, Thursday 2 July 00:30" {
		t.Errorf("got %q", got)
	}
	if got := p.Weekday(time.Sunday) + p.Weekday(8) + p.Weekday(-1); got != "SundayMondaySaturday" {
		t.Errorf("got %q", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	b := shipped(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				p := b.For([]string{"en", "ar", "pl", "uk"}[(i+n)%4])
				p.Plural("distance.km", n*7)
				p.Text("no.such.entry")
				p.Date(time.Unix(int64(n)*86400, 0))
				b.Resolve("uk-UA")
				b.CommandFor("Stop!")
				b.Recognise("arabski")
			}
		})
	}
	all.Wait()
	if got := b.Faults(); len(got) != 4 || got[0].Count != 400 {
		t.Errorf("faults %+v", got)
	}
}
