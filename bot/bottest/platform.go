// Package bottest is for tests of everything that talks: a small chat platform
// in memory that keeps the rules of the real ones, the player of golden
// conversations, and the contract that every adapter must pass.
package bottest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/message"
)

// Platform is a chat platform in memory. It refuses what the real ones refuse:
// buttons that carry too much, messages that are too long, edits of what is not
// there, chats that it does not know, that blocked Ella or that never began.
// A chat whose name begins with GroupPrefix is a group chat.
type Platform struct {
	Can bot.Capabilities
	// Clock tells how old a message is. Without one nothing gets older.
	Clock bot.Clock
	// Views: it has pages and windows. Then Can.Forms is to be set too.
	Views bool

	// ready is closed once somebody receives.
	ready chan struct{}

	mu      sync.Mutex
	lists   rosters
	chats   map[string]*chat
	updates int
	// take hands an update to whoever receives; nil when nobody does.
	take    func(context.Context, bot.Raw) error
	handing sync.WaitGroup
	// fail, when set, answers a send instead of the platform.
	fail func(out bot.Outgoing) error
	// sent is called for every message that arrived.
	sent func(chat string, s Shown)
	// looked is called for every page and window that is shown.
	looked func(chat string)
	// hints are what it knows of people.
	hints map[string]bot.Hints
}

// GroupPrefix begins the names of group chats.
const GroupPrefix = "group:"

type chat struct {
	shown   []Shown
	blocked bool
	// strange: its owner has never begun a conversation with Ella.
	strange bool
	// own are the messages that its owner sent, by their names, and named counts all
	// names that were given here.
	own   map[bot.Ref]time.Time
	named int
	// moved is the chat's name from now on.
	moved string
	menu  []bot.MenuItem
	views
}

// Shown is a message as it stands in a chat.
type Shown struct {
	Ref     bot.Ref
	Message message.Message
	Edited  bool
	// Silent: it came without a sound.
	Silent bool
	At     time.Time
	// Taken: it was taken away; with an empty Message it was the reader's own.
	Taken bool
	// Notice and Link are set instead of a message when a press was answered.
	Notice, Link string
}

var (
	_ bot.Adapter = (*Platform)(nil)
	_ bot.Menus   = (*Platform)(nil)
)

// NewPlatform makes a platform with the tightest limits of those we know.
func NewPlatform(chats ...string) *Platform {
	p := &Platform{
		Can: bot.Capabilities{
			Platform: "Memory", StartLink: "https://memory.example/?start={}", GroupChats: true, GroupLink: "https://memory.example/?startgroup={}", Files: true, Edit: true, Pictures: true, Location: true,
			ButtonRow: 5, Buttons: 25, MessageUnits: 3800,
		},
		chats: map[string]*chat{},
		ready: make(chan struct{}),
	}
	for _, c := range chats {
		p.chats[c] = &chat{}
	}
	return p
}

// Capabilities implements bot.Adapter.
func (p *Platform) Capabilities() bot.Capabilities { return p.Can }

// Receive implements bot.Adapter: updates come by Deliver. A stage that hands
// them to its engine itself needs no Receive.
func (p *Platform) Receive(ctx context.Context, inbox bot.Inbox) error {
	p.mu.Lock()
	p.take = func(request context.Context, raw bot.Raw) error {
		both, cancel := context.WithCancel(request)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		return inbox.Accept(both, raw)
	}
	p.mu.Unlock()
	close(p.ready)
	<-ctx.Done()
	p.mu.Lock()
	p.take = nil
	p.mu.Unlock()
	p.handing.Wait()
	return nil
}

// Ready is closed once somebody receives.
func (p *Platform) Ready() <-chan struct{} { return p.ready }

// Deliver hands an update to whoever receives and reports whether it was
// acknowledged. Any update may be delivered again.
func (p *Platform) Deliver(ctx context.Context, raw bot.Raw) bool {
	p.mu.Lock()
	take := p.take
	if take == nil {
		p.mu.Unlock()
		return false
	}
	p.handing.Add(1)
	p.mu.Unlock()
	defer p.handing.Done()
	return take(ctx, raw) == nil
}

// Decode implements bot.Adapter.
func (p *Platform) Decode(raw []byte) (bot.Update, error) {
	var u bot.Update
	// json would put U+FFFD where the bytes are no UTF-8, and say nothing.
	if !utf8.Valid(raw) || json.Unmarshal(raw, &u) != nil || Unsound(u) != "" {
		return bot.Update{}, bot.ErrUnreadable
	}
	return u, nil
}

// Raw writes an update as this platform would deliver it, under a key of its own.
func (p *Platform) Raw(account bot.AccountID, u bot.Update) bot.Raw {
	p.mu.Lock()
	p.updates++
	key := fmt.Sprintf("update-%d", p.updates)
	p.mu.Unlock()
	body, err := json.Marshal(u)
	if err != nil {
		panic("bottest: an update does not marshal") // a test wrote it
	}
	return bot.Raw{Account: account, Key: key, Sender: u.Sender, Body: body}
}

// FailWith answers sends with what f returns, until f is nil or returns nil.
func (p *Platform) FailWith(f func(out bot.Outgoing) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = f
}

// OnSent has f called for every message that arrives.
func (p *Platform) OnSent(f func(chat string, s Shown)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = f
}

// Open adds a chat.
func (p *Platform) Open(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chats[name] = &chat{}
}

// Block makes a chat refuse messages, or take them again. Of a group chat it says
// that Ella was taken out of it, or brought in.
func (p *Platform) Block(name string, blocked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chats[name].blocked = blocked
}

// Stranger makes a chat one that its owner has not begun, so that Ella may not
// write there, or one that they have.
func (p *Platform) Stranger(name string, strange bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chats[name].strange = strange
}

// Move gives a chat another name. What stands in it stays behind, under its old one.
func (p *Platform) Move(name, to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chats[name].moved = to
	p.chats[to] = &chat{}
}

// Sent names a message that the owner of a chat sent there, or somebody in a group.
func (p *Platform) Sent(name string) bot.Ref {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.chats[name]
	if !ok {
		return ""
	}
	if c.own == nil {
		c.own = map[bot.Ref]time.Time{}
	}
	ref := c.name(name)
	c.own[ref] = p.now()
	return ref
}

// Owns is how many messages of its owner's stand in a chat.
func (p *Platform) Owns(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.chats[name].own)
}

func (c *chat) name(chat string) bot.Ref {
	c.named++
	return bot.Ref(fmt.Sprintf("%s/%d", chat, c.named))
}

func (p *Platform) now() time.Time {
	if p.Clock == nil {
		return time.Time{}
	}
	return p.Clock.Now()
}

// Send implements bot.Adapter.
func (p *Platform) Send(_ context.Context, out bot.Outgoing) (bot.Ref, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(out); err != nil {
			return "", err
		}
	}
	c, err := p.open(out)
	if err != nil {
		return "", err
	}
	p.takeBack(out.Chat, c, out.TakeBack)
	if len(out.Message.Blocks) == 0 && out.Press != "" {
		if out.Notice+out.NoticeLink != "" {
			p.show(out.Chat, c, Shown{Notice: out.Notice, Link: out.NoticeLink})
		}
		return "", nil
	}
	if len(out.Message.Blocks) == 0 && len(out.TakeBack) > 0 {
		return "", nil
	}
	if !p.Can.Files {
		out.Message = out.Message.WithoutFiles()
	}
	if err := Check(out.Message, p.Can); err != nil {
		return "", err
	}
	s := Shown{Message: out.Message, Silent: out.Silent || out.Message.Silent, At: p.now()}
	if out.Edit != "" && p.Can.Edit {
		for i := range c.shown {
			if c.shown[i].Ref == out.Edit {
				s.Ref, s.At, s.Edited, s.Silent = out.Edit, c.shown[i].At, true, false
				c.shown[i] = s
				if p.sent != nil {
					p.sent(out.Chat, s)
				}
				return out.Edit, nil
			}
		}
	}
	s.Ref = c.name(out.Chat)
	p.show(out.Chat, c, s)
	return s.Ref, nil
}

// open finds the chat that something is sent to, or says why it can't be. An answer
// to a press reaches whoever pressed, wherever they did.
func (p *Platform) open(out bot.Outgoing) (*chat, error) {
	c, ok := p.chats[out.Chat]
	switch {
	case !ok:
		return nil, &bot.SendError{Kind: bot.Gone}
	case c.moved != "":
		return nil, &bot.SendError{Kind: bot.Moved, NewChat: c.moved}
	case out.Press != "" && len(out.Message.Blocks) == 0:
		return c, nil
	case c.blocked:
		return nil, &bot.SendError{Kind: bot.Blocked}
	case c.strange && !p.Can.Begins:
		return nil, &bot.SendError{Kind: bot.Forbidden}
	}
	return c, nil
}

// takeBack takes messages away that stand in a chat and are not too old.
func (p *Platform) takeBack(name string, c *chat, refs []bot.Ref) {
	young := func(at time.Time) bool { return p.Can.TakesBack > 0 && p.now().Sub(at) < p.Can.TakesBack }
	for _, ref := range refs {
		if at, ok := c.own[ref]; ok && young(at) {
			delete(c.own, ref)
			p.show(name, c, Shown{Taken: true})
		}
		for i, s := range c.shown {
			if s.Ref == ref && young(s.At) {
				c.shown = slices.Delete(c.shown, i, i+1)
				p.show(name, c, Shown{Taken: true, Message: s.Message})
				break
			}
		}
	}
}

func (p *Platform) show(name string, c *chat, s Shown) {
	if s.Ref != "" {
		c.shown = append(c.shown, s)
	}
	if p.sent != nil {
		p.sent(name, s)
	}
}

// Shown returns what stands in a chat, oldest first.
func (p *Platform) Shown(name string) []Shown {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.chats[name]; ok {
		return slices.Clone(c.shown)
	}
	return nil
}

// Check holds a message against what a platform can carry.
func Check(m message.Message, can bot.Capabilities) error {
	if len(m.Blocks) == 0 {
		return &bot.SendError{Kind: bot.Invalid, Code: "empty"}
	}
	actions := m.Actions()
	if len(actions) > can.Buttons {
		return &bot.SendError{Kind: bot.Invalid, Code: "too-many-buttons"}
	}
	for _, a := range actions {
		if _, ok := message.ParseAction(a.Data); !ok || a.Label == "" {
			return &bot.SendError{Kind: bot.Invalid, Code: "button"}
		}
	}
	files := 0
	for _, b := range m.Blocks {
		if f, ok := b.(message.File); ok {
			files++
			if files > 1 || f.Check() != nil {
				return &bot.SendError{Kind: bot.Invalid, Code: "file"}
			}
		}
	}
	units := 0
	for _, c := range m.Text() {
		units++
		if c > 0xffff {
			units++
		}
	}
	if units > can.MessageUnits {
		return &bot.SendError{Kind: bot.Invalid, Code: "too-long"}
	}
	return nil
}
