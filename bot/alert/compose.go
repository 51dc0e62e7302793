package alert

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// texts keeps the alerts that are being sent, so that a copy costs no read.
type texts struct {
	mu   sync.Mutex
	byID map[bot.AlertID]cached
}

type cached struct {
	alert        Alert
	organisation bot.Organisation
}

// Compose implements delivery.Composer. Ella's own words are in the reader's
// language always; the author's are in it when there is a variant, and
// otherwise they are the original with a line that says so.
func (r *Room) Compose(ctx context.Context, id bot.AlertID, reader bot.Reader, repeat bool) (message.Message, string, error) {
	c, err := r.cachedAlert(ctx, id)
	if err != nil {
		return message.Message{}, "", err
	}
	return r.compose(c.alert, c.organisation, reader, repeat)
}

// cachedAlert reads an alert once it can no longer change.
func (r *Room) cachedAlert(ctx context.Context, id bot.AlertID) (cached, error) {
	r.texts.mu.Lock()
	c, ok := r.texts.byID[id]
	r.texts.mu.Unlock()
	if ok {
		return c, nil
	}
	a, err := r.Store.Alert(ctx, id)
	if err != nil {
		return cached{}, err
	}
	o, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return cached{}, err
	}
	c = cached{alert: a, organisation: o}
	if a.State == Draft {
		return c, nil
	}
	r.texts.mu.Lock()
	defer r.texts.mu.Unlock()
	if r.texts.byID == nil || len(r.texts.byID) > 50 {
		r.texts.byID = map[bot.AlertID]cached{}
	}
	r.texts.byID[id] = c
	return c, nil
}

// forReader picks the variant: in the catalogue that the reader has, or the
// original. Never a neighbour's. It is their own language only if that is what
// they asked for.
func forReader(a Alert, reader bot.Reader) (v Variant, own bool) {
	if v, ok := a.variant(reader.Locale); ok {
		return v, reader.Speaks == ""
	}
	return a.Variants[0], false
}

// Errors of alerts that must not go out.
var (
	errNoText  = errors.New("alert: it has no text")
	errChanged = errors.New("alert: it is not what was submitted")
)

func (r *Room) compose(a Alert, o bot.Organisation, reader bot.Reader, repeat bool) (message.Message, string, error) {
	if len(a.Variants) == 0 {
		return message.Message{}, "", errNoText
	}
	p := r.Language.For(reader.Locale) // English for whoever has chosen none yet
	v, own := forReader(a, reader)
	blocks := []message.Block{p.Heading("alert.from", language.Words("Organisation", o.Name))}
	if repeat {
		blocks = append(blocks, p.Paragraph("alert.repeat"))
	}
	if !own {
		endonym, _ := r.endonym(v.Locale)
		blocks = append(blocks, p.Paragraph("alert.not-in-your-language", language.Words("Language", endonym)))
	}
	blocks = append(blocks, message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: v.Text}}})
	if a.Action != "" {
		invitation, err := r.Invitation(p, a.Action)
		if err != nil {
			return message.Message{}, "", err
		}
		blocks = append(blocks, invitation...)
	}
	blocks = append(blocks, p.Paragraph("alert.stop-hint", language.Command("Command", "/stop")))
	return p.Message(blocks...), v.Locale, nil
}

// Freeze turns an alert's audience into rows, in chunks, and then lets the
// sending begin. It is the worker of JobFreeze and goes on where an earlier try
// was cut off.
func (r *Room) Freeze(ctx context.Context, id string) error {
	a, err := r.Store.Alert(ctx, bot.AlertID(id))
	if err != nil {
		return err
	}
	if a.State != Freezing {
		return nil
	}
	after, err := r.Store.FrozenTo(ctx, a.ID)
	if err != nil {
		return err
	}
	if a.Audience.unnumbered() {
		if back, err := r.freezeList(ctx, a, after); err != nil || back {
			return err
		}
		return r.release(ctx, a)
	}
	err = r.each(ctx, a, after, nil, func(picked []Candidate, to bot.MemberID) error {
		members := make([]bot.MemberID, len(picked))
		for i, c := range picked {
			members[i] = c.Member
		}
		return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return r.Store.Freeze(ctx, tx, a.ID, members, to, r.Clock.Now())
		})
	})
	if err != nil {
		return err
	}
	return r.release(ctx, a)
}

// release lets the sending begin, if the alert is what was submitted.
func (r *Room) release(ctx context.Context, a Alert) error {
	sum, err := a.Sum()
	if err != nil {
		return err
	}
	if !bytes.Equal(sum, a.Hash) {
		return errChanged
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if a.InChats {
			if err := r.Store.FreezeChats(ctx, tx, a, r.Clock.Now()); err != nil {
				return err
			}
		}
		return r.Store.Release(ctx, tx, a.ID)
	})
	if err != nil {
		return err
	}
	r.Sent()
	return nil
}

// timeLayout is how an expiry goes into the hash.
const timeLayout = time.RFC3339
