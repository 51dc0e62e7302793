package bot

import "errors"

// Event is something that happened in one room and may matter to another. It is
// handled in the turn that caused it and committed in the same unit of work.
// The set is closed: the types in this file.
type Event interface{ event() }

// LanguageChosen says that the member just chose a language: the rest of the
// turn answers in Locale.
type LanguageChosen struct{ Locale string }

// Welcomed says that a new member has a language, said yes to what is stored, and
// has said whom they want to hear from: the next thing is to point them somewhere.
// Group and Need are what the link asked for that they came by, unchecked.
type Welcomed struct {
	Group GroupID
	Need  string
}

// LinkFollowed says that a member who has been through the first minute came by a
// link to an action or to an alert. Both are unchecked: anybody can make a link.
type LinkFollowed struct {
	Action ActionID
	Alert  AlertID
}

// FromChat says that a member came by the button with which one writes to Ella from a
// group chat. The chat is unchecked: anybody can make a link. New: they have just come
// through the first minute, in which they were asked whom they want to hear from.
type FromChat struct {
	Chat GroupChatID
	New  bool
	// Pressed is the mark of their own press, unchecked.
	Pressed string
}

// AnswerGiven says that somebody answered whether they come to an action, or took
// an answer back: what shows its numbers is out of date.
type AnswerGiven struct{ Action ActionID }

// CodeShown says that a member who has been through the first minute came by a
// link with an invitation's code, or typed one before it.
type CodeShown struct{ Code string }

// PlaceChosen says that the member just said where they live.
type PlaceChosen struct{ Sector, Outcode string }

// SaidYes says that the member just said yes to hearing from somebody: whoever
// had stopped all messages gets them again.
// Organisation is whom they said it to; empty where it is not about one.
type SaidYes struct{ Organisation OrganisationID }

// SaidStop says that the member wants no more messages: of one organisation, or of
// all where it is empty.
type SaidStop struct{ Organisation OrganisationID }

// SaidNo says that the member does not want anything about them to be kept: what
// there is goes in this turn.
type SaidNo struct{}

// CallMade says that an alert was submitted that asks people to come to an action.
type CallMade struct {
	Action       ActionID
	Organisation OrganisationID
	Alert        AlertID
	// Titles are the first lines of the author's texts, by locale; Original is
	// the locale for readers of any other.
	Titles   map[string]string
	Original string
}

// CallEnded says that nobody is asked to come to an action any more.
type CallEnded struct{ Action ActionID }

// OrganiserSuspended says that somebody was just switched off as an organiser by
// another one: what they are sending stops.
type OrganiserSuspended struct {
	Organisation OrganisationID
	Member       MemberID
}

func (LanguageChosen) event()     {}
func (Welcomed) event()           {}
func (CodeShown) event()          {}
func (PlaceChosen) event()        {}
func (LinkFollowed) event()       {}
func (FromChat) event()           {}
func (AnswerGiven) event()        {}
func (SaidYes) event()            {}
func (SaidStop) event()           {}
func (SaidNo) event()             {}
func (CallMade) event()           {}
func (CallEnded) event()          {}
func (OrganiserSuspended) event() {}

// Errors that rooms and stores return; match them with errors.Is.
var (
	// ErrUnknownStep reports a conversation step that no room knows any more.
	ErrUnknownStep = errors.New("bot: unknown step")
	// ErrNotFound reports that no such row exists, or not for this person.
	ErrNotFound = errors.New("bot: not found")
	// ErrConflict reports that somebody else changed the same thing meanwhile:
	// compute again from what is there now.
	ErrConflict = errors.New("bot: changed meanwhile")
	// ErrTooLarge reports an update above the limit of Raw.Body.
	ErrTooLarge = errors.New("bot: update too large")
)

// Verbs of buttons that one room puts into a message and another answers.
const (
	VerbRSVP    = "action.rsvp"    // id: action, arg: yes|maybe|no
	VerbResults = "action.results" // id: action, arg: the organisation that looks, or none
	VerbLink    = "action.link"    // id: action: the link that leads to it
	VerbCallFor = "alert.call-for" // id: action of another, arg: the organisation that takes part
	VerbWhere   = "address.where"  // in which of their chats a member's messages arrive
)

// TopicAnswer begins the topic of a message in which a member can answer whether they
// come to an action; the action's id follows.
const TopicAnswer = "rsvp:"
