package alert

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// The fields of the form in which an alert is written, and what can be chosen in them.
// A draft that it makes is the one that the conversation makes, and goes on there: the
// form sends nothing.
const (
	fieldText   = "text"
	fieldLocale = "language"
	fieldFrom   = "from"  // an organisation, for those who write for several
	fieldTo     = "to"    // toEveryone, or one of the others with what follows it
	fieldPlace  = "place" // for toNear
	fieldAsk    = "ask"   // yes|no

	toEveryone = "everyone"
	toNear     = "near:"     // and how many km
	toLocale   = "language:" // and its tag
	toGroup    = "group:"    // and its id
)

// mostGroups is how many groups a form offers: with everything else a choice has at most
// 100 options. Of more than that the others are chosen on the draft.
const mostGroups = 60

// mostTyped and mostPlace are how many characters a form takes; its platform holds people
// to them.
const (
	mostTyped = 3000
	mostPlace = 100
)

// withForm adds the button that asks for a form, where the platform has windows.
func (r *Room) withForm(p language.Printer, choices message.Choices) (message.Choices, error) {
	a, err := message.NewAction(p.Text("form.button"), verbNew, "", "")
	a.Form = true
	choices.Rows = append(choices.Rows, []message.Action{a})
	return choices, err
}

// emptyForm begins one, with the words that a shortcut was used on. What is too long of
// them is left out, and the form says so.
func (r *Room) emptyForm(ctx context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	filled := map[string]string{fieldText: text}
	problems := map[string]string{}
	if begun, ok := cutText(text); ok {
		filled[fieldText] = begun
		problems[fieldText] = r.Language.For(t.Locale).Text("form.cut", language.Count("Max", maxText))
	}
	return r.showForm(ctx, t, bot.AlertID(r.IDs.New()), filled, problems)
}

// cutText leaves out what is more than an alert holds, at the end of a word where it can.
func cutText(text string) (string, bool) {
	if utf8.RuneCountInString(text) <= maxText {
		return text, false
	}
	begun := string([]rune(text)[:maxText])
	if at := strings.LastIndexAny(begun, " \n"); at > len(begun)/2 {
		begun = begun[:at]
	}
	return begun, true
}

// showForm is the form with what stands in it, and what is wrong with that.
func (r *Room) showForm(ctx context.Context, t bot.Turn, id bot.AlertID, filled, problems map[string]string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	data, err := message.NewAction(verbForm, verbForm, string(id), "")
	if err != nil {
		return bot.Outcome{}, err
	}
	f := message.Form{
		Locale: p.Locale(), Direction: p.Direction(), Data: data.Data, Command: "alert",
		Title: p.Text("form.alert"), Submit: p.Text("form.draft"), Close: p.Text("form.close"),
		Blocks: []message.Block{p.Paragraph("form.alert-about")},
	}
	add := func(field message.Field) {
		field.Value, field.Problem = filled[field.Name], problems[field.Name]
		if field.Kind == message.Choice && !slices.ContainsFunc(field.Options, func(o message.Option) bool { return o.Value == field.Value }) {
			field.Value = ""
		}
		f.Fields = append(f.Fields, field)
	}
	// Nothing that was typed is lost, so what is too long stands there as it is.
	filled = within(filled, map[string]int{fieldText: mostTyped, fieldPlace: mostPlace})
	add(message.Field{Name: fieldText, Kind: message.Lines, Label: p.Text("form.text"), Most: max(maxText, utf8.RuneCountInString(filled[fieldText]))})
	add(message.Field{Name: fieldLocale, Kind: message.Choice, Label: p.Text("alert.which-language"), Options: r.locales(t)})
	mine := organises(t.Person)
	if len(mine) > 1 {
		options, err := r.writers(ctx, mine)
		if err != nil {
			return bot.Outcome{}, err
		}
		add(message.Field{Name: fieldFrom, Kind: message.Choice, Label: p.Text("form.from"), Options: options})
	}
	options, err := r.recipients(ctx, p, mine)
	if err != nil {
		return bot.Outcome{}, err
	}
	add(message.Field{Name: fieldTo, Kind: message.Choice, Label: p.Text("audience.ask"), Options: options})
	add(message.Field{Name: fieldPlace, Kind: message.Line, Label: p.Text("form.place"), Hint: p.Text("form.place-hint"), Most: mostPlace, Optional: true})
	add(message.Field{Name: fieldAsk, Kind: message.Choice, Label: p.Text("form.ask"), Options: []message.Option{
		{Label: p.Text("alert.asks-yes"), Value: "yes"}, {Label: p.Text("alert.asks-no"), Value: "no"},
	}})
	return bot.Outcome{Form: &f}, nil
}

// locales are the languages that a text can be in, the author's own first. None stands
// there to begin with: a wrong guess would send a text as something that it is not.
func (r *Room) locales(t bot.Turn) []message.Option {
	var options []message.Option
	for _, l := range r.Language.Ordered(t.Locale) {
		options = append(options, message.Option{Label: label(l.Endonym), Value: l.Tag})
	}
	return options
}

// writers are the organisations that somebody can write for.
func (r *Room) writers(ctx context.Context, mine []bot.OrganisationID) ([]message.Option, error) {
	var options []message.Option
	for _, id := range mine[:min(len(mine), 100)] {
		o, err := r.Store.Organisation(ctx, id)
		if err != nil {
			return nil, err
		}
		options = append(options, message.Option{Label: label(o.Name), Value: string(id)})
	}
	return options, nil
}

// recipients are the audiences that a form offers, each as the conversation does.
func (r *Room) recipients(ctx context.Context, p language.Printer, mine []bot.OrganisationID) ([]message.Option, error) {
	options := []message.Option{{Label: label(p.Text("audience.everyone")), Value: toEveryone}}
	for _, km := range distances {
		words := p.Text("form.near", language.Spans("Distance", p.Kilometres(float64(km))))
		options = append(options, message.Option{Label: label(words), Value: toNear + strconv.Itoa(km)})
	}
	for _, l := range r.Language.Ordered() {
		if len(options) < 100-mostGroups {
			options = append(options, message.Option{Label: label(message.Plain(r.describe(p, Audience{Locale: l.Tag}))), Value: toLocale + l.Tag})
		}
	}
	left := mostGroups
	for _, organisation := range mine {
		groups, err := r.Store.GroupChoices(ctx, organisation)
		if err != nil {
			return nil, err
		}
		for _, g := range groups[:min(len(groups), left)] {
			words := p.Text("audience.group", language.Words("Group", cut(g.Name, mostName)))
			options = append(options, message.Option{Label: label(words), Value: toGroup + string(g.ID)})
			left--
		}
	}
	return options, nil
}

// within cuts what came from outside to what a form can show again.
func within(filled map[string]string, most map[string]int) map[string]string {
	all := map[string]string{}
	maps.Copy(all, filled)
	for name, n := range most {
		if runes := []rune(all[name]); len(runes) > n {
			all[name] = string(runes[:n])
		}
	}
	return all
}

// mostName is how much of a group's name an option says, so that its isolates stay whole.
const mostName = 45

// label cuts what an option says to what one holds.
func label(words string) string { return cut(words, 75) } // characters: message.Option

func cut(words string, most int) string {
	runes := []rune(words)
	if len(runes) <= most {
		return words
	}
	return string(runes[:most-1]) + "…"
}

// Filled implements bot.Formed: it makes a draft of a form, and shows it in the
// conversation as if it had been written there. With anything wrong the form comes back
// with what was typed.
func (r *Room) Filled(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	if v.Name != verbForm || len(v.ID) != len(bot.FirstID(t.Now)) {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if !t.Person.Has(bot.Organiser) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	id := bot.AlertID(v.ID)
	made, err := r.mine(ctx, t, id)
	switch {
	case err == nil && made.State != Draft:
		return r.alreadySent(ctx, t, made)
	case err == nil:
		return r.resume(t, made) // sent twice: there is one draft of it
	case !errors.Is(err, bot.ErrNotFound):
		return bot.Outcome{}, err
	}
	a, problems, err := r.read(ctx, t, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(problems) > 0 {
		return r.showForm(ctx, t, id, t.Update.Fields, problems)
	}
	out, err := r.card(t, a)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Create(ctx, tx, a, t.Now) })
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	return out, err
}

// read makes a draft of what was filled in. problems say what is wrong, by field. It all
// came from outside: what the form did not offer counts as not chosen.
func (r *Room) read(ctx context.Context, t bot.Turn, id bot.AlertID) (Alert, map[string]string, error) {
	p := r.Language.For(t.Locale)
	problems := map[string]string{}
	filled := t.Update.Fields
	a := Alert{ID: id, Author: t.Person.Member.ID, State: Draft, Expires: t.Now.Add(life)}
	text, why := clean(filled[fieldText])
	if why != "" {
		problems[fieldText] = p.Text(why, language.Count("Max", maxText))
	}
	a.Variants = []Variant{{Locale: filled[fieldLocale], Text: text}}
	if _, ok := r.endonym(filled[fieldLocale]); !ok {
		problems[fieldLocale] = p.Text("form.choose")
	}
	mine := organises(t.Person)
	a.Organisation = mine[0]
	if len(mine) > 1 {
		if a.Organisation = bot.OrganisationID(filled[fieldFrom]); !t.Person.Organises(a.Organisation) {
			a.Organisation, problems[fieldFrom] = mine[0], p.Text("form.choose")
		}
	}
	o, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return a, nil, err
	}
	a.From = o.Name
	field, problem, err := r.readAudience(ctx, p, &a, filled)
	if err != nil {
		return a, nil, err
	}
	if problem != "" {
		problems[field] = problem
	}
	switch filled[fieldAsk] {
	case "yes":
		a.Action = bot.ActionID(r.IDs.New())
	case "no":
	default:
		problems[fieldAsk] = p.Text("form.choose")
	}
	return a, problems, nil
}

// readAudience reads to whom it goes; field and problem say what is wrong with that.
func (r *Room) readAudience(ctx context.Context, p language.Printer, a *Alert, filled map[string]string) (field, problem string, err error) {
	to := filled[fieldTo]
	if to == toEveryone {
		a.audience(Audience{})
		return "", "", nil
	}
	if tag, ok := strings.CutPrefix(to, toLocale); ok {
		if _, known := r.endonym(tag); known {
			a.audience(Audience{Locale: tag})
			return "", "", nil
		}
	}
	if distance, ok := strings.CutPrefix(to, toNear); ok {
		km, err := strconv.Atoi(distance)
		if err == nil && slices.Contains(distances, km) {
			return fieldPlace, r.readPlace(p, a, filled[fieldPlace], km), nil
		}
	}
	id, ok := strings.CutPrefix(to, toGroup)
	if !ok {
		return fieldTo, p.Text("form.choose"), nil
	}
	groups, err := r.Store.GroupChoices(ctx, a.Organisation)
	if err != nil {
		return "", "", err
	}
	at := slices.IndexFunc(groups, func(g GroupChoice) bool { return string(g.ID) == id })
	if at < 0 {
		return fieldTo, p.Text("form.other-group"), nil
	}
	a.audience(Audience{Group: groups[at].ID, GroupName: groups[at].Name})
	a.Chats, err = r.Store.ChatsOf(ctx, groups[at].ID)
	return "", "", err
}

// readPlace reads the place around which people live; it says what is wrong with it.
func (r *Room) readPlace(p language.Printer, a *Alert, typed string, km int) (problem string) {
	answer := r.Places.Find(typed)
	switch {
	case strings.TrimSpace(typed) == "":
		return p.Text("place.empty")
	case len(answer.Places) == 0:
		return p.Text("place." + string(answer.Problem))
	case len(answer.Places) > 1 || !answer.Sure:
		var names [][]message.Span
		for _, found := range answer.Places {
			names = append(names, []message.Span{{Kind: message.Place, Text: found.Label()}})
		}
		return p.Text("form.which-place", language.Spans("Places", p.ListSpans(names)))
	}
	a.audience(Audience{Place: answer.Places[0].Code(), PlaceName: answer.Places[0].Name, Km: float64(km)})
	return ""
}
