package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Section is what one table holds about a person. Its heading stands in the
// catalogue under stored.<Table>.
type Section struct {
	Table string
	Rows  []Row
}

// Row is one row of a table, as far as it says something.
type Row []Datum

// Datum is one value of a row. Its label stands in the catalogue under
// stored.label.<Label>.
type Datum struct {
	Label string
	// Value is a string (somebody's words, a name, a place), a Term, a Locale, a
	// time.Time, a Day, or an int. Empty ones are left out.
	Value any
}

// Term is a word from a closed list ("sent"): the catalogue has it under
// stored.term.<Term>.
type Term string

// Locale is a language's tag.
type Locale string

// Day is an instant of which only the day is kept, in UTC.
type Day time.Time

// Terms are those that the catalogue has words for. Any other is shown as it is
// stored, which is better than to hide it.
func Terms() []Term {
	return []Term{
		"active", "stopped", "on", "blocked", "gone", "asked", "suspended", "lapsed", "organiser", "leader", "guardian",
		"open", "read", "answered", "closed", "complaint", "question", "young", "draft", "freezing", "sending", "done", "cancelled",
		"planned", "attempting", "sent", "refused", "unknown", "skipped", "held", "waiting", "parked", "yes", "maybe", "no",
	}
}

// file gives all that is stored as a file to keep, or as messages where the
// platform sends no files.
func (r *Room) file(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	_, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	if blank {
		out.Say(p.Message(p.Paragraph("mydata.nothing")))
		return out, nil
	}
	sections, err := r.Store.Everything(ctx, t.Person, t.Update.Sender)
	if err != nil {
		return bot.Outcome{}, err
	}
	text := r.write(p, sections, t.Person.Member.Zone, t.Now)
	if !t.Can.Files {
		for _, part := range parts(text, t.Can.MessageUnits, units) {
			out.Say(p.Message(message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: part}}}))
		}
		return out, nil
	}
	all := parts(text, message.MaxFile, func(s string) int { return len(s) })
	for i, part := range all {
		name := "my-data.txt"
		if len(all) > 1 {
			name = fmt.Sprintf("my-data-%d.txt", i+1)
		}
		f, err := message.NewFile(name, message.PlainText, []byte(part), p.Text("mydata.file-about"))
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Say(p.Message(f))
	}
	return out, nil
}

// write writes sections as lines that anybody can read: a heading for each table,
// a blank line after each row.
func (r *Room) write(p language.Printer, sections []Section, zone string, now time.Time) string {
	var b strings.Builder
	b.WriteString(p.Text("stored.title") + "\n")
	b.WriteString(instant(p, now, zone) + "\n")
	for _, s := range sections {
		if len(s.Rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n== %s ==\n", p.Text("stored."+s.Table))
		for i, row := range s.Rows {
			if i > 0 {
				b.WriteByte('\n')
			}
			for _, d := range row {
				if text := r.value(p, d.Value, zone); text != "" {
					// What people wrote may have lines of its own: they stay with their label.
					fmt.Fprintf(&b, "%s: %s\n", p.Text("stored.label."+d.Label), strings.ReplaceAll(text, "\n", "\n    "))
				}
			}
		}
	}
	return b.String()
}

func (r *Room) value(p language.Printer, value any, zone string) string {
	switch v := value.(type) {
	case string:
		return v
	case Term:
		if slices.Contains(Terms(), v) {
			return p.Text("stored.term." + string(v))
		}
		return string(v)
	case Locale:
		if v == "" {
			return ""
		}
		return r.Language.Endonym(string(v))
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return instant(p, v, zone)
	case Day:
		if time.Time(v).IsZero() {
			return ""
		}
		return p.DateYear(time.Time(v).UTC())
	case int:
		return p.Number(v)
	}
	return ""
}

func instant(p language.Printer, at time.Time, zone string) string {
	local := in(at, zone)
	return p.DateYear(local) + " " + p.Time(local)
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// parts cuts a text between lines so that each part has at most so many units,
// and a single line that is longer than that between characters.
func parts(text string, most int, size func(string) int) []string {
	var all []string
	var b strings.Builder
	n := 0
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			all = append(all, b.String())
		}
		b.Reset()
		n = 0
	}
	add := func(s string, is int) {
		if n+is > most {
			flush()
		}
		b.WriteString(s)
		n += is
	}
	// A platform's limit holds for the text with its isolates.
	most -= 2
	for line := range strings.Lines(text) {
		if is := size(line); is <= most {
			add(line, is)
			continue
		}
		for _, c := range line {
			add(string(c), size(string(c)))
		}
	}
	flush()
	return all
}
