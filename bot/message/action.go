package message

import (
	"errors"
	"fmt"
	"strings"
)

// MaxActionData is how many bytes a button may carry. It is the tightest limit
// of the platforms we know, kept here so that no room can build a button that
// only fails on one of them.
const MaxActionData = 64

// Style says how much a button asks for attention.
type Style string

// The styles of a button. The zero value is a plain one.
const (
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Action is a button that answers to Ella.
type Action struct {
	Label string `json:"label"`
	// Data is "v1:verb:id:arg". It holds no authority: who may do what is
	// looked up from whoever pressed.
	Data  string `json:"data"`
	Style Style  `json:"style,omitempty"`
	// Form: pressing it asks for a form, where the platform has windows. Elsewhere it is
	// a button like any other.
	Form bool `json:"form,omitempty"`
}

// ErrActionData reports a button that would carry too much, or a part that
// holds a separator.
var ErrActionData = errors.New("message: button data does not fit")

// Verb is the parsed data of a button: what to do, with which thing, how.
type Verb struct {
	// Name is "room.verb", such as "action.rsvp".
	Name string
	// ID names the thing that the button is about; may be empty.
	ID string
	// Arg is what was chosen; may be empty and may hold colons.
	Arg string
}

// NewAction builds a button. It fails when its data would be longer than
// MaxActionData bytes, when the label is empty, or when verb or id hold a colon.
func NewAction(label, verb, id, arg string) (Action, error) {
	data := strings.Join([]string{"v1", verb, id, arg}, ":")
	switch {
	case len(data) > MaxActionData:
		return Action{}, fmt.Errorf("%w: %q has %d bytes of %d", ErrActionData, verb, len(data), MaxActionData)
	case verb == "" || label == "":
		return Action{}, fmt.Errorf("%w: verb %q and its label must not be empty", ErrActionData, verb)
	case strings.Contains(verb, ":") || strings.Contains(id, ":"):
		return Action{}, fmt.Errorf("%w: verb %q or its id holds a colon", ErrActionData, verb)
	}
	return Action{Label: label, Data: data}, nil
}

// ParseAction reads a button's data, of any version ever written. It reports
// false for anything else: data comes from outside and may be forged.
func ParseAction(data string) (Verb, bool) {
	if len(data) > MaxActionData {
		return Verb{}, false
	}
	parts := strings.SplitN(data, ":", 4)
	if len(parts) != 4 || parts[0] != "v1" || parts[1] == "" {
		return Verb{}, false
	}
	return Verb{Name: parts[1], ID: parts[2], Arg: parts[3]}, true
}
