package slacktest

import "maps"

// shape is what fields an object of Block Kit may have [doc: Block Kit reference].
// Whatever has none here is refused as of an unknown type, also what newer clients
// of Slack know: Ella sends none of it.
type shape map[string]field

// field is one of them. limit names a line in the table of facts.
type field struct {
	kind  kind
	limit string
	need  bool
	empty bool     // a list that may be
	of    []string // the shapes, or the values of a choice
}

type kind int

const (
	isText    kind = iota // a string
	isChoice              // a string that is one of some
	isAddress             // a string that is an address on the web
	isFlag
	isNumber
	isPlain  // a text object, plain_text alone
	isWords  // a text object, plain_text or mrkdwn
	isObject // of one of some shapes
	isList   // of such objects
	isRows   // a list of lists of such
)

// shapes are the objects by where they can stand: a name is taken for a type, and
// what follows a slash tells two of one type apart.
var shapes = map[string]shape{
	// Blocks.
	"section": {
		"text":   {kind: isWords, limit: "section.text"},
		"fields": {kind: isList, limit: "section.fields", of: []string{"plain_text/field", "mrkdwn/field"}},
		"accessory": {kind: isObject, of: []string{
			"button", "image/element", "overflow", "static_select", "multi_static_select", "users_select", "multi_users_select",
			"conversations_select", "channels_select", "checkboxes", "radio_buttons", "datepicker", "timepicker",
		}},
		"expand": {kind: isFlag},
	},
	"header":  {"text": {kind: isPlain, limit: "header.text", need: true}},
	"divider": {},
	"image": {
		"image_url": {kind: isAddress, limit: "image.image_url"}, "slack_file": {kind: isObject, of: []string{"slack_file"}},
		"alt_text": {kind: isText, limit: "image.alt_text", need: true}, "title": {kind: isPlain, limit: "image.alt_text"},
	},
	"context": {"elements": {kind: isList, limit: "context.elements", need: true, of: []string{"image/element", "plain_text", "mrkdwn"}}},
	"actions": {"elements": {kind: isList, limit: "actions.elements", need: true, of: []string{
		"button", "overflow", "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select",
		"channels_select", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker",
	}}},
	"input": {
		"label": {kind: isPlain, limit: "input.label", need: true}, "hint": {kind: isPlain, limit: "input.hint"},
		"element": {kind: isObject, need: true, of: []string{
			"plain_text_input", "email_text_input", "url_text_input", "number_input", "static_select", "multi_static_select", "users_select",
			"multi_users_select", "conversations_select", "channels_select", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker",
		}},
		"optional": {kind: isFlag}, "dispatch_action": {kind: isFlag},
	},
	"markdown": {"text": {kind: isText, limit: "markdown.text", need: true}},
	"rich_text": {"elements": {kind: isList, need: true, of: []string{
		"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted",
	}}},
	"table": {
		"rows":            {kind: isRows, limit: "table.rows", need: true, of: []string{"raw_text", "rich_text"}},
		"column_settings": {kind: isList, limit: "table.cells", of: []string{"column"}},
	},

	// What stands in rich text.
	"rich_text_section": {"elements": {kind: isList, need: true, empty: true, of: inlineTypes}},
	"rich_text_quote":   {"elements": {kind: isList, need: true, of: inlineTypes}, "border": {kind: isNumber}},
	"rich_text_preformatted": {
		"elements": {kind: isList, need: true, of: []string{"text", "link"}}, "border": {kind: isNumber}, "language": {kind: isText},
	},
	"rich_text_list": {
		"elements": {kind: isList, need: true, of: []string{"rich_text_section"}}, "style": {kind: isChoice, need: true, of: []string{"bullet", "ordered"}},
		"indent": {kind: isNumber}, "offset": {kind: isNumber}, "border": {kind: isNumber},
	},
	"text":      {"text": {kind: isText, limit: "rich_text.text", need: true}, "style": {kind: isObject, of: []string{"style"}}},
	"link":      {"url": {kind: isText, limit: "url_source.url", need: true}, "text": {kind: isText}, "unsafe": {kind: isFlag}, "style": {kind: isObject, of: []string{"style"}}},
	"emoji":     {"name": {kind: isText, need: true}, "unicode": {kind: isText}, "skin_tone": {kind: isNumber}, "style": {kind: isObject, of: []string{"style"}}},
	"user":      {"user_id": {kind: isText, need: true}, "style": {kind: isObject, of: []string{"style"}}},
	"usergroup": {"usergroup_id": {kind: isText, need: true}, "style": {kind: isObject, of: []string{"style"}}},
	"channel":   {"channel_id": {kind: isText, need: true}, "style": {kind: isObject, of: []string{"style"}}},
	"broadcast": {"range": {kind: isChoice, need: true, of: []string{"here", "channel", "everyone"}}, "style": {kind: isObject, of: []string{"style"}}},
	"date": {
		"timestamp": {kind: isNumber, need: true}, "format": {kind: isText, need: true}, "url": {kind: isText}, "fallback": {kind: isText},
		"style": {kind: isObject, of: []string{"style"}},
	},
	"style": {
		"bold": {kind: isFlag}, "italic": {kind: isFlag}, "strike": {kind: isFlag}, "code": {kind: isFlag}, "underline": {kind: isFlag},
		"highlight": {kind: isFlag}, "client_highlight": {kind: isFlag}, "unlink": {kind: isFlag},
	},
	"raw_text": {"text": {kind: isText, limit: "rich_text.text", need: true}},
	"column":   {"align": {kind: isChoice, of: []string{"left", "center", "right"}}, "is_wrapped": {kind: isFlag}},

	// Elements.
	"button": {
		"text": {kind: isPlain, limit: "button.text", need: true}, "url": {kind: isAddress, limit: "button.url"},
		"value": {kind: isText, limit: "button.value"}, "style": {kind: isChoice, of: []string{"primary", "danger"}},
		"confirm": {kind: isObject, of: []string{"confirm"}}, "accessibility_label": {kind: isText, limit: "button.accessibility_label"},
	},
	"image/element": {
		"image_url": {kind: isAddress, limit: "image.image_url"}, "slack_file": {kind: isObject, of: []string{"slack_file"}},
		"alt_text": {kind: isText, limit: "image.alt_text", need: true},
	},
	"overflow": {
		"options": {kind: isList, limit: "overflow.options", need: true, of: []string{"option/overflow"}}, "confirm": {kind: isObject, of: []string{"confirm"}},
	},
	"static_select": with(selecting, shape{
		"options": optionList, "option_groups": groupList, "initial_option": {kind: isObject, of: []string{"option"}},
	}),
	"multi_static_select": with(selecting, shape{
		"options": optionList, "option_groups": groupList, "initial_options": optionList, "max_selected_items": {kind: isNumber},
	}),
	"users_select":         with(selecting, shape{"initial_user": {kind: isText}}),
	"multi_users_select":   with(selecting, shape{"max_selected_items": {kind: isNumber}}),
	"conversations_select": with(selecting, shape{"initial_conversation": {kind: isText}, "response_url_enabled": {kind: isFlag}}),
	"channels_select":      with(selecting, shape{"initial_channel": {kind: isText}, "response_url_enabled": {kind: isFlag}}),
	"checkboxes": with(focusing, shape{
		"options":         {kind: isList, limit: "checkboxes.options", need: true, of: []string{"option/words"}},
		"initial_options": {kind: isList, limit: "checkboxes.options", of: []string{"option/words"}},
	}),
	"radio_buttons": with(focusing, shape{
		"options":        {kind: isList, limit: "radio_buttons.options", need: true, of: []string{"option/words"}},
		"initial_option": {kind: isObject, of: []string{"option/words"}},
	}),
	"datepicker":     with(selecting, shape{"initial_date": {kind: isText}}),
	"timepicker":     with(selecting, shape{"initial_time": {kind: isText}, "timezone": {kind: isText}}),
	"datetimepicker": with(focusing, shape{"initial_date_time": {kind: isNumber}}),
	"plain_text_input": with(typing, shape{
		"multiline": {kind: isFlag}, "min_length": {kind: isNumber}, "max_length": {kind: isNumber},
	}),
	"email_text_input": typing,
	"url_text_input":   typing,
	"number_input": with(typing, shape{
		"is_decimal_allowed": {kind: isFlag, need: true}, "min_value": {kind: isText}, "max_value": {kind: isText},
	}),

	// Objects.
	"plain_text":       {"text": {kind: isText, limit: "text", need: true}, "emoji": {kind: isFlag}},
	"mrkdwn":           {"text": {kind: isText, limit: "text", need: true}, "verbatim": {kind: isFlag}},
	"plain_text/field": {"text": {kind: isText, limit: "section.fields.item", need: true}, "emoji": {kind: isFlag}},
	"mrkdwn/field":     {"text": {kind: isText, limit: "section.fields.item", need: true}, "verbatim": {kind: isFlag}},
	"option": {
		"text": {kind: isPlain, limit: "option.text", need: true}, "value": {kind: isText, limit: "option.value", need: true},
		"description": {kind: isPlain, limit: "option.description"},
	},
	"option/overflow": {
		"text": {kind: isPlain, limit: "option.text", need: true}, "value": {kind: isText, limit: "option.value", need: true},
		"description": {kind: isPlain, limit: "option.description"}, "url": {kind: isAddress, limit: "option.url"},
	},
	"option/words": {
		"text": {kind: isWords, limit: "option.text", need: true}, "value": {kind: isText, limit: "option.value", need: true},
		"description": {kind: isWords, limit: "option.description"},
	},
	"option_group": {"label": {kind: isPlain, limit: "option_group.label", need: true}, "options": optionList},
	"confirm": {
		"title": {kind: isPlain, limit: "confirmation.title", need: true}, "text": {kind: isWords, limit: "confirmation.text", need: true},
		"confirm": {kind: isPlain, limit: "confirmation.confirm", need: true}, "deny": {kind: isPlain, limit: "confirmation.deny", need: true},
		"style": {kind: isChoice, of: []string{"primary", "danger"}},
	},
	"slack_file": {"id": {kind: isText}, "url": {kind: isAddress}},

	"modal": with(viewing, shape{
		"title": {kind: isPlain, limit: "view.title", need: true}, "close": {kind: isPlain, limit: "view.close"},
		"submit": {kind: isPlain, limit: "view.submit"}, "clear_on_close": {kind: isFlag}, "notify_on_close": {kind: isFlag}, "submit_disabled": {kind: isFlag},
	}),
	"home": viewing,
}

// untypedShapes are objects that have no field "type".
var untypedShapes = []string{"style", "column", "option", "option/overflow", "option/words", "option_group", "confirm", "slack_file"}

// blockTypes are what a message and a view are made of.
var blockTypes = []string{"section", "header", "divider", "image", "context", "actions", "input", "markdown", "rich_text", "table"}

// interactiveTypes are the elements that have an action_id.
var interactiveTypes = []string{
	"button", "overflow", "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select", "channels_select",
	"checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input",
}

var (
	inlineTypes = []string{"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date"}
	optionList  = field{kind: isList, limit: "select.options", of: []string{"option"}}
	groupList   = field{kind: isList, limit: "select.option_groups", of: []string{"option_group"}}

	focusing  = shape{"focus_on_load": {kind: isFlag}, "confirm": {kind: isObject, of: []string{"confirm"}}}
	selecting = with(focusing, shape{"placeholder": {kind: isPlain, limit: "select.placeholder"}})
	typing    = shape{
		"placeholder": {kind: isPlain, limit: "select.placeholder"}, "initial_value": {kind: isText, limit: "text"}, "focus_on_load": {kind: isFlag},
	}
	viewing = shape{
		"blocks":           {kind: isList, limit: "view.blocks", need: true, of: blockTypes},
		"private_metadata": {kind: isText, limit: "view.private_metadata"}, "callback_id": {kind: isText, limit: "view.callback_id"},
		"external_id": {kind: isText, limit: "view.callback_id"},
	}
)

// with is a shape that has the fields of another besides.
func with(base, more shape) shape {
	all := shape{}
	maps.Copy(all, base)
	maps.Copy(all, more)
	return all
}
