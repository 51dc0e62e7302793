package language_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ella/bot/language"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenTags are the languages whose conventions are held against a file that
// people can read. All others are held against ICU below.
var goldenTags = []string{"am", "ar", "bn", "ckb", "en", "fa", "pl", "ps", "ti", "uk", "zh-Hans"}

var (
	dates = []time.Time{
		time.Date(2026, 3, 12, 18, 30, 0, 0, time.UTC),
		time.Date(2026, 1, 4, 9, 5, 0, 0, time.UTC),
		time.Date(2027, 11, 30, 0, 0, 0, 0, time.UTC),
	}
	integers = []int{0, 7, 42, 999, 1000, 9999, 12345, 1234567, -5}
	decimals = []float64{0, 0.5, 3.14, 1234.56, -2.25}
	lists    = [][]string{{"a"}, {"a", "b"}, {"a", "b", "c"}, {"a", "b", "c", "d"}}
)

// TestGolden holds dates, numbers and lists against testdata/conventions.txt.
func TestGolden(t *testing.T) {
	b := everyTag(t)
	var out strings.Builder
	for _, tag := range goldenTags {
		p := b.For(tag)
		fmt.Fprintf(&out, "%s %s\n", tag, p.Direction())
		for _, d := range dates {
			fmt.Fprintf(&out, "  %s | %s | %s | %s | %s\n", p.Date(d), p.DateYear(d), p.Time(d), p.PartOfDay(d), p.Weekday(d.Weekday()))
		}
		for _, n := range integers {
			fmt.Fprintf(&out, "  %s", p.Number(n))
		}
		for _, f := range decimals {
			fmt.Fprintf(&out, "  %s", p.Decimal(f, 2))
		}
		out.WriteString("\n")
		for _, l := range lists {
			fmt.Fprintf(&out, "  %s\n", p.List(l))
		}
	}
	golden(t, "testdata/conventions.txt", out.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatalf("write the golden file: %v", err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read the golden file: %v", err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		var w, g string
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if w != g {
			t.Errorf("%s:%d\n got %q\nwant %q", file, i+1, g, w)
		}
	}
}

// icu asks Node for what ICU says of every tag.
const icu = `
const { tags, dates, integers, decimals, lists } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const out = { cldr: process.versions.cldr, locales: {} };
for (const tag of tags) {
  const name = tag === "en" ? "en-GB" : tag;
  const o = (out.locales[tag] = { dates: [], numbers: [], decimals: [], lists: [], forms: [] });
  const date = (options) => new Intl.DateTimeFormat(name, { timeZone: "UTC", calendar: "gregory", ...options });
  for (const d of dates.map((d) => new Date(d))) {
    o.dates.push([
      date({ weekday: "long", day: "numeric", month: "long" }).format(d),
      date({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(d),
      date({ timeStyle: "short", hourCycle: "h23" }).format(d),
      date({ weekday: "long" }).format(d),
    ]);
  }
  o.numbers = integers.map((n) => new Intl.NumberFormat(name).format(n));
  o.decimals = decimals.map((n) => new Intl.NumberFormat(name, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(n));
  const listed = Intl.ListFormat.supportedLocalesOf(name).length > 0;
  o.lists = listed ? lists.map((l) => new Intl.ListFormat(name, { type: "conjunction" }).format(l)) : null;
  const rules = new Intl.PluralRules(name);
  for (let n = 0; n <= 1200; n++) o.forms.push(rules.select(n));
}
console.log(JSON.stringify(out));
`

type icuAnswer struct {
	CLDR    string `json:"cldr"`
	Locales map[string]struct {
		Dates    [][4]string `json:"dates"`
		Numbers  []string    `json:"numbers"`
		Decimals []string    `json:"decimals"`
		Lists    []string    `json:"lists"`
		Forms    []string    `json:"forms"`
	} `json:"locales"`
}

// askICU runs Node. It is not ok where there is none, or one with another CLDR.
func askICU(t *testing.T) (answer icuAnswer, ok bool) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("NOT TESTED: dates, numbers and lists against ICU: there is no node")
		return answer, false
	}
	question, err := json.Marshal(map[string]any{"tags": tableTags(t), "dates": dates, "integers": integers, "decimals": decimals, "lists": lists})
	if err != nil {
		t.Fatalf("write the question: %v", err)
	}
	cmd := exec.Command(node, "-e", icu)
	cmd.Stdin = strings.NewReader(string(question))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run node: %v", err)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	if !strings.HasPrefix(answer.CLDR, "48") {
		t.Logf("NOT TESTED: dates, numbers and lists against ICU: this node has CLDR %s, the table has 48", answer.CLDR)
		return answer, false
	}
	return answer, true
}

// TestICU holds every tag of the table against another reader of the CLDR.
func TestICU(t *testing.T) {
	answer, ok := askICU(t)
	if !ok {
		return
	}
	b := everyTag(t)
	forms := pluralProbe(t)
	for tag, want := range answer.Locales {
		p := b.For(tag)
		equal := func(what, got, want string) {
			t.Helper()
			if got, want = bare(got), bare(want); got != want {
				t.Errorf("%s: %s: got %q, ICU has %q", tag, what, got, want)
			}
		}
		for i, d := range dates {
			equal("date", p.Date(d), want.Dates[i][0])
			equal("date with year", p.DateYear(d), want.Dates[i][1])
			// Two patterns of the CLDR differ in whether 9:05 has a zero before it.
			equal("time", padded(p.Time(d), p.Number(0)), padded(want.Dates[i][2], p.Number(0)))
			equal("weekday", p.Weekday(d.Weekday()), want.Dates[i][3])
		}
		for i, n := range integers {
			equal("number", p.Number(n), want.Numbers[i])
		}
		for i, f := range decimals {
			equal("decimal", p.Decimal(f, 2), want.Decimals[i])
		}
		for i, l := range want.Lists { // none where this ICU has no lists of the language
			equal("list", p.List(lists[i]), l)
		}
		for n, form := range want.Forms {
			if got := forms.For(tag).Text("probe", language.Count("Count", n)); !strings.HasPrefix(got, form+" ") {
				t.Errorf("%s: plural of %d: got %q, ICU has %q", tag, n, got, form)
				break
			}
		}
	}
}

// bare takes out the direction marks that ICU writes and Ella's isolates replace.
// V8 writes a plain space for the narrow one of the CLDR, and so does this.
func bare(s string) string {
	return strings.NewReplacer("\u061C", "", "\u200E", "", "\u200F", "", "\u202F", " ").Replace(s)
}

func padded(time, zero string) string {
	if utf8.RuneCountInString(time) < len("09:05") {
		return zero + time
	}
	return time
}

// pluralProbe is a bundle in which every form of every tag says its own name.
func pluralProbe(t *testing.T) *language.Bundle {
	t.Helper()
	data, err := os.ReadFile(folder + "/cldr.json")
	if err != nil {
		t.Fatalf("read the table: %v", err)
	}
	var table struct {
		Locales map[string]struct {
			Forms []string `json:"forms"`
		} `json:"locales"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatalf("read the table: %v", err)
	}
	catalogues := map[string]string{}
	for tag, row := range table.Locales {
		for _, form := range row.Forms {
			catalogues[tag] += fmt.Sprintf("probe.%s = \"%s {{.Count}}\"\n", form, form)
		}
	}
	return load(t, catalogues)
}
