package alert

import (
	"context"
	"errors"
	"slices"

	"ella/bot"
)

// Call is an action that people are being asked to come to.
type Call struct {
	Organisation bot.OrganisationID
	// Alert is the one that it began with; empty when that has gone with the
	// organisation that had called it. Title is its first line.
	Alert bot.AlertID
	Title Variant
	// Partners are the other organisations that take part.
	Partners []bot.OrganisationID
	Over     bool
	// Paused: the organisation that called it is.
	Paused bool
}

// open reports whether an organisation may ask its people to come.
func (c Call) open(organisation bot.OrganisationID) bool {
	return !c.Over && !c.Paused && (c.Organisation == organisation || slices.Contains(c.Partners, organisation))
}

// callOf is the action that a draft asks people to come to, if there is one
// already: then the alert makes none of its own.
func (r *Room) callOf(ctx context.Context, a Alert) (c Call, ok bool, err error) {
	if a.Action == "" {
		return c, false, nil
	}
	c, err = r.Store.Call(ctx, a.Action)
	if errors.Is(err, bot.ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// callFor begins a draft of an organisation that takes part in an action of
// another, or has taken one over: in the words of the first call, until its author finds their own, and to people
// of its own. A draft that was begun before is gone on with.
func (r *Room) callFor(ctx context.Context, t bot.Turn, id bot.ActionID, organisation bot.OrganisationID) (bot.Outcome, error) {
	if !t.Person.Organises(organisation) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	call, err := r.Store.Call(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if organisation != call.Organisation && !slices.Contains(call.Partners, organisation) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	if call.Over || call.Paused {
		return r.say(t, "alert.call-over")
	}
	begun, err := r.Store.DraftFor(ctx, id, organisation)
	if err == nil {
		return r.back(ctx, t, begun, "")
	}
	if !errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, err
	}
	words, err := r.wordsOf(ctx, call)
	if err != nil {
		return bot.Outcome{}, err
	}
	o, err := r.Store.Organisation(ctx, organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	a := Alert{
		ID: bot.AlertID(r.IDs.New()), Organisation: o.ID, From: o.Name, Author: t.Person.Member.ID, Action: id,
		State: Draft, Expires: t.Now.Add(life), Variants: words,
	}
	out, err := r.back(ctx, t, a, "")
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Create(ctx, tx, a, t.Now) })
	return out, err
}

// wordsOf is what people were asked to come with first; where that is gone, what
// the action is called.
func (r *Room) wordsOf(ctx context.Context, c Call) ([]Variant, error) {
	original, err := r.Store.Alert(ctx, c.Alert)
	if errors.Is(err, bot.ErrNotFound) {
		return []Variant{c.Title}, nil
	}
	return original.Variants, err
}

// notOpen says that nobody can be asked to come to an action from here any more.
// The text stays: it may still be sent without the question.
func (r *Room) notOpen(t bot.Turn, a Alert) (bot.Outcome, error) {
	out, err := r.say(t, "alert.call-over")
	if err != nil {
		return out, err
	}
	card, err := r.card(t, a)
	out.Add(card)
	return out, err
}
