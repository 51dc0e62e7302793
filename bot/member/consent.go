package member

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// ConsentVersion is the version of the words about what is stored: the entries
// consent.who, consent.keeps and consent.seen. Raise it when they promise less, or
// when more is stored.
const ConsentVersion = 1

// askConsent says who runs this, what is stored and who else can see it, and asks
// whether that is all right. Nothing but a language is asked or kept before.
func (r *Room) askConsent(ctx context.Context, out *bot.Outcome, t bot.Turn) error {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return err
	}
	p := r.Language.For(t.Locale)
	who := p.Spans("consent.who-nobody")
	if len(organisations) > 0 {
		who = p.Spans("consent.who", language.Spans("Organisations", names(p, organisations)))
	}
	seen := p.Spans("consent.seen-here")
	if t.Can.Platform != "" {
		seen = p.Spans("consent.seen", language.Words("Platform", t.Can.Platform))
	}
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("consent.yes"), verbConsent, "", "yes")
	k.Add(p.Text("consent.no"), verbConsent, "", "no")
	k.Break().Add(p.Text("command.privacy.button"), bot.VerbCommand, "", "privacy")
	k.Add(p.Text("command.language.button"), bot.VerbCommand, "", "language")
	choices, err := k.Choices()
	if err != nil {
		return err
	}
	out.Say(p.Message(
		message.List{Items: [][]message.Span{who, p.Spans("consent.keeps"), seen}},
		p.Paragraph("consent.ask"), choices,
	))
	return nil
}

// consent takes the yes or no. After a no nothing is kept.
func (r *Room) consent(ctx context.Context, t bot.Turn, answer string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	m := t.Person.Member
	var out bot.Outcome
	switch {
	case m.Locale == "":
		return r.goOn(ctx, t) // nobody says yes to what they could not read
	case m.Consent > 0:
		// An old button: leaving has its own question.
		return out, r.sayWithMenu(&out, t, p.Paragraph("consent.already", language.Command("Command", "/forgetme")))
	case answer == "no":
		var k message.Keyboard
		k.Add(p.Text("start.button"), bot.VerbCommand, "", "start")
		choices, err := k.Choices()
		out.Say(p.Message(p.Paragraph("consent.declined"), choices))
		out.Events = append(out.Events, bot.SaidNo{})
		return out, err
	case answer != "yes":
		return out, bot.ErrUnknownStep
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Consent(ctx, tx, m.ID, ConsentVersion, t.Locale, t.Now)
	})
	out.Notice = p.Text("notice.saved")
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	a := r.arrived(t)
	if len(organisations) == 0 || len(t.Person.Organisations) > 0 {
		out.Done = r.own(t)
		out.Events = append(out.Events, through(a.Arrival)...)
		if a.Arrival == (bot.Arrival{}) && m.Outcode != "" {
			// They were here before these words were asked: nothing else is to say.
			t.Person.Member.Consent = ConsentVersion
			return out, r.sayWithMenu(&out, t, p.Paragraph("start.again"))
		}
		return out, nil
	}
	a.Asked = true
	r.keep(&out, a)
	return out, r.askAgree(&out, t, organisations, 0)
}
