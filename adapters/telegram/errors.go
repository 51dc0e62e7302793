package telegram

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ella/adapters/wire"
	"ella/bot"
)

// sendError is a failed send. The codes are those of this package's own rules.
func sendError(kind bot.SendKind, code string) *bot.SendError {
	return &bot.SendError{Kind: kind, Code: code}
}

// The codes of refusals that this package acts upon.
const (
	codeSame    = "not-modified" // an edit that changes nothing: done
	codeNoEdit  = "no-edit"      // there is nothing that can be changed so
	codeNoFile  = "no-file"      // Telegram no longer knows the uploaded file
	codeOld     = "old-press"    // the press is forgotten
	codeNoTake  = "no-take"      // a message that can't be taken away, or is gone
	codePicture = "picture"      // a photo that Telegram can't show
	codePartial = "partial"      // a part of it stands in the chat, and the rest does not
)

// said is what a part of an error's description means.
type said struct {
	words string // in lower case
	kind  bot.SendKind
	code  string
}

// badRequests are what stands in descriptions of 400, the first that fits. The words
// are those of Telegram's server (github.com/tdlib/telegram-bot-api, Client.cpp) and
// of the services behind it; they are no part of the documented API, and whatever
// is not here is a fault of ours.
var badRequests = []said{
	{"chat not found", bot.Gone, "no-chat"},
	{"user not found", bot.Gone, "no-chat"},
	{"peer_id_invalid", bot.Gone, "no-chat"},
	{"group chat was upgraded", bot.Gone, "upgraded"}, // without its new name
	{"group chat was deactivated", bot.Gone, "no-chat"},
	{"chat was deleted", bot.Gone, "no-chat"},
	{"message thread not found", bot.Gone, "no-topic"},
	{"topic_deleted", bot.Gone, "no-topic"},
	{"topic_closed", bot.Forbidden, "closed-topic"},
	{"not enough rights", bot.Forbidden, "no-rights"},
	{"have no rights", bot.Forbidden, "no-rights"},
	{"need administrator rights", bot.Forbidden, "no-rights"},
	{"chat_write_forbidden", bot.Forbidden, "no-rights"},
	{"chat_restricted", bot.Forbidden, "no-rights"},

	{"can't parse entities", bot.Markup, "entities"},
	{"can't parse message text", bot.Markup, "entities"},

	{"message is not modified", bot.Invalid, codeSame},
	{"message_not_modified", bot.Invalid, codeSame},
	{"message to edit not found", bot.Invalid, codeNoEdit},
	{"message can't be edited", bot.Invalid, codeNoEdit},
	{"message_edit_time_expired", bot.Invalid, codeNoEdit},
	{"there is no text in the message", bot.Invalid, codeNoEdit},
	{"there is no caption in the message", bot.Invalid, codeNoEdit},
	{"there is no media in the message", bot.Invalid, codeNoEdit},
	{"message identifier is not specified", bot.Invalid, codeNoEdit},
	{"message_id_invalid", bot.Invalid, codeNoEdit},
	{"message to delete not found", bot.Invalid, codeNoTake},
	{"message can't be deleted", bot.Invalid, codeNoTake},
	{"message identifiers are not specified", bot.Invalid, codeNoTake},
	{"query is too old", bot.Invalid, codeOld},
	{"query_id_invalid", bot.Invalid, codeOld},
	{"wrong file identifier", bot.Invalid, codeNoFile},
	{"wrong remote file id", bot.Invalid, codeNoFile},
	{"wrong file_id", bot.Invalid, codeNoFile},
	{"file_reference_", bot.Invalid, codeNoFile},
	{"file is temporarily unavailable", bot.Invalid, codeNoFile},

	{"button_data_invalid", bot.Invalid, "button"},
	{"button_url_invalid", bot.Invalid, "button"},
	{"button_copy_text_invalid", bot.Invalid, "button"},
	{"button_type_invalid", bot.Invalid, "button"},
	{"inline keyboard", bot.Invalid, "button"},
	{"reply markup is too long", bot.Invalid, "keyboard"},
	{"reply_markup_too_long", bot.Invalid, "keyboard"},
	{"reply_markup_invalid", bot.Invalid, "keyboard"},
	{"text is empty", bot.Invalid, "empty"},
	{"must be non-empty", bot.Invalid, "empty"},
	{"is too long", bot.Invalid, "too-long"},
	{"caption_too_long", bot.Invalid, "too-long"},
	{"photo_invalid_dimensions", bot.Invalid, codePicture},
	{"photo_save_file_invalid", bot.Invalid, codePicture},
	{"image_process_failed", bot.Invalid, codePicture},
	{"file is too big", bot.Invalid, "file"},
	{"file must be non-empty", bot.Invalid, "file"},
	{"url_invalid", bot.Invalid, "link"},
}

// forbiddens are those of 403.
var forbiddens = []said{
	{"bot was blocked", bot.Blocked, "blocked"},
	{"user is deactivated", bot.Gone, "deactivated"},
	{"bot was kicked", bot.Gone, "kicked"},
	{"bot is not a member", bot.Gone, "no-member"},
	{"group chat was deleted", bot.Gone, "no-chat"},
	{"can't initiate conversation", bot.Forbidden, "not-started"},
	{"can't send messages to bots", bot.Forbidden, "a-bot"},
}

func meaning(description string, of []said, otherwise said) *bot.SendError {
	description = strings.ToLower(description)
	for _, s := range of {
		if strings.Contains(description, s.words) {
			return sendError(s.kind, s.code)
		}
	}
	return sendError(otherwise.kind, otherwise.code)
}

// judge says what became of a request, from what happened on the wire alone. It
// returns the result of a call that was carried out. Descriptions may quote what was
// sent: none of them leaves this function.
func judge(o *wire.Outcome) (json.RawMessage, *bot.SendError) {
	if !o.Whole {
		if o.Left() {
			return nil, sendError(bot.Unclear, "no-answer")
		}
		return nil, sendError(bot.NotSent, "no-connection")
	}
	var a answer
	switch err := json.Unmarshal(o.Body, &a); {
	case err == nil && a.OK:
		return a.Result, nil
	case o.Status == http.StatusTooManyRequests: // whatever answers so has not sent it
	case err != nil || a.Code == 0:
		return nil, sendError(bot.Unclear, "odd-answer-"+strconv.Itoa(o.Status))
	}
	code := a.Code
	if code == 0 {
		code = o.Status
	}
	switch number := strconv.Itoa(code); code {
	case http.StatusTooManyRequests:
		return nil, &bot.SendError{Kind: bot.Throttled, RetryAfter: waitOf(a.Parameters.RetryAfter, o.RetryAfter), Code: number}
	case http.StatusBadRequest:
		if to := a.Parameters.MigrateTo; to != 0 {
			return nil, &bot.SendError{Kind: bot.Moved, NewChat: strconv.FormatInt(to, 10), Code: "upgraded"}
		}
		return nil, meaning(a.Description, badRequests, said{kind: bot.Invalid, code: number})
	case http.StatusForbidden:
		return nil, meaning(a.Description, forbiddens, said{kind: bot.Forbidden, code: number})
	case http.StatusUnauthorized, http.StatusNotFound:
		if isNoMethod(a.Description) {
			return nil, sendError(bot.Invalid, "no-method")
		}
		return nil, sendError(bot.NoAccess, number)
	case http.StatusRequestEntityTooLarge:
		return nil, sendError(bot.Invalid, number)
	default:
		return nil, sendError(bot.Unclear, number)
	}
}

// maxWait is the longest wait that is believed.
const maxWait = 24 * time.Hour

// waitOf is how long a 429 asks to wait: as the body says, else the header, both in
// whole seconds; a second where neither does.
func waitOf(seconds float64, header string) time.Duration {
	if seconds <= 0 {
		n, err := strconv.ParseUint(strings.TrimSpace(header), 10, 32)
		seconds = float64(n)
		if err != nil || n == 0 {
			seconds = 1
		}
	}
	if seconds >= maxWait.Seconds() {
		return maxWait
	}
	return time.Duration(seconds * float64(time.Second))
}
