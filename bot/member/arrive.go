package member

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// The first minute: a language, yes or no to what is stored, whom to hear from.
// Then the group room asks for the place. Where somebody stands in it is seen from
// what is known of them, so whoever stops half way is met there.

const (
	stepArriving = "arriving"       // data: arriving
	stepOther    = "other-language" // data: arriving
	// stepCode is where a code was asked for before the role room did.
	stepCode = "code"
)

// arriving is what is kept through the first minute.
type arriving struct {
	bot.Arrival
	// Asked: whom to hear from is the question now.
	Asked bool `json:"asked,omitempty"`
}

// arrived reads what the newcomer came for.
func (r *Room) arrived(t bot.Turn) arriving {
	var a arriving
	for s := t.Step; s != nil; s = s.Under {
		if s.Room == r.Name() {
			// What is damaged is left out: the first minute works without.
			_ = json.Unmarshal(s.Data, &a)
			break
		}
	}
	return a
}

// keep leaves the newcomer in the first minute.
func (r *Room) keep(out *bot.Outcome, a arriving) {
	out.Next, out.Done = bot.NewStep(r.Name(), stepArriving, a), false
}

// missing reports whether somebody is still in the first minute.
func missing(m bot.Member) bool { return m.Locale == "" || m.Consent == 0 }

// start greets. Newcomers begin; whoever stopped half way is met there; whoever
// came by a link is led to what it is about.
func (r *Room) start(ctx context.Context, t bot.Turn, a bot.Arrival) (bot.Outcome, error) {
	if missing(t.Person.Member) {
		return r.begin(ctx, t, a)
	}
	if (a != bot.Arrival{Locale: a.Locale}) { // it is about more than a language
		var out bot.Outcome
		out.Done = t.Step != nil
		if a.Chat != "" && led(a) == (bot.Welcomed{}) {
			out.Events = append(out.Events, bot.FromChat{Chat: a.Chat, Pressed: a.Pressed})
			return out, nil
		}
		out.Events = append(out.Events, led(a))
		return out, nil
	}
	if r.arrived(t).Asked {
		return r.goOn(ctx, t)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = true
	err := r.sayWithMenu(&out, t, p.Paragraph("start.again"))
	return out, err
}

// led is the event that goes on with what a link was about.
func led(a bot.Arrival) bot.Event {
	switch {
	case a.Code != "":
		return bot.CodeShown{Code: a.Code}
	case a.Action != "" || a.Alert != "":
		return bot.LinkFollowed{Action: a.Action, Alert: a.Alert}
	}
	return bot.Welcomed{Group: a.Group, Need: a.Need}
}

// begin takes a newcomer in, who may have come by a link. A poster's language
// spares them the picker, which stands beside the next question.
func (r *Room) begin(ctx context.Context, t bot.Turn, a bot.Arrival) (bot.Outcome, error) {
	if t.Person.Member.Locale != "" {
		return r.goOnWith(ctx, t, a)
	}
	found := r.Language.Resolve(a.Locale)
	if a.Locale != "" && (found.Exact || found.Declared) {
		t.Step = bot.NewStep(r.Name(), stepArriving, arriving{Arrival: a})
		return r.speak(ctx, t, found.Locale, "")
	}
	out, err := r.pickLanguage(t, 0, true)
	if (a != bot.Arrival{}) {
		r.keep(&out, arriving{Arrival: a})
	}
	return out, err
}

// goOnWith goes on where the newcomer stands, with what a new link is about.
func (r *Room) goOnWith(ctx context.Context, t bot.Turn, a bot.Arrival) (bot.Outcome, error) {
	if (a != bot.Arrival{}) {
		t.Step = bot.NewStep(r.Name(), stepArriving, arriving{Arrival: a})
	}
	return r.goOn(ctx, t)
}

// goOn says the question again that a newcomer has not answered yet.
func (r *Room) goOn(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	a := r.arrived(t)
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	switch {
	case t.Person.Member.Locale == "":
		out, err := r.pickLanguage(t, 0, true)
		r.keep(&out, a)
		return out, err
	case t.Person.Member.Consent == 0:
		r.keep(&out, a)
		return out, errors.Join(sayWhere(&out, p), r.askConsent(ctx, &out, t))
	case a.Asked:
		organisations, err := r.Store.Organisations(ctx)
		if err != nil {
			return out, err
		}
		if len(organisations) > 0 {
			r.keep(&out, a)
			return out, errors.Join(sayWhere(&out, p), r.askAgree(&out, t, organisations, 0))
		}
	}
	out.Done = true
	out.Events = append(out.Events, through(a.Arrival)...)
	return out, nil
}

// through are the events of whoever has come through the first minute.
func through(a bot.Arrival) []bot.Event {
	if a.Chat == "" {
		return []bot.Event{led(a)}
	}
	return []bot.Event{bot.FromChat{Chat: a.Chat, Pressed: a.Pressed, New: true}, led(a)}
}

// sayWhere says that the question after it was not answered, with the way back to
// the first.
func sayWhere(out *bot.Outcome, p language.Printer) error {
	var k message.Keyboard
	k.Add(p.Text("start.over"), verbOver, "", "")
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph("start.go-on"), choices))
	return err
}

// startOver begins the first minute again with the language. What was answered
// stands until it is answered anew.
func (r *Room) startOver(t bot.Turn) (bot.Outcome, error) {
	a := r.arrived(t)
	out, err := r.pickLanguage(t, 0, true)
	if missing(t.Person.Member) || a.Asked {
		r.keep(&out, a)
	}
	return out, err
}

// codeTyped finds the code of a newcomer who begins with "/join CODE".
func codeTyped(text string) bot.Arrival {
	if name, code, ok := strings.Cut(strings.TrimSpace(text), " "); ok && strings.EqualFold(name, "/join") && len(code) <= 200 {
		return bot.Arrival{Code: strings.TrimSpace(code)}
	}
	return bot.Arrival{}
}

// names are organisations in a sentence: "A, B and C".
func names(p language.Printer, organisations []bot.Organisation) []message.Span {
	const most = 5 // more are no longer read
	var items [][]message.Span
	for _, o := range organisations[:min(len(organisations), most)] {
		items = append(items, []message.Span{{Kind: message.Words, Text: o.Name}})
	}
	if len(organisations) > most {
		items = append(items, p.Spans("consent.more"))
	}
	return p.ListSpans(items)
}
