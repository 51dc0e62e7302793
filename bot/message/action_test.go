package message_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"ella/bot/message"
)

func TestNewAction(t *testing.T) {
	id := "01kaxm5g80000001"
	for name, c := range map[string]struct {
		label, verb, id, arg string
		want                 string // empty when it is refused
	}{
		"all parts":              {"Yes", "action.rsvp", id, "yes", "v1:action.rsvp:" + id + ":yes"},
		"no id":                  {"Leeds", "group.at", "", "LS1 5|Leeds", "v1:group.at::LS1 5|Leeds"},
		"only a verb":            {"Back", "group.ask", "", "", "v1:group.ask::"},
		"colons in the argument": {"x", "a", "b", "c:d::e:", "v1:a:b:c:d::e:"},
		"markup":                 {"<b>", "a", "b", `<&>"*_`, `v1:a:b:<&>"*_`},
		"another script":         {"x", "group.at", "", "B11|Бірмінгем", "v1:group.at::B11|Бірмінгем"},
		"64 bytes":               {"x", "a", "", strings.Repeat("y", 64-len("v1:a::")), "v1:a::" + strings.Repeat("y", 58)},
		"65 bytes":               {"x", "a", "", strings.Repeat("y", 65-len("v1:a::")), ""},
		// 31 characters of two bytes each are 62 bytes, and 68 with the rest.
		"bytes, not characters": {"x", "a", "", strings.Repeat("ж", 31), ""},
		"no verb":               {"x", "", id, "", ""},
		"no label":              {"", "a", id, "", ""},
		"a colon in the verb":   {"x", "a:b", id, "", ""},
		"a colon in the id":     {"x", "a", "b:c", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := message.NewAction(c.label, c.verb, c.id, c.arg)
			if c.want == "" {
				if !errors.Is(err, message.ErrActionData) || !reflect.DeepEqual(a, message.Action{}) {
					t.Fatalf("got %+v, %v", a, err)
				}
				// The argument may be a place; the error is logged.
				if c.arg != "" && strings.Contains(err.Error(), c.arg) {
					t.Errorf("the error holds the argument: %v", err)
				}
				return
			}
			if err != nil || a.Data != c.want || a.Label != c.label {
				t.Fatalf("got %+v, %v", a, err)
			}
			if v, ok := message.ParseAction(a.Data); !ok || v != (message.Verb{Name: c.verb, ID: c.id, Arg: c.arg}) {
				t.Errorf("reads back as %+v, %v", v, ok)
			}
		})
	}
}

func TestParseAction(t *testing.T) {
	for data, want := range map[string]message.Verb{
		"v1:action.rsvp:1:yes": {Name: "action.rsvp", ID: "1", Arg: "yes"},
		"v1:do::help":          {Name: "do", Arg: "help"},
		"v1:a::":               {Name: "a"},
		"v1:a::b:c":            {Name: "a", Arg: "b:c"},
		"v1:a::::":             {Name: "a", Arg: "::"},

		// Anything else is forged, damaged, or of a version that was never written.
		"":                                    {},
		"v1":                                  {},
		"v1:":                                 {},
		"v1:a":                                {},
		"v1:a:b":                              {},
		"v1:::":                               {},
		"v1::b:c":                             {},
		"v0:a:b:c":                            {},
		"v2:a:b:c":                            {},
		"V1:a:b:c":                            {},
		" v1:a:b:c":                           {},
		":v1:a:b":                             {},
		"a:b:c:d":                             {},
		"🎈":                                   {},
		"v1:a:b:" + strings.Repeat("x", 58):   {},
		strings.Repeat("v1:a:b:c", 1_000_000): {},
	} {
		got, ok := message.ParseAction(data)
		if ok != (want.Name != "") || got != want {
			t.Errorf("%.80q: got %+v, %v", data, got, ok)
		}
	}
}

// FuzzParseAction feeds forged data: whatever is taken is what NewAction would
// have written, to the byte.
func FuzzParseAction(f *testing.F) {
	for _, data := range []string{"v1:action.rsvp:01kaxm5g80000001:yes", "v1:a::b:c", "v0:a:b:c", "v1:::", "", "v1:\x00:\xff:"} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) {
		v, ok := message.ParseAction(data)
		if !ok {
			if v != (message.Verb{}) {
				t.Fatalf("refused, and yet %+v", v)
			}
			return
		}
		a, err := message.NewAction("x", v.Name, v.ID, v.Arg)
		if err != nil || a.Data != data || len(data) > message.MaxActionData {
			t.Fatalf("%q is taken as %+v, which is written %q (%v)", data, v, a.Data, err)
		}
	})
}

// FuzzNewAction builds buttons from anything: never more than 64 bytes, and they
// read back.
func FuzzNewAction(f *testing.F) {
	f.Add("Yes", "action.rsvp", "01kaxm5g80000001", "yes")
	f.Add("x", "a", "", strings.Repeat("ж", 29))
	f.Add("", ":", ":", ":")
	f.Fuzz(func(t *testing.T, label, verb, id, arg string) {
		a, err := message.NewAction(label, verb, id, arg)
		if err != nil {
			if !errors.Is(err, message.ErrActionData) {
				t.Fatalf("error %v", err)
			}
			return
		}
		v, ok := message.ParseAction(a.Data)
		if len(a.Data) > 64 || !ok || v != (message.Verb{Name: verb, ID: id, Arg: arg}) {
			t.Fatalf("%q reads back as %+v, %v", a.Data, v, ok)
		}
	})
}

func TestKeyboard(t *testing.T) {
	var k message.Keyboard
	if c, err := k.Choices(); !k.Empty() || err != nil || len(c.Rows) != 0 {
		t.Errorf("an empty one has %+v, %v", c, err)
	}
	k.Break().Break() // no row comes of that
	k.Add("1", "a", "", "1").Add("2", "a", "", "2").Break().Break().AddStyled(message.Danger, "3", "a", "", "3").Add("4", "a", "", "4").Break()
	want := [][]message.Action{
		{{Label: "1", Data: "v1:a::1"}, {Label: "2", Data: "v1:a::2"}},
		{{Label: "3", Data: "v1:a::3", Style: message.Danger}, {Label: "4", Data: "v1:a::4"}},
	}
	c, err := k.Choices()
	if k.Empty() || err != nil || !reflect.DeepEqual(c.Rows, want) {
		t.Errorf("got %+v, %v", c.Rows, err)
	}
	all, err := k.Actions()
	if err != nil || !reflect.DeepEqual(all, append(want[0], want[1]...)) {
		t.Errorf("in one line: %+v, %v", all, err)
	}
}

// TestKeyboardRemembersItsFirstFault: a room checks once, at the end.
func TestKeyboardRemembersItsFirstFault(t *testing.T) {
	var k message.Keyboard
	k.Add("good", "a", "", "").Add("bad", "first:fault", "", "").Add("bad", "", "", "").Add("good", "b", "", "")
	_, err := k.Choices()
	if !errors.Is(err, message.ErrActionData) || !strings.Contains(err.Error(), "first:fault") {
		t.Errorf("Choices: %v", err)
	}
	if _, again := k.Actions(); !errors.Is(again, err) {
		t.Errorf("Actions: %v", again)
	}
}
