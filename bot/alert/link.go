package alert

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// Words are an alert's for one reader, with whose they are and without the question
// whether they come. bot.ErrNotFound for a draft, and for one that was stopped: whoever
// stopped it had a reason.
func (r *Room) Words(ctx context.Context, id bot.AlertID, reader bot.Reader) ([]message.Block, error) {
	a, err := r.told(ctx, id)
	if err != nil {
		return nil, err
	}
	p := r.Language.For(reader.Locale)
	v, own := forReader(a, reader)
	blocks := []message.Block{p.Heading("alert.from", language.Words("Organisation", a.From))}
	if !own {
		endonym, _ := r.endonym(v.Locale)
		blocks = append(blocks, p.Paragraph("alert.not-in-your-language", language.Words("Language", endonym)))
	}
	return append(blocks, message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: v.Text}}}), nil
}

// told reads an alert that people were told, and that stands. Its state is read anew:
// it may have been stopped a moment ago.
func (r *Room) told(ctx context.Context, id bot.AlertID) (Alert, error) {
	a, err := r.Store.Alert(ctx, id)
	if err != nil {
		return Alert{}, err
	}
	if a.State == Draft || a.State == Cancelled || len(a.Variants) == 0 {
		return Alert{}, bot.ErrNotFound
	}
	return a, nil
}

// followed shows an alert to whoever came by a link to it and belongs to the
// organisation that wrote it. For anybody else, and when it is too old, it says the
// same as of a link that was made up.
func (r *Room) followed(ctx context.Context, t bot.Turn, id bot.AlertID) (bot.Outcome, error) {
	a, err := r.told(ctx, id)
	if err == nil && !t.Person.Belongs(a.Organisation) {
		err = bot.ErrNotFound
	}
	var call Call
	var called bool
	if err == nil {
		call, called, err = r.callOf(ctx, a)
	}
	// What asks people to come is good for as long as they can; what only tells them
	// something, for as long as it was worth sending.
	if err == nil && (called && (call.Over || call.Paused) || !called && !t.Now.Before(a.Expires)) {
		err = bot.ErrNotFound
	}
	var blocks []message.Block
	if err == nil {
		blocks, err = r.Words(ctx, id, bot.Reader{Locale: t.Locale, Speaks: t.Person.Member.Speaks})
	}
	if errors.Is(err, bot.ErrNotFound) {
		return r.gone(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var reply bot.Reply
	if called {
		invitation, err := r.Invitation(p, a.Action)
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, invitation...)
		reply.Topic = bot.TopicAnswer + string(a.Action)
	}
	reply.Message = p.Message(blocks...)
	return bot.Outcome{Replies: []bot.Reply{reply}}, nil
}

// gone says that a link leads nowhere any more, and goes on as without it.
func (r *Room) gone(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	out := bot.Outcome{Events: []bot.Event{bot.Welcomed{}}}
	out.Say(p.Message(p.Paragraph("link.gone"), choices))
	return out, err
}

// link shows an organiser the link that leads to an alert, in words or as a picture.
func (r *Room) link(t bot.Turn, a Alert, asPicture bool) (bot.Outcome, error) {
	link := t.Can.Link(bot.Arrival{Alert: a.ID})
	if link == "" {
		return r.say(t, "link.none")
	}
	if len(a.Variants) == 0 {
		return bot.Outcome{}, errNoText
	}
	p := r.Language.For(t.Locale)
	about := []language.Value{language.Words("Title", title(a.Variants[0].Text)), language.URL("Link", link)}
	var out bot.Outcome
	if asPicture {
		code, err := picture.QR(link, p.Text("link.alert", about...))
		out.Say(p.Message(code))
		return out, err
	}
	blocks := []message.Block{p.Paragraph("link.alert", about...), p.Paragraph("link.alert-for", language.Words("Organisation", a.From))}
	if t.Can.Pictures {
		var k message.Keyboard
		k.Add(p.Text("link.picture"), verbPicture, string(a.ID), "")
		choices, err := k.Choices()
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, choices)
	}
	out.Say(p.Message(blocks...))
	return out, nil
}
