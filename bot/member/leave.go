package member

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// stop takes effect at once and says so once. It also leaves any question open
// half way: who says stop wants no more questions.
func (r *Room) stop(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	id := t.Person.Member.ID
	var out bot.Outcome
	out.Done = true
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetState(ctx, tx, id, bot.Stopped) })
	var k message.Keyboard
	k.Add(p.Text("command.resume.button"), bot.VerbCommand, "", "resume")
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	key := "stop.done"
	if t.Person.Member.State == bot.Stopped {
		key = "stop.already"
	}
	out.Say(p.Message(p.Paragraph(key), choices))
	return out, nil
}

func (r *Room) resume(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	key := "resume.done"
	if t.Person.Member.State == bot.Active {
		key = "resume.already"
	}
	t.Person.Member.State = bot.Active
	var out bot.Outcome
	r.activate(&out, t)
	if t.Person.Member.Locale == "" {
		more, err := r.pickLanguage(t, 0, true)
		out.Add(more)
		return out, err
	}
	if len(t.Person.Organisations) == 0 {
		// There is nobody yet who would write.
		organisations, err := r.Store.Organisations(ctx)
		if err != nil {
			return bot.Outcome{}, err
		}
		if len(organisations) > 0 {
			err = r.askAgree(&out, t, organisations, 0)
			return out, err
		}
	}
	return out, r.sayWithMenu(&out, t, p.Paragraph(key))
}

// help lists what this person can do, each with its command and a button.
func (r *Room) help(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var items [][]message.Span
	for _, c := range t.Commands {
		if c.Hidden || c.Name == absent(t.Person.Member.State) {
			continue
		}
		items = append(items, append([]message.Span{{Kind: message.Command, Text: "/" + c.Name}, {Kind: message.Text, Text: " – "}},
			p.Spans("command."+c.Name+".about")...))
	}
	blocks := []message.Block{p.Paragraph("help.intro"), message.List{Items: items}}
	if t.Step != nil {
		blocks = append(blocks, p.Paragraph("help.still-open"))
	}
	var out bot.Outcome
	return out, r.sayWithMenu(&out, t, blocks...)
}

// join redeems a code, or asks for it.
func (r *Room) join(ctx context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if text == "" {
		out.Say(p.Message(p.Paragraph("join.ask")))
		out.Next = bot.NewStep(r.Name(), stepCode, nil)
		return out, nil
	}
	code, ok := ParseCode(text)
	if !ok {
		return r.noSuchCode(t)
	}
	invite, err := r.Store.Invite(ctx, code, t.Now)
	if err != nil {
		if isNotFound(err) {
			return r.noSuchCode(t)
		}
		return bot.Outcome{}, err
	}
	id := t.Person.Member.ID
	out.Done = r.own(t)
	r.activate(&out, t)
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		if err := r.Store.Redeem(ctx, tx, code, id, t.Now); err != nil {
			return err
		}
		return r.Store.Agree(ctx, tx, id, invite.Organisation.ID, t.Now)
	})
	said := p.Paragraph("join.organiser", language.Words("Organisation", invite.Organisation.Name))
	if invite.Kind == bot.Leader {
		said = p.Paragraph("join.leader", language.Words("Group", invite.GroupName), language.Words("Organisation", invite.Organisation.Name))
	}
	out.Say(p.Message(said))
	if t.Person.Member.Locale == "" {
		more, err := r.pickLanguage(t, 0, true)
		out.Add(more)
		return out, err
	}
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	out.Replies[0].Message.Blocks = append(out.Replies[0].Message.Blocks, choices)
	return out, err
}

func (r *Room) noSuchCode(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = r.own(t)
	return out, r.sayWithMenu(&out, t, p.Paragraph("join.unknown"))
}

// Lost implements bot.Home.
func (r *Room) Lost(_ context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, error) {
	question, asked := r.question(t)
	asked = asked && (why == bot.TooLong || why == bot.NotText)
	if t.Person.Member.Locale == "" && why != bot.Broken && !asked {
		return r.pickLanguage(t, 0, true)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	blocks := []message.Block{p.Paragraph("lost." + string(why))}
	if asked {
		out.Say(p.Message(append(blocks, p.Paragraph(question))...))
		return out, nil
	}
	if t.Step != nil && (why == bot.TooLong || why == bot.NotText) {
		blocks = append(blocks, p.Paragraph("help.still-open"))
	}
	if t.Update.Kind == bot.ButtonPressed {
		out.Notice = p.Text("notice.old-button")
	}
	return out, r.sayWithMenu(&out, t, blocks...)
}
