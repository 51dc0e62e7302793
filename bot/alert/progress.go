package alert

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

// Progress implements delivery.Composer: the author's card, edited in place.
func (r *Room) Progress(ctx context.Context, id bot.AlertID) ([]bot.Reply, error) {
	a, err := r.Store.Alert(ctx, id)
	if err != nil {
		return nil, err
	}
	author, err := r.Store.Author(ctx, a)
	if errors.Is(err, bot.ErrNotFound) {
		return nil, nil // they have left, stopped, or organise no more: nobody to tell
	}
	if err != nil {
		return nil, err
	}
	card, err := r.progressCard(ctx, r.Language.For(author.Locale), a)
	if err != nil {
		return nil, err
	}
	card.To, card.Replace = author.ID, true
	return []bot.Reply{card}, nil
}

func (r *Room) progressCard(ctx context.Context, p language.Printer, a Alert) (bot.Reply, error) {
	tally, err := r.Store.Tally(ctx, a.ID)
	if err != nil {
		return bot.Reply{}, err
	}
	return r.cardFor(p, a, tally)
}

func (r *Room) showProgress(ctx context.Context, t bot.Turn, a Alert) (bot.Outcome, error) {
	card, err := r.progressCard(ctx, r.Language.For(t.Locale), a)
	if err != nil {
		return bot.Outcome{}, err
	}
	return bot.Outcome{Replies: []bot.Reply{card}}, nil
}

// bar is how much of the bar is drawn: no more than the words below it say, so a few
// people are not drawn, and of a list of people only whether it is done.
func bar(a Alert, tally Tally) (done, total int) {
	over := tally.Waiting == 0 && a.State != Freezing
	switch {
	case a.Audience.unnumbered() && over:
		return 1, 1
	case a.Audience.unnumbered():
		return 0, 1
	}
	done, total = headcount.Rough(tally.Total()-tally.Waiting), headcount.Rough(tally.Total())
	if over {
		total = max(total, 1)
		done = total
	}
	return done, total
}

// cardFor shows how far an alert is. Every copy is in it: what was not sent is
// said as plainly as what was.
func (r *Room) cardFor(p language.Printer, a Alert, tally Tally) (bot.Reply, error) {
	id := string(a.ID)
	if len(a.Variants) == 0 {
		return bot.Reply{}, errNoText
	}
	numbers := a.State != Freezing && !a.Audience.unnumbered()
	done, total := bar(a, tally)
	blocks := []message.Block{
		p.Heading("progress.title"),
		message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: title(a.Variants[0].Text)}}},
		message.Progress{Label: p.Spans("progress." + string(a.State)), Done: done, Total: total},
	}
	// Once it is over every row stands there, and until then those that have a
	// number: a row that came with the first person who blocked Ella, or said stop,
	// would say so.
	over := a.State == Done || a.State == Cancelled
	var rows []message.Fact
	add := func(key string, n int, always bool) {
		if n >= headcount.Floor || always {
			rows = append(rows, message.Fact{Label: p.Text(key), Value: headcount.People(p, n)})
		}
	}
	if a.Audience.unnumbered() {
		key := "audience.uncounted"
		if a.State == Freezing {
			key = "audience.asking"
		}
		blocks = append(blocks, p.Paragraph(key))
	}
	if numbers {
		add("progress.sent", tally.Sent, true)
		add("progress.waiting", tally.Waiting, false)
		add("progress.refused", tally.Refused, over)
		add("progress.unknown", tally.Unknown, over)
		add("progress.skipped", tally.Skipped, over)
		if len(tally.Chats) > 0 {
			rows = append(rows, message.Fact{Label: p.Text("progress.chats"), Value: inChatsNow(p, tally.Chats)})
		}
		blocks = append(blocks, message.Facts{Rows: rows})
	}
	if numbers && tally.Unknown >= headcount.Floor {
		blocks = append(blocks, p.Paragraph("progress.unknown-about"))
	}
	choices, err := progressButtons(p, a)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(choices.Rows) > 0 {
		blocks = append(blocks, choices)
	}
	return bot.Reply{Message: p.Message(blocks...), Topic: "alert-progress:" + id, Replace: false}, nil
}

// progressButtons are the buttons below it.
func progressButtons(p language.Printer, a Alert) (message.Choices, error) {
	id := string(a.ID)
	var k message.Keyboard
	if a.Action != "" {
		k.Add(p.Text("progress.answers"), bot.VerbResults, string(a.Action), string(a.Organisation))
	}
	if a.State == Freezing || a.State == Sending {
		k.AddStyled(message.Danger, p.Text("progress.cancel"), verbCancel, id, "")
	}
	if a.State == Sending || a.State == Done {
		verb, about := verbLink, id
		if a.Action != "" {
			verb, about = bot.VerbLink, string(a.Action)
		}
		k.Break().Add(p.Text("link.button"), verb, about, "")
	}
	if k.Empty() {
		return message.Choices{}, nil
	}
	return k.Choices()
}
