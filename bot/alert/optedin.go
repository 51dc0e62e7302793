package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// People opt in from a group chat. An alert can go to those of one chat, or to those who
// are in one of the platform's own lists of people now and opted in from any chat there.
//
// How many people of such a list an alert goes to is said nowhere. Whoever may fill a
// list could put one person into it with others of whom they know, and learn from a
// number whether that person hears from the organisation.

// rosterWait is how long an organiser waits for the platform to name its lists.
const rosterWait = 3 * time.Second

// choice is one button.
type choice struct{ label, verb, arg string }

// askOptedIn offers the chats of the organisation, and the lists of people where they
// are.
func (r *Room) askOptedIn(ctx context.Context, t bot.Turn, a Alert, shown string) (bot.Outcome, error) {
	chats, err := r.Store.ChatChoices(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var all []choice
	for _, c := range chats {
		all = append(all, choice{p.Text("audience.chat-button", language.Words("Group", c.Group), language.Count("Number", c.Number)), verbChat, string(c.ID)})
	}
	lists, problem := r.lists(ctx, chats)
	for _, l := range lists {
		all = append(all, choice{p.Text("audience.roster-button", language.Words("List", l.Name)), verbRoster, l.ID})
	}
	from, err := strconv.Atoi(cmp.Or(shown, "0"))
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if from < 0 || from >= len(all) {
		from = 0
	}
	to := min(from+manyGroups, len(all))
	var k message.Keyboard
	for _, c := range all[from:to] {
		k.Break().Add(c.label, c.verb, string(a.ID), c.arg)
	}
	k.Break()
	if len(all) > manyGroups {
		k.Add(p.Text("audience.more"), verbOptedIn, string(a.ID), strconv.Itoa(to%len(all)))
	}
	k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	key := "audience.ask-chat"
	if len(chats) == 0 {
		key = "audience.no-chats"
	}
	blocks := []message.Block{p.Paragraph(key)}
	if problem != "" {
		blocks = append(blocks, p.Paragraph(problem))
	}
	var out bot.Outcome
	out.Say(p.Message(append(blocks, choices)...))
	return out, err
}

// list is one of the platform's lists of people.
type list struct {
	bot.Roster
	account bot.AccountID
}

// lists are those of all accounts in which the chats are. problem is the key of what to
// say where one does not tell.
func (r *Room) lists(ctx context.Context, chats []ChatChoice) (all []list, problem string) {
	ctx, cancel := context.WithTimeout(ctx, rosterWait)
	defer cancel()
	var asked []bot.AccountID
	for _, c := range chats {
		if slices.Contains(asked, c.Account) {
			continue
		}
		asked = append(asked, c.Account)
		rosters, ok := r.Rosters(c.Account)
		if !ok {
			continue
		}
		found, err := rosters.Rosters(ctx)
		switch {
		case errors.Is(err, bot.ErrNoRosters):
			problem = "audience.no-lists"
		case err != nil:
			problem = "audience.lists-later"
		}
		for _, one := range found {
			all = append(all, list{one, c.Account})
		}
	}
	slices.SortStableFunc(all, func(a, b list) int { return cmp.Compare(a.Name, b.Name) })
	return all, problem
}

// chat chooses who opted in from one chat.
func (r *Room) chat(ctx context.Context, t bot.Turn, a Alert, id string) (bot.Outcome, error) {
	chats, err := r.Store.ChatChoices(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	for _, c := range chats {
		if string(c.ID) == id {
			a.audience(Audience{Chat: c.ID, ChatNumber: c.Number, GroupName: c.Group})
			return r.edited(t, a)
		}
	}
	return bot.Outcome{}, bot.ErrNotFound
}

// roster chooses a list of people. It has to be there at this moment.
func (r *Room) roster(ctx context.Context, t bot.Turn, a Alert, id string) (bot.Outcome, error) {
	chats, err := r.Store.ChatChoices(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	lists, problem := r.lists(ctx, chats)
	for _, l := range lists {
		if l.ID == id {
			a.audience(Audience{Account: l.account, Roster: l.ID, RosterName: l.Name})
			return r.edited(t, a)
		}
	}
	if problem != "" {
		return r.ask(t, a, problem)
	}
	return bot.Outcome{}, bot.ErrNotFound
}

// unnumbered reports whether it is said nowhere how many people an audience holds.
func (a Audience) unnumbered() bool { return a.Account != "" }

// confirmList is confirm for a list of people: without any number.
func (r *Room) confirmList(p language.Printer, a Alert) (message.Message, error) {
	endonym, _ := r.endonym(a.Variants[0].Locale)
	blocks := []message.Block{
		p.Heading("alert.confirm"), message.Facts{Rows: []message.Fact{{Label: p.Text("alert.audience"), Value: r.describe(p, a.Audience)}}},
		p.Paragraph("audience.uncounted"), p.Paragraph("alert.some-without", language.Words("Language", endonym)),
	}
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("alert.send"), verbSend, string(a.ID), strconv.FormatInt(a.Version, 10))
	k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	return p.Message(append(blocks, choices)...), err
}

// errUnserved reports an account that this process does not serve now.
var errUnserved = errors.New("alert: the account of a list of people is not served here")

// listed are the members who are in an alert's list now. It is asked once for a whole
// audience.
func (r *Room) listed(ctx context.Context, a Audience) (map[bot.MemberID]bool, error) {
	rosters, ok := r.Rosters(a.Account)
	if !ok {
		return nil, errUnserved
	}
	members := map[bot.MemberID]bool{}
	err := rosters.Within(ctx, a.Roster, func(senders []string) error {
		found, err := r.Store.MembersOf(ctx, a.Account, senders)
		for _, m := range found {
			members[m] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a list of people: %w", err)
	}
	return members, nil
}

// freezeList freezes the audience of a list of people in one unit of work: one reading of
// the list decides, however often the job is cut off. back: it can't be read, and the
// draft went back to whoever sent it.
func (r *Room) freezeList(ctx context.Context, a Alert, after bot.MemberID) (back bool, err error) {
	if after != "" {
		return false, nil // frozen whole before
	}
	members, err := r.listed(ctx, a.Audience)
	switch {
	case errors.Is(err, bot.ErrNoRosters):
		return true, r.giveBack(ctx, a, "audience.no-lists")
	case errors.Is(err, bot.ErrNotFound):
		return true, r.giveBack(ctx, a, "audience.list-gone")
	case err != nil && !r.Clock.Now().Before(a.Expires.Add(-life/2)): // a day is long enough
		return true, r.giveBack(ctx, a, "audience.lists-later")
	case err != nil:
		return false, err
	}
	var all []bot.MemberID
	last := after
	err = r.each(ctx, a, after, members, func(picked []Candidate, to bot.MemberID) error {
		for _, c := range picked {
			all = append(all, c.Member)
		}
		last = to
		return nil
	})
	if err != nil || last == "" {
		return false, err
	}
	return false, r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Freeze(ctx, tx, a.ID, all, last, r.Clock.Now())
	})
}

// giveBack makes an alert a draft again, before anybody was planned a copy, and says why
// to whoever sent it.
func (r *Room) giveBack(ctx context.Context, a Alert, why string) error {
	var replies []bot.Reply
	author, err := r.Store.Author(ctx, a)
	switch {
	case err == nil:
		p := r.Language.For(author.Locale)
		var k message.Keyboard
		k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
		choices, err := k.Choices()
		if err != nil {
			return err
		}
		replies = append(replies, bot.Reply{To: author.ID, Message: p.Message(p.Paragraph("alert.given-back"), p.Paragraph(why), choices)})
	case !errors.Is(err, bot.ErrNotFound):
		return err
	}
	r.forgetText(a.ID)
	return r.Post(ctx, replies, func(ctx context.Context, tx bot.Tx) error { return r.Store.GiveBack(ctx, tx, a.ID) })
}

// forgetText drops what is kept of an alert that may change again.
func (r *Room) forgetText(id bot.AlertID) {
	r.texts.mu.Lock()
	defer r.texts.mu.Unlock()
	delete(r.texts.byID, id)
}
