package role

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

const (
	// AskLife is how long a role waits for its second organiser.
	AskLife = 24 * time.Hour
	// maxWrong is how often its number may be typed wrong, by all together.
	maxWrong = 3
	digits   = 4
)

// newNumber makes the number that a newcomer tells a second organiser: it shows
// that they have spoken, and not just pressed.
func newNumber(random io.Reader) (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", digits, binary.BigEndian.Uint64(b[:])%10_000), nil
}

// readNumber reads a number as people type it: spaces and dashes in it, the
// digits of any script.
func readNumber(text string) string {
	var b strings.Builder
	for _, c := range text {
		if unicode.IsSpace(c) || unicode.In(c, unicode.Pd, unicode.Cf) {
			continue
		}
		value, ok := language.Digit(c)
		if !ok {
			return ""
		}
		b.WriteString(strconv.Itoa(value))
	}
	return b.String()
}

// askSecond tells the newcomer their number, whoever invited them that it is out of
// their hands now, and every other organiser that it is asked for.
func (r *Room) askSecond(out *bot.Outcome, p language.Printer, o Roster, given Role) error {
	out.Say(p.Message(heading(p, given), of(p, o.Organisation),
		p.Paragraph("confirm.number", language.Command("Number", given.Check)), p.Paragraph("confirm.tell")))
	inviter, _ := o.Role(given.InvitedBy)
	err := r.tell(out, o.Organisation, given, []Role{inviter}, "confirm.begun", func(p language.Printer, k *message.Keyboard) {
		refuseButton(p, k, given)
	})
	if err != nil {
		return err
	}
	return r.tell(out, o.Organisation, given, o.organisers(given.Holder, inviter.Holder), "confirm.asked",
		func(p language.Printer, k *message.Keyboard) { confirmButtons(p, k, given) })
}

func confirmButtons(p language.Printer, k *message.Keyboard, about Role) {
	k.AddStyled(message.Primary, p.Text("confirm.type"), verbConfirm, string(about.ID), "")
	refuseButton(p, k, about)
}

func refuseButton(p language.Printer, k *message.Keyboard, about Role) {
	k.AddStyled(message.Danger, p.Text("confirm.refuse"), verbRefuse, string(about.ID), "")
}

// second reports whether the organiser who acts can be the second one: neither
// the newcomer nor who invited them.
func (m matter) second() bool {
	inviter, ok := m.Role(m.role.InvitedBy)
	return m.role.State == Asked && !m.own() && ok && inviter.Holder != m.by.Holder
}

// waiting is the data of stepNumber: whose number is to be typed.
type waiting struct {
	Role bot.RoleID `json:"role"`
}

// askNumber begins to read the number.
func (r *Room) askNumber(t bot.Turn, m matter) (bot.Outcome, error) {
	if !m.second() {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	notNow, err := laterButton(p)
	var out bot.Outcome
	out.Say(p.Message(heading(p, m.role), of(p, m.Organisation), p.Paragraph("confirm.ask"), notNow))
	out.Next = bot.NewStep(r.Name(), stepNumber, waiting{m.role.ID})
	return out, err
}

// laterButton is the way out of the question: whatever is written answers it.
func laterButton(p language.Printer) (message.Block, error) {
	var k message.Keyboard
	k.Add(p.Text("confirm.not-now"), verbLater, "", "")
	return k.Choices()
}

// later leaves the question. The role waits as before, and so does its button.
func (r *Room) later(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = r.own(t) && t.Step.Name == stepNumber
	return out, sayWithHelp(&out, p, p.Paragraph("confirm.later"))
}

// number reads it. It switches the role on, or counts that it was wrong.
func (r *Room) number(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	var w waiting
	if json.Unmarshal(t.Step.Data, &w) != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	m, err := r.matter(ctx, t, w.Role)
	switch {
	case errors.Is(err, bot.ErrNotFound) || err == nil && !m.second():
		p := r.Language.For(t.Locale)
		out := bot.Outcome{Done: true}
		return out, sayWithHelp(&out, p, p.Paragraph("confirm.over"))
	case err != nil:
		return bot.Outcome{}, err
	}
	switch typed := readNumber(t.Update.Text); {
	case len(typed) != digits:
		return r.askNumber(t, m) // no number at all: it guesses nothing
	case typed != m.role.Check:
		return r.wrong(t, m)
	}
	var out bot.Outcome
	out.Done = true
	r.hold(&out, m.Roster, m.by.ID)
	r.change(&out, m.role, On, t.Now)
	if err := r.say(&out, t, m, "confirm.done"); err != nil {
		return bot.Outcome{}, err
	}
	if err := r.welcome(&out, m.Organisation, m.role); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.tell(&out, m.Organisation, m.role, m.organisers(m.by.Holder, m.role.Holder), "confirm.on", nil, number(m.by))
}

func (r *Room) wrong(t bot.Turn, m matter) (bot.Outcome, error) {
	left := maxWrong - m.role.Wrong - 1
	if left <= 0 {
		return r.drop(t, m, "confirm.void", "confirm.void-you")
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	r.hold(&out, m.Roster, m.by.ID)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Miss(ctx, tx, m.role.ID) })
	notNow, err := laterButton(p)
	out.Say(p.Message(message.Paragraph{Spans: p.Plural("confirm.wrong", left)}, notNow))
	return out, err
}

// refuse takes back what one organiser began; it takes only one.
func (r *Room) refuse(t bot.Turn, m matter) (bot.Outcome, error) {
	if m.role.State != Asked {
		return bot.Outcome{}, bot.ErrNotFound
	}
	return r.drop(t, m, "confirm.refused", "confirm.refused-you")
}

// drop deletes a role that was asked for, and tells all who knew of it.
func (r *Room) drop(t bot.Turn, m matter, key, holderKey string) (bot.Outcome, error) {
	var out bot.Outcome
	out.Done = r.own(t)
	r.hold(&out, m.Roster, m.by.ID)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Drop(ctx, tx, m.role.ID) })
	if err := r.say(&out, t, m, key, number(m.by)); err != nil {
		return bot.Outcome{}, err
	}
	if err := r.tell(&out, m.Organisation, m.role, m.organisers(m.by.Holder, m.role.Holder), key, nil, number(m.by)); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.tell(&out, m.Organisation, m.role, []Role{m.role}, holderKey, nil)
}
