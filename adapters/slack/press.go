package slack

import (
	"strings"

	"ella/bot"
)

// update is a press, a form or a shortcut. Those of a stranger, which a channel that is
// shared with another workspace brings, are nothing to Ella.
func (i *wireInteraction) update(me identity) (bot.Update, bool) {
	if !isID(i.User.ID) {
		return bot.Update{}, false
	}
	out := by(i.User.ID, me)
	out.LocaleHint = i.User.hint()
	if i.isStranger(me) {
		return out, true
	}
	switch i.Type {
	case "block_actions":
		return i.pressed(out, me)
	case "view_submission":
		return i.filled(out), true
	case "shortcut", "message_action":
		return i.shortcut(out, me), true
	}
	return out, true // a window that was closed, and what a later Slack has
}

// isStranger reports that who did it belongs to another workspace.
func (i *wireInteraction) isStranger(me identity) bool {
	return me.Enterprise == "" && !me.has(i.User.Team)
}

// pressed is a button.
func (i *wireInteraction) pressed(out bot.Update, me identity) (bot.Update, bool) {
	if len(i.Actions) == 0 {
		return bot.Update{}, false
	}
	act := i.Actions[0]
	out.At = act.At.time()
	if channel := i.channel(); channel != "" {
		if !isID(channel) {
			return bot.Update{}, false
		}
		if i.Container.Message.isSound() {
			out.Message = refOf(channel, i.Container.Message)
		}
		if !isPrivate(channel) {
			out.Group = channel
		}
	}
	data := act.Value
	if act.Selected != nil {
		data = act.Selected.Value
	}
	if data == "" {
		return out, true // a link: it has opened by itself
	}
	out.Kind, out.Press = bot.ButtonPressed, press{i.channel(), i.User.ID, clean(i.Response)}.String()
	out.OnPage = i.isOn(viewHome)
	out.Window = i.window(me)
	out.Data = carried(data)
	return out, true
}

// carried is the data of a button or a form. Whoever forges it must not be able to have
// updates set aside by it.
func carried(data string) string {
	if len(data) > maxData || strings.ContainsRune(data, 0) {
		return ""
	}
	return data
}

// channel is where a press was made; empty for a page of one's own.
func (i *wireInteraction) channel() string {
	if i.Container.Channel != "" {
		return i.Container.Channel
	}
	return i.Channel.ID
}

// maxData is how many bytes a button of Ella's carries: message.MaxActionData.
const maxData = 64

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
