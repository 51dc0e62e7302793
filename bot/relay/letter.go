package relay

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// writing is the question for the words of a letter.
type writing struct {
	Organisation bot.OrganisationID `json:"organisation"`
	Kind         Kind               `json:"kind"`
}

// Where else people can turn. Both are public and free, and have stood for years.
const (
	// childline is for anybody under 19 in the United Kingdom, day and night:
	// https://www.childline.org.uk/get-support/contacting-childline/
	childline = "0800 1111"
	// commissioner takes complaints about how somebody's data are used:
	// https://ico.org.uk/make-a-complaint/
	commissioner = "https://ico.org.uk/make-a-complaint/"
)

// begin asks to whom a letter goes, or for its words where that is clear.
func (r *Room) begin(ctx context.Context, t bot.Turn, kind Kind) (bot.Outcome, error) {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	switch len(organisations) {
	case 0:
		return r.nobody(t, kind)
	case 1:
		return r.askWords(ctx, t, organisations[0].ID, kind)
	}
	asked := "complain.about"
	if kind == Question {
		asked = "ask.whom"
	}
	choices, err := r.whom(p, t, organisations, kind, "")
	out.Say(p.Message(p.Paragraph(asked), choices))
	return out, err
}

// nobody says that there is no organisation yet.
func (r *Room) nobody(t bot.Turn, kind Kind) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if kind == Question {
		return out, sayWithHelp(&out, p, p.Paragraph("ask.nobody"))
	}
	out.Say(p.Message(p.Paragraph("complain.nobody"), p.Paragraph("complain.elsewhere", language.URL("Link", commissioner))))
	return out, nil
}

// whom is a button for each organisation, the member's own ones first.
func (r *Room) whom(p language.Printer, t bot.Turn, organisations []bot.Organisation, kind Kind, key string) (message.Choices, error) {
	const most = 8
	own := r.ownFirst(t, organisations)
	var k message.Keyboard
	for _, o := range own[:min(len(own), most)] {
		label := o.Name
		if key != "" {
			label = p.Text(key, language.Words("Organisation", o.Name))
		}
		k.Break().Add(label, verbTo, string(o.ID), string(kind))
	}
	return k.Choices()
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// young leads somebody who says that they are under 18 to a person. Nothing is
// noted of it, no form goes on, and no question is asked.
func (r *Room) young(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = t.Step != nil
	blocks := []message.Block{p.Paragraph("young.thanks"), p.Paragraph("young.line", language.Phone("Phone", childline))}
	var reachable []bot.Organisation
	for _, o := range organisations {
		answering, err := r.Store.Recipients(ctx, o.ID, t.Person.Member.ID)
		if err != nil {
			return bot.Outcome{}, err
		}
		if len(answering) > 0 {
			reachable = append(reachable, o)
		}
	}
	if len(reachable) > 0 {
		choices, err := r.whom(p, t, reachable, Young, "young.write")
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, p.Paragraph("young.person"), choices)
	}
	out.Say(p.Message(blocks...))
	return out, nil
}

// askWords asks for the words of a letter, if somebody is there to read them.
func (r *Room) askWords(ctx context.Context, t bot.Turn, id bot.OrganisationID, kind Kind) (bot.Outcome, error) {
	o, answering, err := r.reach(ctx, t, id)
	if err != nil || (kind != Complaint && kind != Young && kind != Question) {
		return bot.Outcome{}, orUnknown(err)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if len(answering) == 0 {
		return out, r.unheard(&out, p, o, kind)
	}
	out.Say(p.Message(p.Paragraph("relay.ask."+string(kind), language.Words("Organisation", o.Name))))
	out.Next = bot.NewStep(r.Name(), stepWrite, writing{Organisation: id, Kind: kind})
	out.Next.Verbatim = true
	return out, nil
}

func orUnknown(err error) error {
	if err == nil {
		return bot.ErrUnknownStep
	}
	return err
}

// reach finds an organisation and who answers for its letters, but for the writer.
func (r *Room) reach(ctx context.Context, t bot.Turn, id bot.OrganisationID) (bot.Organisation, []Recipient, error) {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Organisation{}, nil, err
	}
	i := slices.IndexFunc(organisations, func(o bot.Organisation) bool { return o.ID == id })
	if i < 0 {
		return bot.Organisation{}, nil, bot.ErrNotFound
	}
	answering, err := r.Store.Recipients(ctx, id, t.Person.Member.ID)
	return organisations[i], answering, err
}

// unheard says that nobody is there to read a letter, and where else to turn.
func (r *Room) unheard(out *bot.Outcome, p language.Printer, o bot.Organisation, kind Kind) error {
	said := p.Paragraph("relay.unheard", language.Words("Organisation", o.Name))
	if kind == Question {
		return sayWithHelp(out, p, said)
	}
	elsewhere := p.Paragraph("complain.elsewhere", language.URL("Link", commissioner))
	if kind == Young {
		elsewhere = p.Paragraph("young.line", language.Phone("Phone", childline))
	}
	return sayWithHelp(out, p, said, elsewhere)
}

// write takes the words of a letter.
func (r *Room) write(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	var w writing
	if err := json.Unmarshal(t.Step.Data, &w); err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	o, answering, err := r.reach(ctx, t, w.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	text, why := words(t)
	var out bot.Outcome
	if why != "" {
		out.Say(p.Message(p.Paragraph(why), p.Paragraph("relay.ask."+string(w.Kind), language.Words("Organisation", o.Name))))
		return out, nil
	}
	out, err = r.carry(ctx, t, o, answering, w.Kind, text)
	out.Done = true
	return out, err
}

// carry carries the words of a letter to everybody who answers for it.
func (r *Room) carry(ctx context.Context, t bot.Turn, o bot.Organisation, answering []Recipient, kind Kind, text string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if len(answering) == 0 {
		return out, r.unheard(&out, p, o, kind)
	}
	open, err := r.Store.Waiting(ctx, o.ID, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if open >= maxWaiting {
		return out, sayWithHelp(&out, p, p.Paragraph("relay.too-many", language.Words("Organisation", o.Name)))
	}
	l := Letter{
		ID: bot.LetterID(r.IDs.New()), Kind: kind, Organisation: o, From: t.Person.Member.ID, State: Open,
		Locale: t.Locale, Speaks: t.Person.Member.Speaks,
	}
	if kind != Young {
		l.Text = text
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Write(ctx, tx, l, t.Now) })
	for _, to := range answering {
		said, err := r.letter(r.Language.For(to.Locale), l, text)
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Replies = append(out.Replies, bot.Reply{To: to.Member, Message: said})
	}
	blocks := []message.Block{p.Paragraph("relay.sent."+string(kind), language.Words("Organisation", o.Name))}
	if kind == Complaint {
		blocks = append(blocks, p.Paragraph("complain.elsewhere", language.URL("Link", commissioner)))
	}
	out.Replies = append([]bot.Reply{{Message: p.Message(blocks...)}}, out.Replies...)
	return out, nil
}

// words reads what was written in the conversation. why is the key of the reason that it can't be
// carried, empty when it can.
func words(t bot.Turn) (text, why string) {
	if t.Update.Kind != bot.TextSent {
		return "", "lost.not-text"
	}
	return checked(t.Update.Text)
}

// checked is words of what was typed anywhere.
func checked(typed string) (text, why string) {
	text = strings.TrimSpace(typed)
	switch {
	case utf8.RuneCountInString(text) > maxText:
		return "", "relay.too-long"
	case text == "":
		return "", "relay.empty"
	}
	return text, ""
}

// letter is what somebody reads who answers for it.
func (r *Room) letter(p language.Printer, l Letter, text string) (message.Message, error) {
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("relay.answer"), verbAnswer, string(l.ID), "")
	k.Add(p.Text("relay.read"), verbRead, string(l.ID), "")
	choices, err := k.Choices()
	said := message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: text}}}
	if text == "" {
		said = p.Paragraph("relay.not-kept")
	}
	m := p.Message(
		p.Heading("relay.letter."+string(l.Kind), language.Words("Organisation", l.Organisation.Name)), said,
		p.Paragraph("relay.written-in", language.Words("Language", r.Language.Endonym(l.speaks()))),
		p.Paragraph("relay.how."+string(l.Kind)), choices,
	)
	m.Protected = true // it was written to its reader, and to nobody they know
	return m, err
}

// speaks is the language of the one who wrote.
func (l Letter) speaks() string { return cmp.Or(l.Speaks, l.Locale) }
