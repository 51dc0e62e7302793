package language_test

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCommandFor(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct{ text, want string }{
		{"STOP", "stop"},
		{"stop", "stop"},
		{" Stop!!! ", "stop"},
		{"/stop", "stop"},
		{"🛑 stop 🙏🏽", "stop"},
		{"please stop", "stop"},
		{"Stop, please.", "stop"},
		{"stop STOP Stop", "stop"},
		{"I don’t want messages", "stop"},
		{"unsubscribe", "stop"},
		{"STOP this terrible bill", ""},
		{"Stop the deportations", ""},
		{"please stop the war", ""},
		{"don't stop", ""},
		{"help", "help"},
		{"HELP ME PLEASE", "help"},
		{"help us stop the bill", ""},
		{"resume", "resume"},
		{"groups near me", "groups"},
		{"change my language", "language"},
		{"start", "start"},
		{"", ""},
		{"🛑", ""},
		{"!!!", ""},
		{strings.Repeat("stop ", 40), "stop"},
		{strings.Repeat("stop ", 1000), ""},
		{"stop\xff", "stop"},

		{"توقف", "stop"},
		{"تَوَقَّفْ!", "stop"},
		{"توقـــف", "stop"},
		{"أوقف", "stop"},
		{"اوقف", "stop"},
		{"لو سمحت، توقف", "stop"},
		{"من فضلك توقف", "stop"},
		{"إيقاف الرسائل", "stop"},
		{"ايقاف الرسايل", "stop"},
		{"tawaqqaf", "stop"},
		{"أوقفوا الحرب", ""},
		{"مساعدة", "help"},
		{"مساعده", "help"},
		{"أحتاج إلى مساعدة؟", "help"},
		{"المجموعات", "groups"},
		{"تغيير اللغة", "language"},
		{"تغيير اللغه", "language"},
		{"استئناف", "resume"},
		{"ابدأ", "start"},
		{"ابدا", "start"},

		{"przestań", "stop"},
		{"PRZESTAN", "stop"},
		{"proszę przestać pisać", "stop"},
		{"wylacz wiadomosci", "stop"},
		{"stop wyzyskowi", ""},
		{"pomóż mi", "help"},
		{"wznów", "resume"},
		{"grupy", "groups"},
		{"zmień język", "language"},
		{"zacznij", "start"},

		{"стоп", "stop"},
		{"СТОП!", "stop"},
		{"Будь ласка, зупиніться", "stop"},
		{"відпишіть мене", "stop"},
		{"стоп війні", ""},
		{"допоможіть", "help"},
		{"відновити", "resume"},
		{"групи", "groups"},
		{"змінити мову", "language"},
		{"почати", "start"},
		{"dosyt", "stop"},
	} {
		got, ok := b.CommandFor(c.text)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("CommandFor(%q) = %q, %v, want %q", c.text, got, ok, c.want)
		}
	}
}

func FuzzCommandFor(f *testing.F) {
	for _, seed := range []string{"STOP", "please stop", "أوقف الرسائل", "відпишіть мене", "s\u0336t\u0336o\u0336p", "\xff\xfe", "ﷺ", "ｓｔｏｐ"} {
		f.Add(seed)
	}
	b := shipped(f)
	f.Fuzz(func(t *testing.T, text string) {
		command, ok := b.CommandFor(text)
		if ok == (command == "") {
			t.Errorf("CommandFor(%q) = %q, %v", text, command, ok)
		}
		if !ok || !utf8.ValidString(text) {
			return
		}
		if again, _ := b.CommandFor("  " + text + " !"); again != command && len(text) < 200 {
			t.Errorf("with an edge CommandFor(%q) = %q", text, again)
		}
		if longer, ok := b.CommandFor(text + " qqq"); ok {
			t.Errorf("with one word more CommandFor(%q) = %q", text, longer)
		}
	})
}
