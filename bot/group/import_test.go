package group_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/group"
	"ella/bot/language"
	"ella/bot/place"
	"ella/locales"
)

// shelf is a directory in memory. A unit that fails leaves it as it was.
type shelf struct {
	groups []group.Group
	saves  int
	broken error // what Save fails with
}

type unit struct{}

func (unit) UnitOfWork() {}

func (s *shelf) All(context.Context) ([]group.Group, error) { return slices.Clone(s.groups), nil }

func (s *shelf) Write(ctx context.Context, change bot.Change) error {
	before := slices.Clone(s.groups)
	err := change(ctx, unit{})
	if err != nil {
		s.groups = before
	}
	return err
}

func (s *shelf) Save(_ context.Context, _ bot.Tx, groups []group.Group, _ time.Time) error {
	s.saves++
	for _, g := range groups {
		at := slices.IndexFunc(s.groups, func(old group.Group) bool { return old.ID == g.ID })
		if at < 0 {
			s.groups = append(s.groups, g)
		} else {
			s.groups[at] = g
		}
	}
	return s.broken
}

type clock struct{}

func (clock) Now() time.Time { return time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC) }

// importer is an importer into an empty directory.
func importer(t *testing.T) (group.Importer, *shelf) {
	t.Helper()
	places, err := loadPlaces()
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	return group.Importer{
		Store: s, Places: places, Language: loadLanguages(), Clock: clock{},
		IDs: bot.NewIDs(clock{}, rand.NewChaCha8([32]byte{})),
	}, s
}

var (
	loadPlaces    = sync.OnceValues(place.Load)
	loadLanguages = sync.OnceValue(func() *language.Bundle {
		// A text that a catalogue lacks is not the business of these tests.
		b, _ := language.Load(locales.Files)
		return b
	})
)

func run(t *testing.T, im group.Importer, what group.Import) group.Report {
	t.Helper()
	if what.Source == "" {
		what.Organisation, what.Source = "organisation", "test"
	}
	report, err := im.Run(t.Context(), what)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// csv joins lines to a file.
func csv(lines ...string) io.Reader { return strings.NewReader(strings.Join(lines, "\n") + "\n") }

// letters never ends.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestImportRefusesFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		file io.Reader
		want string
	}{
		{"empty", strings.NewReader(""), "it is empty; the first line must name the columns: id,name,about"},
		{"blank", strings.NewReader("\ufeff \r\n\n"), "it is empty"},
		{"65 MB", io.LimitReader(letters{}, 65<<20), "larger than 64 MB; split it"},
		{"no header", csv("1,Friends,Leeds"), `there is no column "1"; there is no column "friends"`},
		{"column missing", csv("id,town", "1,Leeds"), `column "name" is missing`},
		{"column twice", csv("id,name,ID"), `column "id" is there twice`},
		{"unknown column", csv("id,name,phone"), `there is no column "phone"`},
		{"column without a name", csv("id,name,", "1,Friends,"), "column 3 has no name"},
		{"unknown language", csv("id,name,about:xx"), `column "about:xx": "xx" is no language we know`},
		{"no language", csv("id,name,about:"), `column "about:": "" is no language we know`},
		{"one of several languages", csv("id,name,about:kurdish"), "means several languages; write ckb for Kurdish (Sorani) or ku for Kurdish (Kurmanji)"},
		{"language twice", csv("id,name,meets:pl,meets:Polish"), `column "meets:pl" is there twice`},
		{"English twice", csv("id,name,about,about:en"), `column "about" is there twice`},
		{"untranslatable", csv("id,name,town:ar"), `there is no column "town:ar"`},
		{"semicolons", csv("id;name;town", "1;Friends;Leeds"), "commas between them"},
		{"Latin-1 header", csv("id,name,caf\xe9"), "the name of column 3: it is not UTF-8"},
		{"quotes broken in the header", csv(`id,na"me`), "its first line is no CSV"},
		{"something else", csv(strings.Repeat("{,", 5000)), "and more. Columns are"},
	} {
		t.Run(c.name, func(t *testing.T) {
			im, store := importer(t)
			_, err := im.Run(t.Context(), group.Import{File: c.file})
			if !errors.Is(err, group.ErrFile) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if store.saves > 0 {
				t.Error("something was saved")
			}
		})
	}
}

// TestImportRefusesLines gives files whose line 3 is wrong: the line before it is
// sound, and is not saved either.
func TestImportRefusesLines(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"too few cells", "2,Friends,,Leeds", "it has 4 cells, the first line has 8"},
		{"too many cells", "2,Friends,We meet, and we eat,,Leeds,,,", "it has 9 cells, the first line has 8; put quotes around a cell that holds a comma"},
		{"no id", ",Friends,,,Leeds,,,", "id and name must not be empty"},
		{"no name", "2, ,,,Leeds,,,", "id and name must not be empty"},
		{"no place", "2,Friends,,,,,,", "it needs a postcode or a town, or yes under nationwide"},
		{"duplicate id", "1,Friends,,,Leeds,,,", `id "1" is on line 2 already`},
		{"unknown town", "2,Friends,,,Zzyzxbury,,,", "column town: there is no such place in the United Kingdom"},
		{"misspelt town", "2,Friends,,,Nottinghamm,,,", `there is no place called "Nottinghamm"; is it Nottingham or `},
		{"several towns of one name", "2,Friends,,,Newport,,,", `several places are called "Newport"; add a postcode`},
		{"unknown postcode", "2,Friends,,,Leeds,ZZ99 9ZZ,,", "column postcode: there is no such place"},
		{"town as postcode", "2,Friends,,,,Leeds,,", "column postcode: this is no postcode"},
		{"unknown language", "2,Friends,,ar;Klingon,Leeds,,,", `column languages: "Klingon" is no language we know`},
		{"one of several languages", "2,Friends,,Kurdish,Leeds,,,", `column languages: "Kurdish" means several languages; write ckb`},
		{"neither yes nor no", "2,Friends,,,Leeds,,perhaps,", "column nationwide: write yes or no"},
		{"plain http", "2,Friends,,,Leeds,,,http://example.org", "column url: it must begin with https://"},
		{"password in a link", "2,Friends,,,Leeds,,,https://ella:secret@example.org", "column url:"},
		{"Latin-1", "2,Caf\xe9,,,Leeds,,,", "column name: it is not UTF-8"},
		{"NUL", "2,Fri\x00ends,,,Leeds,,,", "column name: it holds an invisible control character"},
		{"bidi override", "2,\u202eFriends,,,Leeds,,,", "column name: it holds an invisible control character"},
		{"lost character", "2,Fri\ufffdends,,,Leeds,,,", "column name: it holds an invisible control character"},
		{"formula", `2,"=HYPERLINK(""https://example.org"")",,,Leeds,,,`, "column name: it begins like a spreadsheet formula"},
		{"formula after a space", "2,Friends, =1+1,,Leeds,,,", "column about: it begins like a spreadsheet formula"},
		{"formula with plus", "2,+44,,,Leeds,,,", "like a spreadsheet formula"},
		{"formula with minus", "2,-1,,,Leeds,,,", "like a spreadsheet formula"},
		{"formula with at", "2,@SUM(A1),,,Leeds,,,", "like a spreadsheet formula"},
		{"wide formula", "2,＝1+1,,,Leeds,,,", "like a spreadsheet formula"},
		{"too long", "2,Friends," + strings.Repeat("я", 601) + ",,Leeds,,,", "column about: it has 601 characters; 600 fit"},
		{"quote in a cell", `2,The "Friends",,,Leeds,,,`, "its quotes don't match"},
		{"quote in the first cell", `2"3,Friends,,,Leeds,,,`, "its quotes don't match"},
		{"text after a quote", `2,"Friends" of Leeds,,,Leeds,,,`, "its quotes don't match"},
		{"quote never closed", `2,"Friends,,,Leeds,,,`, "its quotes don't match"},
	} {
		t.Run(c.name, func(t *testing.T) {
			im, store := importer(t)
			report := run(t, im, group.Import{File: csv("id,name,about,languages,town,postcode,nationwide,url", "1,Neighbours,,,Leeds,,,", c.line)})
			if len(report.Lines) != 2 || report.Lines[0].Change != group.Added {
				t.Fatalf("got %+v", report.Lines)
			}
			got := report.Lines[1]
			if got.Number != 3 || got.Change != group.Refused || !strings.Contains(got.Why, c.want) {
				t.Errorf("got %+v\nwant %s", got, c.want)
			}
			if report.Done || store.saves > 0 {
				t.Error("something was saved beside a refused line")
			}
		})
	}
}

func TestImportTellsEveryLine(t *testing.T) {
	im, store := importer(t)
	report := run(t, im, group.Import{File: csv(
		"id,name,about,town",
		"1,One,\"First line,", // goes on in the next line
		"second line.\",Leeds",
		"2,Two,,Nowhereville",
		"", // nothing
		"3,Three,,Leeds",
		"4,Fo\"ur,,Leeds",
		",,,", // as spreadsheets leave at the end
		"5,Five,,",
	)})
	var got []string
	for _, l := range report.Lines {
		got = append(got, fmt.Sprint(l.Number, " ", l.Change))
	}
	if want := []string{"2 added", "4 refused", "6 added", "7 refused", "9 refused"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if report.Count(group.Added) != 2 || report.Count(group.Refused) != 3 || report.Done || store.saves > 0 {
		t.Errorf("got %+v with %d saves", report, store.saves)
	}
}

func TestImportReads(t *testing.T) {
	const header = "id,Name ,about,About:AR,about:Polish,languages,town,postcode,nationwide,url,closed"
	const line = `1," Friends of ""Leeds""",We meet.,نلتقي.,Spotykamy się.,Polish; ar | فارسی,;`
	for name, file := range map[string]string{
		"LF":              header + "\n" + line,
		"CRLF":            header + "\r\n" + line + "\r\n",
		"byte order mark": "\ufeff" + header + "\r\n" + line + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			im, store := importer(t)
			file = strings.ReplaceAll(file, ",;", ",Leeds,LS1 4AP,no,https://example.org/friends,yes")
			if report := run(t, im, group.Import{File: strings.NewReader(file)}); !report.Done {
				t.Fatalf("got %+v", report)
			}
			g := store.groups[0]
			if g.ForeignID != "1" || g.Name != `Friends of "Leeds"` || g.Town != "Leeds" || g.URL != "https://example.org/friends" || g.Nationwide || !g.Closed {
				t.Errorf("got %+v", g)
			}
			if g.About["en"] != "We meet." || g.About["ar"] != "نلتقي." || g.About["pl"] != "Spotykamy się." || len(g.About) != 3 {
				t.Errorf("got about %q", g.About)
			}
			if !slices.Equal(g.Languages, []string{"pl", "ar", "fa"}) {
				t.Errorf("got languages %q", g.Languages)
			}
			if g.Place != "LS1 4" || g.Point == (place.Point{}) {
				t.Errorf("got place %q at %v: want the sector and no more", g.Place, g.Point)
			}
			if g.ID == "" || g.Organisation != "organisation" || g.Source != "test" || g.Sample {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestImportFindsThePlace(t *testing.T) {
	for _, c := range []struct{ name, cells, town, place string }{
		{"outcode", "Newport,NP20,", "Newport", "NP20"},
		{"sector", ",B11 1,", "B11", "B11 1"},
		{"postcode as people type it", "Birmingham,b111aa,", "Birmingham", "B11 1"},
		{"town", "Swansea,,", "Swansea", "SA1"},
		{"town in Northern Ireland", "Derry,,", "Derry", "BT48"},
		{"everywhere", ",,yes", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			im, store := importer(t)
			report := run(t, im, group.Import{File: csv("id,name,town,postcode,nationwide", "1,Friends,"+c.cells)})
			if !report.Done {
				t.Fatalf("got %+v", report)
			}
			if g := store.groups[0]; g.Town != c.town || g.Place != c.place {
				t.Errorf("got %q in %q, want %q in %q", g.Place, g.Town, c.place, c.town)
			}
		})
	}
}

func TestImportDryRun(t *testing.T) {
	im, store := importer(t)
	report := run(t, im, group.Import{File: csv("id,name,town", "1,Friends,Leeds"), DryRun: true})
	if report.Count(group.Added) != 1 || report.Done || store.saves > 0 {
		t.Errorf("got %+v with %d saves", report, store.saves)
	}
}

func TestImportAgain(t *testing.T) {
	im, store := importer(t)
	run(t, im, group.Import{File: csv("id,name,town,languages", "a,One,Leeds,", "b,Two,Leeds,ar")})
	before := slices.Clone(store.groups)

	report := run(t, im, group.Import{File: csv("id,name,town,languages", "a,One,Leeds,", "b,Two,Leeds,Arabic")})
	if report.Count(group.Unchanged) != 2 || !report.Done || store.saves != 1 {
		t.Errorf("the same again: got %+v with %d saves", report, store.saves)
	}

	report = run(t, im, group.Import{File: csv("id,name,town,languages,closed", "b,Two,Leeds,ar,yes", "c,Three,Luton,,")})
	if report.Count(group.Changed) != 1 || report.Count(group.Added) != 1 || !report.Done {
		t.Errorf("changed: got %+v", report)
	}
	if len(store.groups) != 3 || store.groups[0].Name != before[0].Name || store.groups[0].Closed {
		t.Errorf("an entry that the file does not name was touched: %+v", store.groups[0])
	}
	if changed := store.groups[1]; changed.ID != before[1].ID || !changed.Closed {
		t.Errorf("changed: got %+v, want the id %s kept", changed, before[1].ID)
	}
}

func TestImportKeepsForeignIDs(t *testing.T) {
	im, store := importer(t)
	file := func() io.Reader { return csv("id,name,town", "GB-CHC-1078509,Friends,Leeds") }
	run(t, im, group.Import{File: file(), Organisation: "one", Source: "first.csv"})
	run(t, im, group.Import{File: file(), Organisation: "two", Source: "second.csv"})
	if len(store.groups) != 2 || store.groups[0].ID == store.groups[1].ID {
		t.Fatalf("the same id of two sources: got %+v", store.groups)
	}
	for _, g := range store.groups {
		if g.ForeignID != "GB-CHC-1078509" {
			t.Errorf("got foreign id %q", g.ForeignID)
		}
	}
	report := run(t, im, group.Import{File: file(), Organisation: "two", Source: "first.csv"})
	if report.Done || !strings.Contains(report.Lines[0].Why, "another organisation") {
		t.Errorf("an entry of another organisation: got %+v", report)
	}
}

func TestImportSavesAllOrNothing(t *testing.T) {
	im, store := importer(t)
	store.broken = errors.New("disk full")
	report, err := im.Run(t.Context(), group.Import{File: csv("id,name,town", "1,Friends,Leeds")})
	if !errors.Is(err, store.broken) || report.Done || len(store.groups) > 0 {
		t.Errorf("got %v, %+v and %d groups", err, report, len(store.groups))
	}
}

func TestImportReadError(t *testing.T) {
	im, _ := importer(t)
	broken := errors.New("unplugged")
	file := io.MultiReader(csv("id,name,town"), errorReader{broken})
	if _, err := im.Run(t.Context(), group.Import{File: file}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
