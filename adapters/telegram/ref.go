package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"ella/bot"
	"ella/bot/message"
)

// standing is one of Telegram's messages in a chat, as a Ref names it: its number, and
// what it is, "p" for a photo, "d" for a document, and for a venue "v" with a sum of
// it, since that can't be changed in place. What is only a number is a text, or was
// named by somebody who pressed a button below it.
type standing struct {
	id   int
	kind string
}

// refTo names all messages that one message of ours became, such as "101,102p".
func refTo(all []standing) bot.Ref {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = strconv.Itoa(s.id) + s.kind
	}
	return bot.Ref(strings.Join(names, ","))
}

// parseRef reads a Ref. It reports false for any that is none of ours.
func parseRef(ref bot.Ref) ([]standing, bool) {
	var all []standing
	for name := range strings.SplitSeq(string(ref), ",") {
		end := strings.IndexFunc(name, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(name)
		}
		// Telegram counts messages in 31 bits.
		id, err := strconv.ParseInt(name[:end], 10, 32)
		kind := name[end:]
		if err != nil || id < 1 || kind != "" && kind != "p" && kind != "d" && (kind[0] != 'v' || len(kind) != 1+venueSum) {
			return nil, false
		}
		all = append(all, standing{int(id), kind})
		if len(all) > maxTexts {
			return nil, false
		}
	}
	return all, true
}

// venueSum is how many letters of a venue's sum stand in a Ref.
const venueSum = 8

// kind is how a Ref names a part.
func (p Part) kind() string {
	switch p.Kind {
	case PhotoPart:
		return "p"
	case DocumentPart:
		return "d"
	case VenuePart:
		return "v" + sumOf(p.Venue)
	case TextPart:
	}
	return ""
}

func sumOf(v message.Venue) string {
	// Strings and numbers: it can be written.
	body, _ := json.Marshal(v)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:venueSum]
}

// target is a chat, with the topic in it where it has topics.
type target struct {
	id    int64
	topic int
}

// targetOf reads a chat's name: "<chat>" or "<chat>/<topic>".
func targetOf(chat string) (target, bool) {
	name, topic, inTopic := strings.Cut(chat, "/")
	id, err := strconv.ParseInt(name, 10, 64)
	t := target{id: id}
	if err != nil || id == 0 || strconv.FormatInt(id, 10) != name {
		return t, false
	}
	if inTopic {
		n, err := strconv.ParseInt(topic, 10, 32)
		if err != nil || n < 1 || id > 0 {
			return t, false
		}
		// The topic General has no number that Telegram would take.
		if n > 1 {
			t.topic = int(n)
		}
	}
	return t, true
}

// private reports whether it is one person's chat: groups' numbers are negative.
func (t target) private() bool { return t.id > 0 }
