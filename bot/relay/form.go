package relay

import (
	"context"
	"slices"

	"ella/bot"
	"ella/bot/message"
)

var _ bot.Formed = (*Room)(nil)

// verbAsk names the form in which a question is asked, and its fields are what and whom.
const (
	verbAsk   = "relay.ask"
	fieldText = "text"
	fieldTo   = "to" // an organisation, where there are several
)

// emptyForm begins a question in a window.
func (r *Room) emptyForm(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(organisations) == 0 {
		return r.nobody(t, Question)
	}
	return r.showForm(t, organisations, nil, nil)
}

// showForm is the form with what stands in it, and what is wrong with that.
func (r *Room) showForm(t bot.Turn, organisations []bot.Organisation, filled, problems map[string]string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	data, err := message.NewAction(verbAsk, verbAsk, "", "")
	if err != nil {
		return bot.Outcome{}, err
	}
	f := message.Form{
		Locale: p.Locale(), Direction: p.Direction(), Data: data.Data, Command: "ask",
		Title: p.Text("ask-form.title"), Submit: p.Text("ask-form.send"), Close: p.Text("form.close"),
		Blocks: []message.Block{p.Paragraph("ask-form.about")},
		Fields: []message.Field{{Name: fieldText, Kind: message.Lines, Label: p.Text("ask-form.text"), Most: maxText, Value: first(filled[fieldText], mostTyped), Problem: problems[fieldText]}},
	}
	f.Fields[0].Most = max(maxText, len([]rune(f.Fields[0].Value)))
	if len(organisations) > 1 {
		to := message.Field{Name: fieldTo, Kind: message.Choice, Label: p.Text("ask.whom"), Problem: problems[fieldTo]}
		for _, o := range r.ownFirst(t, organisations) {
			to.Options = append(to.Options, message.Option{Label: first(o.Name, 75), Value: string(o.ID)})
			if string(o.ID) == filled[fieldTo] {
				to.Value = filled[fieldTo]
			}
		}
		f.Fields = append(f.Fields, to)
	}
	return bot.Outcome{Form: &f}, nil
}

// mostTyped is how many characters a form takes; its platform holds people to them.
const mostTyped = 3000

// first are the first n characters of a text.
func first(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// ownFirst are organisations that can be chosen, the member's own before the others.
func (r *Room) ownFirst(t bot.Turn, organisations []bot.Organisation) []bot.Organisation {
	const most = 100 // options: message.Field
	own := slices.Clone(organisations)
	slices.SortStableFunc(own, func(a, b bot.Organisation) int { return order(t.Person.Belongs(b.ID)) - order(t.Person.Belongs(a.ID)) })
	return own[:min(len(own), most)]
}

// Filled implements bot.Formed: a question is carried as one that was written in the
// conversation, and what becomes of it is said there.
func (r *Room) Filled(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	if v.Name != verbAsk {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(organisations) == 0 {
		return r.nobody(t, Question)
	}
	p := r.Language.For(t.Locale)
	problems := map[string]string{}
	text, why := checked(t.Update.Fields[fieldText])
	if why != "" {
		problems[fieldText] = p.Text(why)
	}
	to := organisations[0]
	if len(organisations) > 1 {
		at := slices.IndexFunc(organisations, func(o bot.Organisation) bool { return string(o.ID) == t.Update.Fields[fieldTo] })
		if at < 0 {
			problems[fieldTo] = p.Text("form.choose")
		} else {
			to = organisations[at]
		}
	}
	if len(problems) > 0 {
		return r.showForm(t, organisations, t.Update.Fields, problems)
	}
	o, answering, err := r.reach(ctx, t, to.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	out, err := r.carry(ctx, t, o, answering, Question, text)
	// A question that waits for its words has them: what is typed next is none.
	out.Done = t.Step != nil && t.Step.Room == r.Name() && t.Step.Name == stepWrite
	return out, err
}
