package language_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ella/bot/language"
)

// sound are three catalogues with nothing wrong in them.
func sound() map[string]string {
	return map[string]string{
		"en": `
card.when = "When"
card.meet = "Meet {{.Name}} at {{.Place}}"
people.one = "{{.Count}} person"
people.other = "{{.Count}} people"
words.stop = "stop | please stop"
words.help = "help"
`,
		"pl": `
card.when = "Kiedy"
card.meet = "Spotkaj {{.Name}}: {{.Place}}"
people.one = "jedna osoba"
people.few = "{{.Count}} osoby"
people.many = "{{.Count}} osób"
people.other = "{{.Count}} osoby"
words.stop = "stop | przestań"
words.help = "pomoc"
`,
		"uk": `
card.when = "Коли"
card.meet = "{{.Place}}: {{.Name}}"
people.one = "{{.Count}} людина"
people.few = "{{.Count}} людини"
people.many = "{{.Count}} людей"
people.other = "{{.Count}} людини"
words.stop = "стоп"
words.help = "допомога"
`,
	}
}

func TestLoadFaults(t *testing.T) {
	for _, c := range []struct {
		name      string
		file      string // of the fault
		old, text string // what is replaced in that file; without old, the text is added
		want      string
	}{
		{"missing form", "pl", `people.few = "{{.Count}} osoby"`, "", `pl.toml: people: has no form "few": add people.few = "…"; this language needs one, few, many, other`},
		{"plain text for a plural", "uk", "people.one = \"{{.Count}} людина\"\npeople.few = \"{{.Count}} людини\"\npeople.many = \"{{.Count}} людей\"\npeople.other", "people", `uk.toml: people: has no form "many"`},
		{"form too many", "pl", "", `people.two = "{{.Count}} osoby"`, `pl.toml: people: has a form "two" that this language has not: take it out`},
		{"forms where English has none", "pl", `card.when = "Kiedy"`, "card.when.one = \"Kiedy\"\ncard.when.other = \"Kiedy\"", `pl.toml: card.when: has plural forms and the English has none`},
		{"unknown form", "pl", "", `people.lots = "wiele"`, `pl.toml: people: has no form "lots"`},
		{"unknown value", "pl", "Spotkaj {{.Name}}", "Spotkaj {{.Imie}}", `pl.toml: card.meet: asks for {{.Imie}}, which the English does not have: it has {{.Name}} {{.Place}}`},
		{"value left out", "pl", "Spotkaj {{.Name}}: ", "Spotkaj: ", `pl.toml: card.meet: leaves out {{.Name}}: put it where it belongs`},
		{"number left out of a form for many numbers", "uk", "{{.Count}} людина", "одна людина", `uk.toml: people.one: leaves out {{.Count}}`},
		{"missing key", "pl", `card.when = "Kiedy"`, "", `pl.toml: card.when: is missing: translate "When"`},
		{"missing plural key", "uk", "people.one = \"{{.Count}} людина\"\npeople.few = \"{{.Count}} людини\"\npeople.many = \"{{.Count}} людей\"\npeople.other = \"{{.Count}} людини\"", "", `uk.toml: people: is missing: translate "{{.Count}} people"`},
		{"extra key", "pl", "", `card.where = "Gdzie"`, `pl.toml: card.where: is not in en.toml: take it out, or correct the key`},
		{"template trick", "pl", "Kiedy", `Kiedy {{define \"x\"}}{{template \"x\"}}{{end}}`, `pl.toml: card.when: holds braces that are no value: a value is exactly {{.Name}}`},
		{"call", "pl", "{{.Name}}:", "{{printf .Name}}:", `pl.toml: card.meet: holds braces`},
		{"space in a value", "pl", "{{.Name}}:", "{{ .Name }}:", `pl.toml: card.meet: holds braces`},
		{"field of a value", "pl", "{{.Name}}:", "{{.Name.Secret}}:", `pl.toml: card.meet: holds braces`},
		{"one brace", "en", "When", "When}", `en.toml: card.when: holds braces`},
		{"other delimiters", "pl", "", "card.x.leftdelim = \"<<\"\ncard.x.other = \"<<.Name>>\"", `pl.toml: card.x: has no form "leftdelim"`},
		{"an id of its own", "pl", "", `card.id = "people"`, `pl.toml: card.id: ends in "id", which means something else here: choose another last word`},
		{"not UTF-8", "pl", "Kiedy", "Kied\xff", `pl.toml: is not UTF-8 at line 4: save it as UTF-8`},
		{"lost character", "pl", "Kiedy", "Kied\uFFFD", `pl.toml: card.when: holds U+FFFD`},
		{"byte order mark", "pl", "meta.endonym", "\uFEFFmeta.endonym", `pl.toml: begins with a byte order mark`},
		{"control character", "pl", "Kiedy", `Kie\u0085dy`, `pl.toml: card.when: holds a control character`},
		{"bidi override", "pl", "Kiedy", `Kiedy\u202E`, `pl.toml: card.when: holds an invisible direction mark`},
		{"bidi isolate", "pl", "Kiedy", `\u2067Kiedy\u2069`, `pl.toml: card.when: holds an invisible direction mark`},
		{"bidi mark", "pl", "Kiedy", `Kiedy\u200F.`, `pl.toml: card.when: holds an invisible direction mark`},
		{"duplicate key", "pl", "", `card.when = "Kiedy"`, `pl.toml: line 12: Key 'card.when' has already been defined`},
		{"duplicate key in quotes", "pl", "", `"card.when" = "Kiedy"`, `pl.toml: card.when: stands twice`},
		{"no TOML", "pl", "", `card.where = Gdzie`, `pl.toml: line 12: `},
		{"no text", "pl", "", `card.where = 7`, `pl.toml: card.where: is no text: put the text in quotes`},
		{"no key", "pl", "", `Card.Where = "Gdzie"`, `pl.toml: Card: is no key: use small letters`},
		{"empty", "pl", "Kiedy", "", `pl.toml: card.when: is empty`},
		{"blank form", "pl", "jedna osoba", " ", `pl.toml: people.one: is empty`},
		{"space at the end", "pl", "Kiedy", "Kiedy ", `pl.toml: card.when: begins or ends with a space`},
		{"tag", "pl", "Kiedy", "<b>Kiedy</b>", `pl.toml: card.when: holds markup`},
		{"stars", "pl", "Kiedy", "*Kiedy*", `pl.toml: card.when: holds markup`},
		{"entity", "pl", "Kiedy", "Q&A i &nbsp;Kiedy", `pl.toml: card.when: holds markup`},
		{"link", "pl", "Kiedy", "zobacz https example.org www.example.org", `pl.toml: card.when: holds a link`},
		{"command", "en", "When", "Send /help", `en.toml: card.when: holds a command: write {{.Command}}`},
		{"phone number", "en", "When", "Call 07700 900123", `en.toml: card.when: holds a phone number: write {{.Phone}}`},
		{"no endonym", "pl", `meta.endonym = "pl"`, "", `pl.toml: meta.endonym: is missing: add it, as en.toml has it`},
		{"no reviewer", "pl", `meta.reviewed_by = "a test"`, "", `pl.toml: meta.reviewed_by: is missing`},
		{"unknown meta", "pl", "", `meta.author = "me"`, `pl.toml: meta.author: is not known`},
		{"one phrase for two commands", "pl", "pomoc", "pomoc | Stop!", `pl.toml: words.help: holds Stop!, which means stop in en.toml`},
		{"phrase without letters", "pl", "pomoc", "pomoc | !!", `pl.toml: words.help: holds a phrase without letters`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := files(t, sound())
			text := string(fsys[c.file+".toml"].Data)
			if c.old == "" {
				text += c.text + "\n"
			} else if replaced := strings.Replace(text, c.old, c.text, 1); replaced != text {
				text = replaced
			} else {
				t.Fatalf("%q is not in the file", c.old)
			}
			fsys[c.file+".toml"] = &fstest.MapFile{Data: []byte(text)}
			b, err := language.Load(fsys)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if got := b.For("uk").Text("card.meet", language.Person("Name", "A"), language.Place("Place", "B")); got == "" {
				t.Error("the bundle beside the error says nothing")
			}
		})
	}
}

func TestLoadTellsAllFaultsAtOnce(t *testing.T) {
	catalogues := sound()
	catalogues["pl"] = strings.Replace(catalogues["pl"], "Kiedy", "<i>Kiedy", 1) + "card.where = \"Gdzie\"\n"
	catalogues["uk"] = strings.Replace(catalogues["uk"], "{{.Place}}", "", 1) + "card.where = 3\n"
	fsys := files(t, catalogues)
	fsys["ru_RU.toml"] = &fstest.MapFile{Data: []byte(catalogues["uk"])}
	fsys["kmr.toml"] = &fstest.MapFile{}
	fsys["not a tag.toml"] = &fstest.MapFile{}
	delete(fsys, "cldr.json")
	_, err := language.Load(fsys)
	var got []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		got = append(got, strings.Join(strings.SplitN(line, ": ", 4)[:2], ": "))
	}
	want := []string{
		"cldr.json: read the table", "kmr.toml: is known by another tag", "not a tag.toml: is not named by a language tag",
		"pl.toml: card.when", "pl.toml: card.where", "ru_RU.toml: is not named by the tag as it is written",
		"uk.toml: card.meet", "uk.toml: card.where",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var f *language.Fault
	if !errors.As(err, &f) || f.File == "" || f.Fix == "" {
		t.Errorf("no Fault in %v", err)
	}
}

func TestLoadWithoutEnglish(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{"nothing": {}, "no English": files(t, map[string]string{"pl": "card.when = \"Kiedy\"\n"})} {
		b, err := language.Load(fsys)
		if err == nil || !strings.Contains(err.Error(), "en.toml: is missing or cannot be read") {
			t.Errorf("%s: %v", name, err)
		}
		p := b.For("en")
		if got := p.Text("card.when") + p.Locale() + p.Number(1234) + p.Weekday(1); got != "whenen1,234Monday" {
			t.Errorf("%s: got %q", name, got)
		}
		if got := b.Resolve("pl").Locale; got != "pl" && name != "nothing" {
			t.Errorf("%s: Resolve(pl) = %q", name, got)
		}
	}
}

// A language that neither go-i18n nor the CLDR knows needs no more than its file.
func TestLoadLanguageWithoutTable(t *testing.T) {
	catalogues := sound()
	catalogues["rom"] = strings.NewReplacer("When", "Kana").Replace(catalogues["en"])
	b := load(t, catalogues)
	if r := b.Resolve("rom"); r != (language.Resolution{Locale: "rom", Exact: true}) {
		t.Errorf("Resolve(rom) = %+v", r)
	}
	if got := show(b.For("rom").Plural("people", 1)); got != "[count 1] person" {
		t.Errorf("got %q", got)
	}
	report := language.Check(files(t, catalogues))
	if got := strings.Join(report.Lines, "\n"); !strings.Contains(got, "dates and numbers in English, the CLDR table has no row for it") {
		t.Errorf("the report does not say that dates are English:\n%s", got)
	}
}

func TestCheck(t *testing.T) {
	r := language.Check(files(t, sound()))
	want := []string{
		"en       en: 5 of 5 entries; forms one, other; reviewed by a test",
		"pl       pl: 5 of 5 entries; forms one, few, many, other; 0 same as English; reviewed by a test",
		"uk       uk: 5 of 5 entries; forms one, few, many, other; 0 same as English; reviewed by a test",
	}
	if r.Err != nil || !slices.Equal(r.Lines, want) {
		t.Errorf("got %v\n%s", r.Err, strings.Join(r.Lines, "\n"))
	}
}

func TestShippedCatalogues(t *testing.T) {
	b, err := language.Load(os.DirFS(folder))
	if err != nil {
		t.Errorf("the shipped catalogues: %v", err)
	}
	for _, l := range b.Locales() {
		if l.Endonym == "" || l.Reviewed == "" || l.Direction == "" {
			t.Errorf("%+v is not whole", l)
		}
	}
}

// FuzzCatalogueText writes any text into a catalogue. It is either a fault that
// names the entry, or said word for word, with a value for each {{.Name}}.
func FuzzCatalogueText(f *testing.F) {
	for _, seed := range []string{"When", "{{.Name}}", "a {{.Name}} b {{.Other}}", "{{define \"x\"}}", "{{.Name}", "{{{.Name}}}", "\u202e", "{{.Name}}{{.Name}}", "&amp;", "a/b", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?") // other bytes are a fault of the whole file
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatalf("quote: %v", err)
		}
		fsys := fstest.MapFS{"cldr.json": {Data: []byte("{}")}, "en.toml": {Data: []byte("meta.endonym = \"E\"\nmeta.reviewed_by = \"R\"\nkey = " + string(quoted) + "\n")}}
		b, err := language.Load(fsys)
		p := b.For("en")
		if err != nil {
			if p.Has("key") || !strings.Contains(err.Error(), "en.toml: ") {
				t.Errorf("%q: has the entry beside %v", text, err)
			}
			return
		}
		got := p.Text("key", language.Person("Name", "N"), language.Count("Other", 3))
		if strings.ContainsAny(got, "{}") {
			t.Errorf("%q: said %q", text, got)
		}
		if !strings.Contains(text, "{") && got != text {
			t.Errorf("%q: said %q", text, got)
		}
	})
}
