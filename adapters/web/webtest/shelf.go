package webtest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"ella/bot"
)

// Shelf is a bot.Shelf in memory. The zero value is empty and ready; it is safe
// for concurrent use.
type Shelf struct {
	mu     sync.Mutex
	values map[bot.AccountID]map[string][]byte
	err    error
}

// Fail makes every later call return err, or work again when it is nil.
func (s *Shelf) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Put stores values.
func (s *Shelf) Put(ctx context.Context, account bot.AccountID, values map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.err != nil:
		return s.err
	case s.values == nil:
		s.values = map[bot.AccountID]map[string][]byte{}
	}
	if s.values[account] == nil {
		s.values[account] = map[string][]byte{}
	}
	for k, v := range values {
		s.values[account][k] = slices.Clone(v)
	}
	return nil
}

// List returns values by prefix, ordered by key.
func (s *Shelf) List(ctx context.Context, account bot.AccountID, prefix string) ([]bot.ShelfItem, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	var items []bot.ShelfItem
	for k, v := range s.values[account] {
		if strings.HasPrefix(k, prefix) {
			items = append(items, bot.ShelfItem{Key: k, Value: slices.Clone(v)})
		}
	}
	slices.SortFunc(items, func(a, b bot.ShelfItem) int { return strings.Compare(a.Key, b.Key) })
	return items, nil
}
