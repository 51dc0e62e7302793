package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ella/bot/message"
)

// What the page keeps on the shelf:
//
//	phone/ID        a phone that was added, or whose Ella was blocked
//	chat/ID/SEQ     an item
//	pressed/ID/SEQ  the data of the button last pressed on it
//
// SEQ has twelve digits, so that the shelf lists items in their order.
const (
	phoneShelf   = "phone/"
	chatShelf    = "chat/"
	pressedShelf = "pressed/"
)

// recordVersion is the version of what is stored.
const recordVersion = 1

// phoneRecord is a stored phone. N orders those that were added.
type phoneRecord struct {
	Version int    `json:"v"`
	Role    string `json:"role"`
	Key     string `json:"key,omitempty"`
	N       int    `json:"n"`
	Blocked bool   `json:"blocked,omitempty"`
}

// record is a stored item. It holds the message and not what it was lowered to,
// so that a later version of the page draws it as it draws all others.
type record struct {
	Version int              `json:"v"`
	From    string           `json:"from"`
	At      int64            `json:"at"`
	Message *message.Message `json:"message,omitempty"`
	Edited  bool             `json:"edited,omitempty"`
	Silent  bool             `json:"silent,omitempty"`
	Own     string           `json:"own,omitempty"`
	Text    string           `json:"text,omitempty"`
	Key     string           `json:"key,omitempty"`
	File    string           `json:"file,omitempty"`
}

func itemKey(shelf, phone string, seq int64) string {
	return fmt.Sprintf("%s%s/%012d", shelf, phone, seq)
}

// keep stores an item; m is its message when it is Ella's.
func (a *Adapter) keep(ctx context.Context, it Item, m *message.Message) error {
	body, err := json.Marshal(record{
		Version: recordVersion, From: it.From, At: it.At, Message: m, Edited: it.Edited, Silent: it.Silent,
		Own: it.Own, Text: it.Text, Key: it.Key, File: it.File,
	})
	if err != nil {
		return fmt.Errorf("web: write item: %w", err)
	}
	values := map[string][]byte{itemKey(chatShelf, it.Phone, it.Seq): body}
	if it.Edited {
		values[itemKey(pressedShelf, it.Phone, it.Seq)] = []byte{}
	}
	return a.shelf.Put(ctx, a.account, values)
}

// keepPhone stores a phone. Call it with mu not held.
func (a *Adapter) keepPhone(ctx context.Context, id string, r phoneRecord) error {
	r.Version = recordVersion
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("web: write phone: %w", err)
	}
	return a.shelf.Put(ctx, a.account, map[string][]byte{phoneShelf + id: body})
}

// load reads what the phones showed, once. Nothing else is answered before.
func (a *Adapter) load(ctx context.Context) error {
	a.mu.Lock()
	loaded, always := a.loaded, slices.Clone(a.chats)
	a.mu.Unlock()
	if loaded {
		return nil
	}
	if err := a.loading.enter(ctx); err != nil {
		return err
	}
	defer a.loading.leave()
	a.mu.Lock()
	loaded = a.loaded
	a.mu.Unlock()
	if loaded {
		return nil
	}
	chats, err := a.loadPhones(ctx, always)
	if err != nil {
		return err
	}
	lost := 0
	for _, c := range chats {
		n, err := a.loadChat(ctx, c)
		if err != nil {
			return err
		}
		lost += n
	}
	if lost > 0 {
		a.log.Warn("web: some messages were kept by another version of Ella and can't be shown", "count", lost)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.chats, a.loaded = chats, true
	return nil
}

func (a *Adapter) loadPhones(ctx context.Context, always []*chat) ([]*chat, error) {
	stored, err := a.shelf.List(ctx, a.account, phoneShelf)
	if err != nil {
		return nil, fmt.Errorf("web: read phones: %w", err)
	}
	var chats, added []*chat
	order := map[*chat]int{}
	for _, c := range always {
		chats = append(chats, newChat(c.phone))
	}
	for _, item := range stored {
		var r phoneRecord
		id := strings.TrimPrefix(item.Key, phoneShelf)
		if json.Unmarshal(item.Value, &r) != nil || r.Version != recordVersion || !isPhone(id) {
			continue
		}
		i := slices.IndexFunc(chats, func(c *chat) bool { return c.phone.ID == id })
		switch {
		case i >= 0:
			chats[i].blocked = r.Blocked
		case r.Key != "":
			c := newChat(Phone{ID: id, Role: r.Role})
			c.key, c.blocked, order[c] = r.Key, r.Blocked, r.N
			added = append(added, c)
		}
	}
	slices.SortFunc(added, func(x, y *chat) int { return order[x] - order[y] })
	return append(chats, added...), nil
}

// loadChat reads the items of a phone and counts those that it can't read.
func (a *Adapter) loadChat(ctx context.Context, c *chat) (lost int, err error) {
	id := c.phone.ID
	stored, err := a.shelf.List(ctx, a.account, chatShelf+id+"/")
	if err != nil {
		return 0, fmt.Errorf("web: read messages: %w", err)
	}
	for i, item := range stored {
		seq, err := strconv.ParseInt(strings.TrimPrefix(item.Key, chatShelf+id+"/"), 10, 64)
		if err != nil || seq < 1 {
			lost++
			continue
		}
		c.seq = max(c.seq, seq)
		if i < len(stored)-maxItems {
			continue
		}
		it, ok := readItem(item.Value)
		if !ok {
			lost++
			continue
		}
		it.Phone, it.Seq = id, seq
		c.put(it)
	}
	pressed, err := a.shelf.List(ctx, a.account, pressedShelf+id+"/")
	if err != nil {
		return 0, fmt.Errorf("web: read presses: %w", err)
	}
	for _, item := range pressed {
		seq, err := strconv.ParseInt(strings.TrimPrefix(item.Key, pressedShelf+id+"/"), 10, 64)
		if err != nil {
			continue
		}
		if it := c.find(seq); it != nil && it.hasButton(string(item.Value)) {
			it.Pressed = string(item.Value)
		}
	}
	return lost, nil
}

func readItem(value []byte) (Item, bool) {
	var r record
	if json.Unmarshal(value, &r) != nil || r.Version != recordVersion {
		return Item{}, false
	}
	it := Item{From: r.From, At: r.At, Edited: r.Edited, Silent: r.Silent, Own: r.Own, Text: r.Text, Key: r.Key, File: r.File}
	if r.Message == nil {
		return it, r.From == FromMe
	}
	lowered, err := Lower(*r.Message)
	if err != nil {
		return Item{}, false
	}
	it.Message = &lowered
	return it, true
}

// message reads a message of an item from the shelf, with its pictures and its
// file: these are not held in memory. It is empty where there is none.
func (a *Adapter) message(ctx context.Context, phone string, seq int64) (m message.Message, file string, err error) {
	stored, err := a.shelf.List(ctx, a.account, itemKey(chatShelf, phone, seq))
	if err != nil {
		return m, "", fmt.Errorf("web: read message: %w", err)
	}
	for _, item := range stored {
		var r record
		if json.Unmarshal(item.Value, &r) == nil && r.Message != nil {
			return *r.Message, r.File, nil
		}
	}
	return m, "", nil
}

// picture reads a picture of an item from the shelf. It is nil where there is none.
func (a *Adapter) picture(ctx context.Context, phone string, seq int64, sum string) ([]byte, error) {
	m, _, err := a.message(ctx, phone, seq)
	if err != nil {
		return nil, err
	}
	for _, b := range m.Blocks {
		if p, ok := b.(message.Picture); ok && pictureSum(p.PNG) == sum {
			return p.PNG, nil
		}
	}
	return nil, nil
}
