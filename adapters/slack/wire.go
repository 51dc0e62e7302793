package slack

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// What Ella reads of Slack's own shapes, and no more: a field that is not here may
// become anything without making an update unreadable. The library's structs refuse a
// press whole when the message around it holds a block that they don't know.

// envelope is how Socket Mode delivers (https://docs.slack.dev/apis/events-api/using-socket-mode).
// What comes over HTTP is put into one, so that what was kept reads the same.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
	// Accepts: it may be acknowledged with more than that it came.
	Accepts bool `json:"accepts_response_payload"`

	Reason string `json:"reason"`          // of disconnect
	Count  int    `json:"num_connections"` // of hello
}

// Types of envelopes.
const (
	typeEvents      = "events_api"
	typeInteractive = "interactive"
	typeCommands    = "slash_commands"
	typeHello       = "hello"
	typeDisconnect  = "disconnect"
)

// wrapped is an envelope around what came over HTTP.
func wrapped(kind string, payload []byte) []byte {
	if !json.Valid(payload) {
		return payload // it is kept as it came, and can't be read
	}
	return bytes.Join([][]byte{[]byte(`{"type":"` + kind + `","payload":`), payload, []byte(`}`)}, nil)
}

// wireOuter is what surrounds an event (https://docs.slack.dev/apis/events-api#callback-field).
type wireOuter struct {
	Type           string    `json:"type"`
	ID             string    `json:"event_id"`
	Time           int64     `json:"event_time"` // seconds since 1970
	Team           string    `json:"team_id"`
	Authorizations []wireFor `json:"authorizations"`
	Event          wireEvent `json:"event"`
}

// wireFor is an installation that an event is delivered for.
type wireFor struct {
	Team       string `json:"team_id"`
	Enterprise string `json:"enterprise_id"`
}

// wireEvent is an event of any type. Of a type that is not asked for, only that is read.
type wireEvent struct {
	Type    string
	message wireMessage
	user    wireUser // of user_change
	revoked wireRevoked
}

// UnmarshalJSON reads what the type says: the same name stands for a text in one and
// for an object in another.
func (e *wireEvent) UnmarshalJSON(raw []byte) error {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return err
	}
	e.Type = kind.Type
	switch kind.Type {
	case "message", "app_mention", "app_home_opened", "member_joined_channel", "member_left_channel", "channel_left", "group_left",
		"channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_unarchive", "group_unarchive", "channel_id_changed":
		return json.Unmarshal(raw, &e.message)
	case "user_change":
		var changed struct {
			User *wireUser `json:"user"`
		}
		changed.User = &e.user
		return json.Unmarshal(raw, &changed)
	case "tokens_revoked":
		return json.Unmarshal(raw, &e.revoked)
	}
	return nil
}

// wireMessage is a message, and what else has a user and a channel
// (https://docs.slack.dev/reference/events/message).
type wireMessage struct {
	Subtype     string  `json:"subtype"`
	ChannelType string  `json:"channel_type"`
	Channel     string  `json:"channel"`
	User        string  `json:"user"`
	Bot         string  `json:"bot_id"`
	Text        string  `json:"text"`
	TS          stamp   `json:"ts"`
	EventTS     stamp   `json:"event_ts"`
	Thread      stamp   `json:"thread_ts"`
	ThreadOf    string  `json:"parent_user_id"`
	UserTeam    string  `json:"user_team"`
	Team        anyText `json:"team"`
	Edited      *struct {
		TS stamp `json:"ts"`
	} `json:"edited"`
	Files       []wireFile       `json:"files"`
	Attachments []wireAttachment `json:"attachments"`
	Blocks      json.RawMessage  `json:"blocks"`

	Tab anyText `json:"tab"` // of app_home_opened

	Message  *wireMessage `json:"message"` // of message_changed
	Previous *wireMessage `json:"previous_message"`

	Inviter string `json:"inviter"`  // of member_joined_channel
	Actor   string `json:"actor_id"` // of channel_left
	Old     string `json:"old_channel_id"`
	New     string `json:"new_channel_id"`
}

type wireFile struct {
	Subtype string `json:"subtype"`
	Type    string `json:"mimetype"`
}

// wireAttachment may be a message that somebody shared.
type wireAttachment struct {
	Share  bool   `json:"is_share"`
	Author string `json:"author_id"`
	Bot    string `json:"bot_id"`
}

type wireUser struct {
	ID      string  `json:"id"`
	Team    string  `json:"team_id"`
	Locale  anyText `json:"locale"`
	TZ      anyText `json:"tz"`
	Deleted bool    `json:"deleted"`
	Robot   bool    `json:"is_bot"`
}

// zone is the person's time zone, if this machine knows it.
func (u wireUser) zone() string { return zoneOf(string(u.TZ)) }

// hint is the language of the person's Slack, if it is one.
func (u wireUser) hint() string { return localeOf(string(u.Locale)) }

// localeOf is a locale that has the form of a language tag, or empty.
func localeOf(s string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	if len(s) > 35 || strings.Trim(s, letters) != "" {
		return ""
	}
	return s
}

// zoneOf is the name of a time zone that is known, or empty. Local is a place to Go, and
// to nobody else.
func zoneOf(s string) string {
	if s == "" || s == "Local" || len(s) > 64 {
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil {
		return ""
	}
	return s
}

// wireRevoked holds ids of users, not tokens
// (https://docs.slack.dev/reference/events/tokens_revoked).
type wireRevoked struct {
	Tokens struct {
		Bot []string `json:"bot"`
	} `json:"tokens"`
}

// wireInteraction is a press, a form or a shortcut
// (https://docs.slack.dev/reference/interaction-payloads).
type wireInteraction struct {
	Type      string  `json:"type"`
	Trigger   string  `json:"trigger_id"`
	Response  string  `json:"response_url"`
	Callback  anyText `json:"callback_id"` // of a shortcut
	At        stamp   `json:"action_ts"`   // of a shortcut
	Container struct {
		Message   stamp  `json:"message_ts"`
		Channel   string `json:"channel_id"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Team *struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise *struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User    wireUser `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Actions []wireAction `json:"actions"`
	View    *wireView    `json:"view"`
	// Message is the one that a shortcut was used on, whoever wrote it.
	Message struct {
		Text   anyText         `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	} `json:"message"`
}

// wireView is somebody's page, or a window (https://docs.slack.dev/reference/views).
type wireView struct {
	ID       string          `json:"id"`
	Hash     string          `json:"hash"`
	Type     anyText         `json:"type"`
	Callback anyText         `json:"callback_id"`
	Data     anyText         `json:"private_metadata"`
	State    json.RawMessage `json:"state"`
}

// What a view is.
const (
	viewHome  = "home"
	viewModal = "modal"
)

type wireAction struct {
	Type     string  `json:"type"`
	ID       anyText `json:"action_id"`
	Value    string  `json:"value"`
	At       stamp   `json:"action_ts"`
	Selected *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

// wireCommand is a slash command (https://docs.slack.dev/interactivity/implementing-slash-commands).
// Over HTTP it is a form of the same names.
type wireCommand struct {
	Team       string `json:"team_id"`
	Enterprise string `json:"enterprise_id"`
	User       string `json:"user_id"`
	Channel    string `json:"channel_id"`
	Text       string `json:"text"`
	Trigger    string `json:"trigger_id"`
}

// stamp is an instant in seconds since 1970 with six decimals, which in a channel is
// also the name of a message. Empty where there is none.
type stamp string

// isSound reports whether it is one.
func (s stamp) isSound() bool {
	seconds, rest, ok := strings.Cut(string(s), ".")
	return ok && len(seconds) > 0 && len(seconds) <= 11 && len(rest) > 0 && len(rest) <= 6 && strings.Trim(seconds+rest, "0123456789") == ""
}

func (s stamp) time() time.Time {
	if !s.isSound() {
		return time.Time{}
	}
	seconds, rest, _ := strings.Cut(string(s), ".")
	whole, _ := strconv.ParseInt(seconds, 10, 64)
	micro, _ := strconv.ParseInt((rest + "00000")[:6], 10, 64)
	if whole == 0 {
		return time.Time{}
	}
	return time.Unix(whole, micro*int64(time.Microsecond)).UTC()
}

// anyText is a field that is not always a text, and matters only where it is.
type anyText string

// UnmarshalJSON takes anything.
func (t *anyText) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = anyText(s)
	}
	return nil
}

// isID reports whether a text has the form of Slack's ids. What they begin with is no
// promise of Slack's but for the D of a private conversation.
func isID(s string) bool {
	return len(s) >= 2 && len(s) <= 40 && s[0] >= 'A' && s[0] <= 'Z' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isPrivate reports whether a channel is a conversation with one person.
func isPrivate(channel string) bool { return strings.HasPrefix(channel, "D") }
