package slack

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	library "github.com/slack-go/slack"

	"ella/bot"
	"ella/bot/message"
)

// Publish shows somebody their own page, which Slack calls App Home
// (https://docs.slack.dev/reference/methods/views.publish). Of several that wait for the
// same person only the last is published.
func (s *sender) Publish(ctx context.Context, chat string, page message.Message) error {
	if !isID(chat) || isPrivate(chat) {
		return sendError(bot.Gone, "no-chat")
	}
	view, err := LowerPage(page, s.command)
	if err != nil {
		return err
	}
	_, _, failed := s.call(ctx, s.pace.publish, chat, false, func(ctx context.Context) {
		_, _ = s.library.PublishViewContext(ctx, library.PublishViewContextRequest{UserID: chat, View: view})
	})
	return failed.OrNil()
}

// LowerPage turns a page into what Slack takes. Of a page that is longer than that, as
// many whole blocks are shown as fit, and a sign that there is more. It does no I/O; its
// error is like that of Lower.
func LowerPage(m message.Message, command string) (library.HomeTabViewRequest, error) {
	groups, code := viewBlocks(m, command)
	if code != "" {
		return library.HomeTabViewRequest{}, sendError(bot.Invalid, code)
	}
	view := library.HomeTabViewRequest{Type: library.VTHomeTab, Blocks: library.Blocks{BlockSet: numbered(fitted(groups))}}
	if fault := checkView(view.Blocks.BlockSet, view); fault != "" {
		return library.HomeTabViewRequest{}, sendError(bot.Invalid, "limit-"+fault)
	}
	return view, nil
}

// viewBlocks are the blocks of a message as they stand in a view, those of each of its
// own blocks together; or what is wrong with it.
func viewBlocks(m message.Message, command string) (groups [][]library.Block, code string) {
	for _, b := range m.Blocks {
		l := lowering{rtl: m.Direction == message.RightToLeft, command: command}
		l.block(inWords(b))
		l.close()
		if l.fault != "" {
			return nil, l.fault
		}
		var group []library.Block
		for _, p := range l.parts {
			group = append(group, p.Blocks...)
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, ""
}

// inWords is what a block says: no view of ours shows pictures or brings files.
func inWords(b message.Block) message.Block {
	words := func(s string) message.Block {
		return message.Paragraph{Spans: []message.Span{{Kind: message.Text, Text: s}}}
	}
	switch b := b.(type) {
	case message.Picture:
		return words(b.Alt)
	case message.File:
		return words(b.About)
	}
	return b
}

// fitted is as many blocks as a view holds. What stands together, such as a card with its
// buttons, is shown together or not at all, and no title without what it is about.
func fitted(groups [][]library.Block) []library.Block {
	if fits(slices.Concat(groups...)) {
		return slices.Concat(groups...)
	}
	var shown []library.Block
	for _, group := range groups {
		if !fits(shown, group, []library.Block{more()}) {
			if len(shown) == 0 { // and nothing smaller can be shown of it
				shown = beginning(group)
			}
			break
		}
		shown = append(shown, group...)
	}
	for len(shown) > 0 {
		if _, title := shown[len(shown)-1].(*library.HeaderBlock); !title {
			break
		}
		shown = shown[:len(shown)-1]
	}
	return append(slices.Clip(shown), more())
}

// beginning is as much of one group as fits.
func beginning(group []library.Block) []library.Block {
	n := len(group)
	for n > 0 && !fits(group[:n], []library.Block{more()}) {
		n--
	}
	return group[:n]
}

// more is the sign that something was left out. It is in no language.
func more() library.Block {
	return library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionTextElement("…", nil)))
}

// fits reports whether blocks fit into one view.
func fits(groups ...[]library.Block) bool {
	all := slices.Concat(groups...)
	if len(all) > maxViewBlocks {
		return false
	}
	raw, err := json.Marshal(all)
	return err == nil && len(raw) <= maxViewBytes-viewFrame
}

// numbered gives each button of a view a name of its own.
func numbered(blocks []library.Block) []library.Block {
	n := 0
	for _, b := range blocks {
		row, ok := b.(*library.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range row.Elements.ElementSet {
			if button, ok := e.(*library.ButtonBlockElement); ok {
				kind, _, _ := strings.Cut(button.ActionID, "-")
				button.ActionID = kind + "-" + strconv.Itoa(n)
				n++
			}
		}
	}
	return blocks
}
