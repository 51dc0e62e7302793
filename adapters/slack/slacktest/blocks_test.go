package slacktest_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

func plain(text string) fields { return fields{"type": "plain_text", "text": text} }

func rich(elements ...any) fields {
	return fields{"type": "rich_text", "elements": []any{fields{"type": "rich_text_section", "elements": elements}}}
}

func with(base fields, key string, v any) fields {
	all := fields{}
	maps.Copy(all, base)
	all[key] = v
	return all
}

func repeat(n int, one func(i int) fields) (all []fields) {
	for i := range n {
		all = append(all, one(i))
	}
	return all
}

// TestBlocks holds blocks against each limit, at it and one beyond.
func TestBlocks(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ы", n) }
	b := button("a", "Yes")
	option := fields{"text": plain("x"), "value": "x"}
	selecting := func(options ...fields) fields {
		return fields{"type": "static_select", "action_id": "s", "options": options}
	}
	for name, one := range map[string]struct {
		blocks any
		fault  string // in the messages; "" is no fault
	}{
		"50 blocks":            {repeat(50, func(int) fields { return fields{"type": "divider"} }), ""},
		"51 blocks":            {repeat(51, func(int) fields { return fields{"type": "divider"} }), "no more than 50 items allowed [json-pointer:/blocks]"},
		"section 3000":         {[]any{section(long(3000))}, ""},
		"section 3001":         {[]any{section(long(3001))}, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		"section empty":        {[]any{section("")}, "must be more than 0 characters"},
		"section of nothing":   {[]any{fields{"type": "section"}}, "must define either `text` or `fields`"},
		"10 fields":            {[]any{fields{"type": "section", "fields": repeat(10, func(int) fields { return plain(long(100)) })}}, ""},
		"11 fields":            {[]any{fields{"type": "section", "fields": repeat(11, func(int) fields { return plain("x") })}}, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		"field 2001":           {[]any{fields{"type": "section", "fields": []any{plain(long(2001))}}}, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		"header 150":           {[]any{fields{"type": "header", "text": plain(long(150))}}, ""},
		"header 151":           {[]any{fields{"type": "header", "text": plain(long(151))}}, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		"header mrkdwn":        {[]any{fields{"type": "header", "text": fields{"type": "mrkdwn", "text": "x"}}}, "unsupported type: mrkdwn"},
		"25 buttons":           {[]any{actions(repeat(25, func(i int) fields { return button(fmt.Sprint(i), "x") })...)}, ""},
		"26 buttons":           {[]any{actions(repeat(26, func(i int) fields { return button(fmt.Sprint(i), "x") })...)}, "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		"no buttons":           {[]any{fields{"type": "actions", "elements": []any{}}}, "no fewer than 1 items allowed"},
		"button 75":            {[]any{actions(button("a", long(75)))}, ""},
		"button 76":            {[]any{actions(button("a", long(76)))}, "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		"value 2001":           {[]any{actions(with(b, "value", long(2001)))}, "must be less than 2001 characters"},
		"url 3001":             {[]any{actions(with(b, "url", "https://x.org/"+long(3000)))}, "must be less than 3001 characters"},
		"url tel":              {[]any{actions(with(b, "url", "tel:123"))}, "must be a valid URL"},
		"label 76":             {[]any{actions(with(b, "accessibility_label", long(76)))}, "must be less than 76 characters"},
		"style":                {[]any{actions(with(b, "style", "loud"))}, "must be one of primary, danger"},
		"value number":         {[]any{actions(with(b, "value", 7))}, "must be a string"},
		"unknown field":        {[]any{actions(with(b, "volume", "11"))}, "no more than the fields of button are allowed: volume"},
		"unknown block":        {[]any{fields{"type": "hologram"}}, "unsupported type: hologram [json-pointer:/blocks/0/type]"},
		"unknown element":      {[]any{actions(fields{"type": "hologram"})}, "unsupported type: hologram [json-pointer:/blocks/0/elements/0/type]"},
		"element out of place": {[]any{fields{"type": "context", "elements": []any{b}}}, "unsupported type: button"},
		"same action_id":       {[]any{actions(b, b)}, "`action_id` \"a\" already exists"},
		"action_id elsewhere":  {[]any{actions(b), actions(b)}, ""},
		"action_id 256":        {[]any{actions(button(long(256), "x"))}, "must be less than 256 characters"},
		"same block_id":        {[]any{with(section("x"), "block_id", "b"), with(section("y"), "block_id", "b")}, "`block_id` \"b\" already exists"},
		"block_id 256":         {[]any{with(section("x"), "block_id", long(256))}, "must be less than 256 characters"},
		"10 in context":        {[]any{fields{"type": "context", "elements": repeat(10, func(int) fields { return plain("x") })}}, ""},
		"11 in context":        {[]any{fields{"type": "context", "elements": repeat(11, func(int) fields { return plain("x") })}}, "no more than 10 items allowed"},
		"no alt text":          {[]any{fields{"type": "image", "image_url": "https://x.org/i.png"}}, "missing required field: alt_text"},
		"alt text 2001":        {[]any{fields{"type": "image", "image_url": "https://x.org/i.png", "alt_text": long(2001)}}, "must be less than 2001 characters"},
		"image of nothing":     {[]any{fields{"type": "image", "alt_text": "x"}}, "must define either `image_url` or `slack_file`"},
		"image not uploaded":   {[]any{fields{"type": "image", "alt_text": "x", "slack_file": fields{"id": "F0NONE"}}}, "invalid slack file"},
		"100 options":          {[]any{actions(selecting(repeat(100, func(int) fields { return option })...))}, ""},
		"101 options":          {[]any{actions(selecting(repeat(101, func(int) fields { return option })...))}, "no more than 100 items allowed"},
		"option 76":            {[]any{actions(selecting(with(option, "text", plain(long(76)))))}, "must be less than 76 characters"},
		"option value 76":      {[]any{actions(selecting(with(option, "value", long(76))))}, "must be less than 76 characters"},
		"overflow of 6":        {[]any{actions(fields{"type": "overflow", "action_id": "o", "options": repeat(6, func(int) fields { return option })})}, "no more than 5 items allowed"},
		"radio of 11":          {[]any{actions(fields{"type": "radio_buttons", "action_id": "o", "options": repeat(11, func(int) fields { return option })})}, "no more than 10 items allowed"},
		"placeholder 151":      {[]any{actions(with(selecting(option), "placeholder", plain(long(151))))}, "must be less than 151 characters"},
		"confirm 101":          {[]any{actions(with(b, "confirm", fields{"title": plain(long(101)), "text": plain("x"), "confirm": plain("x"), "deny": plain("x")}))}, "must be less than 101 characters"},
		"input 2001":           {[]any{fields{"type": "input", "label": plain(long(2001)), "element": fields{"type": "plain_text_input", "action_id": "i"}}}, "must be less than 2001 characters"},
		"input of 3001":        {[]any{fields{"type": "input", "label": plain("x"), "element": fields{"type": "plain_text_input", "action_id": "i", "max_length": 3001}}}, "must be less than 3001"},
		"rich text":            {[]any{rich(fields{"type": "text", "text": "x", "style": fields{"bold": true}}, fields{"type": "link", "url": "https://x.org"})}, ""},
		"rich text empty":      {[]any{rich(fields{"type": "text", "text": ""})}, "must be more than 0 characters"},
		"rich text style":      {[]any{rich(fields{"type": "text", "text": "x", "style": fields{"blink": true}})}, "no more than the fields of style are allowed: blink"},
		"rich text unknown":    {[]any{rich(fields{"type": "hologram"})}, "unsupported type: hologram"},
		"list without style":   {[]any{fields{"type": "rich_text", "elements": []any{fields{"type": "rich_text_list", "elements": []any{fields{"type": "rich_text_section", "elements": []any{}}}}}}}, "missing required field: style"},
		"table 101":            {[]any{fields{"type": "table", "rows": repeatRows(101, 1)}}, "no more than 100 items allowed"},
		"table 21":             {[]any{fields{"type": "table", "rows": repeatRows(1, 21)}}, "no more than 20 items allowed"},
		"markdown 12001":       {[]any{fields{"type": "markdown", "text": long(12001)}}, "must be less than 12001 characters"},
		"12000 in all":         {repeat(4, func(int) fields { return section(long(3000)) }), ""},
		"text that is none":    {[]any{fields{"type": "section", "text": "x"}}, "must be an object"},
		"flag that is none":    {[]any{fields{"type": "section", "text": with(plain("x"), "emoji", "yes")}}, "must be a boolean"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, slacktest.Options{})
			a := c.post(c.s.AddUser(slacktest.User{}), "x", "blocks", compact(one.blocks))
			if one.fault == "" {
				c.must(a)
				c.broke()
				return
			}
			c.refused(a, "invalid_blocks")
			if !strings.Contains(compact(a.fields["response_metadata"]), "[ERROR] ") || !strings.Contains(unquoted(compact(a.fields["response_metadata"])), one.fault) {
				t.Errorf("it says %s", a.body)
			}
			c.broke(slacktest.RuleBlocks)
		})
	}
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{})
	c.refused(c.post(maryam, "x", "blocks", compact(repeat(5, func(int) fields { return section(long(2401)) }))), "msg_blocks_too_long")
	c.refused(c.post(maryam, "x", "blocks", `{"type":"divider"}`), "invalid_blocks_format")
	c.refused(c.post(maryam, "x", "blocks", `["divider"]`), "invalid_blocks_format")
	c.broke(slacktest.RuleLong, slacktest.RuleBlocks, slacktest.RuleBlocks)
}

func repeatRows(rows, cells int) (all [][]fields) {
	for range rows {
		all = append(all, repeat(cells, func(int) fields { return fields{"type": "raw_text", "text": "x"} }))
	}
	return all
}

func unquoted(text string) string { return strings.ReplaceAll(text, `\"`, `"`) }

func TestReading(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	list := fields{"type": "rich_text", "elements": []any{
		fields{"type": "rich_text_list", "style": "ordered", "elements": []any{
			fields{"type": "rich_text_section", "elements": []any{fields{"type": "text", "text": "first"}}},
			fields{"type": "rich_text_section", "elements": []any{fields{"type": "link", "url": "https://x.org", "text": "page"}}},
		}},
		fields{"type": "rich_text_quote", "elements": []any{fields{"type": "date", "timestamp": 1392734382, "format": "{date}", "fallback": "Feb"}}},
	}}
	blocks := []any{
		fields{"type": "header", "text": plain("Head")}, fields{"type": "divider"},
		fields{"type": "section", "text": fields{"type": "mrkdwn", "text": "*bold* and _it_ &amp; snake_case_name"}, "accessory": button("q", "More")},
		list, fields{"type": "image", "image_url": "https://x.org/i.png", "alt_text": "a map"},
		fields{"type": "context", "elements": []any{plain("small")}},
		fields{"type": "table", "rows": repeatRows(2, 2)},
		actions(button("a", "Yes"), with(button("u", "Open"), "url", "https://x.org")),
	}
	c.must(c.post(maryam, "x", "blocks", compact(blocks)))
	m := c.s.Shown(c.s.DM(maryam))[0]
	if want := "Head\nbold and it & snake_case_name\n1. first\n2. page\nFeb\na map\nsmall\nx\tx\nx\tx"; m.Text != want {
		t.Errorf("they read %q, want %q", m.Text, want)
	}
	if len(m.Buttons) != 3 || len(m.Presses()) != 2 || m.Presses()[1].Text != "Yes" || m.Buttons[2].URL != "https://x.org" || m.Buttons[0].BlockID == "" {
		t.Errorf("the buttons are %+v", m.Buttons)
	}
	c.broke()
}
