package slack

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	library "github.com/slack-go/slack"

	"ella/bot"
)

// tier2Count calls are made of a method of which Slack takes 20 in a minute.
const tier2Count = 18

var _ bot.Rosters = (*Adapter)(nil)

// Rosters implements bot.Rosters: the workspace's user groups that are not switched off
// (https://docs.slack.dev/reference/methods/usergroups.list). It needs the scope
// usergroups:read, which the manifests leave out: least scopes.
func (a *Adapter) Rosters(ctx context.Context) ([]bot.Roster, error) {
	var groups []library.UserGroup
	var unread error
	err := a.askLists(ctx, a.pace.lists, func(ctx context.Context) { groups, unread = a.library.GetUserGroupsContext(ctx) })
	if err == nil {
		err = told("usergroups.list", unread)
	}
	if err != nil {
		return nil, err
	}
	var all []bot.Roster
	for _, g := range groups {
		if g.DateDelete == 0 && g.ID != "" {
			all = append(all, bot.Roster{ID: g.ID, Name: cmp.Or(g.Name, g.Handle, g.ID)})
		}
	}
	return all, nil
}

// Within implements bot.Rosters. Slack gives all people of a user group in one answer
// (https://docs.slack.dev/reference/methods/usergroups.users.list).
func (a *Adapter) Within(ctx context.Context, roster string, each func(senders []string) error) error {
	var users []string
	var unread error
	err := a.askLists(ctx, a.pace.listed, func(ctx context.Context) { users, unread = a.library.GetUserGroupMembersContext(ctx, roster) })
	if err == nil {
		err = told("usergroups.users.list", unread)
	}
	if err != nil {
		return err
	}
	const atOnce = 500
	for part := range slices.Chunk(users, atOnce) {
		senders := make([]string, len(part))
		for i, user := range part {
			senders[i] = by(user, a.me).Sender
		}
		if err := each(senders); err != nil {
			return err
		}
	}
	return nil
}

// askLists makes one call. What Slack answers decides; the library is asked only to read
// it.
func (a *Adapter) askLists(ctx context.Context, g *gate, call func(ctx context.Context)) error {
	_, made, refusal := a.call(ctx, g, "", false, call)
	switch {
	case refusal == nil && made:
		return nil
	case refusal == nil:
		return sendError(bot.NotSent, "waiting")
	case refusal.Code == codeScope:
		return bot.ErrNoRosters
	case refusal.Kind == bot.Gone:
		return bot.ErrNotFound
	}
	return refusal
}

// told is nil if an answer that Slack calls well could be read. What the library says of
// it may hold what is in it.
func told(method string, unread error) error {
	if unread == nil {
		return nil
	}
	return fmt.Errorf("%s: the answer has an unknown shape", method)
}
