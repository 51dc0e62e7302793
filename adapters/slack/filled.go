package slack

import (
	"encoding/json"
	"strings"

	"ella/bot"
)

const (
	// maxFields is how many fields of a form are read, and maxFilled how many characters of
	// each: no window of ours has more.
	maxFields = 100
	maxFilled = 3000
)

// filled is a form that was sent (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
// All of it comes from outside: what no form of Ella's could say is left out.
func (i *wireInteraction) filled(out bot.Update) bot.Update {
	if !i.isForm() {
		return out
	}
	v := i.View
	out.Kind, out.Window, out.Data, out.Fields = bot.FormFilled, v.ID, carried(string(v.Data)), v.fields()
	return out
}

// fields is what was filled in, by the names of the fields.
func (v *wireView) fields() map[string]string {
	var state struct {
		Values map[string]map[string]json.RawMessage `json:"values"`
	}
	all := map[string]string{}
	if json.Unmarshal(v.State, &state) != nil {
		return all
	}
	for _, block := range state.Values {
		for name, raw := range block {
			if value := valueOf(raw); value != "" && isField(name) && len(all) < maxFields {
				all[name] = value
			}
		}
	}
	return all
}

// valueOf is what was written or chosen in one field; empty if nothing was.
func valueOf(raw json.RawMessage) string {
	var one struct {
		Value    anyText `json:"value"`
		Selected *struct {
			Value anyText `json:"value"`
		} `json:"selected_option"`
	}
	if json.Unmarshal(raw, &one) != nil {
		return ""
	}
	value := one.Value
	if one.Selected != nil {
		value = one.Selected.Value
	}
	return firstOf(clean(string(value)), maxFilled)
}

// isField reports whether a text can be the name of a field: ASCII letters.
func isField(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && len(name) <= 40 && strings.Trim(name, letters) == ""
}

// isOn reports that a button stands on a view of that kind.
func (i *wireInteraction) isOn(kind anyText) bool { return i.View != nil && i.View.Type == kind }
