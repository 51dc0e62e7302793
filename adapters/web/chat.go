package web

import (
	"slices"

	"ella/bot"
)

// chat is one phone and what it shows. Adapter.mu guards it.
type chat struct {
	phone   Phone
	key     string // of the POST that added it; empty for those that are always there
	blocked bool
	seq     int64 // the last number given to an item
	items   []shown
	// writing lets one change at a time reach the shelf, so that the shelf and
	// the page see the changes of an item in the same order.
	writing gate
}

// shown is an item and how often it was changed, so that a press of what stood
// there before marks nothing in what stands there now.
type shown struct {
	Item
	revision int
}

func newChat(p Phone) *chat { return &chat{phone: p, writing: newGate()} }

// reserve gives the next number. A number may stay unused.
func (c *chat) reserve() int64 {
	c.seq++
	return c.seq
}

// find returns the item with that number, or nil. The pointer is good until mu
// is released.
func (c *chat) find(seq int64) *shown {
	i, ok := slices.BinarySearchFunc(c.items, seq, bySeq)
	if !ok {
		return nil
	}
	return &c.items[i]
}

// own returns the number of the person's item that a POST with that key made.
func (c *chat) own(key string) (int64, bool) {
	for _, it := range slices.Backward(c.items) {
		if it.Key == key && it.From == FromMe {
			return it.Seq, true
		}
	}
	return 0, false
}

// put shows an item, in its place by number or instead of the one that has it.
func (c *chat) put(it Item) {
	c.seq = max(c.seq, it.Seq)
	i, ok := slices.BinarySearchFunc(c.items, it.Seq, bySeq)
	if ok {
		c.items[i] = shown{it, c.items[i].revision + 1}
		return
	}
	c.items = slices.Insert(c.items, i, shown{Item: it})
	if extra := len(c.items) - maxItems; extra > 0 {
		c.items = slices.Delete(c.items, 0, extra)
	}
}

func bySeq(it shown, seq int64) int {
	switch {
	case it.Seq < seq:
		return -1
	case it.Seq > seq:
		return 1
	}
	return 0
}

// hasButton reports whether an item of Ella's shows a button with that data.
func (it *shown) hasButton(data string) bool {
	if it.Message == nil {
		return false
	}
	for _, b := range it.Message.Blocks {
		for _, row := range b.Buttons {
			if slices.ContainsFunc(row, func(b Button) bool { return b.Data == data }) {
				return true
			}
		}
	}
	return false
}

// chat returns the phone with that id, or nil. Call it with mu held.
func (a *Adapter) chat(id string) *chat {
	for _, c := range a.chats {
		if c.phone.ID == id {
			return c
		}
	}
	return nil
}

// state is a phone as the page draws it. Call it with mu held.
func (a *Adapter) state(c *chat, withItems bool) PhoneState {
	s := PhoneState{Phone: c.phone, Blocked: c.blocked}
	for _, other := range a.chats {
		if other.phone.Role == c.phone.Role {
			s.Number++
		}
		if other == c {
			break
		}
	}
	if withItems {
		s.Items = make([]Item, 0, len(c.items))
		for _, it := range c.items {
			s.Items = append(s.Items, it.Item)
		}
	}
	return s
}

// snapshot is all phones. Call it with mu held.
func (a *Adapter) snapshot(withItems bool) Snapshot {
	s := Snapshot{Limit: MaxPhones, Phones: make([]PhoneState, 0, len(a.chats))}
	for _, c := range a.chats {
		s.Phones = append(s.Phones, a.state(c, withItems))
	}
	return s
}

// show puts an item on its phone and tells every page.
func (a *Adapter) show(c *chat, it Item) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.put(it)
	a.journal.add(EventItem, it)
}

// updateOf says what kind of item an update of the person makes, if any.
func updateOf(kind bot.UpdateKind) (own string, ok bool) {
	switch kind {
	case bot.TextSent:
		return OwnText, true
	case bot.LocationShared:
		return OwnLocation, true
	case bot.Unsupported:
		return OwnFile, true
	}
	return "", false
}
