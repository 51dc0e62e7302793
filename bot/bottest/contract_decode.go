package bottest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ella/bot"
)

func decodes(t *testing.T, r *rig) {
	r.receive(t)
	chat := r.Chats[1]
	for _, text := range append(Hostile(), "/start", "/groups@ella b11 1aa", "سلام", "🎈") {
		if u := r.did(t, Did{Kind: bot.TextSent, Chat: chat, Text: text}); u.Kind != bot.TextSent || u.Text != text || u.Chat != chat {
			t.Errorf("%q was typed, and is read as %s %q", text, u.Kind, u.Text)
		}
	}
	if !r.Adapter.Capabilities().Location {
		return
	}
	u := r.did(t, Did{Kind: bot.LocationShared, Chat: chat, Lat: 51.624, Lng: -3.9411})
	if u.Kind != bot.LocationShared || math.Abs(u.Lat-51.624) > 1e-5 || math.Abs(u.Lng+3.9411) > 1e-5 {
		t.Errorf("51.624, -3.9411 was shared, and is read as %s %v, %v", u.Kind, u.Lat, u.Lng)
	}
}

// survives feeds Decode what no platform sends: what it reads must be sound, and
// what it can't read must be ErrUnreadable and say nothing more.
func survives(t *testing.T, r *rig) {
	r.receive(t)
	r.send(t, bot.Outgoing{Chat: r.Chats[0], Message: choice("v1:action.rsvp:01kaxm5g80000001:yes")})
	const words = "canary-words سلام \\ \" <&>"
	sound := slices.Clone(r.Raws)
	for _, d := range r.possible(
		Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: words},
		Did{Kind: bot.ButtonPressed, Chat: r.Chats[0]},
		Did{Kind: bot.LocationShared, Chat: r.Chats[0], Lat: 51.624, Lng: -3.9411},
	) {
		sound = append(sound, r.took(t, d).Body)
	}
	for i, raw := range sound {
		if _, err := r.Adapter.Decode(raw); err != nil {
			t.Errorf("sound update %d: %v", i, err)
		}
	}
	try := func(what string, raw []byte) {
		t.Helper()
		if wrong := decodeWrong(r.Adapter, raw); wrong != "" {
			t.Errorf("%s: %s\n%.300q", what, wrong, raw)
		}
	}
	for i, raw := range broken() {
		try(fmt.Sprintf("broken update %d", i), raw)
	}
	dice := rand.New(rand.NewPCG(5, 5))
	for i, raw := range sound {
		for n := 0; n < len(raw); n += 1 + len(raw)/400 {
			try(fmt.Sprintf("update %d cut off", i), raw[:n])
		}
		for range 400 {
			try(fmt.Sprintf("update %d damaged", i), damage(dice, raw, sound[dice.IntN(len(sound))]))
		}
		for _, bad := range []string{"\x00", `\u0000`, "\xff", "\xed\xa0\x80", `\ud800`, `\`, "\u202e", strings.Repeat("w", 1<<20)} {
			try(fmt.Sprintf("update %d with %.9q in its words", i, bad), bytes.ReplaceAll(raw, []byte("words"), []byte("wo"+bad+"rds")))
			try(fmt.Sprintf("update %d with %.9q in its data", i, bad), bytes.ReplaceAll(raw, []byte(":yes"), []byte(":y"+bad+"s")))
		}
	}
}

// broken are bytes of no platform at all.
func broken() [][]byte {
	all := [][]byte{
		nil, {}, {0}, {0xff}, []byte("null"), []byte("0"), []byte(`""`), []byte("[]"), []byte("{}"), []byte("hello"), []byte("<xml/>"), []byte("a=b&c=d"),
		bytes.Repeat([]byte{'['}, 1<<20), bytes.Repeat([]byte(`{"a":`), 1<<17), bytes.Repeat([]byte{'a'}, 1<<20), bytes.Repeat([]byte{0}, 1<<20),
	}
	dice := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		raw := make([]byte, dice.IntN(300))
		for i := range raw {
			raw[i] = byte(dice.IntN(256))
		}
		all = append(all, raw)
	}
	return all
}

// damage changes a few bytes of an update, or puts a piece of another into it.
func damage(dice *rand.Rand, raw, other []byte) []byte {
	raw = slices.Clone(raw)
	for range 1 + dice.IntN(3) {
		if len(raw) == 0 || len(other) == 0 {
			return raw
		}
		at, from := dice.IntN(len(raw)), dice.IntN(len(other))
		switch dice.IntN(4) {
		case 0:
			raw[at] = byte(dice.IntN(256))
		case 1:
			raw[at] ^= 1 << dice.IntN(8)
		case 2:
			raw = slices.Delete(raw, at, min(len(raw), at+1+dice.IntN(8)))
		case 3:
			raw = slices.Insert(raw, at, other[from:min(len(other), from+dice.IntN(40))]...)
		}
	}
	return raw
}

// decodeWrong says what is wrong with how an adapter decodes some bytes, or nothing.
func decodeWrong(a bot.Adapter, raw []byte) (wrong string) {
	defer func() {
		if v := recover(); v != nil {
			wrong = fmt.Sprintf("Decode panics: %v", v)
		}
	}()
	before := slices.Clone(raw)
	u, err := a.Decode(raw)
	again, errAgain := a.Decode(raw)
	if !bytes.Equal(raw, before) {
		return "Decode changes what it is given"
	}
	if err == nil {
		if wrong := Unsound(u); wrong != "" {
			return wrong
		}
	}
	switch {
	case !reflect.DeepEqual(u, again) || (err == nil) != (errAgain == nil):
		return "Decode reads the same bytes another way the second time"
	case err != nil && (!errors.Is(err, bot.ErrUnreadable) || strings.Contains(err.Error(), "canary")):
		return "the error is not ErrUnreadable alone: " + err.Error()
	case err != nil && !reflect.DeepEqual(u, bot.Update{}):
		return "beside the error there is an update"
	}
	return ""
}

// Unsound says what is wrong with an update that an adapter decoded, or nothing.
func Unsound(u bot.Update) string {
	kinds := []bot.UpdateKind{
		bot.TextSent, bot.ButtonPressed, bot.LocationShared, bot.ChatBlocked, bot.ChatUnblocked, bot.Unsupported, bot.VoiceSent, bot.TextChanged, bot.BroughtBack, bot.Other,
		bot.PageOpened, bot.ShortcutUsed, bot.FormFilled, bot.ProfileChanged,
	}
	inGroups := []bot.UpdateKind{bot.GroupJoined, bot.GroupLeft, bot.GroupMoved, bot.ChatLeft}
	if !slices.Contains(append(kinds, inGroups...), u.Kind) {
		return fmt.Sprintf("there is no kind %q", u.Kind)
	}
	for name, s := range map[string]string{
		"text": u.Text, "data": u.Data, "sender": u.Sender, "chat": u.Chat, "press": u.Press, "message": string(u.Message), "hint": u.LocaleHint,
		"answers": string(u.Answers), "group": u.Group, "new group": u.NewGroup, "window": u.Window, "quoted words": u.Quoted, "zone": u.Zone,
	} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return "its " + name + " is no valid UTF-8, or holds NUL"
		}
	}
	for name, s := range u.Fields {
		if !utf8.ValidString(name+s) || strings.ContainsRune(name+s, 0) {
			return "a field of it is no valid UTF-8, or holds NUL"
		}
	}
	switch {
	case u.Kind != bot.Other && (u.Sender == "" || u.Chat+u.Group == ""):
		return "nobody sent it, or in no chat"
	case slices.Contains(inGroups, u.Kind) && u.Group == "":
		return "it was done in a group chat, and in none"
	case (u.Kind == bot.GroupMoved) != (u.NewGroup != ""):
		return "a group chat moves nowhere, or without moving"
	case strings.Trim(u.LocaleHint, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "":
		return "its hint is no language tag"
	case !(math.Abs(u.Lat) <= 90) || !(math.Abs(u.Lng) <= 180):
		return "its place is not on earth"
	}
	return ""
}
