package alert

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/message"
)

// brief is a text as the card of a draft shows it: whole while all the texts fit
// one message, else its beginning. The preview shows each as it will be sent.
func (a Alert) brief(v Variant) string {
	n := 0
	for _, other := range a.Variants {
		n += utf8.RuneCountInString(other.Text)
	}
	begun := title(v.Text)
	if n <= maxText || begun == v.Text {
		return v.Text
	}
	return strings.TrimSuffix(begun, "…") + "…"
}

// card shows the draft with everything that can be done with it.
func (r *Room) card(t bot.Turn, a Alert) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	rows := []message.Fact{{Label: p.Text("alert.from-label"), Value: []message.Span{{Kind: message.Words, Text: a.From}}}}
	for _, v := range a.Variants {
		rows = append(rows, message.Fact{Label: r.Language.Endonym(v.Locale), Value: []message.Span{{Kind: message.Words, Text: a.brief(v)}}})
	}
	asks := "alert.asks-no"
	if a.Action != "" {
		asks = "alert.asks-yes"
	}
	rows = append(rows,
		message.Fact{Label: p.Text("alert.audience"), Value: r.describe(p, a.Audience)},
		message.Fact{Label: p.Text("alert.asks"), Value: p.Spans(asks)})
	id := string(a.ID)
	if len(a.Chats) > 0 {
		rows = append(rows, message.Fact{Label: p.Text("alert.chats"), Value: p.Spans(yesNo("alert.chats-", a.InChats))})
	}
	var k message.Keyboard
	k.Add(p.Text("alert.add-language"), verbVariants, id, "").Add(p.Text("alert.change-text"), verbRewrite, id, "")
	k.Break().Add(p.Text("alert.choose-audience"), verbAudience, id, "")
	if a.Action == "" {
		k.Add(p.Text("alert.ask-coming"), verbInvite, id, "yes")
	} else {
		k.Add(p.Text("alert.ask-nothing"), verbInvite, id, "no")
	}
	if len(a.Chats) > 0 {
		k.Break().Add(p.Text(yesNo("alert.chats-button-", !a.InChats)), verbChats, id, yesNo("", !a.InChats))
	}
	if next, ok := another(t.Person, a.Organisation); ok {
		k.Break().Add(p.Text("alert.from-another"), verbFrom, id, string(next))
	}
	k.Break().AddStyled(message.Primary, p.Text("alert.preview"), verbPreview, id, "").AddStyled(message.Danger, p.Text("alert.discard"), verbDiscard, id, "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Replies = append(out.Replies, bot.Reply{
		Message: p.Message(p.Heading("alert.draft"), message.Facts{Rows: rows}, choices),
		Topic:   "alert-draft:" + id,
	})
	return out, err
}

func (r *Room) invite(_ context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	if (arg == "yes") == (a.Action != "") {
		return r.card(t, a)
	}
	a.Action = ""
	if arg == "yes" {
		a.Action = bot.ActionID(r.IDs.New())
	}
	return r.edited(t, a)
}

// another is the next organisation that somebody can write for, if there is one.
func another(p bot.Person, organisation bot.OrganisationID) (bot.OrganisationID, bool) {
	all := organises(p)
	if len(all) < 2 {
		return "", false
	}
	return all[(slices.Index(all, organisation)+1)%len(all)], true
}

// from lets another organisation of the author's write. Its groups are others.
func (r *Room) from(ctx context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	organisation := bot.OrganisationID(arg)
	if !t.Person.Organises(organisation) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	if organisation == a.Organisation {
		return r.card(t, a) // pressed twice
	}
	o, err := r.Store.Organisation(ctx, organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	a.Organisation, a.From = o.ID, o.Name
	call, shared, err := r.callOf(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	if shared && !call.open(a.Organisation) {
		a.Action = ""
	}
	if a.Audience.among() != (Among{}) {
		a.audience(Audience{})
	}
	return r.edited(t, a)
}

// edited stores a changed draft and shows it.
func (r *Room) edited(t bot.Turn, a Alert) (bot.Outcome, error) {
	before := a
	a.Version++
	out, err := r.card(t, a)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Edit(ctx, tx, before) })
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	return out, err
}

func (r *Room) discard(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("command.alert.button"), bot.VerbCommand, "", "alert")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("alert.discarded"), choices))
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Discard(ctx, tx, a.ID) })
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	return out, err
}
