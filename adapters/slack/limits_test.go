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
