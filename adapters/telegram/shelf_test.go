package telegram_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"ella/bot"
)

// shelf is a bot.Shelf of one account in memory. The zero value is empty.
type shelf struct {
	mu     sync.Mutex
	values map[string][]byte
	puts   int
	err    error
}

// Put implements bot.Shelf.
func (s *shelf) Put(_ context.Context, _ bot.AccountID, values map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.values == nil {
		s.values = map[string][]byte{}
	}
	s.puts++
	for k, v := range values {
		s.values[k] = slices.Clone(v)
	}
	return nil
}

// List implements bot.Shelf.
func (s *shelf) List(_ context.Context, _ bot.AccountID, prefix string) (items []bot.ShelfItem, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(s.values)) {
		if strings.HasPrefix(k, prefix) {
			items = append(items, bot.ShelfItem{Key: k, Value: slices.Clone(s.values[k])})
		}
	}
	return items, s.err
}

// fail makes every later call fail, or work again when err is nil.
func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// get is one value.
func (s *shelf) get(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.values[key])
}
