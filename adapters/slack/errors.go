package slack

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ella/adapters/wire"
	"ella/bot"
)

// sendError is a failed send. The codes are Slack's own, or those of this package's own
// rules.
func sendError(kind bot.SendKind, code string) *bot.SendError {
	return &bot.SendError{Kind: kind, Code: code}
}

// The codes that this package acts upon, beside those in noEdits and noTakes.
const (
	codePartial = "partial"        // a part of a message stands in the chat, and the rest does not
	codeScope   = "missing_scope"  // the token may not do this
	codeBlocks  = "invalid_blocks" // a picture in them may not be ready yet
)

// meanings is what Slack's error codes mean for a send, as the pages of the methods have
// them that are called here (https://docs.slack.dev/reference/methods). The pages list
// what Slack expects and no more; whatever is not here is a fault of ours.
var meanings = map[bot.SendKind][]string{
	// The account: nothing goes until somebody mends it.
	bot.NoAccess: {
		"account_inactive", "deprecated_endpoint", "enterprise_is_restricted", "invalid_auth", codeScope, "not_allowed_token_type", "not_authed",
		"org_login_required", "team_access_not_granted", "token_expired", "token_revoked", "two_factor_setup_required", "method_deprecated",
	},
	// The app's messages are switched off in the workspace, for everybody.
	bot.NotYet: {"messages_tab_disabled", "not_enabled"},
	// The chat, or whoever it belongs to; a window, or the moment in which it could open.
	bot.Gone: {
		"channel_not_found", "exchanged_trigger_id", "expired_trigger_id", "invalid_channel", "invalid_trigger_id", "is_archived", "is_inactive", "method_not_supported_for_channel_type", codeNoView, "user_disabled",
		"no_such_subteam", "user_not_found", "user_not_in_channel", "user_not_visible",
	},
	// It is there, and Ella may not write in it.
	bot.Forbidden: {
		"access_denied", "app_access_restricted", "cannot_reply_to_message", "ekm_access_denied", "no_permission", "not_in_channel",
		"posting_to_channel_denied", "restricted_action", "restricted_action_non_threadable_channel", "restricted_action_read_only_channel",
		"restricted_action_thread_locked", "restricted_action_thread_only_channel",
	},
	// Refused for now, and nothing was done.
	bot.Throttled: {
		"accesslimited", "external_channel_migrating", "message_limit_exceeded", "rate_limited", "ratelimited", "service_unavailable", "team_added_to_org",
	},
	// What came was not whole: it was not read.
	bot.NotSent: {"request_timeout"},
	// Some of it may have been done, as their pages say.
	bot.Unclear: {"fatal_error", "file_update_failed", "internal_error", "update_failed"},
	// The content, or what is named in it.
	bot.Invalid: {
		"alt_txt_too_large", "as_user_not_supported", "attachment_payload_limit_exceeded", "block_mismatch", "blocked_file_type",
		"cant_broadcast_message", "cant_delete_file", "cant_delete_message", "cant_update_message", "channels_limit_exceeded",
		"draft_already_deleted", "draft_already_sent", "draft_has_conflict", "draft_not_found", codeOpen, "duplicate_channel_not_found",
		"duplicate_message_not_found", "edit_window_closed", "file_deleted", "file_is_deleted", "file_not_found", "file_share_limit_reached",
		"file_type_not_allowed", "file_upload_size_restricted", "file_uploads_disabled", "file_uploads_except_images_disabled", "hash_conflict", "invalid_arg_name",
		"invalid_arguments", "invalid_array_arg", "invalid_attachments", codeBlocks, "invalid_blocks_format", "invalid_charset",
		"invalid_form_data", "invalid_json", "invalid_metadata_format", "invalid_metadata_schema", "invalid_post_type", "json_not_object",
		"markdown_text_conflict", "max_file_sharing_exceeded", "message_not_found", "metadata_must_be_sent_from_app", "metadata_too_large",
		"missing_argument", "missing_file_data", "missing_post_type", "missing_profile_id", "msg_blocks_too_long", "msg_too_long", "no_dual_broadcast_content_update",
		"no_text", "not_implemented", "push_limit_reached", "send_on_behalf_not_allowed", "slack_connect_blocked_file_type", "slack_connect_canvas_sharing_blocked",
		"slack_connect_clip_sharing_blocked", "slack_connect_file_link_sharing_blocked", "slack_connect_file_upload_sharing_blocked",
		"slack_connect_lists_sharing_blocked", "snippet_too_large", "storage_limit_reached", "streaming_state_conflict", "team_not_found",
		"too_many_attachments", "too_many_contact_cards", "too_many_users", "unable_to_share_files", "unknown_method", "unknown_snippet_type", "unknown_subtype",
		"upgrade_required", "view_too_large",
	},
}

// kindOf is what a code of Slack's means; false for one that is not known.
func kindOf(code string) (bot.SendKind, bool) {
	for kind, codes := range meanings {
		if slices.Contains(codes, code) {
			return kind, true
		}
	}
	return bot.Invalid, false
}

// noEdits are the refusals of an update that leave a new message as the way.
var noEdits = []string{
	"block_mismatch", "cant_update_message", "channel_not_found", "edit_window_closed", "file_deleted", "file_is_deleted", "message_not_found",
	"msg_too_long", "no_dual_broadcast_content_update", "streaming_state_conflict", "team_not_found",
}

// noTakes are the refusals to take away what can't be, or is gone, beside all that are
// about the message.
var noTakes = []string{"channel_not_found", "is_archived", "is_inactive"}

// answer is what every method answers, as far as it matters here.
type answer struct {
	ok bool
	// code is Slack's word for what went wrong.
	code      string
	channel   string
	ts        string
	file      string // of files.getUploadURLExternal, with
	uploadURL string
}

// read reads an answer's own fields, one by one and up to where it breaks off: whatever
// else is in it, it says whether a message was posted.
func read(body []byte) (a answer, sound bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return a, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return a, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return a, false
		}
		var into any
		switch name {
		case "ok":
			into = &a.ok
		case "error":
			into = &a.code
		case "channel":
			into = &a.channel
		case "ts", "message_ts":
			into = &a.ts
		case "file_id":
			into = &a.file
		case "upload_url":
			into = &a.uploadURL
		default:
			continue
		}
		// A field of another shape is one that is not there.
		_ = json.Unmarshal(value, into)
	}
	_, err := d.Token()
	return a, err == nil
}

// judge says what became of a request, from what happened on the wire alone. Answers
// may quote what was sent: none of that leaves this function.
func judge(o *wire.Outcome) (answer, *bot.SendError) {
	if !o.Answered {
		if o.Left() {
			return answer{}, sendError(bot.Unclear, "no-answer")
		}
		return answer{}, sendError(bot.NotSent, "no-connection")
	}
	a, sound := read(o.Body)
	switch status := strconv.Itoa(o.Status); {
	case o.Status == http.StatusTooManyRequests: // whatever answers so has done nothing
		return answer{}, throttled(o, "429")
	case a.ok && a.code == "" && (sound || a.ts != ""):
		return a, nil
	case a.code == "" && o.Status == http.StatusRequestEntityTooLarge:
		return answer{}, sendError(bot.Invalid, status)
	case a.code == "": // a page of something in between, or a failure that gives no reason
		return answer{}, sendError(bot.Unclear, "odd-answer-"+status)
	}
	kind, known := kindOf(a.code)
	switch {
	case !known:
		// What stands there may be anything.
		return answer{}, sendError(bot.Invalid, "unknown-code")
	case kind == bot.Throttled:
		return answer{}, throttled(o, a.code)
	}
	return answer{}, sendError(kind, a.code)
}

const (
	// usualWait is how long is waited where Slack does not say: its limits are counted by
	// the minute.
	usualWait = 30 * time.Second
	// maxWait is the longest wait that is believed.
	maxWait = time.Hour
)

// throttled is a refusal for as long as Slack says.
func throttled(o *wire.Outcome, code string) *bot.SendError {
	wait := waitOf(o.RetryAfter)
	if wait <= 0 {
		wait = usualWait
	}
	return &bot.SendError{Kind: bot.Throttled, RetryAfter: min(wait, maxWait), Code: code}
}

// isOneOf reports whether a failure is a refusal with one of these codes.
func isOneOf(err *bot.SendError, codes []string) bool {
	return err != nil && slices.Contains(codes, err.Code)
}
