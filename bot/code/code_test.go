package code_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"ella/bot/code"
)

const sample = "0123456789ABCDEFGHJKMNPQRS"

func TestParse(t *testing.T) {
	for typed, want := range map[string]string{
		sample:                                    sample,
		strings.ToLower(sample):                   sample,
		"01234-56789-ABCDE-FGHJK-MNPQR-S":         sample,
		" 01234 56789 abcde fghjk mnpqr s":        sample,
		"01234-56789\nABCDE\tFGHJK\r\nMNPQR--S\n": sample,
		// What phones make of a dash, and of a space.
		"01234–56789—ABCDE‑FGHJK−MNPQR S":        "", // a minus sign is no dash: nobody's phone makes one
		"01234–56789—ABCDE‑FGHJK‐MNPQR S":        sample,
		"01234\u00a056789\u202fABCDEFGHJKMNPQRS": sample,
		// What a keyboard that writes from right to left puts around it.
		"\u200e01234-56789-ABCDE-FGHJK-MNPQR-S\u200f": sample,
		"\u2066" + sample + "\u2069":                  sample,
		// Letters that look like digits.
		"o123456789ABCDEFGHJKMNPQRS":            sample,
		"Oi23456789ABCDEFGHJKMNPQRS":            sample,
		"OL23456789ABCDEFGHJKMNPQRS":            sample,
		"0l23456789ABCDEFGHJKMNPQRS":            sample,
		"u123456789ABCDEFGHJKMNPQRS":            "", // U is left out of the alphabet
		sample[:25]:                             "",
		sample + "0":                            "",
		sample + sample:                         "",
		"":                                      "",
		"-":                                     "",
		"wrong code":                            "",
		"٠123456789ABCDEFGHJKMNPQRS":            "",
		"🎈123456789ABCDEFGHJKMNPQRS":            "",
		"0123456789ABCDEFGHJKMNPQR\x00":         "",
		"0123456789ABCDEFGHJKMNPQR\xff":         "",
		"/join " + sample:                       "",
		strings.Repeat("-", 1_000_000) + sample: "",
		strings.Repeat("0", 1_000_000):          "",
	} {
		got, ok := code.Parse(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.60q: got %q, %v", typed, got, ok)
		}
	}
}

func TestShow(t *testing.T) {
	for shown, want := range map[string]string{
		code.Show(sample): "01234-56789-ABCDE-FGHJK-MNPQR-S", code.Show("ABCDE"): "ABCDE", code.Show(""): "",
	} {
		if shown != want {
			t.Errorf("got %q, want %q", shown, want)
		}
	}
}

// TestNew makes many codes: none twice, each reads back from how it is
// shown, and every letter of the alphabet comes as often as any other.
func TestNew(t *testing.T) {
	random := rand.NewChaCha8([32]byte{9})
	seen, count := map[string]bool{}, map[rune]int{}
	const codes = 2000
	for range codes {
		c, err := code.New(random)
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := code.Parse(strings.ToLower(code.Show(c))); !ok || back != c || seen[c] {
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

// TestNewFails: without randomness there is no code, rather than a weak one.
func TestNewFails(t *testing.T) {
	if c, err := code.New(bytes.NewReader(make([]byte, 25))); !errors.Is(err, io.ErrUnexpectedEOF) || c != "" {
		t.Errorf("got %q, %v", c, err)
	}
}
