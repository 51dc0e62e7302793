package slack

import "ella/bot"

// The shortcuts of the manifests, which are also the commands that they stand for: one
// that can be chosen anywhere, and one on a message.
const (
	shortcutAsk   = "ask"
	shortcutAlert = "alert"
)

// shortcut is a command that was chosen from a menu of Slack's
// (https://docs.slack.dev/interactivity/implementing-shortcuts). What comes of it is for
// whoever chose it, wherever the message stands, so that no group is named.
func (i *wireInteraction) shortcut(out bot.Update, me identity) bot.Update {
	out.At = i.At.time()
	name := i.command()
	if name == "" {
		return out
	}
	out.Kind, out.Text, out.Window = bot.ShortcutUsed, name, i.window(me)
	if name == shortcutAlert {
		out.Quoted = typed(string(i.Message.Text), i.Message.Blocks, me)
	}
	return out
}

// command is the command that a shortcut stands for; empty for one of a later manifest.
func (i *wireInteraction) command() string {
	switch {
	case i.Type == "shortcut" && i.Callback == shortcutAsk:
		return shortcutAsk
	case i.Type == "message_action" && i.Callback == shortcutAlert:
		return shortcutAlert
	}
	return ""
}
