package webtest

import (
	"encoding/json"
	"reflect"
	"slices"

	"ella/adapters/web"
)

// event takes one event of the stream in. What is no event of this version is
// left out.
func (p *Page) event(id, name string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = id
	switch name {
	case web.EventSnapshot:
		var s web.Snapshot
		if json.Unmarshal(data, &s) == nil {
			p.snapshot(s)
		}
	case web.EventPhone:
		var s web.PhoneState
		if json.Unmarshal(data, &s) == nil {
			p.phone(s)
		}
	case web.EventItem:
		var it web.Item
		if json.Unmarshal(data, &it) == nil && p.phones[it.Phone] != nil {
			p.phones[it.Phone].put(it, true)
		}
	case web.EventNotice:
		var n web.Notice
		if json.Unmarshal(data, &n) == nil && p.phones[n.Phone] != nil {
			p.phones[n.Phone].notices = append(p.phones[n.Phone].notices, n)
		}
	case web.EventTyping:
		var ty web.Typing
		if json.Unmarshal(data, &ty) == nil && p.phones[ty.Phone] != nil {
			p.phones[ty.Phone].typed++
		}
	}
	close(p.wake)
	p.wake = make(chan struct{})
}

// snapshot replaces everything. What the first one shows is not new; what a
// later one shows and the page did not is.
func (p *Page) snapshot(s web.Snapshot) {
	p.order = nil
	for _, state := range s.Phones {
		p.phone(state)
		for _, it := range state.Items {
			p.phones[state.ID].put(it, p.opened)
		}
	}
	p.opened = true
}

func (p *Page) phone(s web.PhoneState) {
	if p.phones[s.ID] == nil {
		p.phones[s.ID] = &screen{}
	}
	if !slices.Contains(p.order, s.ID) {
		p.order = append(p.order, s.ID)
	}
	s.Items, p.phones[s.ID].state = nil, s
}

// put shows an item; Ella's count as new when their message is.
func (s *screen) put(it web.Item, fresh bool) {
	i, known := slices.BinarySearchFunc(s.items, it.Seq, func(old web.Item, seq int64) int { return int(old.Seq - seq) })
	if it.From == web.FromElla && fresh && (!known || !reflect.DeepEqual(s.items[i].Message, it.Message)) {
		s.news = append(s.news, it)
	}
	if known {
		s.items[i] = it
		return
	}
	s.items = slices.Insert(s.items, i, it)
}
