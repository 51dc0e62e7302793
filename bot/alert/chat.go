package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

// Chat is a group chat in which Ella can write, and the languages that she writes
// there.
type Chat struct {
	ID      bot.GroupChatID
	Locales []string
}

// Card is the copy of an alert that stands in a group chat.
type Card struct {
	Alert bot.AlertID
	Chat  Chat
	// Account and Name are where the chat is on its platform, Ref what the copy is called.
	Account bot.AccountID
	Name    string
	Ref     bot.Ref
	// Shown is what of it has changed since it was sent; empty when nothing has.
	Shown string
}

// Coming is what everybody may know of the answers to an action.
type Coming struct {
	// People is 0 while they are so few that they are hidden.
	People int
	// Open: it can still be answered.
	Open bool
	// Keep notes that the number is shown; nil when it was before.
	Keep bot.Change
}

// JobCards is the kind of the job that brings what group chats show of an action up to
// date; its id is the action's.
const JobCards = "alert.cards"

const (
	// settled is how long answers are collected before the cards in group chats follow
	// them: platforms let nobody change a message often.
	settled = 5 * time.Second
	// chatUnits is how long a message in a group chat may be, in UTF-16 units of its
	// text: what the tightest platform carries (see bottest.NewPlatform).
	chatUnits = 3800
	// many stands for a number of people where it is asked whether a message fits.
	many = 10_000
)

// audience chooses other recipients: who looks for the group's chats looks anew.
func (a *Alert) audience(to Audience) { a.Audience, a.InChats, a.Chats = to, false, nil }

// yesNo is a key, or the argument of a button, for one of two.
func yesNo(key string, yes bool) string {
	if yes {
		return key + "yes"
	}
	return key + "no"
}

// inChats sends a draft to the chats of its group too, or to its people only.
func (r *Room) inChats(_ context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	want := arg == "yes"
	if want == a.InChats || want && len(a.Chats) == 0 {
		return r.card(t, a)
	}
	a.InChats = want
	return r.edited(t, a)
}

// previewChats shows what group chats will see: once for those that read the same. It
// reports false, and says so, when that is too long for one message.
func (r *Room) previewChats(out *bot.Outcome, p language.Printer, a Alert, o bot.Organisation) (fits bool, err error) {
	if !a.InChats {
		return true, nil
	}
	var shown [][]string
	for _, c := range a.Chats {
		if slices.ContainsFunc(shown, func(locales []string) bool { return slices.Equal(locales, c.Locales) }) {
			continue
		}
		shown = append(shown, c.Locales)
		_, left, err := r.composeChat(a, o, c.Locales, true, Coming{People: many, Open: true})
		if err != nil {
			return false, err
		}
		if left > 0 {
			var k message.Keyboard
			k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
			choices, err := k.Choices()
			out.Say(p.Message(p.Paragraph("alert.chats-too-long"), choices))
			return false, err
		}
		m, _, err := r.composeChat(a, o, c.Locales, false, Coming{Open: true})
		if err != nil {
			return false, err
		}
		out.Say(p.Message(p.Paragraph("alert.preview-chat")))
		out.Say(inert(m))
	}
	return true, nil
}

// ComposeChat implements delivery.Composer. How many come is not in it yet: the first
// answer brings that.
func (r *Room) ComposeChat(ctx context.Context, id bot.AlertID, locales []string, repeat bool) (message.Message, error) {
	c, err := r.cachedAlert(ctx, id)
	if err != nil {
		return message.Message{}, err
	}
	m, _, err := r.composeChat(c.alert, c.organisation, locales, repeat, Coming{Open: true})
	return m, err
}

// composeChat writes an alert for a group chat: for each of its languages that there is
// a text in, one below the other, and where there is none the original, which says what
// it is in. left is how many languages found no room.
func (r *Room) composeChat(a Alert, o bot.Organisation, locales []string, repeat bool, coming Coming) (m message.Message, left int, err error) {
	if len(a.Variants) == 0 || len(locales) == 0 {
		return m, 0, errNoText
	}
	var written []string
	for _, locale := range locales {
		if _, ok := a.variant(locale); ok {
			written = append(written, locale)
		}
	}
	if len(written) == 0 {
		written = locales[:1]
	}
	for n := len(written); n > 0; n-- {
		m, err = r.inLanguages(a, o, written[:n], repeat, coming)
		if err != nil || units(m) <= chatUnits || n == 1 {
			return m, len(written) - n, err
		}
	}
	return m, 0, nil
}

// units is how long a message is, as platforms count.
func units(m message.Message) int { return len(utf16.Encode([]rune(m.Text()))) }

func (r *Room) inLanguages(a Alert, o bot.Organisation, locales []string, repeat bool, coming Coming) (message.Message, error) {
	var blocks []message.Block
	var buttons message.Choices
	for _, locale := range locales {
		p := r.Language.For(locale)
		v, own := forReader(a, bot.Reader{Locale: locale})
		blocks = append(blocks, p.Heading("alert.from", language.Words("Organisation", o.Name)))
		if repeat {
			blocks = append(blocks, p.Paragraph("alert.repeat"))
		}
		if !own {
			endonym, _ := r.endonym(v.Locale)
			blocks = append(blocks, p.Paragraph("alert.not-in-your-language", language.Words("Language", endonym)))
		}
		blocks = append(blocks, message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: v.Text}}})
		if a.Action == "" {
			continue
		}
		if coming.People >= headcount.Floor {
			blocks = append(blocks, p.Paragraph("rsvp.so-far", language.Spans("People", headcount.People(p, coming.People))))
		}
		if !coming.Open {
			blocks = append(blocks, p.Paragraph("rsvp.over"))
			continue
		}
		asked, err := r.Asking(p, a.Action)
		if err != nil {
			return message.Message{}, err
		}
		blocks = append(blocks, p.Paragraph("rsvp.ask"))
		buttons.Rows = append(buttons.Rows, asked.Rows...)
	}
	if len(buttons.Rows) > 0 {
		blocks = append(blocks, buttons)
	}
	return r.Language.For(locales[0]).Message(blocks...), nil
}

// answered lets the cards in group chats follow an answer, together with those that
// come in the next seconds.
func (r *Room) answered(ctx context.Context, t bot.Turn, id bot.ActionID) (bot.Outcome, error) {
	asks, err := r.Store.AsksInChats(ctx, id)
	if err != nil || !asks {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	r.refresh(&out, id, t.Now)
	return out, nil
}

func (r *Room) refresh(out *bot.Outcome, id bot.ActionID, now time.Time) {
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobCards, ID: string(id), At: now.Add(settled)})
	})
}

// Refresh brings the cards in group chats up to date, each only if it is to say
// something else. It is the worker of JobCards.
func (r *Room) Refresh(ctx context.Context, id string) error {
	cards, err := r.Store.Cards(ctx, bot.ActionID(id))
	if err != nil {
		return err
	}
	var failed error
	for _, c := range cards {
		failed = errors.Join(failed, r.refreshCard(ctx, bot.ActionID(id), c))
	}
	return failed
}

func (r *Room) refreshCard(ctx context.Context, id bot.ActionID, c Card) error {
	a, err := r.Store.Alert(ctx, c.Alert)
	if err != nil {
		return err
	}
	o, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return err
	}
	coming, err := r.Coming(ctx, id, a.Organisation)
	if err != nil {
		return err
	}
	coming.Open = coming.Open && a.State != Cancelled
	shown := coming.shown(c.Chat)
	if shown == c.Shown || c.Shown == "" && coming.Open && coming.People == 0 {
		return r.keepNumber(ctx, coming)
	}
	m, _, err := r.composeChat(a, o, c.Chat.Locales, false, coming)
	if err != nil {
		return err
	}
	if err := r.keepNumber(ctx, coming); err != nil {
		return err
	}
	ref, err := r.Direct(ctx, c.Account, bot.Outgoing{Chat: c.Name, Message: m, Edit: c.Ref, Bulk: true})
	return r.changed(ctx, c, shown, ref, err)
}

// keepNumber notes a number before it is shown: whoever asks for it anywhere is told
// the same.
func (r *Room) keepNumber(ctx context.Context, coming Coming) error {
	if coming.Keep == nil {
		return nil
	}
	return r.Store.Write(ctx, coming.Keep)
}

// shown names what can be seen of it in a chat.
func (c Coming) shown(in Chat) string {
	return fmt.Sprintf("%d %s %s", headcount.Rough(c.People), yesNo("open-", c.Open), strings.Join(in.Locales, ","))
}

// changed notes how changing a card ended. What may work later is an error, so that the
// job is tried again.
func (r *Room) changed(ctx context.Context, c Card, shown string, ref bot.Ref, err error) error {
	now := r.Clock.Now()
	switch bot.SendKindOf(err) {
	case "", bot.Markup, bot.Invalid:
		// What the platform refuses once it refuses every time.
		c.Shown = shown
		if ref != "" {
			c.Ref = ref
		}
		return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return r.Store.KeepCard(ctx, tx, c) })
	case bot.Moved:
		// What stood in the old chat can't be changed from the new one.
		se, _ := errors.AsType[*bot.SendError](err)
		return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return r.Store.MoveChat(ctx, tx, c.Chat.ID, se.NewChat, now)
		})
	case bot.Blocked, bot.Gone, bot.Forbidden:
		return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			if err := r.Store.LoseChat(ctx, tx, c.Chat.ID, now); err != nil {
				return err
			}
			return r.ChatLost(ctx, tx, c.Chat.ID)
		})
	}
	return err
}

// inChatsNow says how far the copies to group chats are.
func inChatsNow(p language.Printer, states []string) []message.Span {
	var said []string
	for _, state := range states {
		key := "progress.chat-waiting"
		switch state {
		case "sent":
			key = "progress.chat-sent"
		case "unknown":
			key = "progress.chat-unknown"
		case "refused", "skipped", "cancelled":
			key = "progress.chat-failed"
		}
		if !slices.Contains(said, key) {
			said = append(said, key)
		}
	}
	var words [][]message.Span
	for _, key := range said {
		words = append(words, p.Spans(key))
	}
	return p.ListSpans(words)
}
