package slack_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	library "github.com/slack-go/slack"

	"ella/adapters/slack"
)

// limits are what Slack takes, from facts that others gathered.
func limits(t *testing.T) func(name string) int {
	t.Helper()
	body, err := os.ReadFile("testdata/limits.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	return func(name string) int {
		n, ok := all[name].(float64)
		if !ok {
			t.Fatalf("there is no limit %s", name)
		}
		return int(n)
	}
}

// TestCheckKeepsEveryLimit holds what is just within each limit, and what is one beyond,
// against the check.
func TestCheckKeepsEveryLimit(t *testing.T) {
	most := limits(t)
	plain := func(n int) *library.TextBlockObject {
		return library.NewTextBlockObject(library.PlainTextType, strings.Repeat("ж", n), false, false)
	}
	rich := func(texts ...string) library.Block {
		var all []library.RichTextSectionElement
		for _, s := range texts {
			all = append(all, library.NewRichTextSectionTextElement(s, nil))
		}
		return library.NewRichTextBlock("", library.NewRichTextSection(all...))
	}
	link := func(n int) library.Block {
		return library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionLinkElement(strings.Repeat("x", n), "x", nil)))
	}
	button := func(change func(b *library.ButtonBlockElement)) library.Block {
		b := library.NewButtonBlockElement("id", "v1:a::", plain(1))
		change(b)
		return library.NewActionBlock("", b)
	}
	row := func(n int) library.Block {
		var all []library.BlockElement
		for i := range n {
			all = append(all, library.NewButtonBlockElement(strconv.Itoa(i), "v1:a::", plain(1)))
		}
		return library.NewActionBlock("", all...)
	}
	part := func(blocks ...library.Block) slack.Part {
		return slack.Part{Kind: slack.BlocksPart, Text: "x", Blocks: blocks}
	}
	for name, of := range map[string]func(n int) slack.Part{
		"message.blocks": func(n int) slack.Part { return part(slices.Repeat([]library.Block{rich("x")}, n)...) },
		"update.text":    func(n int) slack.Part { p := part(rich("x")); p.Text = strings.Repeat("ж", n); return p },
		"header.text":    func(n int) slack.Part { return part(library.NewHeaderBlock(plain(n))) },
		"image.alt_text": func(n int) slack.Part {
			return part(&library.ImageBlock{Type: library.MBTImage, AltText: strings.Repeat("ж", n)})
		},
		"actions.elements": func(n int) slack.Part { return part(row(n)) },
		"action_id": func(n int) slack.Part {
			return part(button(func(b *library.ButtonBlockElement) { b.ActionID = strings.Repeat("x", n) }))
		},
		"button.text": func(n int) slack.Part { return part(button(func(b *library.ButtonBlockElement) { b.Text = plain(n) })) },
		"button.value": func(n int) slack.Part {
			return part(button(func(b *library.ButtonBlockElement) { b.Value = strings.Repeat("x", n) }))
		},
		"button.url": func(n int) slack.Part {
			return part(button(func(b *library.ButtonBlockElement) { b.Value, b.URL = "", strings.Repeat("x", n) }))
		},
		"button.accessibility_label": func(n int) slack.Part {
			return part(button(func(b *library.ButtonBlockElement) { b.AccessibilityLabel = strings.Repeat("x", n) }))
		},
	} {
		limit := most(name)
		if fault := slack.Check(of(limit)); fault != "" {
			t.Errorf("%d of %s are refused as %s", limit, name, fault)
		}
		if slack.Check(of(limit+1)) == "" {
			t.Errorf("%d of %s are taken", limit+1, name)
		}
	}
	for name, p := range map[string]slack.Part{
		"no text":            {Kind: slack.BlocksPart, Blocks: []library.Block{rich("x")}},
		"no blocks":          part(),
		"an empty text":      part(rich("")),
		"no UTF-8":           part(rich("\xff")),
		"an empty section":   part(rich()),
		"an empty block":     part(library.NewRichTextBlock("")),
		"too much in all":    part(rich(strings.Repeat("x", 6001)), rich(strings.Repeat("x", 6000))),
		"a far address":      part(link(3001)),
		"an empty row":       part(library.NewActionBlock("")),
		"one id twice":       part(button(func(*library.ButtonBlockElement) {}), button(func(*library.ButtonBlockElement) {})),
		"nothing behind it":  part(button(func(b *library.ButtonBlockElement) { b.Value = "" })),
		"two things":         part(button(func(b *library.ButtonBlockElement) { b.URL = "https://example.org" })),
		"an unknown style":   part(button(func(b *library.ButtonBlockElement) { b.Style = "rainbow" })),
		"markup":             part(library.NewSectionBlock(library.NewTextBlockObject(library.MarkdownType, "x", false, false), nil, nil)),
		"a call to everyone": part(library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionBroadcastElement("channel")))),
		"a mention":          part(library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionUserElement("U1", nil)))),
	} {
		if slack.Check(p) == "" {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestCheckViewKeepsEveryLimit does so with windows.
func TestCheckViewKeepsEveryLimit(t *testing.T) {
	most := limits(t)
	plain := func(n int) *library.TextBlockObject {
		return library.NewTextBlockObject(library.PlainTextType, strings.Repeat("ж", n), false, false)
	}
	modal := func(change func(v *library.ModalViewRequest, in *library.PlainTextInputBlockElement, choice *library.SelectBlockElement)) library.ModalViewRequest {
		in := &library.PlainTextInputBlockElement{Type: library.METPlainTextInput, ActionID: "a", MaxLength: 10}
		choice := &library.SelectBlockElement{Type: library.OptTypeStatic, ActionID: "b", Options: []*library.OptionBlockObject{library.NewOptionBlockObject("x", plain(1), nil)}}
		v := library.ModalViewRequest{Type: library.VTModal, Title: plain(1), Submit: plain(1)}
		v.Blocks.BlockSet = []library.Block{library.NewInputBlock("a", plain(1), nil, in), library.NewInputBlock("b", plain(1), nil, choice)}
		change(&v, in, choice)
		return v
	}
	type (
		input  = *library.PlainTextInputBlockElement
		choice = *library.SelectBlockElement
		view   = *library.ModalViewRequest
	)
	options := func(n int) (all []*library.OptionBlockObject) {
		for i := range n {
			all = append(all, library.NewOptionBlockObject(strconv.Itoa(i), plain(1), nil))
		}
		return all
	}
	for name, of := range map[string]func(n int) func(v view, in input, c choice){
		"view.title": func(n int) func(v view, in input, c choice) {
			return func(v view, _ input, _ choice) { v.Title = plain(n) }
		},
		"view.submit": func(n int) func(v view, in input, c choice) {
			return func(v view, _ input, _ choice) { v.Submit = plain(n) }
		},
		"view.blocks": func(n int) func(v view, in input, c choice) {
			return func(v view, _ input, _ choice) {
				row := library.NewHeaderBlock(plain(1))
				v.Blocks.BlockSet = slices.Repeat([]library.Block{row}, n)
			}
		},
		"plain_text_input.max_length": func(n int) func(v view, in input, c choice) {
			return func(_ view, in input, _ choice) { in.MaxLength = n }
		},
		"select.options": func(n int) func(v view, in input, c choice) {
			return func(_ view, _ input, c choice) { c.Options = options(n) }
		},
		"option.text": func(n int) func(v view, in input, c choice) {
			return func(_ view, _ input, c choice) { c.Options[0].Text = plain(n) }
		},
		"option.value": func(n int) func(v view, in input, c choice) {
			return func(_ view, _ input, c choice) { c.Options[0].Value = strings.Repeat("x", n) }
		},
	} {
		limit := most(name)
		if fault := slack.CheckView(modal(of(limit))); fault != "" {
			t.Errorf("%d of %s are refused as %s", limit, name, fault)
		}
		if slack.CheckView(modal(of(limit+1))) == "" {
			t.Errorf("%d of %s are taken", limit+1, name)
		}
	}
	for name, change := range map[string]func(v view, in input, c choice){
		"no title":            func(v view, _ input, _ choice) { v.Title = nil },
		"nothing to send it":  func(v view, _ input, _ choice) { v.Submit = nil },
		"two of one name":     func(_ view, in input, _ choice) { in.ActionID = "b" },
		"no name":             func(_ view, in input, _ choice) { in.ActionID = "" },
		"too much to begin":   func(_ view, in input, _ choice) { in.InitialValue = strings.Repeat("x", 11) },
		"a choice of nothing": func(_ view, _ input, c choice) { c.Options = nil },
		"two alike":           func(_ view, _ input, c choice) { c.Options = append(c.Options, c.Options[0]) },
		"a picture": func(v view, _ input, _ choice) {
			v.Blocks.BlockSet = []library.Block{&library.ImageBlock{Type: library.MBTImage, AltText: "x"}}
		},
		"250 KB": func(v view, _ input, _ choice) {
			v.Blocks.BlockSet = slices.Repeat([]library.Block{library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionTextElement(strings.Repeat("x", 3000), nil)))}, 90)
		},
	} {
		if slack.CheckView(modal(change)) == "" {
			t.Errorf("%s is taken", name)
		}
	}
	if slack.Check(slack.Part{Kind: slack.BlocksPart, Text: "x", Blocks: modal(func(view, input, choice) {}).Blocks.BlockSet}) == "" {
		t.Error("a field is taken in a message")
	}
}
