// Package wording is what people's words need before they become any platform's markup:
// to be cleaned, cut, and kept in their own direction.
package wording

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain drops what no reader can see and the platforms refuse or replace: control
// characters but tab and new line, and bytes that are no UTF-8.
func Plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s)
}

// OneLine is plain text without new lines.
func OneLine(s string) string { return strings.ReplaceAll(Plain(s), "\n", " ") }

// IsBlank reports that nobody would see anything of a text: the platforms call a message
// of that empty.
func IsBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Z) && r != '\u2800'
	})
}

// IsValid reports that every JSON reader takes a text as it is.
func IsValid(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// Leads reports whether an address may be opened from a message: it has one of these
// schemes and leads somewhere.
func Leads(address string, schemes ...string) bool {
	u, err := url.Parse(address)
	if err != nil || address == "" || Plain(address) != address || strings.ContainsAny(address, " \n\t\"<>") || !slices.Contains(schemes, u.Scheme) {
		return false
	}
	switch u.Scheme {
	case "http", "https", "tg": // the last is Telegram's own
		// A name before the host only ever pretends to be the host.
		return u.Host != "" && u.User == nil
	}
	return u.Opaque != "" // as tel and mailto have it
}
