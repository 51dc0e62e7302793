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
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
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
	if err := read(api, &a); err != nil {
		return err
	}
	var l limitsFile
	if err := read(limits, &l); err != nil {
		return err
	}
	table, err := derive(a, l)
	if err != nil {
		return err
	}
	return os.WriteFile(to, table, 0o644) //nolint:gosec // a source file
}

func read(name string, into any) error {
	if name == "" {
		return errors.New("say where the descriptions are, with -api and -limits")
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
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

// derive makes the table, one fact a line.
func derive(a apiFile, l limitsFile) ([]byte, error) {
	bounds := map[string]limited{}
	for _, m := range l.Methods {
		for _, arg := range m.Arguments {
			bounds[m.Name+"."+arg.Name] = arg
		}
	}
	for _, o := range l.Objects {
		var properties []limited
		if json.Unmarshal(o.Properties, &properties) == nil {
			for _, p := range properties {
				bounds[o.Name+"."+p.Name] = p
			}
		}
	}
	facts := func(owner string, fields []field) map[string]fact {
		all := map[string]fact{}
		for _, f := range fields {
			b := bounds[owner+"."+f.Name].Type
			one := fact{Types: f.Types, Required: f.Required, Min: first(b.Min, b.MinLen), Max: first(b.Max, b.MaxLen)}
			if f.Types[0] == "String" {
				one.Value = fixed(f.Description)
			}
			all[f.Name] = one
		}
		return all
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n%q: %q,\n", "from", "Derived by generate: names, types and what is required from PaulSonOfLars/telegram-bot-api-spec ("+a.Version+
		"; MIT, Copyright 2020 Paul Larsen), lengths and values from ark0f/tg-bot-api (Bot API 8.1; MIT or Apache-2.0).")
	fmt.Fprintf(&out, "%q: {\n", "methods")
	for i, name := range slices.Sorted(slices.Values(methods)) {
		m, ok := a.Methods[name]
		if !ok {
			return nil, fmt.Errorf("there is no method %s", name)
		}
		fmt.Fprintf(&out, "%q: {%q: %s, %q: {", name, "returns", line(m.Returns), "parameters")
		lines(&out, facts(name, m.Fields))
		out.WriteString("}}" + comma(i, len(methods)))
	}
	fmt.Fprintf(&out, "},\n%q: {\n", "types")
	for i, name := range slices.Sorted(slices.Values(types)) {
		t, ok := a.Types[name]
		if !ok {
			return nil, fmt.Errorf("there is no type %s", name)
		}
		if len(t.Subtypes) > 0 {
			fmt.Fprintf(&out, "%q: {%q: %s}%s", name, "is", line(t.Subtypes), comma(i, len(types)))
			continue
		}
		fmt.Fprintf(&out, "%q: {%q: {", name, "fields")
		lines(&out, facts(name, t.Fields))
		out.WriteString("}}" + comma(i, len(types)))
	}
	out.WriteString("}\n}\n")
	if !json.Valid(out.Bytes()) {
		return nil, errors.New("the table is no JSON")
	}
	return out.Bytes(), nil
}

func lines(out *bytes.Buffer, facts map[string]fact) {
	for i, name := range slices.Sorted(maps.Keys(facts)) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(out, "\n  %q: %s", name, line(facts[name]))
	}
}

// line is v as JSON. What is given can't fail.
func line(v any) []byte {
	raw, _ := json.Marshal(v)
	return raw
}

func comma(i, n int) string {
	if i < n-1 {
		return ",\n"
	}
	return "\n"
}

func first(a, b *int) *int {
	if a != nil {
		return a
	}
	return b
}
