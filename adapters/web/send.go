package web

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"ella/bot"
)

// Send shows a message on a phone. It is delivered once the shelf keeps it;
// whether a browser is open does not matter, as with any phone. An edit of what
// the phone no longer shows is sent as a new message.
func (a *Adapter) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	if len(out.Message.Blocks) == 0 && out.Press != "" {
		a.answer(out)
		return "", nil
	}
	lowered, err := Lower(out.Message)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(out.Chat, CrowdPrefix) {
		return "crowd", nil
	}
	if err := a.load(ctx); err != nil {
		return "", sendError(bot.NotSent, "shelf")
	}
	a.mu.Lock()
	c := a.chat(out.Chat)
	a.mu.Unlock()
	if c == nil {
		return "", sendError(bot.Gone, "no-such-phone")
	}
	if err := c.writing.enter(ctx); err != nil {
		return "", sendError(bot.NotSent, "waiting")
	}
	defer c.writing.leave()

	it, ok := a.place(c, out)
	if !ok {
		return "", sendError(bot.Blocked, "")
	}
	it.Message = &lowered
	if _, ok := fileOf(out.Message); ok {
		it.File = rand.Text()
	}
	if err := a.keep(ctx, it, &out.Message); err != nil {
		a.log.Warn("web: a message can't be kept", "err", err)
		return "", sendError(bot.NotSent, "shelf")
	}
	a.show(c, it)
	a.answer(out)
	return bot.Ref(strconv.FormatInt(it.Seq, 10)), nil
}

// place says where on the phone a message goes: into the item that it edits, or
// after the last. It reports false when the phone blocks Ella.
func (a *Adapter) place(c *chat, out bot.Outgoing) (Item, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.blocked {
		return Item{}, false
	}
	if seq, err := strconv.ParseInt(string(out.Edit), 10, 64); err == nil {
		if old := c.find(seq); old != nil && old.From == FromElla {
			return Item{Phone: c.phone.ID, Seq: seq, From: FromElla, At: old.At, Edited: true, Silent: true}, true
		}
	}
	return Item{Phone: c.phone.ID, Seq: c.reserve(), From: FromElla, At: a.now(), Silent: out.Silent}, true
}

// answer tells the pages that a press was answered, if this answers one.
func (a *Adapter) answer(out bot.Outgoing) {
	if out.Press == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.chat(out.Chat) == nil {
		return
	}
	a.journal.add(EventNotice, Notice{Phone: out.Chat, Press: out.Press, Text: clean(out.Notice)})
}

// Typing shows for a moment that an answer is on its way. It never blocks.
func (a *Adapter) Typing(_ context.Context, phone string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.chat(phone); c != nil && !c.blocked {
		a.journal.add(EventTyping, Typing{Phone: phone})
	}
}
