package slack_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"ella/bot"
)

// shelf is what a database keeps for an adapter.
type shelf struct {
	mu     sync.Mutex
	values map[string][]byte
	// fails is what every call fails with, if anything.
	fails error
}

func (s *shelf) Put(_ context.Context, account bot.AccountID, values map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	if s.values == nil {
		s.values = map[string][]byte{}
	}
	for key, value := range values {
		s.values[string(account)+"/"+key] = slices.Clone(value)
	}
	return nil
}

func (s *shelf) List(_ context.Context, account bot.AccountID, prefix string) (items []bot.ShelfItem, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return nil, s.fails
	}
	for _, key := range slices.Sorted(maps.Keys(s.values)) {
		if name, ok := strings.CutPrefix(key, string(account)+"/"); ok && strings.HasPrefix(name, prefix) {
			items = append(items, bot.ShelfItem{Key: name, Value: slices.Clone(s.values[key])})
		}
	}
	return items, nil
}
