package telegram

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"ella/bot"
)

// What Ella reads of Telegram's own shapes
// (https://core.telegram.org/bots/api#available-types), and no more: a field that is
// not here may become anything without making an update unreadable.

type update struct {
	ID            *int64          `json:"update_id"`
	Message       *wireMessage    `json:"message"`
	EditedMessage *wireMessage    `json:"edited_message"`
	CallbackQuery *wireCallback   `json:"callback_query"`
	MyChatMember  *wireMembership `json:"my_chat_member"`
}

type wireMessage struct {
	ID         int64     `json:"message_id"`
	Thread     int64     `json:"message_thread_id"`
	IsTopic    bool      `json:"is_topic_message"`
	From       *wireUser `json:"from"`
	SenderChat *wireChat `json:"sender_chat"`
	Chat       wireChat  `json:"chat"`
	// Date is 0 for a message that is too old to be seen.
	Date     instant `json:"date"`
	EditDate instant `json:"edit_date"`

	Text     string        `json:"text"`
	Location *wireLocation `json:"location"` // a venue has one as well
	Voice    present       `json:"voice"`
	wireContent

	ReplyTo *wireReply `json:"reply_to_message"`
	ViaBot  *wireUser  `json:"via_bot"`
	Origin  *struct {
		Sender *wireUser `json:"sender_user"`
	} `json:"forward_origin"`

	MigrateTo int64 `json:"migrate_to_chat_id"`
}

// wireContent is what a person may send that Ella can't read.
type wireContent struct {
	Animation present `json:"animation"`
	Audio     present `json:"audio"`
	Checklist present `json:"checklist"`
	Contact   present `json:"contact"`
	Dice      present `json:"dice"`
	Document  present `json:"document"`
	Game      present `json:"game"`
	LivePhoto present `json:"live_photo"`
	PaidMedia present `json:"paid_media"`
	Photo     present `json:"photo"`
	Poll      present `json:"poll"`
	Rich      present `json:"rich_message"`
	Sticker   present `json:"sticker"`
	Story     present `json:"story"`
	Video     present `json:"video"`
	VideoNote present `json:"video_note"`
}

func (c wireContent) hasContent() bool { return c != wireContent{} }

// wireReply is the message that another answers.
type wireReply struct {
	ID   int64     `json:"message_id"`
	From *wireUser `json:"from"`
}

type wireUser struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	Language string `json:"language_code"`
}

type wireChat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type wireLocation struct {
	Lat *float64 `json:"latitude"`
	Lng *float64 `json:"longitude"`
}

type wireCallback struct {
	ID      string       `json:"id"`
	From    wireUser     `json:"from"`
	Message *wirePressed `json:"message"`
	Data    string       `json:"data"`
}

// wirePressed is the message that a button stood on. Nothing in it but where it
// stands is Ella's concern.
type wirePressed struct {
	ID      int64    `json:"message_id"`
	Thread  int64    `json:"message_thread_id"`
	IsTopic bool     `json:"is_topic_message"`
	Chat    wireChat `json:"chat"`
}

type wireMembership struct {
	Chat wireChat   `json:"chat"`
	From wireUser   `json:"from"`
	Date instant    `json:"date"`
	Old  wireMember `json:"old_chat_member"`
	New  wireMember `json:"new_chat_member"`
}

// wireMember is how Ella stands in a chat. A status that is not known yet lets her
// write: it is tried, and refused if it is not so.
type wireMember struct {
	Status   string `json:"status"`
	IsMember bool   `json:"is_member"`         // while restricted
	CanSend  bool   `json:"can_send_messages"` // while restricted
}

func (m wireMember) mayWrite() bool {
	switch m.Status {
	case "", "left", "kicked":
		return false
	case "restricted":
		return m.IsMember && m.CanSend
	}
	return true
}

// anonymousAdmin is @GroupAnonymousBot, which stands for every administrator who
// hides behind the group (https://core.telegram.org/bots/api#message, from).
const anonymousAdmin = 1087968824

const (
	chatPrivate    = "private"
	chatGroup      = "group"
	chatSupergroup = "supergroup"
)

func (c wireChat) isGroup() bool { return c.Type == chatGroup || c.Type == chatSupergroup }

// group is a group chat's name, with the topic in it. The topic General has none:
// Telegram refuses what is sent to it under its number, 1.
func (c wireChat) group(isTopic bool, thread int64) string {
	name := strconv.FormatInt(c.ID, 10)
	if isTopic && thread > 1 {
		name += "/" + strconv.FormatInt(thread, 10)
	}
	return name
}

func (u wireUser) name() string { return strconv.FormatInt(u.ID, 10) }

// hint is the language of the person's app, if it is one.
func (u wireUser) hint() string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	if len(u.Language) > 35 || strings.Trim(u.Language, letters) != "" {
		return ""
	}
	return u.Language
}

// fromElla reports whether a message is one of Ella's own that somebody sent on.
func (m *wireMessage) fromElla(me identity) bool {
	return m.Origin != nil && m.Origin.Sender.is(me) || m.ViaBot.is(me)
}

// answers is the message of Ella's that this one answers.
func (m *wireMessage) answers(me identity) bot.Ref {
	if m.ReplyTo == nil || !m.ReplyTo.From.is(me) || m.ReplyTo.ID < 1 {
		return ""
	}
	return refOf(m.ReplyTo.ID)
}

func (u *wireUser) is(me identity) bool { return u != nil && u.ID == me.ID }

// instant is in seconds since 1970; 0 is no time.
type instant int64

func (i instant) time() time.Time {
	if i <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(i), 0).UTC()
}

// present is a field of which only matters that it is there.
type present bool

// UnmarshalJSON takes anything.
func (p *present) UnmarshalJSON(raw []byte) error {
	*p = present(!bytes.Equal(raw, []byte("null")))
	return nil
}
