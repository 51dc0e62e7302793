package group

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot/language"
	"ella/bot/place"
)

// Columns are those of the file that ella import groups reads, in any order.
// id and name are needed; about, meets and joining may each come once more for
// a language, as "about:ar".
var columns = []string{"id", "name", "about", "languages", "needs", "town", "postcode", "nationwide", "meets", "joining", "url", "closed"}

// translatable are the columns that may come in several languages.
var translatable = []string{"about", "meets", "joining"}

// Limits of one file. They are far above any real directory of groups and far
// below what would trouble the machine.
const (
	maxFile = 64 << 20
	maxCell = 600 // characters: a card is read in a chat
	// maxFaults of a first line are told: with more, it is another file altogether.
	maxFaults = 6
)

// Refusal is one line that can't be taken, and why, for whoever runs the import.
type Refusal struct {
	Line int
	Why  string
}

// ErrFile reports a file that can't be read at all; its text says what to do.
var ErrFile = errors.New("this file can't be imported")

// entry is a group as one line of the file has it.
type entry struct {
	line  int
	group Group
}

// parse reads the whole file. It refuses single lines and goes on, so that one
// run shows everything that is wrong.
func parse(file io.Reader, places *place.Gazetteer, languages *language.Bundle) ([]entry, []Refusal, error) {
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > maxFile {
		return nil, nil, fmt.Errorf("%w: it is larger than 64 MB; split it", ErrFile)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil, fmt.Errorf("%w: it is empty; the first line must name the columns: %s", ErrFile, strings.Join(columns, ","))
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: its first line is no CSV: %w", ErrFile, err)
	}
	p := parser{places: places, languages: languages, seen: map[string]int{}}
	if err := p.header(header); err != nil {
		return nil, nil, err
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return p.entries, p.refused, nil
		}
		if err != nil {
			var fault *csv.ParseError
			if !errors.As(err, &fault) {
				return nil, nil, fmt.Errorf("read the file: %w", err)
			}
			p.refuse(fault.StartLine, "its quotes don't match; put quotes around the whole cell and write each one inside it twice")
			continue
		}
		line, _ := reader.FieldPos(0)
		p.line(line, record)
	}
}

// header reads the names of the columns, those of translations with the tag as
// a catalogue has it.
func (p *parser) header(cells []string) error {
	var faults []string
	for i, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		base, tag, translated := strings.Cut(name, ":")
		switch {
		case !utf8.ValidString(cell):
			faults = append(faults, fmt.Sprintf("the name of column %d: %s", i+1, notUTF8))
		case name == "":
			faults = append(faults, fmt.Sprintf("column %d has no name", i+1))
		case !slices.Contains(columns, base), translated && !slices.Contains(translatable, base):
			faults = append(faults, fmt.Sprintf("there is no column %q", printable(name)))
		case translated:
			known, why := p.language(tag)
			if why != "" {
				faults = append(faults, fmt.Sprintf("column %q: %s", printable(name), why))
			}
			if name = base + ":" + known; known == language.English {
				name = base
			}
		}
		if name != "" && slices.Contains(p.names, name) {
			faults = append(faults, fmt.Sprintf("column %q is there twice", printable(name)))
		}
		p.names = append(p.names, name)
	}
	for _, needed := range []string{"id", "name"} {
		if !slices.Contains(p.names, needed) {
			faults = append(faults, fmt.Sprintf("column %q is missing", needed))
		}
	}
	if len(faults) > maxFaults {
		faults = append(faults[:maxFaults], "and more")
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: its first line must name the columns: %s. Columns are %s, and about:ar, meets:ar, joining:ar for other languages; commas between them",
			ErrFile, strings.Join(faults, "; "), strings.Join(columns, ", "))
	}
	return nil
}

// printable makes a piece of a file safe to print on a terminal.
func printable(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return '?'
		}
		return c
	}, s)
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

type parser struct {
	names     []string
	places    *place.Gazetteer
	languages *language.Bundle
	seen      map[string]int
	entries   []entry
	refused   []Refusal
}

func (p *parser) refuse(line int, why string, args ...any) {
	p.refused = append(p.refused, Refusal{Line: line, Why: fmt.Sprintf(why, args...)})
}

func (p *parser) line(number int, record []string) {
	// Spreadsheets leave lines of nothing but commas at the end.
	if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return
	}
	if len(record) != len(p.names) {
		p.refuse(number, "it has %d cells, the first line has %d; put quotes around a cell that holds a comma", len(record), len(p.names))
		return
	}
	cells := map[string]string{}
	for i, cell := range record {
		value, why := clean(cell)
		if why != "" {
			p.refuse(number, "column %s: %s", p.names[i], why)
			return
		}
		cells[p.names[i]] = value
	}
	g, why := p.group(cells)
	if why == "" && p.seen[g.ForeignID] != 0 {
		why = fmt.Sprintf("id %q is on line %d already", printable(g.ForeignID), p.seen[g.ForeignID])
	}
	if why != "" {
		p.refuse(number, "%s", why)
		return
	}
	p.seen[g.ForeignID] = number
	p.entries = append(p.entries, entry{line: number, group: g})
}

const notUTF8 = "it is not UTF-8; in the spreadsheet choose \"CSV UTF-8\" when saving"

// clean checks one cell. The file comes from outside and its words are shown to
// members and may be exported to a spreadsheet again.
func clean(cell string) (value, why string) {
	if !utf8.ValidString(cell) {
		return "", notUTF8
	}
	value = strings.TrimSpace(cell)
	for _, c := range value {
		if c == '\n' || c == '\t' || c == '\u200c' || c == '\u200d' {
			continue
		}
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == utf8.RuneError {
			return "", "it holds an invisible control character; retype the cell"
		}
	}
	if value != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(value)[0]) {
		return "", "it begins like a spreadsheet formula (=, +, - or @); begin it with a letter"
	}
	if n := utf8.RuneCountInString(value); n > maxCell {
		return "", fmt.Sprintf("it has %d characters; %d fit", n, maxCell)
	}
	return value, ""
}

func (p *parser) group(cells map[string]string) (Group, string) {
	g := Group{
		ForeignID: cells["id"], Name: cells["name"], Town: cells["town"], URL: cells["url"],
		About: translations(cells, "about"), Meets: translations(cells, "meets"), Joining: translations(cells, "joining"),
	}
	if g.ForeignID == "" || g.Name == "" {
		return g, "id and name must not be empty"
	}
	var why string
	if g.Nationwide, why = yesNo(cells["nationwide"]); why != "" {
		return g, "column nationwide: " + why
	}
	if g.Closed, why = yesNo(cells["closed"]); why != "" {
		return g, "column closed: " + why
	}
	if g.URL != "" {
		u, err := url.Parse(g.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return g, "column url: it must begin with https:// and name a site"
		}
	}
	for _, name := range strings.FieldsFunc(cells["languages"], func(c rune) bool { return c == ';' || c == '|' || c == ',' }) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		tag, why := p.language(name)
		if why != "" {
			return g, "column languages: " + why
		}
		if !slices.Contains(g.Languages, tag) {
			g.Languages = append(g.Languages, tag)
		}
	}
	if g.Needs, why = needs(cells["needs"]); why != "" {
		return g, why
	}
	return p.place(g, cells["postcode"])
}

// place finds where the group is: by its postcode, kept no finer than the
// sector, else by its town.
func (p *parser) place(g Group, postcode string) (Group, string) {
	asked, column := postcode, "postcode"
	if asked == "" {
		asked, column = g.Town, "town"
	}
	if asked == "" {
		if !g.Nationwide {
			return g, "it needs a postcode or a town, or yes under nationwide"
		}
		return g, ""
	}
	answer := p.places.Find(asked)
	if len(answer.Places) == 0 || answer.Problem != "" {
		return g, fmt.Sprintf("column %s: there is no such place in the United Kingdom; check the spelling", column)
	}
	found := answer.Places[0]
	switch {
	case column == "postcode" && (found.Kind == place.KindTown || !answer.Sure):
		return g, "column postcode: this is no postcode; write one such as B11 or B11 1AA, and a town under town"
	case !answer.Sure:
		return g, "column town: " + which(asked, answer.Places)
	}
	g.Point = found.Point
	// A town or an outcode has a sector in its middle, but the group need not be there.
	if g.Place = found.Outcode; found.Kind == place.KindPostcode && found.Sector != "" {
		g.Place = found.Sector
	}
	if g.Town == "" {
		g.Town = found.Outcode
	}
	return g, ""
}

// which says why a town is not enough to find the place.
func which(asked string, found []place.Place) string {
	var names []string
	for _, f := range found {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 1 && len(found) > 1 {
		return fmt.Sprintf("several places are called %q; add a postcode", printable(asked))
	}
	return fmt.Sprintf("there is no place called %q; is it %s?", printable(asked), strings.Join(names, " or "))
}

// language finds the tag of a language by its tag or one of its names.
func (p *parser) language(name string) (tag, why string) {
	for _, l := range p.languages.Languages() {
		if strings.EqualFold(l.Tag, name) {
			return l.Tag, ""
		}
	}
	if tag, ok := p.languages.Recognise(name); ok {
		return tag, ""
	}
	var tags []string
	for _, l := range p.languages.Meanings(name) {
		tags = append(tags, fmt.Sprintf("%s for %s", l.Tag, l.English))
	}
	if len(tags) > 0 {
		return "", fmt.Sprintf("%q means several languages; write %s", printable(name), strings.Join(tags, " or "))
	}
	return "", fmt.Sprintf("%q is no language we know; use names such as Arabic or tags such as ar, with ; between them", printable(name))
}

func translations(cells map[string]string, name string) map[string]string {
	all := map[string]string{}
	if v := cells[name]; v != "" {
		all[language.English] = v
	}
	for key, v := range cells {
		if base, tag, ok := strings.Cut(key, ":"); ok && base == name && v != "" {
			all[tag] = v
		}
	}
	return all
}

func yesNo(cell string) (bool, string) {
	switch strings.ToLower(cell) {
	case "", "no", "n", "false", "0":
		return false, ""
	case "yes", "y", "true", "1":
		return true, ""
	}
	return false, "write yes or no"
}
