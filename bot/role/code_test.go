package role_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"ella/bot/role"
)

const code = "0123456789ABCDEFGHJKMNPQRS"

func TestParseCode(t *testing.T) {
	for typed, want := range map[string]string{
		code:                                      code,
		strings.ToLower(code):                     code,
		"01234-56789-ABCDE-FGHJK-MNPQR-S":         code,
		" 01234 56789 abcde fghjk mnpqr s":        code,
		"01234-56789\nABCDE\tFGHJK\r\nMNPQR--S\n": code,
		// What phones make of a dash, and of a space.
		"01234–56789—ABCDE‑FGHJK−MNPQR S":        "", // a minus sign is no dash: nobody's phone makes one
		"01234–56789—ABCDE‑FGHJK‐MNPQR S":        code,
		"01234\u00a056789\u202fABCDEFGHJKMNPQRS": code,
		// What a keyboard that writes from right to left puts around it.
		"\u200e01234-56789-ABCDE-FGHJK-MNPQR-S\u200f": code,
		"\u2066" + code + "\u2069":                    code,
		// Letters that look like digits.
		"o123456789ABCDEFGHJKMNPQRS":          code,
		"Oi23456789ABCDEFGHJKMNPQRS":          code,
		"OL23456789ABCDEFGHJKMNPQRS":          code,
		"0l23456789ABCDEFGHJKMNPQRS":          code,
		"u123456789ABCDEFGHJKMNPQRS":          "", // U is left out of the alphabet
		code[:25]:                             "",
		code + "0":                            "",
		code + code:                           "",
		"":                                    "",
		"-":                                   "",
		"wrong code":                          "",
		"٠123456789ABCDEFGHJKMNPQRS":          "",
		"🎈123456789ABCDEFGHJKMNPQRS":          "",
		"0123456789ABCDEFGHJKMNPQR\x00":       "",
		"0123456789ABCDEFGHJKMNPQR\xff":       "",
		"/join " + code:                       "",
		strings.Repeat("-", 1_000_000) + code: "",
		strings.Repeat("0", 1_000_000):        "",
	} {
		got, ok := role.ParseCode(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.60q: got %q, %v", typed, got, ok)
		}
	}
}

func TestShowCode(t *testing.T) {
	for shown, want := range map[string]string{
		role.ShowCode(code): "01234-56789-ABCDE-FGHJK-MNPQR-S", role.ShowCode("ABCDE"): "ABCDE", role.ShowCode(""): "",
	} {
		if shown != want {
			t.Errorf("got %q, want %q", shown, want)
		}
	}
}

// TestNewCode makes many codes: none twice, each reads back from how it is
// shown, and every letter of the alphabet comes as often as any other.
func TestNewCode(t *testing.T) {
	random := rand.NewChaCha8([32]byte{9})
	seen, count := map[string]bool{}, map[rune]int{}
	const codes = 2000
	for range codes {
		c, err := role.NewCode(random)
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := role.ParseCode(strings.ToLower(role.ShowCode(c))); !ok || back != c || seen[c] {
			t.Fatalf("%s reads back as %s, %v; seen before: %v", c, back, ok, seen[c])
		}
		seen[c] = true
		for _, letter := range c {
			count[letter]++
		}
	}
	if len(count) != 32 {
		t.Errorf("%d letters are used, want 32", len(count))
	}
	for letter, n := range count {
		if want := codes * 26 / 32; n < want*8/10 || n > want*12/10 {
			t.Errorf("%c comes %d times, want about %d", letter, n, want)
		}
	}
}

// TestNewCodeFails: without randomness there is no code, rather than a weak one.
func TestNewCodeFails(t *testing.T) {
	if c, err := role.NewCode(bytes.NewReader(make([]byte, 25))); !errors.Is(err, io.ErrUnexpectedEOF) || c != "" {
		t.Errorf("got %q, %v", c, err)
	}
}
