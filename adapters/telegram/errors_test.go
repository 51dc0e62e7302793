package telegram_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

// TestJudge has every refusal of the reference, in the words of Telegram's server,
// and what may come in their place.
func TestJudge(t *testing.T) {
	refusal := func(code int, description string) string {
		return fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, description)
	}
	type c struct {
		status int
		body   string
		kind   bot.SendKind
		code   string
	}
	cases := map[string]c{
		"sent":              {200, `{"ok":true,"result":{"message_id":7}}`, "", ""},
		"sent, oddly":       {200, `{"ok":true,"result":{"message_id":7,"date":"x","chat":[]}}`, "", ""},
		"true":              {200, `{"ok":true,"result":true}`, "", ""},
		"ok with an error":  {500, `{"ok":true,"result":{"message_id":7}}`, "", ""}, // it says that it was done
		"nothing":           {200, ``, bot.Unclear, "odd-answer-200"},
		"no JSON":           {200, `OK`, bot.Unclear, "odd-answer-200"},
		"half an answer":    {200, `{"ok":true,"result":{"mess`, bot.Unclear, "odd-answer-200"},
		"JSON of another":   {200, `{"message":"hello"}`, bot.Unclear, "odd-answer-200"},
		"a list":            {200, `[]`, bot.Unclear, "odd-answer-200"},
		"a page":            {502, `<html><h1>502 Bad Gateway</h1></html>`, bot.Unclear, "odd-answer-502"},
		"a page of a proxy": {403, `<html>Forbidden</html>`, bot.Unclear, "odd-answer-403"},
		"a redirect":        {302, ``, bot.Unclear, "odd-answer-302"},
		"500":               {500, refusal(500, "Internal Server Error"), bot.Unclear, "500"},
		"502":               {502, refusal(502, "Bad Gateway"), bot.Unclear, "502"},
		"504":               {504, refusal(504, "Gateway Timeout"), bot.Unclear, "504"},
		"409":               {409, refusal(409, "Conflict: terminated by other getUpdates request"), bot.Unclear, "409"},
		"401":               {401, refusal(401, "Unauthorized"), bot.NoAccess, "401"},
		"404":               {404, refusal(404, "Not Found"), bot.NoAccess, "404"},
		"no such method":    {404, refusal(404, "Not Found: method not found"), bot.Invalid, "no-method"},
		"413":               {413, refusal(413, "Request Entity Too Large"), bot.Invalid, "413"},
		"an unknown 400":    {400, refusal(400, "Bad Request: Amina is at Victoria Square"), bot.Invalid, "400"},
		"an unknown 403":    {403, refusal(403, "Forbidden: Amina says no"), bot.Forbidden, "403"},
		"moved, and no where": {
			400, refusal(400, "Bad Request: group chat was upgraded to a supergroup chat"), bot.Gone, "upgraded",
		},
	}
	for description, want := range map[string]c{
		"Forbidden: bot was blocked by the user":                                            {kind: bot.Blocked, code: "blocked"},
		"Forbidden: user is deactivated":                                                    {kind: bot.Gone, code: "deactivated"},
		"Forbidden: bot can't initiate conversation with a user":                            {kind: bot.Forbidden, code: "not-started"},
		"Forbidden: bot can't send messages to bots":                                        {kind: bot.Forbidden, code: "a-bot"},
		"Forbidden: bot was kicked from the group chat":                                     {kind: bot.Gone, code: "kicked"},
		"Forbidden: bot was kicked from the supergroup chat":                                {kind: bot.Gone, code: "kicked"},
		"Forbidden: bot was kicked from the channel chat":                                   {kind: bot.Gone, code: "kicked"},
		"Forbidden: bot is not a member of the supergroup chat":                             {kind: bot.Gone, code: "no-member"},
		"Forbidden: bot is not a member of the channel chat":                                {kind: bot.Gone, code: "no-member"},
		"Forbidden: the group chat was deleted":                                             {kind: bot.Gone, code: "no-chat"},
		"Bad Request: chat not found":                                                       {kind: bot.Gone, code: "no-chat"},
		"Bad Request: PEER_ID_INVALID":                                                      {kind: bot.Gone, code: "no-chat"},
		"Bad Request: group chat was deactivated":                                           {kind: bot.Gone, code: "no-chat"},
		"Bad Request: message thread not found":                                             {kind: bot.Gone, code: "no-topic"},
		"Bad Request: TOPIC_CLOSED":                                                         {kind: bot.Forbidden, code: "closed-topic"},
		"Bad Request: not enough rights to send text messages to the chat":                  {kind: bot.Forbidden, code: "no-rights"},
		"Bad Request: have no rights to send a message":                                     {kind: bot.Forbidden, code: "no-rights"},
		"Bad Request: need administrator rights in the channel chat":                        {kind: bot.Forbidden, code: "no-rights"},
		"Bad Request: CHAT_WRITE_FORBIDDEN":                                                 {kind: bot.Forbidden, code: "no-rights"},
		"Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0":   {kind: bot.Markup, code: "entities"},
		"Bad Request: message is not modified: specified new message content and reply":     {kind: bot.Invalid, code: "not-modified"},
		"Bad Request: message to edit not found":                                            {kind: bot.Invalid, code: "no-edit"},
		"Bad Request: message can't be edited":                                              {kind: bot.Invalid, code: "no-edit"},
		"Bad Request: there is no text in the message to edit":                              {kind: bot.Invalid, code: "no-edit"},
		"Bad Request: there is no caption in the message to edit":                           {kind: bot.Invalid, code: "no-edit"},
		"Bad Request: MESSAGE_ID_INVALID":                                                   {kind: bot.Invalid, code: "no-edit"},
		"Bad Request: message to delete not found":                                          {kind: bot.Invalid, code: "no-take"},
		"Bad Request: message can't be deleted for everyone":                                {kind: bot.Invalid, code: "no-take"},
		"Bad Request: query is too old and response timeout expired or query ID is invalid": {kind: bot.Invalid, code: "old-press"},
		"Bad Request: QUERY_ID_INVALID":                                                     {kind: bot.Invalid, code: "old-press"},
		"Bad Request: wrong file identifier/HTTP URL specified":                             {kind: bot.Invalid, code: "no-file"},
		"Bad Request: wrong remote file identifier specified: can't unserialize it":         {kind: bot.Invalid, code: "no-file"},
		"Bad Request: FILE_REFERENCE_EXPIRED":                                               {kind: bot.Invalid, code: "no-file"},
		"Bad Request: BUTTON_DATA_INVALID":                                                  {kind: bot.Invalid, code: "button"},
		"Bad Request: BUTTON_COPY_TEXT_INVALID":                                             {kind: bot.Invalid, code: "button"},
		"Bad Request: inline keyboard button URL 'tel:1' is invalid: Unsupported protocol":  {kind: bot.Invalid, code: "button"},
		"Bad Request: text buttons are not allowed in the inline keyboard":                  {kind: bot.Invalid, code: "button"},
		"Bad Request: reply markup is too long":                                             {kind: bot.Invalid, code: "keyboard"},
		"Bad Request: message is too long":                                                  {kind: bot.Invalid, code: "too-long"},
		"Bad Request: message caption is too long":                                          {kind: bot.Invalid, code: "too-long"},
		"Bad Request: message text is empty":                                                {kind: bot.Invalid, code: "empty"},
		"Bad Request: text must be non-empty":                                               {kind: bot.Invalid, code: "empty"},
		"Bad Request: PHOTO_INVALID_DIMENSIONS":                                             {kind: bot.Invalid, code: "picture"},
		"Bad Request: IMAGE_PROCESS_FAILED":                                                 {kind: bot.Invalid, code: "picture"},
		"Bad Request: URL_INVALID":                                                          {kind: bot.Invalid, code: "link"},
	} {
		want.status = 400
		if strings.HasPrefix(description, "Forbidden") {
			want.status = 403
		}
		want.body = refusal(want.status, description)
		cases[description] = want
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			result, err := telegram.Judge(true, true, c.status, "", c.body)
			if c.kind == "" {
				if err != nil || len(result) == 0 {
					t.Fatalf("got %s, %v", result, err)
				}
				return
			}
			var se *bot.SendError
			if !errors.As(err, &se) || se.Kind != c.kind || se.Code != c.code {
				t.Fatalf("got %v, want %s (%s)", err, c.kind, c.code)
			}
			if strings.Contains(err.Error(), "Amina") {
				t.Errorf("the error quotes what was sent: %v", err)
			}
		})
	}
}

// TestJudgeUnanswered: what never left can go again, what left may have arrived.
func TestJudgeUnanswered(t *testing.T) {
	for left, want := range map[bool]bot.SendKind{false: bot.NotSent, true: bot.Unclear} {
		if _, err := telegram.Judge(left, false, 0, "", ""); bot.SendKindOf(err) != want {
			t.Errorf("left %v: got %v, want %s", left, err, want)
		}
	}
}

func TestJudgeThrottled(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		header, body string
		want         time.Duration
	}{
		"the body says it":        {429, "9", `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`, 7 * time.Second},
		"the header says it":      {429, "9", `{"ok":false,"error_code":429,"description":"Too Many Requests"}`, 9 * time.Second},
		"a proxy says it":         {429, "3", `<html>slow down</html>`, 3 * time.Second},
		"nobody says it":          {429, "", `{"ok":false,"error_code":429}`, time.Second},
		"the header is a date":    {429, "Wed, 21 Oct 2026 07:28:00 GMT", `{"ok":false,"error_code":429}`, time.Second},
		"less than none":          {429, "-1", `{"ok":false,"error_code":429,"parameters":{"retry_after":-5}}`, time.Second},
		"longer than anybody can": {429, "", `{"ok":false,"error_code":429,"parameters":{"retry_after":1e300}}`, 24 * time.Hour},
		"under another status":    {200, "", `{"ok":false,"error_code":429,"parameters":{"retry_after":4}}`, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := telegram.Judge(true, true, c.status, c.header, c.body)
			var se *bot.SendError
			if !errors.As(err, &se) || se.Kind != bot.Throttled || se.RetryAfter != c.want {
				t.Errorf("got %+v, want %v", se, c.want)
			}
		})
	}
}

func TestJudgeMoved(t *testing.T) {
	for id, want := range map[string]string{"-1001234567890": "-1001234567890", "-4503599627370495": "-4503599627370495"} {
		_, err := telegram.Judge(true, true, 400, "", `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":`+id+`}}`)
		var se *bot.SendError
		if !errors.As(err, &se) || se.Kind != bot.Moved || se.NewChat != want || strings.Contains(err.Error(), id) {
			t.Errorf("got %+v, %v", se, err)
		}
	}
}
