package slack

import "strings"

// press names a button press for an answer: where it was made, by whom, and the address
// that Slack takes an answer at, five times within 30 minutes
// (https://docs.slack.dev/interactivity/handling-user-interaction). Decode writes it into
// bot.Update.Press, and Send reads it. Of a press on a page of one's own there is no
// channel.
type press struct{ channel, user, response string }

func (p press) String() string { return p.channel + " " + p.user + " " + p.response }

// parsePress reads a press; what it names came signed, and may be old by now.
func parsePress(s string) (press, bool) {
	channel, rest, _ := strings.Cut(s, " ")
	user, response, ok := strings.Cut(rest, " ")
	return press{channel, user, response}, ok && isID(user) && (channel == "" || isID(channel))
}
