package alert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"ella/bot"
	"ella/bot/place"
)

// Audience is the rule that picks recipients. It is stored as JSON, versioned.
// The zero value is everyone.
type Audience struct {
	Version int `json:"v"`
	// Place (a sector or an outcode) and Km: who lives within that distance.
	// PlaceName is only for showing.
	Place     string  `json:"place,omitempty"`
	PlaceName string  `json:"place_name,omitempty"`
	Km        float64 `json:"km,omitempty"`
	// Locale: who reads that language.
	Locale string `json:"locale,omitempty"`
	// Group: who is with it. GroupName is only for showing.
	Group     bot.GroupID `json:"group,omitempty"`
	GroupName string      `json:"group_name,omitempty"`
	// Chat: who opted in from it. Its number, and GroupName, are only for showing.
	Chat       bot.GroupChatID `json:"chat,omitempty"`
	ChatNumber int             `json:"chat_number,omitempty"`
	// Account and Roster: who is in that list of people there when the audience is frozen,
	// of those who opted in from any chat there. RosterName is only for showing.
	Account    bot.AccountID `json:"account,omitempty"`
	Roster     string        `json:"roster,omitempty"`
	RosterName string        `json:"roster_name,omitempty"`
}

// Versions of the stored shape. Each rule is written in the lowest that holds it: an Ella
// that would drop a limit of it must not read it.
const (
	audienceFirst   = 1
	audienceOptedIn = 2 // with Chat, or Account and Roster
)

// MarshalJSON writes the stored shape.
func (a Audience) MarshalJSON() ([]byte, error) {
	type stored Audience
	a.Version = audienceFirst
	if a.Chat != "" || a.Account != "" || a.Roster != "" {
		a.Version = audienceOptedIn
	}
	return json.Marshal(stored(a))
}

// Among are those of an organisation's people whom a rule leaves: all where it is zero.
type Among struct {
	// Group: who is with it.
	Group bot.GroupID
	// Chat: who opted in from it. Account: who did from any chat there.
	Chat    bot.GroupChatID
	Account bot.AccountID
}

func (a Audience) among() Among { return Among{Group: a.Group, Chat: a.Chat, Account: a.Account} }

// question names whom the rule picks, without what is only for showing: the same
// people are counted under the same question, however it was come to.
func (a Audience) question() (string, error) {
	a.PlaceName, a.GroupName, a.ChatNumber, a.RosterName = "", "", 0, ""
	rule, err := json.Marshal(a)
	return string(rule), err
}

// errAudience reports a rule of a later version. Reading it as well as one can
// would drop a limit that it holds, and send to more people than was meant.
var errAudience = errors.New("alert: an audience of a version that this Ella does not know")

// UnmarshalJSON reads the stored shape, of every version so far.
func (a *Audience) UnmarshalJSON(data []byte) error {
	type stored Audience
	var read stored
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	if read.Version < 1 || read.Version > audienceOptedIn {
		return errAudience
	}
	*a = Audience(read)
	return nil
}

// picker decides for one candidate after the other.
type picker struct {
	audience Audience
	places   *place.Gazetteer
	centre   place.Point
	// never is set for a place that the gazetteer no longer has: then nobody is
	// near it, rather than everybody.
	never bool
	// seen keeps the answer for each sector: members of a town share a few.
	seen map[string]bool
	// listed are the members in the audience's list of people; in nobody's where it was
	// not read.
	listed map[bot.MemberID]bool
}

func newPicker(a Audience, places *place.Gazetteer) *picker {
	k := &picker{audience: a, places: places, seen: map[string]bool{}}
	if a.Place != "" {
		found, ok := places.Sector(a.Place)
		k.centre, k.never = found.Point, !ok
	}
	return k
}

func (k *picker) picks(c Candidate) bool {
	return k.reads(c.Reads()) && k.near(c.where()) && (!k.audience.unnumbered() || k.listed[c.Member])
}

func (k *picker) reads(tag string) bool { return k.audience.Locale == "" || tag == k.audience.Locale }

func (k *picker) near(where string) bool {
	if k.audience.Place == "" {
		return true
	}
	if k.never || where == "" {
		return false
	}
	answer, ok := k.seen[where]
	if !ok {
		found, known := k.places.Sector(where)
		answer = known && place.Distance(k.centre, found.Point) <= k.audience.Km
		k.seen[where] = answer
	}
	return answer
}

// where is the most exact place that is known.
func (c Candidate) where() string { return cmp.Or(c.Sector, c.Outcode) }

// Reads is the language that somebody asked for, whether or not we have it.
func (c Candidate) Reads() string {
	if c.Speaks != "" {
		return c.Speaks
	}
	return c.Locale
}

// chunk is how many candidates are read, and rows written, at a time: other
// writers never wait for long.
const chunk = 2000

// each calls take with every chunk of the audience as it is now, and the last
// member looked at. listed are the members of its list of people, if it is for one.
func (r *Room) each(ctx context.Context, a Alert, after bot.MemberID, listed map[bot.MemberID]bool, take func(picked []Candidate, to bot.MemberID) error) error {
	k := newPicker(a.Audience, r.Places)
	k.listed = listed
	for {
		candidates, err := r.Store.Candidates(ctx, a.Organisation, a.Audience.among(), after, chunk)
		if err != nil {
			return err
		}
		if len(candidates) == 0 {
			return nil
		}
		after = candidates[len(candidates)-1].Member
		full := len(candidates) == chunk
		picked := slices.DeleteFunc(candidates, func(c Candidate) bool { return !k.picks(c) })
		if err := take(picked, after); err != nil {
			return err
		}
		if !full {
			return nil
		}
	}
}
