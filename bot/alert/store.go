package alert

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/headcount"
)

// Store is what this room reads and writes. Only the author's own organisation
// is ever counted or addressed.
type Store interface {
	Write(ctx context.Context, unit bot.Change) error

	// Alert reads an alert with its variants, the original first. bot.ErrNotFound.
	Alert(ctx context.Context, id bot.AlertID) (Alert, error)
	// Organisation reads one. bot.ErrNotFound.
	Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error)
	// Author reads the author of an alert. bot.ErrNotFound when they have left,
	// have stopped, or no longer organise.
	Author(ctx context.Context, a Alert) (bot.Member, error)
	// Candidates are the active, reachable members who agreed to hear from an
	// organisation, and are among those, in the order of their ids, after the given
	// one, at most limit.
	Candidates(ctx context.Context, organisation bot.OrganisationID, among Among, after bot.MemberID, limit int) ([]Candidate, error)
	// GroupChoices are the open groups of an organisation, whether or not anybody
	// is with them: a list that one member's yes makes longer gives it away.
	GroupChoices(ctx context.Context, organisation bot.OrganisationID) ([]GroupChoice, error)
	// GroupReaders counts the same members by the group of the organisation that they
	// are with.
	GroupReaders(ctx context.Context, organisation bot.OrganisationID) (map[bot.GroupID]Readers, error)
	// ChatChoices are the group chats of an organisation from which people can opt in,
	// whether or not anybody did. ChatReaders counts the same members by the chat that
	// they opted in from.
	ChatChoices(ctx context.Context, organisation bot.OrganisationID) ([]ChatChoice, error)
	ChatReaders(ctx context.Context, organisation bot.OrganisationID) (map[bot.GroupChatID]Readers, error)
	// MembersOf are those members whom the platform calls so. Nothing is kept of others.
	MembersOf(ctx context.Context, account bot.AccountID, senders []string) ([]bot.MemberID, error)
	// Cohort reads an organisation's people as they were last counted. Of one that was
	// never counted it is the zero value.
	Cohort(ctx context.Context, organisation bot.OrganisationID) (Cohort, error)
	// Recall fills in what was counted when each number was last shown anew.
	Recall(ctx context.Context, counts ...*headcount.Count) error
	// Call reads the action that was called by an alert. bot.ErrNotFound while
	// there is only a draft of it.
	Call(ctx context.Context, id bot.ActionID) (Call, error)
	// DraftFor is the newest draft in which an organisation asks its people to come
	// to an action. bot.ErrNotFound.
	DraftFor(ctx context.Context, id bot.ActionID, organisation bot.OrganisationID) (Alert, error)
	// Tally counts an alert's copies by state.
	Tally(ctx context.Context, id bot.AlertID) (Tally, error)
	// ChatsOf are the chats of a group in which Ella can write, by their numbers.
	ChatsOf(ctx context.Context, group bot.GroupID) ([]Chat, error)
	// AsksInChats reports whether an alert that asks people to come to an action went,
	// or goes, to group chats. Cheap: asked at every answer.
	AsksInChats(ctx context.Context, id bot.ActionID) (bool, error)
	// Cards are the copies of such alerts that stand in group chats in which Ella can
	// write, of groups that are open and whose organisation is not paused.
	Cards(ctx context.Context, id bot.ActionID) ([]Card, error)
	// Recent are an organisation's last alerts and drafts, newest first, but those
	// under way before all others.
	Recent(ctx context.Context, organisation bot.OrganisationID, limit int) ([]Alert, error)

	// UnderWay are the alerts of one author, for one organisation, that are being
	// frozen or sent, without their texts.
	UnderWay(ctx context.Context, author bot.MemberID, organisation bot.OrganisationID) ([]Alert, error)

	// Create writes a new draft.
	Create(ctx context.Context, tx bot.Tx, a Alert, now time.Time) error
	// Edit writes organisation, action, audience and expiry of a draft and raises
	// its version.
	// bot.ErrConflict when its version or state is another by now.
	Edit(ctx context.Context, tx bot.Tx, a Alert) error
	// NameOriginal says which language the original of a draft is in, and raises
	// its version; another text in that language goes. bot.ErrConflict as above.
	NameOriginal(ctx context.Context, tx bot.Tx, a Alert, locale string, now time.Time) error
	// SetVariant writes one text of a draft and raises its version; an empty
	// text takes it out. bot.ErrConflict as above.
	SetVariant(ctx context.Context, tx bot.Tx, a Alert, v Variant, now time.Time) error
	// Submit turns a draft of that version into an alert whose audience is being
	// frozen, with its hash and its expiry. bot.ErrConflict when it is none any more,
	// asks people to come to an action that is over or no longer shared, or when its
	// author is no organiser any more; whoever suspends them at this moment is
	// refused too, and has to look again.
	Submit(ctx context.Context, tx bot.Tx, a Alert, now time.Time) error
	// Discard deletes a draft. Cancel stops an alert under way.
	Discard(ctx context.Context, tx bot.Tx, id bot.AlertID) error
	Cancel(ctx context.Context, tx bot.Tx, id bot.AlertID, now time.Time) error

	// DoubtfulCards are the cards of actions that stand in chats of an account, were sent
	// between since and the outage's end, are open and without an answer since it began,
	// and don't speak of it yet; DoubtfulCopies are the copies of alerts for which the
	// same is true and below which there is no such card. At most limit of them, and none
	// of members who have stopped.
	DoubtfulCards(ctx context.Context, o Outage, since time.Time, limit int) ([]Doubt, error)
	DoubtfulCopies(ctx context.Context, o Outage, since time.Time, limit int) ([]Doubt, error)
	// Settled reports whether a card no longer waits for an answer: one has come since a
	// time, the action is over, or its reader wants no messages any more.
	Settled(ctx context.Context, d Doubt, since time.Time) (bool, error)
	// Away are a member's copies of alerts about an action that speak of an outage, or
	// are about to.
	Away(ctx context.Context, id bot.ActionID, member bot.MemberID) ([]Doubt, error)
	// MarkAway notes that a card is about to speak of an outage that ended at a time, or
	// has done so; with the zero time that it does no longer. It also notes what the card
	// is called in its chat now.
	MarkAway(ctx context.Context, tx bot.Tx, d Doubt, until time.Time, said bool) error

	// FrozenTo is the last member of the stretch frozen so far.
	FrozenTo(ctx context.Context, id bot.AlertID) (bot.MemberID, error)
	// Freeze plans a copy for each of these members, notes how far the freezing
	// is, and may be repeated: a member has one copy however often.
	Freeze(ctx context.Context, tx bot.Tx, id bot.AlertID, members []bot.MemberID, to bot.MemberID, now time.Time) error
	// FreezeChats plans a copy for each chat of the group that an alert is for.
	FreezeChats(ctx context.Context, tx bot.Tx, a Alert, now time.Time) error
	// GiveBack makes an alert of which nobody is frozen yet a draft again, with the next
	// version. bot.ErrConflict when it is none.
	GiveBack(ctx context.Context, tx bot.Tx, id bot.AlertID) error
	// Release ends the freezing: the sending begins.
	Release(ctx context.Context, tx bot.Tx, id bot.AlertID) error
	// KeepCard notes what stands in a group chat now, and what it is called there.
	KeepCard(ctx context.Context, tx bot.Tx, c Card) error
	// LoseChat turns off a group chat in which Ella can't write any more, MoveChat gives
	// one the name that the platform has for it now.
	LoseChat(ctx context.Context, tx bot.Tx, id bot.GroupChatID, now time.Time) error
	MoveChat(ctx context.Context, tx bot.Tx, id bot.GroupChatID, name string, now time.Time) error
	// KeepCohort notes an organisation's people as they were counted now, over what
	// was read with that version. bot.ErrConflict when somebody has counted meanwhile.
	KeepCohort(ctx context.Context, tx bot.Tx, organisation bot.OrganisationID, c Cohort, now time.Time) error
	// Keep notes numbers that are shown anew. bot.ErrConflict when one of them was
	// shown to somebody else meanwhile.
	Keep(ctx context.Context, tx bot.Tx, counts []*headcount.Count, now time.Time) error
}

// Candidate is a member whom an audience may hold, with just what it may ask about.
type Candidate struct {
	Member          bot.MemberID
	Locale, Speaks  string
	Sector, Outcode string
}

// GroupChoice is a group that an alert can be sent to.
type GroupChoice struct {
	ID   bot.GroupID
	Name string
}

// ChatChoice is a group chat whose people an alert can be sent to; Group is the name of
// its group.
type ChatChoice struct {
	ID      bot.GroupChatID
	Group   string
	Number  int
	Account bot.AccountID
}

// Tally is how many copies to people stand where. Chats are the states of those to
// group chats.
type Tally struct {
	Waiting, Sent, Refused, Unknown, Skipped int
	Chats                                    []string
}

// Total is how many copies to people there are.
func (t Tally) Total() int { return t.Waiting + t.Sent + t.Refused + t.Unknown + t.Skipped }
