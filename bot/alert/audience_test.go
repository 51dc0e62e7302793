package alert_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"ella/bot/alert"
)

// A rule is written in the lowest version that holds it, so that an Ella that would drop
// a limit of it refuses it; and none of a later version is read.
func TestAudienceVersions(t *testing.T) {
	for want, a := range map[string]alert.Audience{
		`{"v":1}`:                            {},
		`{"v":1,"locale":"ar"}`:              {Locale: "ar"},
		`{"v":1,"group":"g"}`:                {Group: "g"},
		`{"v":2,"chat":"c","chat_number":1}`: {Chat: "c", ChatNumber: 1},
		`{"v":2,"account":"a"}`:              {Account: "a"},
		`{"v":2,"account":"a","roster":"S1","roster_name":"drivers"}`: {Account: "a", Roster: "S1", RosterName: "drivers"},
	} {
		text, err := json.Marshal(a)
		if err != nil || string(text) != want {
			t.Errorf("%+v is written %s, %v", a, text, err)
		}
		var back alert.Audience
		err = json.Unmarshal(text, &back)
		back.Version = 0
		if err != nil || back != a {
			t.Errorf("%s is read %+v, %v", text, back, err)
		}
	}
	for _, text := range []string{`{"v":3}`, `{"v":3,"chat":"c"}`, `{"v":0}`, `{}`} {
		var a alert.Audience
		if err := json.Unmarshal([]byte(text), &a); err == nil {
			t.Errorf("%s is read %+v", text, a)
		}
	}
}

// What is sent is bound to the list of people that was chosen.
func TestSumBindsWhoOptedIn(t *testing.T) {
	base := alert.Alert{ID: "a", Variants: []alert.Variant{{Locale: "en", Text: "Tea"}}}
	seen := [][]byte{}
	for _, a := range []alert.Audience{{}, {Chat: "c"}, {Chat: "d"}, {Account: "a"}, {Account: "a", Roster: "S1"}, {Account: "a", Roster: "S2"}, {Account: "b", Roster: "S1"}} {
		base.Audience = a
		sum, err := base.Sum()
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range seen {
			if bytes.Equal(sum, other) {
				t.Errorf("%+v has the sum of another", a)
			}
		}
		seen = append(seen, sum)
	}
}
