package bottest

import (
	"context"
	"maps"
	"slices"

	"ella/bot"
)

// rosters are the lists of people of a Platform.
type rosters struct {
	people  map[string][]string
	failing error
	read    int
}

var _ bot.Rosters = (*Platform)(nil)

// Roster makes a list of people, or fills it anew. What it is called is its id too.
func (p *Platform) Roster(name string, people ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lists.people == nil {
		p.lists.people = map[string][]string{}
	}
	p.lists.people[name] = people
}

// FailRosters answers whoever asks for lists with an error, until it is nil.
func (p *Platform) FailRosters(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lists.failing = err
}

// RostersRead is how often somebody asked who is in a list.
func (p *Platform) RostersRead() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lists.read
}

// Rosters implements bot.Rosters.
func (p *Platform) Rosters(context.Context) ([]bot.Roster, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lists.failing != nil {
		return nil, p.lists.failing
	}
	var all []bot.Roster
	for _, name := range slices.Sorted(maps.Keys(p.lists.people)) {
		all = append(all, bot.Roster{ID: name, Name: name})
	}
	return all, nil
}

// Within implements bot.Rosters.
func (p *Platform) Within(_ context.Context, roster string, each func(senders []string) error) error {
	p.mu.Lock()
	p.lists.read++
	people, ok := p.lists.people[roster]
	err := p.lists.failing
	p.mu.Unlock()
	switch {
	case err != nil:
		return err
	case !ok:
		return bot.ErrNotFound
	}
	return each(people)
}
