package role

import (
	"io"
	"strings"
	"time"
	"unicode"
)

// CodeLife is how long an invitation can be used.
const CodeLife = 15 * time.Minute

// codeAlphabet is Crockford's base 32: no I, L, O or U, so that a code read
// aloud or copied by hand arrives as it left.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength gives 130 bits.
const codeLength = 26

// NewCode makes an invitation's code from a source of randomness.
func NewCode(random io.Reader) (string, error) {
	var b [codeLength]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = codeAlphabet[b[i]%32]
	}
	return string(b[:]), nil
}

// ShowCode writes a code in groups of five, for people to copy.
func ShowCode(code string) string {
	var b strings.Builder
	for i, c := range code {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// ParseCode reads a code as people type and paste it: small letters, spaces and
// dashes of every kind, the direction marks of a keyboard that writes from right
// to left, the letters that look like digits.
func ParseCode(text string) (string, bool) {
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
		if !strings.ContainsRune(codeAlphabet, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	return b.String(), b.Len() == codeLength
}
