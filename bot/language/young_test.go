package language_test

import (
	"strings"
	"testing"

	"ella/bot/language"
)

func TestYoung(t *testing.T) {
	b := shipped(t)
	for text, want := range map[string]bool{
		"I am 15":                 true,
		"i'm 16":                  true,
		"I’m 16.":                 true,
		"Hello, I am 9 years old": true,
		"hi! im 17 years old and I need a lawyer": true,
		"hi im 15":      true,
		"hello i am 15": true,
		"hello i am 15 years old and i need help":  true,
		"my name is Sami I am 15 years old":        true,
		"I am fifteen":                             true,
		"hello I am 16 and I need help":            true,
		"I'm just 15":                              true,
		"I am 15 years":                            true,
		"i turned 16":                              true,
		"مرحبا عمري 15 سنة":                        true,
		"مرحبا عمري خمسة عشر عاما":                 true,
		"cześć mam 15 lat":                         true,
		"mam piętnaście lat":                       true,
		"привіт мені п'ятнадцять років":            true,
		"I have two sons, age 15, 12":              false,
		"my son, age 15, needs school":             false,
		"I am not 18, I am 45":                     false,
		"I am a child and family worker":           false,
		"mam 15 lat doświadczenia":                 false,
		"мені 15 хвилин до вас":                    false,
		"mój syn, wiek 15":                         false,
		"I am under 18":                            true,
		"I'm a minor":                              true,
		"My name is Sami. I am 14. I am alone.":    true,
		"I am ١٥":                                  true, // a phone with two keyboards
		"I am 18":                                  false,
		"I am 25 years old":                        false,
		"I am 170":                                 false,
		"I am 4":                                   false,
		"I am 15 minutes away":                     false,
		"I am 17 km from Leeds":                    false,
		"my son is 15 years old":                   false,
		"We are 12":                                false,
		"17":                                       false,
		"B17":                                      false,
		"":                                         false,
		"I am":                                     false,
		"I am a child of this city":                false,
		strings.Repeat("x", 3000) + ". I am 15":    false,
		"I am 15\nI am from Syria":                 true,
		"I am 1५":                                  true,
		"when I was 15 I came here, I am 40 today": false,
	} {
		if got := b.Young(text); got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

// Digits of every script are read, those that adjoin the next script's too.
func TestDigit(t *testing.T) {
	for row, name := range map[rune]string{'0': "ASCII", '٠': "Arabic", '۰': "Persian", '०': "Devanagari", '০': "Bengali", '０': "full width", '𝟎': "bold", '𝟘': "double-struck", '𝟶': "monospace"} {
		for n := range 10 {
			if got, ok := language.Digit(row + rune(n)); !ok || got != n {
				t.Errorf("%s %d is read as %d, %v", name, n, got, ok)
			}
		}
	}
	for _, c := range "aع٪½ⅷ①½፩" {
		if n, ok := language.Digit(c); ok {
			t.Errorf("%q is read as %d", c, n)
		}
	}
}
