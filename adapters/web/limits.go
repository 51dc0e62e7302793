package web

import (
	"strings"
	"unicode/utf8"
)

// The limits of the try page. They are ours; they lie near those of the real
// platforms, so that what works here works there.
const (
	// ButtonRow is how many buttons stand side by side, MaxButtons how many a
	// message holds, MaxData how many bytes one carries.
	ButtonRow  = 3
	MaxButtons = 24
	MaxData    = 64
	// MaxUnits is how many UTF-16 units of text a message holds, buttons apart;
	// MaxTextUnits how many a person may send at once.
	MaxUnits     = 4000
	MaxTextUnits = 4000
	// MaxPicture is how many bytes a picture may have, maxSide how many pixels a side.
	MaxPicture = 1 << 20
	maxSide    = 4096
	// AlertsPerSecond is the pace of alerts.
	AlertsPerSecond = 25
	// MaxBody is how many bytes a POST may have: MaxTextUnits, each written as
	// an escape of six bytes, and the rest of the update.
	MaxBody = 32 << 10
	// MaxPhones is how many phones a page shows.
	MaxPhones = 8

	maxKey   = 64   // of a POST's key, in bytes
	minKey   = 8    // shorter ones can't be unique
	maxPhone = 32   // of a phone's id, in bytes
	maxTag   = 35   // of a language tag, in bytes (RFC 5646, 4.4.1)
	maxTags  = 16   // that a page may ask words for at once
	maxItems = 500  // of a phone that are shown; the shelf keeps them all
	maxLog   = 1024 // events that a page may have missed and still go on from
)

// units is how long a text is, in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// readable reports whether a text is valid UTF-8 without NUL.
func readable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// isKey reports whether s can name an update.
func isKey(s string) bool { return len(s) >= minKey && len(s) <= maxKey && isName(s) }

// isPhone reports whether s can name a phone.
func isPhone(s string) bool {
	return s != "" && len(s) <= maxPhone && isName(s) && s == strings.ToLower(s) && !strings.HasPrefix(s, CrowdPrefix)
}

// languageTag is s when it has the form of a language tag, and otherwise empty.
func languageTag(s string) string {
	if s == "" || len(s) > maxTag || !isName(s) {
		return ""
	}
	return s
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}
