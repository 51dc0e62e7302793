package bottest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// broken is an adapter that is sound but for what is set.
type broken struct {
	*bottest.Platform
	capabilities func() bot.Capabilities
	receive      func(ctx context.Context, inbox bot.Inbox) error
	decode       func(raw []byte) (bot.Update, error)
	send         func(ctx context.Context, out bot.Outgoing) (bot.Ref, error)
	menu         func(ctx context.Context, chat string, commands []bot.MenuItem) error
	publish      func(ctx context.Context, chat string, page message.Message) error
	fill         func(ctx context.Context, chat, window string, form message.Form) error
}

func (b broken) Capabilities() bot.Capabilities {
	if b.capabilities != nil {
		return b.capabilities()
	}
	return b.Platform.Capabilities()
}

func (b broken) Receive(ctx context.Context, inbox bot.Inbox) error {
	if b.receive != nil {
		return b.receive(ctx, inbox)
	}
	return b.Platform.Receive(ctx, inbox)
}

func (b broken) Decode(raw []byte) (bot.Update, error) {
	if b.decode != nil {
		return b.decode(raw)
	}
	return b.Platform.Decode(raw)
}

func (b broken) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	if b.send != nil {
		return b.send(ctx, out)
	}
	return b.Platform.Send(ctx, out)
}

func (b broken) Menu(ctx context.Context, chat string, commands []bot.MenuItem) error {
	if b.menu != nil {
		return b.menu(ctx, chat, commands)
	}
	return b.Platform.Menu(ctx, chat, commands)
}

func (b broken) Publish(ctx context.Context, chat string, page message.Message) error {
	if b.publish != nil {
		return b.publish(ctx, chat, page)
	}
	return b.Platform.Publish(ctx, chat, page)
}

func (b broken) Fill(ctx context.Context, chat, window string, form message.Form) error {
	if b.fill != nil {
		return b.fill(ctx, chat, window, form)
	}
	return b.Platform.Fill(ctx, chat, window, form)
}

// inboxFunc is an inbox made of a function.
type inboxFunc func(ctx context.Context, raw bot.Raw) error

func (f inboxFunc) Accept(ctx context.Context, raw bot.Raw) error { return f(ctx, raw) }

// fault is one way to break the contract, and the rule that must notice.
type fault struct {
	rule   string
	damage func(b *broken, r *bottest.Rig)
}

// edit is a fault of Send that changes what is sent.
func edit(change func(out *bot.Outgoing)) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.send = func(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
			change(&out)
			return b.Platform.Send(ctx, out)
		}
	}
}

// editFile is a fault of Send that changes the file that is sent.
func editFile(change func(f *message.File)) func(*broken, *bottest.Rig) {
	return edit(func(out *bot.Outgoing) {
		for i, b := range out.Message.Blocks {
			if f, ok := b.(message.File); ok {
				change(&f)
				out.Message.Blocks[i] = f
			}
		}
	})
}

// misread is a fault of Decode that changes what was read.
func misread(change func(u *bot.Update)) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			u, err := b.Platform.Decode(raw)
			if err == nil {
				change(&u)
			}
			return u, err
		}
	}
}

// failWith is a fault of Send's errors.
func failWith(change func(out bot.Outgoing, err error) error) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.send = func(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
			ref, err := b.Platform.Send(ctx, out)
			if err != nil {
				err = change(out, err)
			}
			return ref, err
		}
	}
}

var faults = map[string]fault{
	"other capabilities": {"Capabilities/never_change", func(b *broken, _ *bottest.Rig) {
		var asked atomic.Int64
		b.capabilities = func() bot.Capabilities {
			c := b.Platform.Capabilities()
			c.Buttons += int(asked.Add(1))
			return c
		}
	}},
	"a start link for nobody": {"Capabilities/never_change", func(b *broken, _ *bottest.Rig) {
		b.Can.StartLink = "https://memory.example/"
	}},
	"acknowledges first": {"Receive/leaves_what_was_refused", func(_ *broken, r *bottest.Rig) {
		do := r.Do
		r.Do = func(d bottest.Did) func() bool {
			deliver := do(d)
			return func() bool { deliver(); return true }
		}
	}},
	"never acknowledges": {"Receive/acknowledges_what_was_accepted", func(_ *broken, r *bottest.Rig) {
		do := r.Do
		r.Do = func(d bottest.Did) func() bool {
			deliver := do(d)
			return func() bool { deliver(); return false }
		}
	}},
	"drops what was refused": {"Receive/leaves_what_was_refused", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error { _ = inbox.Accept(ctx, raw); return nil }))
		}
	}},
	"a new key each time": {"Receive/names_an_update", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			var n atomic.Int64
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				raw.Key = fmt.Sprint(n.Add(1))
				return inbox.Accept(ctx, raw)
			}))
		}
	}},
	"the words as the key": {"Receive/names_an_update", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				u, err := b.Platform.Decode(raw.Body)
				raw.Key = u.Sender + u.Text
				return errors.Join(err, inbox.Accept(ctx, raw))
			}))
		}
	}},
	"one sender for all": {"Receive/knows_people_apart", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				raw.Sender = "everybody"
				return inbox.Accept(ctx, raw)
			}))
		}
	}},
	"ends with an error": {"Receive/ends_with_its_context", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return errors.Join(b.Platform.Receive(ctx, inbox), ctx.Err())
		}
	}},
	"leaves the inbox behind": {"Receive/ends_while", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			inner, cancel := context.WithCancel(context.Background())
			go func() { _ = b.Platform.Receive(inner, inbox) }()
			<-ctx.Done()
			go func() { <-time.After(time.Second); cancel() }()
			return nil
		}
	}},
	"panics": {"Decode/survives", func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			_ = raw[0]
			return b.Platform.Decode(raw)
		}
	}},
	"lets NUL through": {"Decode/survives", misread(func(u *bot.Update) { u.Data += "\x00" })},
	"is another way each time": {"Decode/survives", func() func(*broken, *bottest.Rig) {
		var n atomic.Int64
		return misread(func(u *bot.Update) { u.LocaleHint = fmt.Sprint(n.Add(1)) })
	}()},
	"quotes in its error": {"Decode/survives", func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			u, err := b.Platform.Decode(raw)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, raw)
			}
			return u, err
		}
	}},
	"unescapes":    {"Decode/reads", misread(func(u *bot.Update) { u.Text = strings.ReplaceAll(u.Text, "&amp;", "&") })},
	"loses a mark": {"Decode/reads", misread(func(u *bot.Update) { u.Text = strings.ReplaceAll(u.Text, "\u200c", "") })},
	"lowercases":   {"Send/gives_buttons", misread(func(u *bot.Update) { u.Data = strings.ReplaceAll(u.Data, "Б", "б") })},
	"cuts data": {"Send/gives_buttons", edit(func(out *bot.Outgoing) {
		for _, b := range out.Message.Blocks {
			if c, ok := b.(message.Choices); ok {
				for _, row := range c.Rows {
					for i := range row {
						row[i].Data = row[i].Data[:min(len(row[i].Data), 60)]
					}
				}
			}
		}
	})},
	"eats markup": {"Send/keeps_words", edit(func(out *bot.Outgoing) {
		for i, b := range out.Message.Blocks {
			if p, ok := b.(message.Paragraph); ok {
				out.Message.Blocks[i] = message.Say(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(message.Plain(p.Spans), ""))
			}
		}
	})},
	"cuts files":          {"Send/hands_files", editFile(func(f *message.File) { f.Data = f.Data[:min(len(f.Data), 1<<20)] })},
	"reads files as text": {"Send/hands_files", editFile(func(f *message.File) { f.Data = bytes.ReplaceAll(f.Data, []byte("\r\n"), []byte("\n")) })},
	"renames files":       {"Send/hands_files", editFile(func(f *message.File) { f.Name = strings.ToLower(f.Name) })},
	"sends files only":    {"Send/hands_files", editFile(func(f *message.File) { f.About = "A file" })},
	"promises files":      {"Send/hands_files", edit(func(out *bot.Outgoing) { out.Message = out.Message.WithoutFiles() })},
	"never edits":         {"Send/changes_messages", edit(func(out *bot.Outgoing) { out.Edit = "" })},
	"shows notices": {"Send/answers_a_press", edit(func(out *bot.Outgoing) {
		if len(out.Message.Blocks) == 0 && out.Press != "" {
			out.Message = message.Message{Blocks: []message.Block{message.Say("notice: " + out.Notice)}}
		}
	})},
	"a group link for nobody": {"Capabilities/never_change", func(b *broken, _ *bottest.Rig) {
		b.Can.GroupLink = "memory.example/{}"
	}},
	"a group link to no group chats": {"Capabilities/never_change", func(b *broken, _ *bottest.Rig) { b.Can.GroupChats = false }},
	"drops the link":                 {"Send/answers_a_press_with", edit(func(out *bot.Outgoing) { out.NoticeLink = "" })},
	"says the link": {"Send/answers_a_press_with", edit(func(out *bot.Outgoing) {
		if out.NoticeLink != "" {
			out.Message = message.Message{Blocks: []message.Block{message.Say(out.NoticeLink)}}
		}
	})},
	"takes nothing away":   {"Send/takes_messages_away", edit(func(out *bot.Outgoing) { out.TakeBack = out.TakeBack[:0:0] })},
	"takes one of several": {"Send/takes_messages_away", edit(func(out *bot.Outgoing) { out.TakeBack = out.TakeBack[:min(1, len(out.TakeBack))] })},
	"minds what is gone": {"Send/takes_messages_away", func(b *broken, _ *bottest.Rig) {
		b.send = func(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
			for _, ref := range out.TakeBack {
				found := false
				for _, s := range b.Shown(out.Chat) {
					found = found || s.Ref == ref
				}
				if !found {
					return "", &bot.SendError{Kind: bot.Invalid}
				}
			}
			return b.Platform.Send(ctx, out)
		}
	}},
	"names no location": {"Send/takes_messages_away", misread(func(u *bot.Update) {
		if u.Kind == bot.LocationShared {
			u.Message = ""
		}
	})},
	"makes a sound":     {"Send/keeps_to_the_options", edit(func(out *bot.Outgoing) { out.Message.Silent = false })},
	"lets anybody save": {"Send/keeps_to_the_options", edit(func(out *bot.Outgoing) { out.Message.Protected = false })},
	"always previews":   {"Send/keeps_to_the_options", edit(func(out *bot.Outgoing) { out.Message.Preview = true })},
	"one page for all": {"Pages/shows_people_their_own", func(b *broken, r *bottest.Rig) {
		b.publish = func(ctx context.Context, _ string, page message.Message) error {
			for _, chat := range r.Chats {
				if err := b.Platform.Publish(ctx, chat, page); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	"says the page": {"Pages/shows_people_their_own", func(b *broken, _ *bottest.Rig) {
		b.publish = func(ctx context.Context, chat string, page message.Message) error {
			_, err := b.Platform.Send(ctx, bot.Outgoing{Chat: chat, Message: page})
			return err
		}
	}},
	"shows a page to nobody": {"Pages/shows_people_their_own", func(b *broken, _ *bottest.Rig) {
		b.publish = func(ctx context.Context, chat string, page message.Message) error {
			_ = b.Platform.Publish(ctx, chat, page)
			return nil
		}
	}},
	"forgets the page":        {"Pages/shows_people_their_own", misread(func(u *bot.Update) { u.OnPage = false })},
	"no window of a press":    {"Windows/fills_a_form", misread(func(u *bot.Update) { u.Window = "" })},
	"a window of every press": {"Windows/fills_a_form", misread(func(u *bot.Update) { u.Window = "w" })},
	"mixes up fields": {"Windows/fills_a_form", misread(func(u *bot.Update) {
		if u.Fields != nil {
			u.Fields["name"] = u.Fields["about"]
		}
	})},
	"fills what is gone": {"Windows/fills_a_form", func(b *broken, _ *bottest.Rig) {
		b.fill = func(ctx context.Context, chat, window string, form message.Form) error {
			if err := b.Platform.Fill(ctx, chat, window, form); bot.SendKindOf(err) != bot.Gone {
				return err
			}
			return nil
		}
	}},
	"leaves the first form": {"Windows/fills_a_form", func(b *broken, _ *bottest.Rig) {
		filled := false
		b.fill = func(ctx context.Context, chat, window string, form message.Form) error {
			if filled {
				return nil
			}
			filled = true
			return b.Platform.Fill(ctx, chat, window, form)
		}
	}},
	"says the form": {"Windows/fills_a_form", func(b *broken, _ *bottest.Rig) {
		b.fill = func(ctx context.Context, chat, window string, form message.Form) error {
			_, _ = b.Platform.Send(ctx, bot.Outgoing{Chat: chat, Message: message.Message{Locale: "en", Blocks: form.Blocks}})
			return b.Platform.Fill(ctx, chat, window, form)
		}
	}},
	"one menu for all": {"Menu/shows_a_chat", func(b *broken, r *bottest.Rig) {
		b.menu = func(ctx context.Context, _ string, commands []bot.MenuItem) error {
			return b.Platform.Menu(ctx, r.Chats[0], commands)
		}
	}},
	"keeps old menus": {"Menu/shows_a_chat", func(b *broken, _ *bottest.Rig) {
		b.menu = func(ctx context.Context, chat string, commands []bot.MenuItem) error {
			if len(commands) == 0 {
				return nil
			}
			return b.Platform.Menu(ctx, chat, commands)
		}
	}},
	"says the menu": {"Menu/shows_a_chat", func(b *broken, _ *bottest.Rig) {
		b.menu = func(ctx context.Context, chat string, commands []bot.MenuItem) error {
			_, err := b.Platform.Send(ctx, bot.Outgoing{Chat: chat, Message: message.Message{Blocks: []message.Block{message.Say("/help")}}})
			return errors.Join(err, b.Platform.Menu(ctx, chat, commands))
		}
	}},
	"calls it unclear": {"Send/takes_every_message", failWith(func(bot.Outgoing, error) error { return &bot.SendError{Kind: bot.Unclear} })},
	"another kind":     {"Send/tells_why", failWith(func(bot.Outgoing, error) error { return &bot.SendError{Kind: "shrug"} })},
	"a plain error":    {"Send/tells_why", failWith(func(bot.Outgoing, error) error { return errors.New("no") })},
	"tells the chat":   {"Send/tells_why", failWith(func(out bot.Outgoing, err error) error { return fmt.Errorf("to %s: %w", out.Chat, err) })},
	"tells the words":  {"Send/tells_why", failWith(func(out bot.Outgoing, err error) error { return fmt.Errorf("%s: %w", out.Message.Text(), err) })},
	"tells its token": {"Send/tells_why", func(b *broken, r *bottest.Rig) {
		r.Secrets = []string{"123:secret"}
		failWith(func(_ bot.Outgoing, err error) error { return fmt.Errorf("POST /bot123:secret/: %w", err) })(b, r)
	}},
	"waits half the time": {"Send/tells_why", failWith(func(_ bot.Outgoing, err error) error {
		var se *bot.SendError
		errors.As(err, &se)
		return &bot.SendError{Kind: se.Kind, RetryAfter: se.RetryAfter / 2}
	})},
	"mixes chats up": {"Send/serves_many", func() func(*broken, *bottest.Rig) {
		var n atomic.Int64
		return edit(func(out *bot.Outgoing) {
			if n.Add(1)%7 == 0 {
				out.Chat, out.Edit = "chat-1", ""
			}
		})
	}()},
}
