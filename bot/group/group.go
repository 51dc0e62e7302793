// Package group is the room of the directory: where somebody lives, which groups
// are near, and how the directory comes in from a file.
package group

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/place"
)

// Group is an entry of the directory: public facts only, no door and no person.
type Group struct {
	ID           bot.GroupID
	Organisation bot.OrganisationID
	// Source and ForeignID name the entry where it came from.
	Source, ForeignID string
	Name              string
	// About, Meets and Joining are one sentence each, by locale: what they do,
	// when they meet, how to join.
	About, Meets, Joining map[string]string
	// Languages are tags of what is spoken there; Needs are what they help with.
	Languages, Needs []string
	Town             string
	// Place is a sector or an outward postcode; empty for those without one.
	Place      string
	Point      place.Point
	Nationwide bool
	URL        string
	Sample     bool
	Closed     bool
}

// Store is what this room reads and writes.
type Store interface {
	// Revision changes whenever the directory does. Cheap: asked at every look-up.
	Revision(ctx context.Context) (int64, error)
	// All returns the whole directory, closed entries too, in a stable order.
	All(ctx context.Context) ([]Group, error)
	// Organisation reads one. bot.ErrNotFound.
	Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error)
	// MemberCount is how many members said that they are with a group.
	MemberCount(ctx context.Context, id bot.GroupID) (int, error)
	// GroupsOf are the open groups that a member is with, the first one first.
	GroupsOf(ctx context.Context, id bot.MemberID, limit int) ([]bot.GroupID, error)
	// Recall fills in what was counted when each number was last shown anew. Keep
	// notes those that are shown anew now: bot.ErrConflict when one of them was
	// shown to somebody else meanwhile.
	Recall(ctx context.Context, counts ...*headcount.Count) error
	Keep(ctx context.Context, tx bot.Tx, counts []*headcount.Count, now time.Time) error

	// Settle notes where a member lives: never more than a sector.
	Settle(ctx context.Context, tx bot.Tx, id bot.MemberID, sector, outcode string) error
	// With notes a member's yes to a group and to hearing from its organisation.
	// It may be repeated. Without takes back all that the member did not say yes
	// to elsewhere too.
	With(ctx context.Context, tx bot.Tx, id bot.MemberID, g Group, now time.Time) error
	Without(ctx context.Context, tx bot.Tx, id bot.MemberID, g Group) error
	// Save writes entries of an import, new ones and changed ones, and raises
	// the revision.
	Save(ctx context.Context, tx bot.Tx, groups []Group, now time.Time) error
}

// Room is the group room.
type Room struct {
	Store    Store
	Language *language.Bundle
	Places   *place.Gazetteer
	index    index
}

var _ bot.Room = (*Room)(nil)

const (
	verbAt      = "group.at"      // arg: sector or outcode, then |name
	verbMore    = "group.more"    // arg: how many were shown, then |place as above
	verbLive    = "group.live"    // arg: place as above: this is where I live
	verbAsk     = "group.ask"     // another place
	verbWith    = "group.with"    // id: group
	verbWithout = "group.leave"   // id: group
	verbPoster  = "group.poster"  // id: group, arg: language of its poster
	verbPicture = "group.picture" // id: group, arg: language of its poster, or none

	stepPlace = "place"
)

// Name implements bot.Room.
func (*Room) Name() string { return "group" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	return []bot.Command{{Name: "groups"}, {Name: "mygroup", For: []bot.RoleKind{bot.Leader}}, {Name: "about", Hidden: true}}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	switch {
	case name == "mygroup":
		return r.mine(ctx, t)
	case name == "about":
		return r.attribution(t)
	case t.Update.Kind == bot.LocationShared:
		return r.located(ctx, t)
	case rest != "":
		return r.find(ctx, t, rest)
	case t.Person.Member.Outcode != "":
		return r.near(ctx, t, r.home(t.Person.Member), 0, false)
	default:
		return r.ask(t, "place.ask", "")
	}
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbAt:
		return r.chosen(ctx, t, v.Arg)
	case verbLive:
		return r.moved(t, v.Arg)
	case verbMore:
		return r.more(ctx, t, v.Arg)
	case verbAsk:
		return r.ask(t, "place.ask-again", "")
	case verbPoster, verbPicture:
		return r.posterIn(ctx, t, bot.GroupID(v.ID), v.Arg, v.Name == verbPicture)
	case verbWith, verbWithout:
		return r.with(ctx, t, bot.GroupID(v.ID), v.Name == verbWith)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	if t.Step.Name != stepPlace || t.Step.Version != 1 {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if t.Update.Kind == bot.LocationShared {
		return r.located(ctx, t)
	}
	return r.find(ctx, t, t.Update.Text)
}

// On implements bot.Room: a new member is shown what they came for, or asked where
// they live.
func (r *Room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	if came, ok := e.(bot.Welcomed); ok {
		return r.welcome(ctx, t, came)
	}
	return bot.Outcome{}, nil
}

// mine shows a leader the groups that they answer for.
func (r *Room) mine(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	for _, role := range t.Person.Roles {
		g, ok := dir.byID[role.Group]
		if role.Kind != bot.Leader || !ok {
			continue
		}
		n, err := r.Store.MemberCount(ctx, g.ID)
		if err != nil {
			return bot.Outcome{}, err
		}
		members := headcount.Of(n, "group", string(g.ID), "members")
		if err := r.Store.Recall(ctx, members); err != nil {
			return bot.Outcome{}, err
		}
		if anew := headcount.Anew(members); len(anew) > 0 {
			out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Keep(ctx, tx, anew, t.Now) })
		}
		blocks := []message.Block{r.leaderCard(p, g, members.Shown())}
		poster, err := r.poster(p, t.Can, g)
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, poster...)
		if t.Can.GroupChats {
			var k message.Keyboard
			k.Add(p.Text("command.chats.button"), bot.VerbCommand, "", "chats")
			choices, err := k.Choices()
			if err != nil {
				return bot.Outcome{}, err
			}
			blocks = append(blocks, choices)
		}
		out.Say(p.Message(blocks...))
	}
	if len(out.Replies) == 0 {
		return out, sayWithCommand(&out, p, "help", p.Paragraph("mygroup.gone"))
	}
	return out, nil
}

// sayWithCommand says something with the button of a command: no dead end.
func sayWithCommand(out *bot.Outcome, p language.Printer, command string, said message.Block) error {
	var k message.Keyboard
	k.Add(p.Text("command."+command+".button"), bot.VerbCommand, "", command)
	choices, err := k.Choices()
	out.Say(p.Message(said, choices))
	return err
}

// with notes that a member is with a group, or no longer.
func (r *Room) with(ctx context.Context, t bot.Turn, id bot.GroupID, yes bool) (bot.Outcome, error) {
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	g, ok := dir.byID[id]
	if !ok || (yes && g.Closed) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	organisation, err := r.Store.Organisation(ctx, g.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	member := t.Person.Member.ID
	var out bot.Outcome
	var k message.Keyboard
	said := p.Paragraph("group.without", language.Words("Group", g.Name))
	if yes {
		said = p.Paragraph("group.with", language.Words("Group", g.Name), language.Words("Organisation", organisation.Name))
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.With(ctx, tx, member, g, t.Now) })
		out.Events = append(out.Events, bot.SaidYes{Organisation: g.Organisation})
		k.Add(p.Text("group.undo"), verbWithout, string(id), "")
	} else {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Without(ctx, tx, member, g) })
		k.Add(p.Text("group.with-button"), verbWith, string(id), "")
	}
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Notice = p.Text("notice.saved")
	out.Replies = append(out.Replies, bot.Reply{
		Message: p.Message(said, choices),
		Topic:   "group-with:" + string(id), Replace: true,
	})
	return out, nil
}

// attribution shows where the places come from, as their licences ask.
func (r *Room) attribution(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var items [][]message.Span
	for _, line := range place.Attribution() {
		items = append(items, []message.Span{{Kind: message.Words, Text: line}})
	}
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("about.places"), message.List{Items: items}))
	return out, nil
}
