package alert

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/place"
)

// manyGroups is how many groups are offered at a time.
const manyGroups = 12

// distances are what an audience around a place is offered, in km.
var distances = []int{5, 10, 25, 50}

// describe says an audience in words.
func (r *Room) describe(p language.Printer, a Audience) []message.Span {
	switch {
	case a.Place != "":
		return p.Spans("audience.near", language.Spans("Distance", p.Kilometres(a.Km)), language.Place("Place", a.PlaceName))
	case a.Locale != "":
		return p.Spans("audience.language", language.Words("Language", r.Language.Endonym(a.Locale)))
	case a.Chat != "":
		return p.Spans("audience.chat", language.Words("Group", a.GroupName), language.Count("Number", a.ChatNumber))
	case a.unnumbered():
		return p.Spans("audience.roster", language.Words("List", a.RosterName))
	case a.Group != "":
		return p.Spans("audience.group", language.Words("Group", a.GroupName))
	}
	return p.Spans("audience.everyone")
}

func (r *Room) askAudience(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	id := string(a.ID)
	var k message.Keyboard
	k.Add(p.Text("audience.everyone-button"), verbEveryone, id, "").Add(p.Text("audience.near-button"), verbNear, id, "")
	k.Break().Add(p.Text("audience.language-button"), verbSpeak, id, "").Add(p.Text("audience.group-button"), verbGroups, id, "")
	k.Break().Add(p.Text("audience.opted-in-button"), verbOptedIn, id, "")
	k.Break().Add(p.Text("alert.back"), verbCard, id, "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("audience.ask"), choices))
	return out, err
}

func (r *Room) everyone(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	a.audience(Audience{})
	return r.edited(t, a)
}

func (r *Room) askNear(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	out, err := r.ask(t, a, "audience.ask-place")
	out.Next = bot.NewStep(r.Name(), stepPlace, waiting{Alert: a.ID})
	return out, err
}

// nearPlace reads the place that was typed.
func (r *Room) nearPlace(t bot.Turn, a Alert) (bot.Outcome, error) {
	if t.Update.Kind != bot.TextSent {
		return r.ask(t, a, "audience.ask-place")
	}
	answer := r.Places.Find(t.Update.Text)
	if len(answer.Places) == 0 {
		return r.ask(t, a, "place."+string(answer.Problem))
	}
	if len(answer.Places) == 1 && answer.Sure {
		return r.around(t, a, answer.Places[0])
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, found := range answer.Places {
		k.Break().Add(found.Label(), verbAt, string(a.ID), found.Pack(message.MaxActionData-len("v1:"+verbAt+"::"+string(a.ID))))
	}
	k.Break().Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("place.which"), choices))
	return out, err
}

func (r *Room) at(_ context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	found, ok := r.Places.Unpack(arg)
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	return r.around(t, a, found)
}

// around stores the place and asks for the distance; the draft has a distance
// at once, so that leaving the question open sends to a few rather than to all.
func (r *Room) around(t bot.Turn, a Alert, where place.Place) (bot.Outcome, error) {
	a.audience(Audience{Place: where.Code(), PlaceName: where.Name, Km: float64(distances[0])})
	before := a
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, km := range distances {
		k.Add(message.Plain(p.Kilometres(float64(km))), verbWithin, string(a.ID), strconv.Itoa(km))
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("audience.ask-distance", language.Place("Place", where.Name)), choices))
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Edit(ctx, tx, before) })
	out.Done = true
	return out, err
}

func (r *Room) within(_ context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	km, err := strconv.Atoi(arg)
	// No distance but those that are offered: whoever could ask about any would
	// count the people between two of them.
	if err != nil || !slices.Contains(distances, km) || a.Audience.Place == "" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	a.Audience.Km = float64(km)
	return r.edited(t, a)
}

func (r *Room) askSpeak(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for i, l := range r.Language.Ordered() {
		if i%2 == 0 {
			k.Break()
		}
		k.Add(l.Endonym, verbLocale, string(a.ID), l.Tag)
	}
	k.Break().Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("audience.ask-language"), choices))
	return out, err
}

func (r *Room) locale(_ context.Context, t bot.Turn, a Alert, locale string) (bot.Outcome, error) {
	if _, ok := r.endonym(locale); !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	a.audience(Audience{Locale: locale})
	return r.edited(t, a)
}

func (r *Room) askGroup(ctx context.Context, t bot.Turn, a Alert, shown string) (bot.Outcome, error) {
	groups, err := r.Store.GroupChoices(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	from, err := strconv.Atoi(cmp.Or(shown, "0"))
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if from < 0 || from >= len(groups) {
		from = 0
	}
	to := min(from+manyGroups, len(groups))
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, g := range groups[from:to] {
		k.Break().Add(g.Name, verbGroup, string(a.ID), string(g.ID))
	}
	k.Break()
	if len(groups) > manyGroups {
		k.Add(p.Text("audience.more"), verbGroups, string(a.ID), strconv.Itoa(to%len(groups)))
	}
	k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	key := "audience.ask-group"
	if len(groups) == 0 {
		key = "audience.no-groups"
	}
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key), choices))
	return out, err
}

func (r *Room) group(ctx context.Context, t bot.Turn, a Alert, id string) (bot.Outcome, error) {
	groups, err := r.Store.GroupChoices(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	for _, g := range groups {
		if string(g.ID) == id {
			a.audience(Audience{Group: g.ID, GroupName: g.Name})
			if a.Chats, err = r.Store.ChatsOf(ctx, g.ID); err != nil {
				return bot.Outcome{}, err
			}
			return r.edited(t, a)
		}
	}
	return bot.Outcome{}, bot.ErrNotFound
}
