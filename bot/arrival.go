package bot

import "strings"

// Arrival is what the link or the code that somebody came by asks for. It travels
// as the payload of /start: at most 64 letters, digits, - and _, as Telegram has it
// (https://core.telegram.org/bots/features#deep-linking). Whatever it says is
// unchecked: anybody can make one.
type Arrival struct {
	// Locale is the language of the poster.
	Locale string `json:"locale,omitempty"`
	// Group is whose poster it was.
	Group GroupID `json:"group,omitempty"`
	// Need is what the reader of the poster looks for.
	Need string `json:"need,omitempty"`
	// Action is what its reader is asked to come to, and Alert what they were told.
	Action ActionID `json:"action,omitempty"`
	Alert  AlertID  `json:"alert,omitempty"`
	// Chat is the group chat in which they pressed the button that led here.
	Chat GroupChatID `json:"chat,omitempty"`
	// Pressed is the mark that it was them: with it a link of somebody else is none.
	Pressed string `json:"pressed,omitempty"`
	// Code is an invitation's.
	Code string `json:"code,omitempty"`
}

// Payload is the arrival as a link carries it. Its parts hold no underscores.
func (a Arrival) Payload() string {
	var parts []string
	for _, p := range []struct{ mark, text string }{{"l", a.Locale}, {"g", string(a.Group)}, {"n", a.Need}, {"a", string(a.Action)}, {"m", string(a.Alert)}, {"h", string(a.Chat)}, {"k", a.Pressed}, {"j", a.Code}} {
		if p.text != "" {
			parts = append(parts, p.mark+p.text)
		}
	}
	return strings.Join(parts, "_")
}

// ParseArrival reads a payload. What it does not know it leaves out: a link on an
// old poster still leads to Ella.
func ParseArrival(payload string) Arrival {
	var a Arrival
	if len(payload) > 64 {
		return a
	}
	for part := range strings.SplitSeq(payload, "_") {
		if len(part) < 2 {
			continue
		}
		switch rest := part[1:]; part[0] {
		case 'l':
			a.Locale = rest
		case 'g':
			a.Group = GroupID(rest)
		case 'n':
			a.Need = rest
		case 'a':
			a.Action = ActionID(rest)
		case 'm':
			a.Alert = AlertID(rest)
		case 'h':
			a.Chat = GroupChatID(rest)
		case 'k':
			a.Pressed = rest
		case 'j':
			a.Code = rest
		}
	}
	return a
}

// Link is the address that begins a conversation so, or empty where the platform
// has none.
func (c Capabilities) Link(a Arrival) string {
	if c.StartLink == "" {
		return ""
	}
	return strings.Replace(c.StartLink, "{}", a.Payload(), 1)
}
