package bottest

import (
	"bufio"
	"context"
	"fmt"
	"slices"
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
//	amina^ what she types as an answer to Ella's newest message; "#2 " before it: to the second newest
//	amina@ 52.48,-1.89 shares a location
//	amina* blocked|unblocked|sticker|voice|brought
//	amina* changed what she makes of the message that she wrote before
//	amina* page opens her page
//	amina! page: the label of a button there
//	amina* shortcut alert uses the shortcut of that name; words after it are those of the message it is used on
//	amina= text: what she writes | to: everyone fills in the form before her, a field by its name, a choice by its value or as #2, and sends it
//	amina* closes the window before her
//	amina* loses the next window that would open before her
//	amina* zone Asia/Tokyo has the platform tell that her zone is another
//	amina* app ar sets the language of her app, which the platform hints at from now on
//	amina: a direction for the stage, such as "role organiser"
//	amina#crmc> what she types in the group chat crmc; so with ! and ^
//	amina#crmc* joined|left brings Ella into it, or takes her out
//	amina#crmc* moved crmc2 has the platform give it another name
//	+ 90m lets time pass
//
// Whoever is called nobody speaks in a group chat under no name. Whoever is first met
// in one has not begun a conversation with Ella before they write to her in private.
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
		if who, _, _, _, ok := speech(line); ok && who != nameless && !seen[who] {
			seen[who] = true
			people = append(people, who)
		}
	}
	return people
}

// nameless is who speaks in a group chat under no name.
const nameless = "nobody"

// speech takes a line apart: who does what, with which words, and in which group
// chat; in private group is empty.
func speech(line string) (who, group string, sign byte, rest string, ok bool) {
	at := strings.IndexAny(line, ">!@*:^=")
	if at <= 0 || strings.HasPrefix(line, "#") {
		return "", "", 0, "", false
	}
	who, group, in := strings.Cut(line[:at], "#")
	if in {
		group = GroupPrefix + group
	}
	return who, group, line[at], strings.TrimSpace(line[at+1:]), true
}

// strangers are those who are first met in a group chat.
func (s Script) strangers() []string {
	var all []string
	met := map[string]bool{}
	for _, line := range s.lines {
		who, group, sign, rest, ok := speech(line)
		if ok && (sign == ':' || sign == '*' && strings.HasPrefix(rest, "app ")) {
			continue // the platform hears nothing of it
		}
		if ok && !met[who] && group != "" && who != nameless {
			all = append(all, who)
		}
		met[who] = met[who] || ok
	}
	return all
}

// Words are what people type in the script, and what their chats are called.
func (s Script) Words() []string {
	words := s.People()
	for _, line := range s.lines {
		if _, group, _, _, ok := speech(line); ok && group != "" {
			words = append(words, group)
		}
	}
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
	// Messages are all that Ella sent, Pages and Forms all that she showed beside them.
	Messages, Pages []message.Message
	Forms           []message.Form
}

// Play plays a script on a stage. With presses of an earlier take, buttons are
// found by their place instead of by their label, and a press on a language
// picker presses locale's button: the same conversation in another language.
func (s Script) Play(ctx context.Context, stage Stage, presses []Press, locale string) (Take, error) {
	p := &playing{stage: stage, replay: presses, locale: locale, heard: map[string][]Shown{}, apps: map[string]string{}, looks: map[string]bool{}, pages: map[string]string{}, forms: map[string]*message.Form{}, loses: map[string]bool{}}
	for _, who := range s.strangers() {
		stage.Platform.Stranger(who, true)
	}
	stage.Platform.OnSent(func(chat string, shown Shown) { p.heard[chat] = append(p.heard[chat], shown) })
	defer stage.Platform.OnSent(nil)
	stage.Platform.onLook(func(chat string) { p.looks[chat] = true })
	defer stage.Platform.onLook(nil)
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
	// people in the order in which they first spoke, and the group chats among them.
	people []string
	heard  map[string][]Shown
	// apps are the languages of people's apps.
	apps map[string]string
	// looks are the chats whose owners were shown a page or a window.
	looks map[string]bool
	// windows counts those that have opened; pages and forms are what was shown last.
	windows int
	pages   map[string]string
	forms   map[string]*message.Form
	// loses are the chats before which the next window does not open.
	loses map[string]bool
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
	who, group, sign, rest, ok := speech(line)
	if !ok {
		return fmt.Errorf("who says this?")
	}
	p.meet(who)
	if group != "" {
		p.meet(group)
	}
	if sign == ':' {
		if err := p.stage.Do(ctx, who, rest); err != nil {
			return err
		}
		return p.settle(ctx)
	}
	if app, ok := strings.CutPrefix(rest, "app "); ok && sign == '*' {
		p.apps[who] = app
		return nil
	}
	if rest == "closes" && sign == '*' {
		p.stage.Platform.OpenWindow(who, "") // the platform says nothing of it
		return nil
	}
	if rest == "loses" && sign == '*' {
		p.loses[who] = true
		return nil
	}
	u, err := p.update(who, group, sign, rest)
	if err != nil {
		return err
	}
	if err := p.stage.Accept(ctx, p.stage.Platform.Raw(p.stage.Account, u)); err != nil {
		return err
	}
	return p.settle(ctx)
}

func (p *playing) meet(who string) {
	if slices.Contains(p.people, who) {
		return
	}
	p.people = append(p.people, who)
	if strings.HasPrefix(who, GroupPrefix) {
		p.stage.Platform.Open(who)
	}
}

// settle lets everything happen and writes down what everybody heard.
func (p *playing) settle(ctx context.Context) error {
	if err := p.stage.Settle(ctx); err != nil {
		return err
	}
	for _, who := range p.people {
		// A notice and the message beside it arrive in any order: notices first.
		for _, s := range p.heard[who] {
			if s.answer() {
				fmt.Fprintf(&p.out, "    ~ %s: %s\n", who, strings.TrimSpace(Visible(s.Notice)+strings.TrimSuffix(" → "+s.Link, " → ")))
			}
		}
		for _, s := range p.heard[who] {
			switch {
			case s.answer():
			case s.Taken:
				p.writeTaken(who, s)
			default:
				p.write(who, s)
			}
		}
		delete(p.heard, who)
		if p.looks[who] {
			p.writeViews(who)
			delete(p.looks, who)
		}
	}
	return nil
}

func (p *playing) write(who string, s Shown) {
	p.take.Messages = append(p.take.Messages, s.Message)
	how := []string{s.Message.Locale}
	for _, h := range []struct {
		is   bool
		word string
	}{{s.Edited, "edited"}, {s.Silent, "silent"}, {s.Message.Protected, "protected"}, {s.Message.Preview, "preview"}} {
		if h.is {
			how = append(how, h.word)
		}
	}
	fmt.Fprintf(&p.out, "    to %s (%s)\n", who, strings.Join(how, ", "))
	p.writeBlocks(s.Message.Blocks)
}

func (p *playing) writeBlocks(blocks []message.Block) {
	for _, b := range blocks {
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

// answer: it is what a press was answered with.
func (s Shown) answer() bool { return s.Notice+s.Link != "" }

// writeTaken writes down what was taken away: of Ella's words the first line.
func (p *playing) writeTaken(who string, s Shown) {
	what := "a message of their own"
	if len(s.Message.Blocks) > 0 {
		what, _, _ = strings.Cut(Visible(s.Message.Text()), "\n")
	}
	fmt.Fprintf(&p.out, "    taken from %s: %s\n", who, what)
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
