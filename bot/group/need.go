package group

import (
	"encoding/json"
	"slices"
	"strings"

	"ella/bot"
)

// Needs are what a group can help with. The list is closed: each has a name in
// every catalogue (need.advice …), a poster's link may carry one, and the file of
// ella import groups names them in its column "needs".
func Needs() []string {
	return []string{"advice", "english", "women", "young", "food", "work", "housing", "campaigns", "faith", "sport"}
}

// needs reads the cell of a file.
func needs(cell string) (all []string, why string) {
	for _, name := range strings.FieldsFunc(strings.ToLower(cell), func(c rune) bool { return c == ';' || c == '|' || c == ',' }) {
		if name = strings.TrimSpace(name); name == "" || slices.Contains(all, name) {
			continue
		}
		if !slices.Contains(Needs(), name) {
			return nil, "column needs: write some of " + strings.Join(Needs(), ", ") + ", with ; between them"
		}
		all = append(all, name)
	}
	return all, ""
}

// asking is what the question for a place remembers: what somebody came for.
type asking struct {
	Need string `json:"need,omitempty"`
}

// sought is what the member looks for while they are asked for a place.
func (r *Room) sought(t bot.Turn) string {
	if t.Step == nil || t.Step.Room != r.Name() {
		return ""
	}
	var a asking
	// What can't be read is left out: then all groups are shown.
	_ = json.Unmarshal(t.Step.Data, &a)
	return known(a.Need)
}

// known is a need of the list, or nothing.
func known(need string) string {
	if slices.Contains(Needs(), need) {
		return need
	}
	return ""
}
