package group

import (
	"context"
	"strconv"
	"strings"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/place"
)

// cards is how many groups are shown at a time; most people choose among three.
const cards = 3

// ask asks where somebody lives, and waits.
func (r *Room) ask(t bot.Turn, key, need string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	blocks := []message.Block{p.Paragraph(key)}
	if t.Can.Location {
		blocks = append(blocks, message.LocationRequest{Label: p.Text("place.share")})
	}
	var out bot.Outcome
	out.Say(p.Message(blocks...))
	out.Next = bot.NewStep(r.Name(), stepPlace, asking{need})
	return out, nil
}

// find reads a place as it was typed. The question stays open until there is one.
func (r *Room) find(ctx context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	answer := r.Places.Find(text)
	switch {
	case len(answer.Places) == 0:
		return r.ask(t, "place."+string(answer.Problem), r.sought(t))
	case len(answer.Places) == 1 && answer.Sure:
		return r.look(ctx, t, answer.Places[0])
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, found := range answer.Places {
		k.Break().Add(found.Label(), verbAt, "", at(found))
	}
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	key := "place.which"
	if answer.Problem != "" {
		key = "place." + string(answer.Problem)
	}
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key), choices))
	out.Next = bot.NewStep(r.Name(), stepPlace, asking{r.sought(t)})
	return out, nil
}

// at writes a place into a button, with room for the longest thing that is
// written before it.
func at(found place.Place) string {
	return found.Pack(message.MaxActionData - len("v1:"+verbMore+"::1000|"))
}

// chosen takes a place that a button offered.
func (r *Room) chosen(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	found, ok := r.Places.Unpack(arg)
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	return r.look(ctx, t, found)
}

// located takes a location that was shared: it is snapped to its sector at once,
// and nothing more exact goes any further.
func (r *Room) located(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	found, ok := r.Places.Locate(place.Point{Lat: t.Update.Lat, Lng: t.Update.Lng})
	var out bot.Outcome
	var err error
	if ok {
		out, err = r.look(ctx, t, found)
	} else {
		out, err = r.ask(t, "place.outside", r.sought(t))
	}
	if t.Can.TakesBack > 0 && t.Update.Message != "" {
		// The engine takes it away as soon as this is answered.
		p := r.Language.For(t.Locale)
		out.Say(p.Message(p.Paragraph("place.location-removed")))
	}
	return out, err
}

// look shows what is near a place. The first place that somebody names is where
// they live; a later one may be a friend's, so it only becomes theirs if they
// say so.
func (r *Room) look(ctx context.Context, t bot.Turn, found place.Place) (bot.Outcome, error) {
	elsewhere := t.Person.Member.Outcode != "" && (found.Sector != t.Person.Member.Sector || found.Outcode != t.Person.Member.Outcode)
	var out bot.Outcome
	if !elsewhere {
		out = r.settle(t, found)
	}
	var shown bot.Outcome
	var err error
	if need := r.sought(t); need != "" {
		shown, err = r.helping(ctx, t, found, need)
	} else {
		shown, err = r.near(ctx, t, found, 0, elsewhere)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Add(shown)
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	return out, nil
}

// settle notes where the member lives.
func (r *Room) settle(t bot.Turn, found place.Place) bot.Outcome {
	id := t.Person.Member.ID
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Settle(ctx, tx, id, found.Sector, found.Outcode)
	})
	out.Events = append(out.Events, bot.PlaceChosen{Sector: found.Sector, Outcode: found.Outcode})
	return out
}

// moved notes that a place looked at is where the member lives now.
func (r *Room) moved(t bot.Turn, arg string) (bot.Outcome, error) {
	found, ok := r.Places.Unpack(arg)
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	out := r.settle(t, found)
	out.Notice = p.Text("notice.saved")
	return out, sayWithCommand(&out, p, "groups", p.Paragraph("place.moved", language.Place("Place", found.Name)))
}

// home is the place that a member lives at, as far as it is known.
func (r *Room) home(m bot.Member) place.Place {
	for _, name := range []string{m.Sector, m.Outcode} {
		if found, ok := r.Places.Sector(name); ok {
			return found
		}
	}
	return place.Place{}
}

// more shows the next groups of the same list.
func (r *Room) more(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	number, where, _ := strings.Cut(arg, "|")
	from, err := strconv.Atoi(number)
	found, ok := r.Places.Unpack(where)
	if err != nil || from < 0 || from > 1000 || !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	return r.near(ctx, t, found, from, false)
}

// near shows a few groups around a place, from a number in the list on.
// elsewhere offers to make the place the member's own.
func (r *Room) near(ctx context.Context, t bot.Turn, where place.Place, from int, elsewhere bool) (bot.Outcome, error) {
	if where.Outcode == "" {
		return r.ask(t, "place.ask", "")
	}
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	found := dir.around(where.Point, from+cards+1, t.Locale, "")
	left := max(0, len(found)-from-cards)
	found = found[min(from, len(found)):min(from+cards, len(found))]

	var out bot.Outcome
	key, national := "groups.near", r.national(p, dir)
	switch {
	case len(found) == 0 && from > 0:
		key = "groups.no-more"
	case len(found) == 0 && len(national) > 0:
		// This says what follows, and needs no heading after it.
		key, national = "groups.only-nationwide", national[1:]
	case len(found) == 0:
		key = "groups.none"
	}
	blocks := []message.Block{p.Paragraph(key, language.Place("Place", where.Name))}
	for _, g := range found {
		card, err := r.card(p, g.Group, g.Km)
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, card)
	}
	if left == 0 {
		blocks = append(blocks, national...)
	}
	var k message.Keyboard
	if left > 0 {
		k.Add(p.Text("groups.more"), verbMore, "", strconv.Itoa(from+cards)+"|"+at(where))
	}
	k.Add(p.Text("groups.another-place"), verbAsk, "", "")
	if elsewhere {
		k.Add(p.Text("place.live"), verbLive, "", at(where))
	}
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Say(p.Message(append(blocks, choices)...))
	return out, nil
}

// national lists the groups that serve everyone, a line each, under a heading.
func (r *Room) national(p language.Printer, dir *directory) []message.Block {
	if len(dir.nationwide) == 0 {
		return nil
	}
	var items [][]message.Span
	for _, g := range dir.nationwide[:min(len(dir.nationwide), 10)] {
		line := []message.Span{{Kind: message.Words, Text: g.Name, Bold: true}}
		if about := r.words(p, g.About); len(about) > 0 {
			line = append(append(line, message.Span{Kind: message.Text, Text: " – "}), about...)
		}
		items = append(items, line)
	}
	return []message.Block{p.Paragraph("groups.nationwide"), message.List{Items: items}}
}

// card shows one group with how far it is.
func (r *Room) card(p language.Printer, g Group, km float64) (message.Card, error) {
	distance := p.Kilometres(km)
	switch {
	case len(distance) == 0 && g.Town != "":
		distance = []message.Span{{Kind: message.Place, Text: g.Town}}
	case len(distance) == 0:
		distance = p.Spans("group.everywhere")
	case g.Town != "":
		distance = p.Spans("group.distance", language.Spans("Distance", distance), language.Place("Town", g.Town))
	}
	rows := []message.Fact{{Label: p.Text("group.where"), Value: distance}}
	rows = append(rows, r.facts(p, g)...)
	var k message.Keyboard
	k.Add(p.Text("group.with-button"), verbWith, string(g.ID), "")
	actions, err := k.Actions()
	if err != nil {
		return message.Card{}, err
	}
	card := message.Card{
		Title: []message.Span{{Kind: message.Words, Text: g.Name}}, Text: r.words(p, g.About), Rows: rows, Actions: actions,
	}
	if g.Sample {
		card.Rows = append(card.Rows, message.Fact{Label: p.Text("group.sample"), Value: p.Spans("group.sample-text")})
	}
	if g.URL != "" {
		card.Link = &message.Link{Label: p.Text("group.website"), URL: g.URL}
	}
	return card, nil
}

func (r *Room) facts(p language.Printer, g Group) []message.Fact {
	var rows []message.Fact
	add := func(label string, value []message.Span) {
		if len(value) > 0 {
			rows = append(rows, message.Fact{Label: p.Text(label), Value: value})
		}
	}
	add("group.languages", r.languages(p, g.Languages))
	add("group.meets", r.words(p, g.Meets))
	add("group.joining", r.words(p, g.Joining))
	return rows
}

// languages lists tags by endonym: everybody recognises their own.
func (r *Room) languages(p language.Printer, tags []string) []message.Span {
	var names [][]message.Span
	for _, tag := range tags {
		names = append(names, []message.Span{{Kind: message.Words, Text: r.Language.Endonym(tag)}})
	}
	if len(names) == 0 {
		return nil
	}
	return p.ListSpans(names)
}

// words picks a group's own words for a reader: their language, else English,
// else any, and then says which language it is.
func (r *Room) words(p language.Printer, by map[string]string) []message.Span {
	if text := by[p.Locale()]; text != "" {
		return []message.Span{{Kind: message.Words, Text: text}}
	}
	if text := by[language.English]; text != "" {
		return p.Spans("group.in-english", language.Words("Text", text))
	}
	return nil
}

func (r *Room) leaderCard(p language.Printer, g Group, members int) message.Card {
	rows := append([]message.Fact{{Label: p.Text("mygroup.members"), Value: headcount.People(p, members)}}, r.facts(p, g)...)
	return message.Card{Title: []message.Span{{Kind: message.Words, Text: g.Name}}, Text: r.words(p, g.About), Rows: rows}
}
