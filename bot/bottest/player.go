package bottest

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// Stage is what a conversation is played on: a whole Ella on a Platform.
type Stage struct {
	Platform *Platform
	Account  bot.AccountID
	Clock    *Clock
	// Accept hands an update in.
	Accept func(ctx context.Context, raw bot.Raw) error
	// Settle lets everything that follows happen, and returns when nothing more does.
	Settle func(ctx context.Context) error
	// Do carries out a direction that only this stage knows: "role organiser", say.
	Do func(ctx context.Context, person, direction string) error
}

// Script is a conversation, one line after the other:
//
//	# a remark
//	amina> what she types; \n is a new line
//	amina! the label of the button she presses; with "#2 " before it, the second newest message that has it
//	amina! of grace: a label presses a button of somebody else's chat, which no platform lets her do: she forged it
//	amina@ 52.48,-1.89 shares a location
//	amina* blocked|unblocked|sticker
//	amina: a direction for the stage, such as "role organiser"
//	+ 90m lets time pass
//
// Everything that Ella says is written under the line that caused it, indented,
// and what is in a file of text is under its name; those lines are skipped when a
// script is read.
type Script struct{ lines []string }

// Parse reads a script, without what Ella said.
func Parse(text string) Script {
	var s Script
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if line := scanner.Text(); !strings.HasPrefix(line, " ") {
			s.lines = append(s.lines, line)
		}
	}
	return s
}

// People are those who speak in the script.
func (s Script) People() []string {
	var people []string
	seen := map[string]bool{}
	for _, line := range s.lines {
		if at := strings.IndexAny(line, ">!@*:"); at > 0 && !strings.HasPrefix(line, "#") && !seen[line[:at]] {
			seen[line[:at]] = true
			people = append(people, line[:at])
		}
	}
	return people
}

// Words are what people type in the script, and what their chats are called.
func (s Script) Words() []string {
	words := s.People()
	for _, line := range s.lines {
		if _, said, ok := strings.Cut(line, "> "); ok && !strings.HasPrefix(line, "#") && len(said) > 3 {
			words = append(words, said)
		}
	}
	return words
}

// Press remembers which button a press meant: the n-th button of the m-th
// message from the end, of somebody else's chat where Of is set. Another
// language has another label in the same place.
type Press struct {
	Of           string
	Back, Button int
}

// Take plays a script and returns it with everything Ella said.
type Take struct {
	Text string
	// Presses are those of this take, to play it again in another language.
	Presses []Press
	// Messages are all that Ella sent.
	Messages []message.Message
}

// Play plays a script on a stage. With presses of an earlier take, buttons are
// found by their place instead of by their label, and a press on a language
// picker presses locale's button: the same conversation in another language.
func (s Script) Play(ctx context.Context, stage Stage, presses []Press, locale string) (Take, error) {
	p := &playing{stage: stage, replay: presses, locale: locale, heard: map[string][]Shown{}}
	stage.Platform.OnSent(func(chat string, shown Shown) { p.heard[chat] = append(p.heard[chat], shown) })
	defer stage.Platform.OnSent(nil)
	for i, line := range s.lines {
		p.out.WriteString(strings.TrimRight(line, " ") + "\n")
		if err := p.line(ctx, line); err != nil {
			p.take.Text = p.out.String()
			return p.take, fmt.Errorf("line %d (%q): %w", i+1, line, err)
		}
	}
	p.take.Text = p.out.String()
	return p.take, nil
}

type playing struct {
	stage  Stage
	replay []Press
	locale string
	out    strings.Builder
	take   Take
	// people in the order in which they first spoke.
	people []string
	heard  map[string][]Shown
}

func (p *playing) line(ctx context.Context, line string) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	if rest, ok := strings.CutPrefix(line, "+ "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		if err != nil {
			return err
		}
		p.stage.Clock.Advance(d)
		return p.settle(ctx)
	}
	at := strings.IndexAny(line, ">!@*:")
	if at <= 0 {
		return fmt.Errorf("who says this?")
	}
	who, rest := line[:at], strings.TrimSpace(line[at+1:])
	p.meet(who)
	if line[at] == ':' {
		if err := p.stage.Do(ctx, who, rest); err != nil {
			return err
		}
		return p.settle(ctx)
	}
	u, err := p.update(who, line[at], rest)
	if err != nil {
		return err
	}
	if err := p.stage.Accept(ctx, p.stage.Platform.Raw(p.stage.Account, u)); err != nil {
		return err
	}
	return p.settle(ctx)
}

func (p *playing) meet(who string) {
	if !slices.Contains(p.people, who) {
		p.people = append(p.people, who)
	}
}

func (p *playing) update(who string, sign byte, rest string) (bot.Update, error) {
	u := bot.Update{Sender: who, Chat: who, At: p.stage.Clock.Now()}
	switch sign {
	case '>':
		u.Kind, u.Text = bot.TextSent, strings.ReplaceAll(rest, `\n`, "\n")
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
		u.Kind = map[string]bot.UpdateKind{"blocked": bot.ChatBlocked, "unblocked": bot.ChatUnblocked, "sticker": bot.Unsupported}[rest]
		if u.Kind == "" {
			return u, fmt.Errorf("no such happening")
		}
		p.stage.Platform.Block(who, u.Kind == bot.ChatBlocked)
	case '!':
		return p.press(u, rest)
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
	chat, of := u.Chat, ""
	if rest, ok := strings.CutPrefix(label, "of "); ok {
		if of, label, ok = strings.Cut(rest, ": "); !ok {
			return u, fmt.Errorf("which button of whom?")
		}
		chat = of
	}
	shown := p.stage.Platform.Shown(chat)
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
	skip := 0
	if rest, ok := strings.CutPrefix(label, "#"); ok {
		number, after, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return Press{}, fmt.Errorf("which message?")
		}
		skip, label = n-1, after
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

// settle lets everything happen and writes down what everybody heard.
func (p *playing) settle(ctx context.Context) error {
	if err := p.stage.Settle(ctx); err != nil {
		return err
	}
	for _, who := range p.people {
		// A notice and the message beside it arrive in any order: notices first.
		for _, s := range p.heard[who] {
			if s.Notice != "" {
				fmt.Fprintf(&p.out, "    ~ %s: %s\n", who, Visible(s.Notice))
			}
		}
		for _, s := range p.heard[who] {
			if s.Notice == "" {
				p.write(who, s)
			}
		}
		delete(p.heard, who)
	}
	return nil
}

func (p *playing) write(who string, s Shown) {
	p.take.Messages = append(p.take.Messages, s.Message)
	how := ""
	if s.Edited {
		how = ", edited"
	}
	fmt.Fprintf(&p.out, "    to %s (%s%s)\n", who, s.Message.Locale, how)
	for _, b := range s.Message.Blocks {
		text := message.Message{Blocks: []message.Block{b}}.Text()
		if text == "" {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") {
			fmt.Fprintf(&p.out, "      %s\n", Visible(line))
		}
		if f, ok := b.(message.File); ok && f.MediaType.IsText() {
			p.writeFile(string(f.Data))
		}
	}
}

// writeFile writes down what is in a file, under its name.
func (p *playing) writeFile(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(&p.out, "        %s\n", Visible(strings.TrimRight(line, "\r\n")))
	}
}

// Visible shows the characters that nobody sees: isolates as brackets.
func Visible(s string) string {
	return strings.NewReplacer("\u2066", "⟦", "\u2068", "⟨", "\u2069", "⟩", "\u200c", "⁃", "\u00a0", "␣").Replace(s)
}
