// Package alert is the room in which an organiser writes to many: the text and
// its variants, the audience, the preview, the send, and how far it is.
package alert

import (
	"context"
	"errors"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/place"
)

// State is how far an alert has come.
type State string

// The states of an alert.
const (
	Draft     State = "draft"
	Freezing  State = "freezing" // the audience is being turned into rows
	Sending   State = "sending"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Alert is a message to an audience.
type Alert struct {
	ID           bot.AlertID
	Organisation bot.OrganisationID
	// From is the organisation's name, only for showing.
	From   string
	Author bot.MemberID
	// Action is what people are asked to come to; empty when it only informs.
	Action   bot.ActionID
	Audience Audience
	// InChats: it goes to the chats of the group that it is for too. Chats are those in
	// which Ella can write now; like From they are only for showing.
	InChats bool
	Chats   []Chat
	State   State
	// Expires is when a copy is no longer worth sending.
	Expires time.Time
	// Version counts edits: what was previewed is what is sent, or nothing is.
	Version int64
	// Hash binds text, variants and audience as they were when it was submitted.
	Hash     []byte
	Variants []Variant
}

// Variant is the text in one language. The first one is the original.
type Variant struct {
	// Locale is the language it is in; empty until the author has said.
	Locale string
	Text   string
}

// variant returns the text in a language.
func (a Alert) variant(locale string) (Variant, bool) {
	for _, v := range a.Variants {
		if v.Locale == locale {
			return v, true
		}
	}
	return Variant{}, false
}

// Room is the alert room.
type Room struct {
	Store    Store
	Jobs     bot.Jobs
	Language *language.Bundle
	Places   *place.Gazetteer
	IDs      bot.IDs
	Clock    bot.Clock
	// Invitation are the blocks under an alert that asks people to come; the
	// action room has them.
	Invitation func(p language.Printer, id bot.ActionID) ([]message.Block, error)
	// Stands is an action as it stands for one member; the action room has it.
	// bot.ErrNotFound.
	Stands func(ctx context.Context, id bot.ActionID, member bot.MemberID, reader bot.Reader) (message.Message, error)
	// Asking are the buttons with which an action is answered, and Coming how many come to
	// it because an organisation asked them, as everybody may be told; the action room
	// has both.
	Asking func(p language.Printer, id bot.ActionID) (message.Choices, error)
	Coming func(ctx context.Context, id bot.ActionID, organisation bot.OrganisationID) (Coming, error)
	// Rosters is the account's platform, if it is served here and has lists of people. It is
	// asked in a turn for no longer than rosterWait.
	Rosters func(account bot.AccountID) (bot.Rosters, bool)
	// Post is how a worker writes to members.
	Post bot.Post
	// Told are the answers to an action of those whom an organisation asked, as they were
	// last shown to an organiser; the action room has them.
	Told func(ctx context.Context, p language.Printer, id bot.ActionID, organisation bot.OrganisationID) ([]message.Fact, error)
	// Sent is called when an audience is frozen: there is something to send.
	Sent func()
	// Direct changes cards that stand in chats. ChatLost is called in the unit that turns
	// one off, since Ella can't write there any more.
	Direct   bot.Direct
	ChatLost func(ctx context.Context, tx bot.Tx, id bot.GroupChatID) error

	texts texts
}

var _ bot.Room = (*Room)(nil)

// JobFreeze is the kind of the job that freezes an audience; its id is the alert's.
const JobFreeze = "alert.freeze"

// life is how long an alert is worth sending, unless its author says otherwise.
const life = 48 * time.Hour

// Name implements bot.Room.
func (*Room) Name() string { return "alert" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	return []bot.Command{{Name: "alert", For: []bot.RoleKind{bot.Organiser}}}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, _, rest string) (bot.Outcome, error) {
	if t.Update.Window != "" {
		return r.emptyForm(ctx, t, rest)
	}
	if rest != "" {
		return r.write(ctx, t, rest)
	}
	return r.begin(ctx, t)
}

const (
	verbWritten  = "alert.written"  // id, arg: locale of the original
	verbNew      = "alert.new"      // another draft, in a form where there are windows
	verbForm     = "alert.form"     // id of the draft that it makes: of the form, no button's
	verbCard     = "alert.card"     // id: back to the draft
	verbFrom     = "alert.from"     // id, arg: organisation that writes
	verbWrong    = "alert.wrong"    // id: which language is it really
	verbRewrite  = "alert.rewrite"  // id
	verbVariants = "alert.variants" // id: which language to add
	verbVariant  = "alert.variant"  // id, arg: locale
	verbDrop     = "alert.drop"     // id, arg: locale
	verbAudience = "alert.audience" // id
	verbEveryone = "alert.everyone" // id
	verbNear     = "alert.near"     // id: ask for the place
	verbAt       = "alert.at"       // id, arg: sector or outcode, then |name
	verbWithin   = "alert.within"   // id, arg: km
	verbSpeak    = "alert.speak"    // id: which language
	verbLocale   = "alert.locale"   // id, arg: locale
	verbGroups   = "alert.groups"   // id: which group, arg: how many were shown
	verbGroup    = "alert.group"    // id, arg: group
	verbOptedIn  = "alert.opted-in" // id: which chat, or list of people, arg: how many were shown
	verbChat     = "alert.chat"     // id, arg: group chat
	verbRoster   = "alert.roster"   // id, arg: what the platform calls a list of people
	verbInvite   = "alert.invite"   // id, arg: yes|no
	verbChats    = "alert.chats"    // id, arg: yes|no
	verbPreview  = "alert.preview"  // id
	verbSend     = "alert.send"     // id, arg: version
	verbDiscard  = "alert.discard"  // id
	verbCancel   = "alert.cancel"   // id
	verbProgress = "alert.progress" // id
	verbLink     = "alert.link"     // id: the link that leads to it
	verbPicture  = "alert.picture"  // id: and as a picture

	stepText    = "text"
	stepVariant = "variant"
	stepPlace   = "place"
)

// onDraft are the verbs that change or show a draft.
func (r *Room) onDraft() map[string]func(context.Context, bot.Turn, Alert, string) (bot.Outcome, error) {
	return map[string]func(context.Context, bot.Turn, Alert, string) (bot.Outcome, error){
		verbWritten: r.written, verbWrong: r.wrong, verbFrom: r.from, verbCard: r.back, verbRewrite: r.askRewrite, verbVariants: r.askVariant,
		verbVariant: r.askVariantText, verbDrop: r.drop,
		verbAudience: r.askAudience, verbEveryone: r.everyone, verbNear: r.askNear, verbAt: r.at,
		verbWithin: r.within, verbSpeak: r.askSpeak, verbLocale: r.locale, verbGroups: r.askGroup, verbGroup: r.group,
		verbOptedIn: r.askOptedIn, verbChat: r.chat, verbRoster: r.roster,
		verbInvite: r.invite, verbChats: r.inChats, verbPreview: r.preview, verbSend: r.send, verbDiscard: r.discard,
	}
}

// Press implements bot.Room. Only an organiser of the alert's organisation may
// press anything here; for others the alert does not exist.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbNew:
		if !t.Person.Has(bot.Organiser) {
			return bot.Outcome{}, bot.ErrNotFound
		}
		if t.Update.Window != "" {
			return r.emptyForm(ctx, t, "")
		}
		return r.askText(t)
	case bot.VerbCallFor:
		return r.callFor(ctx, t, bot.ActionID(v.ID), bot.OrganisationID(v.Arg))
	}
	a, err := r.mine(ctx, t, bot.AlertID(v.ID))
	if err != nil {
		return bot.Outcome{}, err
	}
	switch v.Name {
	case verbCancel:
		return r.cancel(ctx, t, a)
	case verbProgress:
		return r.showProgress(ctx, t, a)
	case verbLink, verbPicture:
		return r.link(t, a, v.Name == verbPicture)
	}
	handle, ok := r.onDraft()[v.Name]
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if a.State != Draft {
		return r.alreadySent(ctx, t, a)
	}
	return handle(ctx, t, a, v.Arg)
}

// mine reads an alert that this person may touch.
func (r *Room) mine(ctx context.Context, t bot.Turn, id bot.AlertID) (Alert, error) {
	a, err := r.Store.Alert(ctx, id)
	if err != nil {
		return Alert{}, err
	}
	if !t.Person.Organises(a.Organisation) {
		return Alert{}, bot.ErrNotFound
	}
	return a, nil
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	if t.Step.Version != 1 {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	waiting, err := readStep(t.Step)
	if err != nil {
		return bot.Outcome{}, err
	}
	if t.Step.Name == stepText && waiting.Alert == "" {
		if !t.Person.Has(bot.Organiser) {
			return r.closed(t)
		}
		if t.Update.Kind != bot.TextSent {
			return r.say(t, "alert.ask-text")
		}
		return r.write(ctx, t, t.Update.Text)
	}
	if waiting.Alert == "" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	a, err := r.mine(ctx, t, waiting.Alert)
	if errors.Is(err, bot.ErrNotFound) {
		return r.closed(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	if a.State != Draft {
		return r.alreadySent(ctx, t, a)
	}
	switch t.Step.Name {
	case stepText:
		return r.rewrite(ctx, t, a)
	case stepVariant:
		return r.addVariant(ctx, t, a, waiting.Locale)
	case stepPlace:
		return r.nearPlace(t, a)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// On implements bot.Room: what a suspended organiser is sending stops, whoever came by a
// link to an alert is shown it, and an answer settles what an outage had left open, and
// moves the numbers in group chats.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	switch e := e.(type) {
	case bot.OrganiserSuspended:
		return r.cutOff(ctx, t, e)
	case bot.AnswerGiven:
		out, err := r.answered(ctx, t, e.Action)
		if err != nil {
			return bot.Outcome{}, err
		}
		heard, err := r.heard(ctx, t, e.Action)
		out.Add(heard)
		return out, err
	case bot.LinkFollowed:
		if e.Action == "" {
			return r.followed(ctx, t, e.Alert)
		}
	}
	return bot.Outcome{}, nil
}

// say says one thing and leaves the conversation where it stands.
func (r *Room) say(t bot.Turn, key string, values ...language.Value) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key, values...)))
	return out, nil
}

// ask asks something about a draft, with the way back to it.
func (r *Room) ask(t bot.Turn, a Alert, key string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key), choices))
	return out, err
}

// closed answers words for a draft that is gone, or that this person may no
// longer touch: they were not kept, and nobody must think that they were.
func (r *Room) closed(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("lost.no-such-right"), choices))
	out.Done = true
	return out, err
}

// alreadySent answers a button of a draft that is none any more.
func (r *Room) alreadySent(ctx context.Context, t bot.Turn, a Alert) (bot.Outcome, error) {
	out, err := r.say(t, "alert.already-sent")
	if err != nil {
		return out, err
	}
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	out.Notice = r.Language.For(t.Locale).Text("notice.old-button")
	card, err := r.progressCard(ctx, r.Language.For(t.Locale), a)
	if errors.Is(err, bot.ErrNotFound) {
		return out, nil
	}
	out.Replies = append(out.Replies, card)
	return out, err
}
