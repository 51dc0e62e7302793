package group

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/place"
)

// Importer brings a file of groups into the directory, all of it or nothing.
type Importer struct {
	Store interface {
		All(ctx context.Context) ([]Group, error)
		Save(ctx context.Context, tx bot.Tx, groups []Group, now time.Time) error
		Write(ctx context.Context, unit bot.Change) error
	}
	Places   *place.Gazetteer
	Language *language.Bundle
	IDs      bot.IDs
	Clock    bot.Clock
}

// Import says what to bring in.
type Import struct {
	File         io.Reader
	Organisation bot.OrganisationID
	// Source tells entries of different files apart: the same id of another
	// source is another group.
	Source string
	// Sample marks the entries as made up.
	Sample bool
	// DryRun changes nothing.
	DryRun bool
}

// Change says what became of one line.
type Change string

// What became of a line.
const (
	Added     Change = "added"
	Changed   Change = "changed"
	Unchanged Change = "unchanged"
	Refused   Change = "refused"
)

// Line is the report of one line of the file.
type Line struct {
	Number int
	Change Change
	Name   string // of the group; a public fact
	Why    string // of a refusal
}

// Report is what an import did, or would do.
type Report struct {
	// Lines are in the order of the file.
	Lines []Line
	// Done is false when nothing was changed: a line was refused, or a dry run.
	Done bool
}

// Count is how many lines came out so.
func (r Report) Count(c Change) int {
	n := 0
	for _, l := range r.Lines {
		if l.Change == c {
			n++
		}
	}
	return n
}

// Run imports a file. When any line is refused nothing at all is changed, and
// the report says everything that is wrong. Entries that the file does not name
// stay as they are.
func (im Importer) Run(ctx context.Context, what Import) (Report, error) {
	entries, refusals, err := parse(what.File, im.Places, im.Language)
	if err != nil {
		return Report{}, err
	}
	existing, err := im.Store.All(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the directory: %w", err)
	}
	known := map[string]Group{}
	for _, g := range existing {
		if g.Source == what.Source {
			known[g.ForeignID] = g
		}
	}
	var report Report
	for _, r := range refusals {
		report.Lines = append(report.Lines, Line{Number: r.Line, Change: Refused, Why: r.Why})
	}
	var save []Group
	for _, e := range entries {
		g := e.group
		g.Organisation, g.Source, g.Sample = what.Organisation, what.Source, what.Sample
		line := Line{Number: e.line, Change: Added, Name: printable(g.Name)}
		old, found := known[g.ForeignID]
		switch {
		case found && old.Organisation != g.Organisation:
			line.Change, line.Why = Refused, "this id belongs to another organisation's group; give it another id"
		case found:
			g.ID = old.ID
			line.Change = Changed
			if same(old, g) {
				line.Change = Unchanged
			}
		default:
			g.ID = bot.GroupID(im.IDs.New())
		}
		if line.Change == Added || line.Change == Changed {
			save = append(save, g)
		}
		report.Lines = append(report.Lines, line)
	}
	slices.SortStableFunc(report.Lines, func(a, b Line) int { return a.Number - b.Number })
	if what.DryRun || report.Count(Refused) > 0 {
		return report, nil
	}
	if len(save) > 0 {
		err = im.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return im.Store.Save(ctx, tx, save, im.Clock.Now()) })
		if err != nil {
			return report, fmt.Errorf("write the directory: %w", err)
		}
	}
	report.Done = true
	return report, nil
}

// same compares what a file can say about a group.
func same(a, b Group) bool {
	return reflect.DeepEqual(normal(a), normal(b))
}

func normal(g Group) Group {
	if len(g.Languages) == 0 {
		g.Languages = nil
	}
	for _, m := range []*map[string]string{&g.About, &g.Meets, &g.Joining} {
		if len(*m) == 0 {
			*m = nil
		}
	}
	// A point comes from the place.
	g.Point = place.Point{}
	return g
}
