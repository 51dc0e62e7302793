package language

import (
	"strings"
	"unicode"
)

// judge reports what is wrong with one text of a catalogue, taken by itself, and
// what to do about it. Both are empty for a sound text.
func judge(text string) (problem, fix string) {
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty", "write the text, or take the line out"
	case strings.TrimSpace(text) != text:
		return "begins or ends with a space", "take it out: texts are never glued together"
	case strings.ContainsRune(text, unicode.ReplacementChar):
		return "holds U+FFFD, the mark of broken encoding", "write the character again and save the file as UTF-8"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return "holds a control character", "take it out; it may come from a wrong encoding"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return "holds an invisible direction mark", "take it out: Ella adds what each value needs"
	case holdsMarkup(text):
		return "holds markup", "use words only: no < > * ` __ ]( or &name;, bold and links are made by Ella"
	case strings.Contains(text, "://") || strings.Contains(text, "www."):
		return "holds a link", "write {{.Link}} in its place, in English too, and pass the link as a value"
	case holdsCommand(text):
		return "holds a command", "write {{.Command}} in its place, in English too, and pass the command as a value: it reads backwards in Arabic otherwise"
	case holdsPhone(text):
		return "holds a phone number", "write {{.Phone}} in its place, in English too, and pass the number as a value"
	}
	if _, ok := parse(text); !ok {
		return "holds braces that are no value", "a value is exactly {{.Name}}, with the name as in English"
	}
	return "", ""
}

// holdsMarkup reports what would be formatting on one platform or another.
func holdsMarkup(text string) bool {
	if strings.ContainsAny(text, "<>*`") || strings.Contains(text, "__") || strings.Contains(text, "](") {
		return true
	}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return false
		}
		name := strings.TrimLeft(after, "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
		if len(name) < len(after) && strings.HasPrefix(name, ";") {
			return true
		}
		rest = after
	}
}

// holdsCommand reports a slash that begins a word: "/help", not "and/or".
func holdsCommand(text string) bool {
	before := ' '
	for i, r := range text {
		begins := !unicode.IsLetter(before) && !unicode.IsDigit(before) && before != '}'
		if r == '/' && begins && i+1 < len(text) && 'a' <= text[i+1] && text[i+1] <= 'z' {
			return true
		}
		before = r
	}
	return false
}

// phoneDigits is how many digits in a row, spaces apart, make a phone number. A
// year and a time together have as many as eight.
const phoneDigits = 9

func holdsPhone(text string) bool {
	run := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			if run++; run == phoneDigits {
				return true
			}
		case r != ' ' && r != '-' && r != '(' && r != ')' && r != '\u00A0':
			run = 0
		}
	}
	return false
}
