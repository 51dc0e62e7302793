package bottest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"ella/bot"
)

// update is what somebody does, as the platform hands it in.
func (p *playing) update(who, group string, sign byte, rest string) (bot.Update, error) {
	u := bot.Update{Sender: who, Chat: who, Group: group, Nameless: who == nameless, LocaleHint: p.apps[who], At: p.stage.Clock.Now()}
	switch {
	case group == "":
		p.stage.Platform.Stranger(who, false)
	case u.Nameless:
		u.Chat = ""
	}
	switch sign {
	case '>':
		u.Kind, u.Text = bot.TextSent, strings.ReplaceAll(rest, `\n`, "\n")
	case '^':
		return p.answer(u, rest)
	case '@':
		lat, lng, ok := strings.Cut(rest, ",")
		var err1, err2 error
		u.Lat, err1 = strconv.ParseFloat(lat, 64)
		u.Lng, err2 = strconv.ParseFloat(lng, 64)
		if !ok || err1 != nil || err2 != nil {
			return u, fmt.Errorf("not a location")
		}
		u.Kind = bot.LocationShared
	case '*':
		return p.happens(u, rest)
	case '=':
		return p.fill(u, rest)
	case '!':
		return p.press(u, rest)
	}
	u.Message = p.stage.Platform.Sent(cmp.Or(u.Group, u.Chat))
	return u, nil
}

// answer is a text that is written as an answer to one of Ella's messages.
func (p *playing) answer(u bot.Update, text string) (bot.Update, error) {
	chat := cmp.Or(u.Group, u.Chat)
	back, text, err := whichOne(text)
	shown := p.stage.Platform.Shown(chat)
	if err != nil || back >= len(shown) {
		return u, fmt.Errorf("to which message?")
	}
	u.Kind, u.Text, u.Answers = bot.TextSent, text, shown[len(shown)-1-back].Ref
	u.Message = p.stage.Platform.Sent(chat)
	return u, nil
}

// happens is what is done without words or buttons.
func (p *playing) happens(u bot.Update, what string) (bot.Update, error) {
	what, rest, _ := strings.Cut(what, " ")
	kinds := map[string]bot.UpdateKind{
		"blocked": bot.ChatBlocked, "unblocked": bot.ChatUnblocked, "sticker": bot.Unsupported, "voice": bot.VoiceSent, "brought": bot.BroughtBack, "changed": bot.TextChanged,
		"page": bot.PageOpened, "shortcut": bot.ShortcutUsed, "zone": bot.ProfileChanged,
	}
	if u.Group != "" {
		kinds = map[string]bot.UpdateKind{"joined": bot.GroupJoined, "left": bot.GroupLeft, "moved": bot.GroupMoved, "gone": bot.ChatLeft, "sticker": bot.Unsupported}
	}
	u.Kind = kinds[what]
	switch u.Kind {
	case "":
		return u, fmt.Errorf("no such happening")
	case bot.ChatBlocked, bot.ChatUnblocked:
		p.stage.Platform.Block(u.Chat, u.Kind == bot.ChatBlocked)
	case bot.GroupJoined, bot.GroupLeft:
		p.stage.Platform.Block(u.Group, u.Kind == bot.GroupLeft)
	case bot.GroupMoved:
		u.NewGroup = GroupPrefix + rest
		p.stage.Platform.Move(u.Group, u.NewGroup)
		p.people = append(p.people, u.NewGroup)
	case bot.TextChanged:
		u.Text = rest
	case bot.ProfileChanged:
		u.Zone = rest
	case bot.ShortcutUsed:
		u.Text, u.Quoted, _ = strings.Cut(rest, " ")
		u.Quoted = strings.ReplaceAll(u.Quoted, `\n`, "\n")
		u.Window = p.window(u.Chat)
	}
	return u, nil
}

// press finds the button that is meant among what stands in the person's chat.
func (p *playing) press(u bot.Update, label string) (bot.Update, error) {
	u.Kind = bot.ButtonPressed
	u.Press = "press-" + strconv.Itoa(len(p.take.Presses)+1)
	if raw, ok := strings.CutPrefix(label, "raw "); ok {
		u.Data = raw
		return u, nil
	}
	chat, of := cmp.Or(u.Group, u.Chat), ""
	if rest, ok := strings.CutPrefix(label, "of "); ok {
		if of, label, ok = strings.Cut(rest, ": "); !ok {
			return u, fmt.Errorf("which button of whom?")
		}
		chat = of
	}
	shown := p.stage.Platform.Shown(chat)
	if rest, ok := strings.CutPrefix(label, "page: "); ok {
		page, _ := p.stage.Platform.PageOf(chat)
		shown, label, u.OnPage = []Shown{{Message: page}}, rest, true
	}
	var found Press
	var err error
	if n := len(p.take.Presses); n < len(p.replay) {
		found = p.replay[n]
	} else if found, err = find(shown, label); err != nil {
		return u, err
	}
	found.Of = of
	p.take.Presses = append(p.take.Presses, found)
	if found.Back >= len(shown) {
		return u, fmt.Errorf("there is no message that far back")
	}
	s := shown[len(shown)-1-found.Back]
	actions := s.Message.Actions()
	if found.Button >= len(actions) {
		return u, fmt.Errorf("there is no button in that place")
	}
	u.Data, u.Message = actions[found.Button].Data, s.Ref
	if actions[found.Button].Form && p.stage.Platform.Views {
		u.Window = p.window(u.Chat)
	}
	if p.replay != nil {
		for _, a := range actions {
			if strings.HasPrefix(u.Data, "v1:member.language:") && strings.HasSuffix(a.Data, ":"+p.locale) {
				u.Data = a.Data
			}
		}
	}
	return u, nil
}

func find(shown []Shown, label string) (Press, error) {
	skip, label, err := whichOne(label)
	if err != nil {
		return Press{}, err
	}
	for back := range shown {
		for i, a := range shown[len(shown)-1-back].Message.Actions() {
			if Visible(a.Label) == label {
				if skip == 0 {
					return Press{Back: back, Button: i}, nil
				}
				skip--
			}
		}
	}
	return Press{}, fmt.Errorf("nobody offered that button")
}

// whichOne reads "#2 " before something: how many newer ones to pass over.
func whichOne(text string) (int, string, error) {
	rest, ok := strings.CutPrefix(text, "#")
	if !ok {
		return 0, text, nil
	}
	number, after, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return 0, "", fmt.Errorf("which message?")
	}
	return n - 1, after, nil
}
