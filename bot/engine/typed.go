package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot"
)

// commandStop is heard wherever it stands.
const commandStop = "stop"

// parseCommand reads "/groups", "/groups@name b11" and "/Join CODE".
func parseCommand(text string) (name, rest string, ok bool) {
	if !strings.HasPrefix(text, "/") {
		return "", "", false
	}
	word := text[1:]
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word, rest = word[:end], word[end:]
	}
	word, _, _ = strings.Cut(word, "@")
	return strings.ToLower(word), strings.TrimSpace(rest), word != ""
}

// commandWithin finds a command that stands in the middle of a text, in any script:
// the first one that the person may use. While a step waits the text is its answer,
// and only stop is heard; where it is carried to somebody as it is, nothing is.
func (e *Engine) commandWithin(t bot.Turn, text string) (name, rest string, ok bool) {
	if t.Step != nil && t.Step.Verbatim {
		return "", "", false
	}
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '/')
		if at < 0 {
			return "", "", false
		}
		at += from
		from = at + 1
		word := text[from:][:nameLength(text[from:])]
		c, known := e.commands[strings.ToLower(word)]
		if !known || !c.Allows(t.Person) || (t.Step != nil && c.Name != commandStop) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after := text[from+len(word):]
		if to, ok := strings.CutPrefix(after, "@"); ok {
			after = to[nameLength(to):]
		}
		next, _ := utf8.DecodeRuneInString(after)
		if ofWord(before) || ofWord(next) {
			continue // a path, an address, half of a word
		}
		// What ends the sentence is not what the command is about.
		after = strings.TrimLeftFunc(after, func(c rune) bool { return unicode.IsPunct(c) || unicode.IsSymbol(c) })
		return c.Name, strings.TrimSpace(after), true
	}
}

// nameLength is how many bytes at the beginning of a text can be a name.
func nameLength(text string) int {
	for i := range len(text) {
		c := text[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return i
		}
	}
	return len(text)
}

// ofWord reports whether a character belongs to the word, the path or the address
// beside it. Where the text begins or ends there is none.
func ofWord(c rune) bool {
	return c != utf8.RuneError && (unicode.In(c, unicode.L, unicode.M, unicode.N) && c != variation || strings.ContainsRune("/_:=&?@-~\\", c))
}

// variation ends many emoji (U+FE0F) and is a mark by its kind.
const variation = '\ufe0f'
