// Package code makes the codes that people tell each other: somebody reads one aloud,
// copies or types it, and it works once. It is a leaf; whoever keeps a code keeps only
// a keyed index of it.
package code

import (
	"io"
	"strings"
	"time"
	"unicode"
)

// Life is how long a code can be used.
const Life = 15 * time.Minute

// alphabet is Crockford's base 32: no I, L, O or U, so that a code read
// aloud or copied by hand arrives as it left.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// length gives 130 bits.
const length = 26

// New makes a code from a source of randomness.
func New(random io.Reader) (string, error) {
	var b [length]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b[:]), nil
}

// Show writes a code in groups of five, for people to copy.
func Show(code string) string {
	var b strings.Builder
	for i, c := range code {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Parse reads a code as people type and paste it: small letters, spaces and
// dashes of every kind, the direction marks of a keyboard that writes from right
// to left, the letters that look like digits.
func Parse(text string) (string, bool) {
	if len(text) > 200 {
		return "", false
	}
	var b strings.Builder
	for _, c := range strings.ToUpper(text) {
		switch {
		case unicode.IsSpace(c) || unicode.In(c, unicode.Pd, unicode.Cf):
			continue
		case c == 'O':
			c = '0'
		case c == 'I' || c == 'L':
			c = '1'
		}
		if !strings.ContainsRune(alphabet, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	return b.String(), b.Len() == length
}
