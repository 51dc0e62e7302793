package language

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"ella/bot/message"
)

// conventionsFile is the generated table of the CLDR.
const conventionsFile = "cldr.json"

// convention is how a language writes numbers, dates and lists: one row of the
// table.
type convention struct {
	Direction message.Direction `json:"direction"`
	// Forms are the plural forms of whole numbers.
	Forms    []string `json:"forms"`
	Digits   digits   `json:"digits"`
	Decimal  string   `json:"decimal"`
	Group    string   `json:"group"`
	Minus    string   `json:"minus"`
	Grouping grouping `json:"grouping"`
	// Names inside a date, and Alone where the language tells them apart.
	Months        []string `json:"months"`
	MonthsAlone   []string `json:"monthsAlone"`
	Weekdays      []string `json:"weekdays"`
	WeekdaysAlone []string `json:"weekdaysAlone"`
	Date          pattern  `json:"date"`
	DateYear      pattern  `json:"dateYear"`
	Time          pattern  `json:"time"`
	Periods       []period `json:"periods"`
	List          struct {
		Two    joint `json:"two"`
		Start  joint `json:"start"`
		Middle joint `json:"middle"`
		End    joint `json:"end"`
	} `json:"list"`
	// Names are what the language calls others, by their code in the CLDR.
	Names map[string]string `json:"names"`
}

// conventions is the table, each row decoded when a catalogue needs it.
type conventions map[string]json.RawMessage

// readConventions reads the table at the root of fsys.
func readConventions(fsys fs.FS) (conventions, error) {
	data, err := fs.ReadFile(fsys, conventionsFile)
	if err != nil {
		return nil, fmt.Errorf("read the table: %w", err)
	}
	var table struct {
		Locales conventions `json:"locales"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, fmt.Errorf("read the table: %w", err)
	}
	return table.Locales, nil
}

// row is the convention of a tag, nil when the table has none.
func (c conventions) row(tag string) (*convention, error) {
	raw, ok := c[tag]
	if !ok {
		return nil, nil
	}
	row := &convention{}
	if err := json.Unmarshal(raw, row); err != nil {
		return nil, fmt.Errorf("read row %q: %w", tag, err)
	}
	if row.MonthsAlone == nil {
		row.MonthsAlone = row.Months
	}
	if row.WeekdaysAlone == nil {
		row.WeekdaysAlone = row.Weekdays
	}
	whole := len(row.Months) == 12 && len(row.MonthsAlone) == 12 && len(row.Weekdays) == 7 && len(row.WeekdaysAlone) == 7 &&
		len(row.Date) > 0 && len(row.DateYear) > 0 && len(row.Time) > 0 && len(row.Periods) > 0 &&
		row.Digits[9] != "" && row.Decimal != "" && row.Grouping.sound() && row.List.End.between != ""
	if !whole {
		return nil, fmt.Errorf("read row %q: it is not whole", tag)
	}
	return row, nil
}

// british is the convention where the table has none for a language: English,
// never a neighbour's.
func british() *convention {
	c := &convention{Direction: message.LeftToRight, Decimal: ".", Group: ",", Minus: "-", Grouping: grouping{3, 3, 1}}
	for i := range c.Digits {
		c.Digits[i] = string(rune('0' + i))
	}
	for m := time.January; m <= time.December; m++ {
		c.Months = append(c.Months, m.String())
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		c.Weekdays = append(c.Weekdays, d.String())
	}
	c.MonthsAlone, c.WeekdaysAlone = c.Months, c.Weekdays
	c.Date, c.DateYear, c.Time = parsePattern("EEEE d MMMM"), parsePattern("EEEE, d MMMM y"), parsePattern("HH:mm")
	c.Periods = []period{{0, "morning"}, {12, "afternoon"}, {18, "evening"}, {21, "night"}}
	comma, and := joint{between: ", "}, joint{between: " and "}
	c.List.Two, c.List.Start, c.List.Middle, c.List.End = and, comma, comma, and
	return c
}

// joint is a list pattern, "{0} and {1}": what stands before, between and after.
type joint struct{ before, between, after string }

// UnmarshalText reads a list pattern of the CLDR.
func (j *joint) UnmarshalText(text []byte) error {
	before, rest, first := strings.Cut(string(text), "{0}")
	between, after, second := strings.Cut(rest, "{1}")
	if !first || !second {
		return fmt.Errorf("%q is no list pattern", text)
	}
	*j = joint{before, between, after}
	return nil
}
