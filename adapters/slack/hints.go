package slack

import (
	"context"
	"strings"

	library "github.com/slack-go/slack"

	"ella/bot"
)

// Hints asks Slack which language and which clock somebody lives by
// (https://docs.slack.dev/reference/methods/users.info). Both are settings of their
// Slack, and guesses.
func (s *sender) Hints(ctx context.Context, sender string) bot.Hints {
	_, user, _ := strings.Cut(sender, ":")
	if !isID(user) {
		return bot.Hints{}
	}
	var found *library.User
	_, made, err := s.call(ctx, s.pace.people, user, false, func(ctx context.Context) {
		found, _ = s.library.GetUserInfoContext(ctx, user)
	})
	if err != nil {
		s.log.Debug("slack: nothing is known of somebody", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
	}
	if !made || err != nil || found == nil || found.ID != user || found.IsBot || found.Deleted {
		return bot.Hints{}
	}
	return bot.Hints{Locale: localeOf(found.Locale), Zone: zoneOf(found.TZ)}
}
