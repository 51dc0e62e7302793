package group

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot/language"
	"ella/bot/place"
)

// Columns are those of the file that ella import groups reads, in any order.
// id and name are needed; about, meets and joining may each come once more for
// a language, as "about:ar".
var columns = []string{"id", "name", "about", "languages", "town", "postcode", "nationwide", "meets", "joining", "url", "closed"}

// Limits of one file. They are far above any real directory of groups and far
// below what would trouble the machine.
const (
	maxFile = 64 << 20
	maxCell = 600 // characters: a card is read in a chat
)

// Refusal is one line that can't be taken, and why, for whoever runs the import.
type Refusal struct {
	Line int
	Why  string
}

// ErrFile reports a file that can't be read at all; its text says what to do.
var ErrFile = errors.New("group: this file can't be imported")

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
	names, err := readHeader(header)
	if err != nil {
		return nil, nil, err
	}
	p := parser{names: names, places: places, languages: languages, seen: map[string]int{}}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return p.entries, p.refused, nil
		}
		line, _ := reader.FieldPos(0)
		if err != nil {
			var fault *csv.ParseError
			if !errors.As(err, &fault) {
				return nil, nil, fmt.Errorf("read the file: %w", err)
			}
			p.refuse(fault.StartLine, "the quotes in it don't match: %v", fault.Err)
			continue
		}
		p.line(line, record)
	}
}

func readHeader(header []string) ([]string, error) {
	var names, faults []string
	known := map[string]bool{}
	for _, c := range columns {
		known[c] = true
	}
	have := map[string]bool{}
	for _, cell := range header {
		name := strings.ToLower(strings.TrimSpace(cell))
		base, tag, translated := strings.Cut(name, ":")
		switch {
		case !known[base] || (translated && base != "about" && base != "meets" && base != "joining") || (translated && tag == ""):
			faults = append(faults, fmt.Sprintf("there is no column %q", printable(name)))
		case have[name]:
			faults = append(faults, fmt.Sprintf("column %q is there twice", name))
		}
		have[name] = true
		names = append(names, name)
	}
	for _, needed := range []string{"id", "name"} {
		if !have[needed] {
			faults = append(faults, fmt.Sprintf("column %q is missing", needed))
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%w: its first line must name the columns: %s. Columns are %s, and about:ar, meets:ar, joining:ar for other languages; commas between them",
			ErrFile, strings.Join(faults, "; "), strings.Join(columns, ", "))
	}
	return names, nil
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
	if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
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

// clean checks one cell. The file comes from outside and its words are shown to
// members and may be exported to a spreadsheet again.
func clean(cell string) (value, why string) {
	if !utf8.ValidString(cell) {
		return "", "it is not UTF-8; in the spreadsheet choose \"CSV UTF-8\" when saving"
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
		tag, ok := p.languages.Recognise(strings.TrimSpace(name))
		if !ok {
			return g, fmt.Sprintf("column languages: %q is no language we know; use names such as Arabic or tags such as ar, with ; between them", printable(name))
		}
		g.Languages = append(g.Languages, tag)
	}
	for key := range cells {
		if _, tag, ok := strings.Cut(key, ":"); ok {
			if _, known := p.languages.Recognise(tag); !known {
				return g, fmt.Sprintf("column %s: %q is no language we know", key, tag)
			}
		}
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
	if len(answer.Places) == 0 || answer.Problem != "" || (column == "postcode" && !answer.Sure) {
		return g, fmt.Sprintf("column %s: there is no such place in the United Kingdom; check the spelling", column)
	}
	if !answer.Sure {
		return g, fmt.Sprintf("column town: several places are called %q; add a postcode", printable(g.Town))
	}
	found := answer.Places[0]
	g.Point = found.Point
	if g.Place = found.Sector; g.Place == "" {
		g.Place = found.Outcode
	}
	if g.Town == "" {
		g.Town = found.Outcode
	}
	return g, ""
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
