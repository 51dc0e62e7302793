package bot_test

import (
	"strings"
	"testing"
	"time"

	"ella/bot"
)

// A link that knows a group chat fits a platform's start link, and is read as it was made.
func TestArrivalFromChat(t *testing.T) {
	a := bot.Arrival{Locale: "zh-Hant", Chat: bot.GroupChatID(bot.FirstID(time.UnixMilli(1_764_000_000_000))), Pressed: "abcdefghijklmnop"}
	payload := a.Payload()
	if len(payload) > 64 || strings.Trim(payload, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		t.Errorf("the payload is %q", payload)
	}
	if got := bot.ParseArrival(payload); got != a {
		t.Errorf("%q is read as %+v", payload, got)
	}
	if got := bot.ParseArrival("h"); got != (bot.Arrival{}) {
		t.Errorf("without a chat: %+v", got)
	}
}
