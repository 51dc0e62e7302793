package telegramtest

import (
	"fmt"
	"strconv"
	"time"

	"ella/adapters/limittest"
)

// ChatKind is what a chat is.
type ChatKind string

// The kinds of chat [doc: Chat.type].
const (
	Private    ChatKind = "private"
	BasicGroup ChatKind = "group"
	Supergroup ChatKind = "supergroup"
	Channel    ChatKind = "channel"
)

// Standing is what somebody is in a chat [doc: ChatMember.status].
type Standing string

// The standings.
const (
	Creator       Standing = "creator"
	Administrator Standing = "administrator"
	Member        Standing = "member"
	Left          Standing = "left"
	Kicked        Standing = "kicked"
)

// User is a person. Their private chat with the bot has the same id.
type User struct {
	ID                                      int64 // 0: a free one, over 32 bits as new ones are
	FirstName, LastName, Username, Language string
	// Started: they pressed Start before the test begins.
	Started bool
}

// Group is a group or a channel.
type Group struct {
	ID              int64 // 0: a free one
	Kind            ChatKind
	Title, Username string
	Forum           bool // a supergroup with topics
	// Bot is what the bot is in it. Empty: not there yet.
	Bot Standing
}

// chat is one chat and all that stands in it.
type chat struct {
	id              int64
	kind            ChatKind
	title, username string
	forum           bool
	owner           *User // of a private chat
	topics          map[int64]string
	members         map[int64]Standing

	started, blocked, deactivated bool
	standing                      Standing // the bot's
	movedTo                       int64

	messages map[int64]*Message
	order    []*Message
	lastID   int64 // of messages, where the chat counts by itself
	keyboard *Keyboard

	bucket limittest.Bucket // see limits.go
	minute limittest.Window
	wait   limittest.Wait
}

// AddUser adds a person and returns their id.
func (s *Server) AddUser(u User) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == 0 {
		s.nextUser++
		u.ID = s.nextUser
	}
	s.users[u.ID] = &u
	c := s.newChat(u.ID, Private)
	c.owner, c.username, c.started = &u, u.Username, u.Started
	return u.ID
}

// AddGroup adds a group or a channel and returns its chat id, which is negative.
func (s *Server) AddGroup(g Group) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.Kind == "" {
		g.Kind = Supergroup
	}
	if g.ID == 0 {
		g.ID = s.freeGroup(g.Kind)
	}
	if g.Bot == "" {
		g.Bot = Left
	}
	c := s.newChat(g.ID, g.Kind)
	c.title, c.username, c.forum, c.standing = g.Title, g.Username, g.Forum, g.Bot
	if g.Username != "" {
		s.usernames["@"+g.Username] = c
	}
	return g.ID
}

// freeGroup is an id as real ones are: those of supergroups and channels are more
// than 32 bits wide. s.mu is held, here and below.
func (s *Server) freeGroup(k ChatKind) int64 {
	s.nextChat++
	if k == BasicGroup {
		return -s.nextChat
	}
	return -1_000_000_000_000 - s.nextChat
}

func (s *Server) newChat(id int64, k ChatKind) *chat {
	if s.chats[id] != nil {
		s.t.Errorf("telegramtest: there is a chat %d", id)
	}
	c := &chat{
		id: id, kind: k, topics: map[int64]string{}, members: map[int64]Standing{}, messages: map[int64]*Message{},
		minute: limittest.NewWindow(s.options.Limits.GroupPerMinute, time.Minute),
	}
	s.chats[id] = c
	return c
}

// AddTopic adds a topic to a forum and returns its message_thread_id.
func (s *Server) AddTopic(group int64, name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[group]
	c.lastID++
	if c.lastID == generalTopic {
		c.lastID++
	}
	c.topics[c.lastID] = name
	return c.lastID
}

// generalTopic is the thread that is no thread: a message can't be sent to it by
// its id [srv: check_message_topic].
const generalTopic = 1

// Deactivate deletes a person's account.
func (s *Server) Deactivate(user int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[user].deactivated = true
}

func (c *chat) wire() wireChat {
	w := wireChat{ID: c.id, Type: string(c.kind), Title: c.title, Username: c.username, IsForum: c.forum}
	if c.owner != nil {
		w.FirstName, w.LastName = c.owner.FirstName, c.owner.LastName
	}
	return w
}

// isGroup reports whether the limits of groups hold: in practice also for channels.
func (c *chat) isGroup() bool { return c.kind != Private }

// add puts a message into a chat and gives it its id. Supergroups and channels
// count their own, all other chats of the bot together.
func (s *Server) add(c *chat, m *Message) *Message {
	counter := &s.nextID
	if c.kind == Supergroup || c.kind == Channel {
		counter = &c.lastID
	}
	*counter++
	m.Chat, m.ID, m.Date = c.id, *counter, s.now()
	c.messages[m.ID] = m
	c.order = append(c.order, m)
	return m
}

// chatOf finds the chat that a parameter names.
func (s *Server) chatOf(c *call, parameter string) (*chat, *apiError) {
	value := c.values[parameter]
	if value == "" {
		return nil, badRequest(parameter + " is empty")
	}
	if found := s.usernames[value]; found != nil {
		return found, nil
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		s.breach(c, RuleParameter, "%s is neither a number nor a known @username", parameter)
		return nil, badRequest("chat not found")
	}
	if found := s.chats[id]; found != nil {
		return found, nil
	}
	return nil, badRequest("chat not found")
}

// writable is the chat that a request writes to, if it may.
func (s *Server) writable(c *call) (*chat, *apiError) {
	to, e := s.chatOf(c, "chat_id")
	if e != nil {
		return nil, e
	}
	if e := s.mayWrite(to); e != nil {
		return nil, e
	}
	return to, s.inTopic(c, to)
}

// mayWrite has the texts of check_chat_access [srv] and of MTProto's errors.
func (s *Server) mayWrite(c *chat) *apiError {
	switch {
	case c.kind == Private && c.deactivated:
		return forbidden("user is deactivated")
	case c.kind == Private && !c.started:
		return forbidden("bot can't initiate conversation with a user")
	case c.kind == Private && c.blocked:
		return forbidden("bot was blocked by the user")
	case c.movedTo != 0:
		return &apiError{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", Parameters: &wireParameters{MigrateTo: c.movedTo}}
	case c.standing == Kicked:
		return forbidden(fmt.Sprintf("bot was kicked from the %s chat", c.kind))
	case c.standing == Left:
		return forbidden(fmt.Sprintf("bot is not a member of the %s chat", c.kind))
	case c.kind == Channel && c.standing != Administrator:
		return badRequest("need administrator rights in the channel chat")
	}
	return nil
}

func (s *Server) inTopic(c *call, to *chat) *apiError {
	thread := c.integer("message_thread_id")
	if thread == 0 {
		return nil
	}
	if _, ok := to.topics[thread]; !ok || thread == generalTopic {
		s.breach(c, RuleParameter, "message_thread_id names no topic of the chat")
		return badRequest("message thread not found")
	}
	return nil
}
