package slack

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	library "github.com/slack-go/slack"

	"ella/adapters/wording"
)

// The limits of Block Kit and of the Web API, or those of ours below them
// (https://docs.slack.dev/reference/block-kit, and the methods' own pages). Slack counts
// characters, which are code points here.
const (
	// maxUnits is how many UTF-16 units of words one message holds for sure.
	maxUnits = 3000
	// maxCost is how many characters of words and addresses one of Slack's messages gets,
	// once they are escaped; what protects their direction counts as well. With maxLabels
	// for the buttons they stay below maxText.
	maxCost   = 3200
	maxLabels = 750
	// maxText is how long text may be where an update may follow. A longer one could be
	// posted, and never be changed (https://docs.slack.dev/reference/methods/chat.update).
	maxText = 4000
	// maxCharacters is how many characters all blocks of a message have. It is written
	// nowhere; Slack was seen to refuse 13,200 (https://github.com/slackapi/bolt-js/issues/2509).
	maxCharacters = 12000

	// maxBlocks is how many blocks a message has: maxWords of them are words and pictures,
	// and maxRows rows of buttons.
	maxBlocks = 50
	maxWords  = 30
	maxRows   = 20
	// maxParts is how many messages of Slack one message of ours may become: whatever is
	// longer belongs into a file.
	maxParts = 10

	maxHeader = 150
	// buttonRow is how many buttons stand side by side, maxElements how many Slack takes
	// in one row, maxButtons how many one message of ours holds.
	buttonRow   = 5
	maxElements = 25
	maxButtons  = 40
	// maxLabel is how long the text of a button is, and what is read out for it. About 30
	// characters of it are shown.
	maxLabel    = 75
	maxValue    = 2000
	maxAddress  = 3000
	maxActionID = 255
	// maxAlt is how long the words for a picture are that is not seen.
	maxAlt = 2000

	// maxViewBlocks and maxViewBytes are what a page or a window holds
	// (https://docs.slack.dev/reference/views); viewFrame of it is for what surrounds the
	// blocks.
	maxViewBlocks = 100
	maxViewBytes  = 250_000
	viewFrame     = 4000
	// maxTitle is how long a window's title is, and its own two buttons.
	maxTitle = 24
	// maxFieldText is how long a label or a hint is, which Slack would take longer;
	// maxOption an option and what it stands for, maxOptions how many there are.
	maxFieldText = 150
	maxOption    = 75
	maxOptions   = 100

	// maxPress is how many bytes a button of ours carries at most.
	maxPress = 64
	// maxNotice is how long the answer to a press is.
	maxNotice = 200

	// sendFor bounds one call; the caller gives a send 30 s. answerFor bounds the answer
	// to a press, and uploadFor the bytes of a file.
	sendFor   = 25 * time.Second
	answerFor = 10 * time.Second
)

// takesBack is for how long a message can be taken away. Slack sets no limit to what an
// app takes away of its own; this is how long Ella remembers what stands in a chat. The
// reader's own messages no app can take away.
const takesBack = 48 * time.Hour

// length is how long a text is for Slack.
func length(s string) int { return utf8.RuneCountInString(s) }

// check holds one of Slack's messages against the limits, since Slack says no more of a
// broken one than invalid_blocks. It returns what is wrong with it in one word, or
// nothing.
func check(p Part) string {
	if p.Kind == FilePart {
		return ""
	}
	c := checking{ids: map[string]bool{}}
	c.hold("text", p.Text, maxText)
	if len(p.Blocks) == 0 || len(p.Blocks) > maxBlocks {
		c.refuse("blocks")
	}
	for _, b := range p.Blocks {
		c.block(b)
	}
	if c.total > maxCharacters {
		c.refuse("characters")
	}
	return c.fault
}

// checkView holds a page or a window against the limits: its blocks, and how long it is
// as a whole.
func checkView(blocks []library.Block, view any) string {
	c := checking{ids: map[string]bool{}, view: true}
	if len(blocks) == 0 || len(blocks) > maxViewBlocks {
		c.refuse("blocks")
	}
	for _, b := range blocks {
		c.block(b)
	}
	if modal, ok := view.(library.ModalViewRequest); ok {
		c.modal(modal)
	}
	if raw, err := json.Marshal(view); err != nil || len(raw) > maxViewBytes {
		c.refuse("bytes")
	}
	return c.fault
}

// checking is a check that is under way, and its first fault.
type checking struct {
	ids   map[string]bool
	view  bool // where inputs may stand, and no pictures of ours
	total int
	fault string
}

func (c *checking) refuse(what string) {
	if c.fault == "" {
		c.fault = what
	}
}

// hold refuses a text that is empty or too long.
func (c *checking) hold(what, s string, limit int) {
	if n := length(s); n == 0 || n > limit || !wording.IsValid(s) {
		c.refuse(what)
	}
}

// count is hold for what stands in a block.
func (c *checking) count(what, s string, limit int) {
	c.hold(what, s, limit)
	c.total += length(s)
}

func (c *checking) block(b library.Block) {
	switch b := b.(type) {
	case *library.HeaderBlock:
		c.plain("header", b.Text, maxHeader)
	case *library.RichTextBlock:
		if len(b.Elements) == 0 {
			c.refuse("rich-text")
		}
		for _, e := range b.Elements {
			c.rich(e)
		}
	case *library.ImageBlock:
		c.count("alt", b.AltText, maxAlt)
		if c.view {
			c.refuse("block")
		}
	case *library.ActionBlock:
		c.actions(b)
	case *library.InputBlock:
		c.input(b)
	default:
		c.refuse("block")
	}
}

func (c *checking) plain(what string, t *library.TextBlockObject, limit int) {
	if t == nil || t.Type != library.PlainTextType {
		c.refuse(what)
		return
	}
	c.count(what, t.Text, limit)
}

func (c *checking) rich(e library.RichTextElement) {
	switch e := e.(type) {
	case *library.RichTextSection:
		if len(e.Elements) == 0 {
			c.refuse("rich-text")
		}
		for _, inside := range e.Elements {
			switch inside := inside.(type) {
			case *library.RichTextSectionTextElement:
				c.count("rich-text", inside.Text, maxCharacters)
			case *library.RichTextSectionLinkElement:
				c.count("rich-text", inside.Text, maxCharacters)
				c.count("address", inside.URL, maxAddress)
			default:
				c.refuse("rich-text")
			}
		}
	case *library.RichTextList:
		if len(e.Elements) == 0 {
			c.refuse("list")
		}
		for _, item := range e.Elements {
			if _, ok := item.(*library.RichTextSection); !ok {
				c.refuse("list")
				continue
			}
			c.rich(item)
		}
	default:
		c.refuse("rich-text")
	}
}

func (c *checking) actions(b *library.ActionBlock) {
	if b.Elements == nil || len(b.Elements.ElementSet) == 0 || len(b.Elements.ElementSet) > maxElements {
		c.refuse("actions")
		return
	}
	for _, e := range b.Elements.ElementSet {
		button, ok := e.(*library.ButtonBlockElement)
		if !ok {
			c.refuse("actions")
			continue
		}
		c.plain("button", button.Text, maxLabel)
		c.hold("action-id", button.ActionID, maxActionID)
		if c.ids[button.ActionID] {
			c.refuse("action-id")
		}
		c.ids[button.ActionID] = true
		if (button.URL == "") == (button.Value == "") {
			c.refuse("button")
		}
		if button.Value != "" {
			c.count("value", button.Value, maxValue)
		}
		if button.URL != "" {
			c.count("address", button.URL, maxAddress)
		}
		if button.AccessibilityLabel != "" {
			c.count("button", button.AccessibilityLabel, maxLabel)
		}
		if button.Style != library.StyleDefault && button.Style != library.StylePrimary && button.Style != library.StyleDanger {
			c.refuse("style")
		}
	}
}

// modal is what stands around the blocks of a window.
func (c *checking) modal(v library.ModalViewRequest) {
	c.plain("title", v.Title, maxTitle)
	for _, b := range []*library.TextBlockObject{v.Submit, v.Close} {
		if b != nil {
			c.plain("window-button", b, maxTitle)
		}
	}
	for _, b := range v.Blocks.BlockSet {
		if _, asks := b.(*library.InputBlock); asks && v.Submit == nil {
			c.refuse("submit")
		}
	}
}

// input is a field of a window.
func (c *checking) input(b *library.InputBlock) {
	if !c.view {
		c.refuse("input")
		return
	}
	c.hold("block-id", b.BlockID, maxActionID)
	c.plain("label", b.Label, maxFieldText)
	if b.Hint != nil {
		c.plain("hint", b.Hint, maxFieldText)
	}
	id := ""
	switch e := b.Element.(type) {
	case *library.PlainTextInputBlockElement:
		id = e.ActionID
		if e.MaxLength < 1 || e.MaxLength > maxFilled || length(e.InitialValue) > e.MaxLength || !wording.IsValid(e.InitialValue) {
			c.refuse("input")
		}
	case *library.SelectBlockElement:
		id = e.ActionID
		c.options(e)
	default:
		c.refuse("input")
	}
	c.hold("action-id", id, maxActionID)
	if c.ids[id] {
		c.refuse("action-id")
	}
	c.ids[id] = true
}

func (c *checking) options(e *library.SelectBlockElement) {
	if len(e.Options) == 0 || len(e.Options) > maxOptions {
		c.refuse("options")
	}
	values := map[string]bool{}
	for _, o := range e.Options {
		c.plain("option", o.Text, maxOption)
		c.hold("option-value", o.Value, maxOption)
		if values[o.Value] {
			c.refuse("option-value")
		}
		values[o.Value] = true
	}
}
