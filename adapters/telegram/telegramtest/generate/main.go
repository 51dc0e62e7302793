// Command generate derives the table of facts that the fake checks requests
// against from two published descriptions of the Bot API:
//
//	go run ./adapters/telegram/telegramtest/generate -api telegram-bot-api.json \
//		-limits telegram-limits-8.1.json -to adapters/telegram/telegramtest/facts.json
//
// Names, types and what is required come from the first, of Bot API 10.1
// (PaulSonOfLars/telegram-bot-api-spec); lengths and values from the second, of
// Bot API 8.1 (ark0f/tg-bot-api). No prose of either is taken over.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"ella/adapters/facts"
)

// methods are those that Ella needs, and a handful around them.
var methods = []string{
	"getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo",
	"sendMessage", "sendPhoto", "sendDocument", "sendVenue", "sendLocation", "sendChatAction", "copyMessage", "forwardMessage",
	"editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup", "deleteMessage", "deleteMessages",
	"answerCallbackQuery",
	"setMyCommands", "getMyCommands", "deleteMyCommands", "setMyName", "getMyName",
	"setMyDescription", "getMyDescription", "setMyShortDescription", "getMyShortDescription",
	"getChat", "getChatMember", "leaveChat",
}

// types are what those methods take and return, as far as the fake knows it. A
// type that is not here is not looked into.
var types = []string{
	"InlineKeyboardMarkup", "InlineKeyboardButton", "CopyTextButton", "ReplyKeyboardMarkup", "KeyboardButton", "ReplyKeyboardRemove", "ForceReply",
	"MessageEntity", "LinkPreviewOptions", "ReplyParameters", "InputMedia", "InputMediaPhoto", "InputMediaDocument", "BotCommand",
	"BotCommandScope", "BotCommandScopeDefault", "BotCommandScopeAllPrivateChats", "BotCommandScopeAllGroupChats",
	"BotCommandScopeAllChatAdministrators", "BotCommandScopeChat", "BotCommandScopeChatAdministrators", "BotCommandScopeChatMember",

	"Update", "Message", "MaybeInaccessibleMessage", "InaccessibleMessage", "CallbackQuery", "MessageId", "User", "Chat", "ChatFullInfo", "WebhookInfo",
	"ChatMemberUpdated", "ChatMember", "ChatMemberOwner", "ChatMemberAdministrator", "ChatMemberMember", "ChatMemberRestricted", "ChatMemberLeft", "ChatMemberBanned",
	"MessageOrigin", "MessageOriginUser", "MessageOriginHiddenUser", "MessageOriginChat", "MessageOriginChannel",
	"PhotoSize", "Document", "Location", "Venue", "Contact", "Sticker", "Voice", "BotName", "BotDescription", "BotShortDescription",
}

// flags are those that say where the descriptions are.
const flags = "-api and -limits"

func main() {
	api := flag.String("api", "", "description of the Bot API with names and types")
	limits := flag.String("limits", "", "description of the Bot API with lengths and values")
	to := flag.String("to", "facts.json", "the table to write")
	flag.Parse()
	if err := run(*api, *limits, *to); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(api, limits, to string) error {
	var a apiFile
	if err := facts.Read(api, flags, &a); err != nil {
		return err
	}
	var l limitsFile
	if err := facts.Read(limits, flags, &l); err != nil {
		return err
	}
	parts, err := derive(a, l)
	if err != nil {
		return err
	}
	return facts.Write(to, "Derived by generate: names, types and what is required from PaulSonOfLars/telegram-bot-api-spec ("+a.Version+
		"; MIT, Copyright 2020 Paul Larsen), lengths and values from ark0f/tg-bot-api (Bot API 8.1; MIT or Apache-2.0).", parts...)
}

// apiFile is the first description, as far as it is used.
type apiFile struct {
	Version string `json:"version"`
	Methods map[string]struct {
		Returns []string `json:"returns"`
		Fields  []field  `json:"fields"`
	} `json:"methods"`
	Types map[string]struct {
		Subtypes []string `json:"subtypes"`
		Fields   []field  `json:"fields"`
	} `json:"types"`
}

type field struct {
	Name        string   `json:"name"`
	Types       []string `json:"types"`
	Required    bool     `json:"required"`
	Description string   `json:"description"`
}

// fixed is the only value that a field may have, or "": what tells the types of a
// union apart stands at the end of descriptions alone.
func fixed(description string) string {
	for _, lead := range []string{"must be ", "always "} {
		if i := strings.LastIndex(description, lead); i >= 0 {
			value := strings.Trim(description[i+len(lead):], `"`)
			if strings.Trim(value, "abcdefghijklmnopqrstuvwxyz_") == "" {
				return value
			}
		}
	}
	return ""
}

// limitsFile is the second.
type limitsFile struct {
	Methods []struct {
		Name      string    `json:"name"`
		Arguments []limited `json:"arguments"`
	} `json:"methods"`
	Objects []struct {
		Name       string          `json:"name"`
		Properties json.RawMessage `json:"properties"` // for unions no list
	} `json:"objects"`
}

type limited struct {
	Name string `json:"name"`
	Type struct {
		Min    *int `json:"min"`
		Max    *int `json:"max"`
		MinLen *int `json:"min_len"`
		MaxLen *int `json:"max_len"`
	} `json:"type_info"`
}

// fact is what is known of a parameter or field: what the fake's type of the same
// name reads.
type fact struct {
	Types    []string `json:"types"`
	Required bool     `json:"required,omitempty"`
	Min      *int     `json:"min,omitempty"`
	Max      *int     `json:"max,omitempty"`
	Value    string   `json:"value,omitempty"`
}

// derive makes the parts of the table.
func derive(a apiFile, l limitsFile) ([]facts.Part, error) {
	b := boundsOf(l)
	ms := facts.Part{Name: "methods", Facts: map[string][]byte{}}
	for _, name := range methods {
		m, ok := a.Methods[name]
		if !ok {
			return nil, fmt.Errorf("there is no method %s", name)
		}
		ms.Facts[name] = fmt.Appendf(nil, "{%q: %s, %q: %s}", "returns", facts.Line(m.Returns), "parameters", b.facts(name, m.Fields))
	}
	ts := facts.Part{Name: "types", Facts: map[string][]byte{}}
	for _, name := range types {
		t, ok := a.Types[name]
		switch {
		case !ok:
			return nil, fmt.Errorf("there is no type %s", name)
		case len(t.Subtypes) > 0:
			ts.Facts[name] = fmt.Appendf(nil, "{%q: %s}", "is", facts.Line(t.Subtypes))
		default:
			ts.Facts[name] = fmt.Appendf(nil, "{%q: %s}", "fields", b.facts(name, t.Fields))
		}
	}
	return []facts.Part{ms, ts}, nil
}

// bounds are the lengths and values of parameters and fields, as "sendMessage.text".
type bounds map[string]limited

func boundsOf(l limitsFile) bounds {
	b := bounds{}
	for _, m := range l.Methods {
		for _, arg := range m.Arguments {
			b[m.Name+"."+arg.Name] = arg
		}
	}
	for _, o := range l.Objects {
		var properties []limited
		if json.Unmarshal(o.Properties, &properties) == nil {
			for _, p := range properties {
				b[o.Name+"."+p.Name] = p
			}
		}
	}
	return b
}

// facts are those of the fields of a method or type.
func (b bounds) facts(owner string, fields []field) []byte {
	all := map[string][]byte{}
	for _, f := range fields {
		l := b[owner+"."+f.Name].Type
		one := fact{Types: f.Types, Required: f.Required, Min: first(l.Min, l.MinLen), Max: first(l.Max, l.MaxLen)}
		if f.Types[0] == "String" {
			one.Value = fixed(f.Description)
		}
		all[f.Name] = facts.Line(one)
	}
	return facts.Nested(all)
}

func first(a, b *int) *int {
	if a != nil {
		return a
	}
	return b
}
