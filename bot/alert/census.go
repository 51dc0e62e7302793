package alert

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

// census is how many of an audience read which language, as it may be shown.
type census struct {
	// tags are those languages whose readers are counted, each person once: by what
	// they asked for, whether or not there is a catalogue.
	tags   []string
	counts map[string]*headcount.Count
	// others are the readers of all the languages that have so few that they are
	// hidden.
	others *headcount.Count
	// cohort is what was counted; anew is set when it was not shown before.
	cohort     Cohort
	cohortAnew bool
}

// count counts an audience. It asks about every language there is: one that only
// showed up in the list with its first reader would give them away.
func (r *Room) count(ctx context.Context, a Alert) (census, error) {
	byLanguage := map[string]int{"": 0}
	for _, l := range r.Language.Languages() {
		byLanguage[l.Tag] = 0
	}
	cohort, cohortAnew, err := r.cohort(ctx, a.Organisation)
	if err != nil {
		return census{}, err
	}
	maps.Copy(byLanguage, cohort.in(newPicker(a.Audience, r.Places)))
	rule, err := a.Audience.question()
	if err != nil {
		return census{}, err
	}
	of := func(n int, what string) *headcount.Count {
		return headcount.Of(n, "audience", string(a.Organisation), rule, what)
	}
	c := census{
		tags: slices.Sorted(maps.Keys(byLanguage)), counts: map[string]*headcount.Count{}, others: of(0, "others"),
		cohort: cohort, cohortAnew: cohortAnew,
	}
	for tag, n := range byLanguage {
		c.counts[tag] = of(n, "in "+tag)
	}
	if err := r.Store.Recall(ctx, c.all()...); err != nil {
		return census{}, err
	}
	for _, n := range c.counts {
		if n.Shown() < headcount.Floor {
			c.others.Now += n.Now
		}
	}
	return c, nil
}

// cohort is what every audience of an organisation is counted in: as it was last
// counted, or anew when enough people differ from that.
func (r *Room) cohort(ctx context.Context, organisation bot.OrganisationID) (c Cohort, anew bool, err error) {
	c, err = r.Store.Cohort(ctx, organisation)
	if err != nil {
		return c, false, err
	}
	now := Cohort{Version: c.Version, Places: map[string]Readers{}}
	if now.Groups, err = r.Store.GroupReaders(ctx, organisation); err != nil {
		return c, false, err
	}
	if now.Chats, err = r.Store.ChatReaders(ctx, organisation); err != nil {
		return c, false, err
	}
	err = r.each(ctx, Alert{Organisation: organisation}, "", nil, func(all []Candidate, _ bot.MemberID) error {
		for _, m := range all {
			where := m.where()
			if now.Places[where] == nil {
				now.Places[where] = Readers{}
			}
			now.Places[where][m.Reads()]++
		}
		return nil
	})
	if err != nil || c.stands(now) {
		return c, false, err
	}
	return now, true, nil
}

// keep notes what is shown anew.
func (r *Room) keep(out *bot.Outcome, a Alert, c census, now time.Time) {
	if c.cohortAnew {
		out.Do(func(ctx context.Context, tx bot.Tx) error {
			return r.Store.KeepCohort(ctx, tx, a.Organisation, c.cohort, now)
		})
	}
	if anew := c.anew(); len(anew) > 0 {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Keep(ctx, tx, anew, now) })
	}
}

// all are the numbers of a census.
func (c census) all() []*headcount.Count {
	all := []*headcount.Count{c.others}
	for _, tag := range c.tags {
		all = append(all, c.counts[tag])
	}
	return all
}

// anew are those that have to be kept when the census is shown. A language that
// nobody reads and nobody has read yet is no row, and needs none.
func (c census) anew() []*headcount.Count {
	return slices.DeleteFunc(headcount.Anew(c.all()...), func(n *headcount.Count) bool { return n != c.others && !n.Known && n.Now == 0 })
}

// confirm is the last card before sending: whom, how many in which language,
// and what those get who have no text in theirs.
func (r *Room) confirm(p language.Printer, a Alert, c census) (message.Message, error) {
	rows := []message.Fact{{Label: p.Text("alert.audience"), Value: r.describe(p, a.Audience)}}
	parts := []int{c.others.Shown()}
	var missing []string
	for _, tag := range c.tags {
		n := c.counts[tag].Shown()
		if n < headcount.Floor {
			continue
		}
		parts = append(parts, n)
		label := p.Text("language.none")
		if tag != "" {
			label = r.Language.Endonym(tag)
		}
		rows = append(rows, message.Fact{Label: label, Value: headcount.People(p, n)})
		if _, has := r.endonym(tag); !has && tag != "" {
			missing = append(missing, label)
		}
	}
	if len(parts) > 1 {
		rows = append(rows, message.Fact{Label: p.Text("alert.other-languages"), Value: headcount.People(p, c.others.Shown())})
	}
	rows = append(rows, message.Fact{Label: p.Text("alert.altogether"), Value: headcount.People(p, headcount.Sum(parts...))})
	blocks := []message.Block{p.Heading("alert.confirm"), message.Facts{Rows: rows}}
	if headcount.Sum(parts...) == 0 {
		blocks = append(blocks, p.Paragraph("alert.perhaps-nobody"))
	}
	endonym, _ := r.endonym(a.Variants[0].Locale)
	blocks = append(blocks, p.Paragraph("alert.some-without", language.Words("Language", endonym)))
	for _, name := range missing {
		blocks = append(blocks, p.Paragraph("alert.no-catalogue", language.Words("Language", name)))
	}
	id := string(a.ID)
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("alert.send"), verbSend, id, strconv.FormatInt(a.Version, 10))
	k.Add(p.Text("alert.back"), verbCard, id, "")
	choices, err := k.Choices()
	return p.Message(append(blocks, choices)...), err
}
