package slack

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// typed is the words of a message as they were typed.
func (m *wireMessage) typed(me identity) string { return typed(m.Text, m.Blocks, me) }

// typed undoes what Slack does to a text on its way: it escapes three characters, puts
// links and names between < and >, and writes emoji as their names
// (https://docs.slack.dev/messaging/formatting-message-text). Which emoji are meant is
// said in the blocks. Ella's own name is left out: it says to whom, and no more.
func typed(text string, blocks json.RawMessage, me identity) string {
	emoji := emojiIn(text, blocks)
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "<")
		b.WriteString(emoji.put(unescape(before)))
		if !found {
			break
		}
		inner, rest, closed := strings.Cut(after, ">")
		if !closed || strings.Contains(inner, "<") {
			b.WriteString("<")
			text = after
			continue
		}
		text = rest
		if name, _, _ := strings.Cut(inner, "|"); name == "@"+me.User {
			said := b.String()
			if said == "" || strings.HasSuffix(said, " ") {
				text = strings.TrimLeft(text, " ")
			}
			if strings.Trim(text, " ") == "" {
				b.Reset()
				b.WriteString(strings.TrimRight(said, " "))
			}
			continue
		}
		b.WriteString(referred(inner))
	}
	return clean(b.String())
}

// unescape undoes one escaping of what Slack escapes, and nothing else.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// referred is what people see of a link or a name.
func referred(inner string) string {
	target, label, labelled := strings.Cut(inner, "|")
	target, label = unescape(target), unescape(label)
	switch {
	case strings.HasPrefix(target, "!date^"):
		return label
	case strings.HasPrefix(target, "!subteam^"):
		return mark("@", label, strings.TrimPrefix(target, "!subteam^"))
	case strings.HasPrefix(target, "!"): // here, channel, everyone
		return mark("@", label, target[1:])
	case strings.HasPrefix(target, "@"):
		return mark("@", label, target[1:])
	case strings.HasPrefix(target, "#"):
		return mark("#", label, target[1:])
	case !labelled || label == "":
		return shortLink(target)
	case isSameLink(target, label):
		return label
	}
	// Words that were made a link: whoever reads them elsewhere would lose it, or would not
	// see where it leads.
	return label + " (" + target + ")"
}

// mark is a name behind its sign, which the label may have already.
func mark(sign, label, name string) string {
	if label != "" {
		name = label
	}
	return sign + strings.TrimPrefix(name, sign)
}

// schemes are what Slack puts before what it makes a link by itself.
var schemes = []string{"https://", "http://", "mailto:", "tel:"}

// shortLink leaves out what nobody types before an address or a number.
func shortLink(target string) string {
	for _, scheme := range schemes[2:] {
		target = strings.TrimPrefix(target, scheme)
	}
	return target
}

// isSameLink reports that a link's words say where it leads.
func isSameLink(target, label string) bool {
	bare := func(s string) string {
		for _, scheme := range schemes {
			s = strings.TrimPrefix(s, scheme)
		}
		return strings.TrimSuffix(s, "/")
	}
	if bare(target) == bare(label) {
		return true
	}
	// A number is called as digits, and written with spaces.
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	return strings.HasPrefix(target, "tel:") && digits(target) == digits(label)
}

// emoji are characters by how Slack writes them in a text: ":wave:", or
// ":wave::skin-tone-3:".
type emoji map[string]string

// emojiIn reads from the blocks which emoji a text names. A workspace's own have no
// character, and keep their names.
func emojiIn(text string, blocks json.RawMessage) emoji {
	if len(blocks) == 0 || strings.Count(text, ":") < 2 {
		return nil
	}
	var tree any
	if json.Unmarshal(blocks, &tree) != nil {
		return nil
	}
	found := emoji{}
	found.collect(tree)
	return found
}

func (e emoji) collect(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, each := range tree {
			e.collect(each)
		}
	case map[string]any:
		name, _ := tree["name"].(string)
		code, _ := tree["unicode"].(string)
		if tree["type"] == "emoji" && name != "" && code != "" {
			key := ":" + name + ":"
			if tone, ok := tree["skin_tone"].(float64); ok && tone >= 2 && tone <= 6 {
				key += ":skin-tone-" + strconv.Itoa(int(tone)) + ":"
			}
			if s := drawn(code); s != "" {
				e[key] = s
			}
			return
		}
		for _, each := range tree {
			e.collect(each)
		}
	}
}

// drawn reads code points as Slack writes them, "1f44b-1f3fc"; empty if they are none.
func drawn(code string) string {
	var b strings.Builder
	for point := range strings.SplitSeq(code, "-") {
		n, err := strconv.ParseUint(point, 16, 32)
		if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
			return ""
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}

// put puts the characters where their names stand.
func (e emoji) put(text string) string {
	if len(e) == 0 {
		return text
	}
	var pairs []string
	// Of two that begin alike the longer one is meant: the name with a tone of skin.
	for _, name := range slices.SortedFunc(maps.Keys(e), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, name, e[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
