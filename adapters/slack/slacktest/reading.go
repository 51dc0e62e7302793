package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// reading is what a person gets from blocks.
type reading struct {
	lines   []string
	buttons []Button
	files   []string // ids
	inputs  []Input
}

// Input is a field of a view or a message that a person fills in.
type Input struct {
	BlockID, ActionID, Type, Label string
	// Initial is what stands there already: a text or an option's value.
	Initial string
	Options []string // values
}

func (r *reading) text() string { return strings.Join(r.lines, "\n") }

func (r *reading) say(line string) {
	if line != "" {
		r.lines = append(r.lines, line)
	}
}

// read is readBlocks of what was kept.
func (s *Server) read(raw json.RawMessage) reading {
	var list []any
	_ = json.Unmarshal(raw, &list) // it was checked
	return readBlocks(list)
}

// readBlocks reads blocks that were checked.
func readBlocks(list []any) (r reading) {
	for _, b := range list {
		block, _ := b.(obj)
		id := str(block, "block_id")
		switch str(block, "type") {
		case "header", "section":
			r.say(textOf(block["text"]))
			for _, f := range items(block, "fields") {
				r.say(textOf(f))
			}
			r.element(id, block["accessory"])
		case "image":
			r.say(textOf(block["title"]))
			r.picture(block)
		case "context", "actions":
			for _, e := range items(block, "elements") {
				r.element(id, e)
			}
		case "input":
			r.say(textOf(block["label"]))
			r.say(textOf(block["hint"]))
			r.element(id, block["element"])
			if n := len(r.inputs); n > 0 {
				r.inputs[n-1].Label = textOf(block["label"])
			}
		case "markdown":
			r.say(str(block, "text"))
		case "rich_text":
			for _, e := range items(block, "elements") {
				r.rich(e)
			}
		case "table":
			r.table(block)
		}
	}
	return r
}

func (r *reading) table(block obj) {
	for _, row := range items(block, "rows") {
		var cells []string
		cellsOf, _ := row.([]any)
		for _, c := range cellsOf {
			cell, _ := c.(obj)
			if str(cell, "type") == "raw_text" {
				cells = append(cells, str(cell, "text"))
				continue
			}
			inner := readBlocks([]any{cell})
			cells = append(cells, inner.text())
		}
		r.say(strings.Join(cells, "\t"))
	}
}

func (r *reading) picture(o obj) {
	r.say(str(o, "alt_text"))
	if f, _ := o["slack_file"].(obj); f != nil {
		r.files = append(r.files, str(f, "id"))
	}
}

func (r *reading) element(block string, v any) {
	e, _ := v.(obj)
	switch kind := str(e, "type"); kind {
	case "":
	case "plain_text", "mrkdwn":
		r.say(textOf(e))
	case "image":
		r.picture(e)
	case "button":
		r.buttons = append(r.buttons, Button{
			Text: textOf(e["text"]), Value: str(e, "value"), URL: str(e, "url"), ActionID: str(e, "action_id"), BlockID: block,
			Style: str(e, "style"), Label: str(e, "accessibility_label"),
		})
	default:
		in := Input{BlockID: block, ActionID: str(e, "action_id"), Type: kind, Initial: str(e, "initial_value")}
		if o, _ := e["initial_option"].(obj); o != nil {
			in.Initial = str(o, "value")
		}
		all := items(e, "options")
		for _, g := range items(e, "option_groups") {
			group, _ := g.(obj)
			all = append(all, items(group, "options")...)
		}
		for _, o := range all {
			option, _ := o.(obj)
			in.Options = append(in.Options, str(option, "value"))
			r.say(textOf(option["text"]))
		}
		r.inputs = append(r.inputs, in)
	}
}

// rich reads a part of rich text, line by line.
func (r *reading) rich(v any) {
	part, _ := v.(obj)
	if str(part, "type") != "rich_text_list" {
		r.say(inlineText(part))
		return
	}
	for i, e := range items(part, "elements") {
		item, _ := e.(obj)
		sign := "• "
		if str(part, "style") == "ordered" {
			offset, _ := part["offset"].(float64)
			sign = fmt.Sprintf("%d. ", i+1+int(offset))
		}
		r.say(sign + inlineText(item))
	}
}

func inlineText(part obj) string {
	var out strings.Builder
	for _, e := range items(part, "elements") {
		o, _ := e.(obj)
		switch str(o, "type") {
		case "text":
			out.WriteString(str(o, "text"))
		case "link":
			if label := str(o, "text"); label != "" {
				out.WriteString(label)
			} else {
				out.WriteString(str(o, "url"))
			}
		case "emoji":
			out.WriteString(":" + str(o, "name") + ":")
		case "user":
			out.WriteString("@" + str(o, "user_id"))
		case "usergroup":
			out.WriteString("@" + str(o, "usergroup_id"))
		case "channel":
			out.WriteString("#" + str(o, "channel_id"))
		case "broadcast":
			out.WriteString("@" + str(o, "range"))
		case "date":
			out.WriteString(str(o, "fallback"))
		}
	}
	return out.String()
}

// textOf is a text object as a person reads it. Whether Slack reads entities in
// plain_text is known from nowhere [?]: here it does not.
func textOf(v any) string {
	o, _ := v.(obj)
	if str(o, "type") == "mrkdwn" {
		return render(str(o, "text"))
	}
	return str(o, "text")
}

func str(o obj, key string) string {
	text, _ := o[key].(string)
	return text
}

func items(o obj, key string) []any {
	list, _ := o[key].([]any)
	return list
}
