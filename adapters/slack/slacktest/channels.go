package slacktest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ella/adapters/limittest"
)

// Channel is a conversation of many, for AddChannel.
type Channel struct {
	Team, Name string // the first workspace if Team is ""
	Private    bool
	// WithoutApp: the app is not in it.
	WithoutApp bool
	Archived   bool
	// Shared with another organisation.
	Shared  bool
	Members []string
}

type channel struct {
	Channel
	id       string
	person   string // of a direct message with the app: who
	byMember map[string]bool
	messages map[string]*Message
	order    []*Message

	bucket limittest.Bucket // see limits.go
}

func (s *Server) newChannel(ch Channel, id string) *channel {
	n := &channel{Channel: ch, id: id, byMember: map[string]bool{}, messages: map[string]*Message{}}
	s.channels[id] = n
	return n
}

// AddChannel makes a channel. Private ones have a C too, as new ones do [doc].
func (s *Server) AddChannel(ch Channel) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch.Team == "" {
		ch.Team = s.first.id
	}
	c := s.newChannel(ch, s.id("C"))
	for _, user := range ch.Members {
		if s.user(user) != nil {
			c.byMember[user] = true
		}
	}
	if !ch.WithoutApp {
		c.byMember[s.team(ch.Team).botUser] = true
	}
	return c.id
}

// DM is the conversation of a person with the app, opened if it is not yet.
func (s *Server) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(user); u != nil {
		return s.open(u).id
	}
	return ""
}

// IsOpen reports whether a person and the app have a conversation already.
func (s *Server) IsOpen(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	return u != nil && u.dm != ""
}

func (s *Server) open(u *User) *channel {
	if u.dm == "" {
		u.dm = s.id("D")
		c := s.newChannel(Channel{Team: u.Team}, u.dm)
		c.person = u.ID
		c.byMember[u.ID], c.byMember[s.teams[u.Team].botUser] = true, true
	}
	return s.channels[u.dm]
}

func (c *channel) isDM() bool { return c.person != "" }

func (c *channel) kind() string {
	switch {
	case c.isDM():
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

// scope is the one of a family (":read", ":history") for this kind of channel.
func (c *channel) scope(family string) string {
	return map[string]string{"im": "im", "group": "groups", "channel": "channels"}[c.kind()] + family
}

// channel is one that the test named; s.mu is held.
func (s *Server) channel(id string) *channel {
	c := s.channels[id]
	if c == nil {
		s.t.Errorf("slacktest: there is no channel %q", id)
	}
	return c
}

// target is the channel that a message is for, which may be named by its user;
// s.mu is held.
func (s *Server) target(c *call, id string) (*channel, *apiError) {
	if u := s.users[id]; u != nil && c.team != nil && u.Team == c.team.id {
		switch {
		case u.ID == c.team.botUser, u.Stranger:
			return nil, refusal("channel_not_found")
		case u.Deleted && !s.options.AcceptForDeactivated:
			return nil, refusal("channel_not_found")
		}
		return s.open(u), nil
	}
	ch := s.channels[id]
	if ch == nil || c.team == nil || ch.Team != c.team.id {
		return nil, refusal("channel_not_found")
	}
	return ch, nil
}

// writable is target for who wants to write there.
func (s *Server) writable(c *call, id string) (*channel, *apiError) {
	ch, e := s.target(c, id)
	switch {
	case e != nil:
		return nil, e
	case ch.isDM() && s.users[ch.person].Deleted && !s.options.AcceptForDeactivated, ch.Archived:
		return nil, refusal("is_archived")
	case ch.isDM() && s.options.NoMessagesTab:
		return nil, refusal("messages_tab_disabled")
	case ch.byMember[c.team.botUser], !ch.Private && c.token.has("chat:write.public"):
		return ch, nil
	case ch.Private:
		return nil, refusal("channel_not_found")
	}
	return nil, refusal("not_in_channel")
}

// seen is a channel that the app may look at.
func (s *Server) seen(c *call, id string) (*channel, *apiError) {
	ch := s.channels[id]
	if ch == nil || ch.Team != c.team.id || ch.Private && !ch.byMember[c.team.botUser] {
		return nil, refusal("channel_not_found")
	}
	return ch, s.authoriseScope(c, []string{ch.scope(":read")})
}

func (s *Server) wireChannel(ch *channel, bot string) obj {
	w := obj{"id": ch.id, "is_im": ch.isDM(), "is_archived": ch.Archived, "context_team_id": ch.Team, "created": 1720000000, "updated": 1720000000000}
	if ch.isDM() {
		w["user"], w["is_user_deleted"], w["is_open"] = ch.person, s.users[ch.person].Deleted, true
		return w
	}
	maps.Copy(w, obj{
		"name": ch.Name, "name_normalized": ch.Name, "is_channel": true, "is_group": false, "is_mpim": false, "is_private": ch.Private,
		"is_shared": ch.Shared, "is_ext_shared": ch.Shared, "is_member": ch.byMember[bot], "is_general": false,
	})
	return w
}

func (s *Server) conversationsOpen(c *call) (obj, *apiError) {
	if id := c.args["channel"]; id != "" {
		ch := s.channels[id]
		if ch == nil || ch.Team != c.team.id || !ch.isDM() {
			return nil, refusal("channel_not_found")
		}
		return obj{"channel": s.wireChannel(ch, c.team.botUser), "no_op": true, "already_open": true}, nil
	}
	ids := strings.Split(c.args["users"], ",")
	switch {
	case c.args["users"] == "":
		return nil, refusal("users_list_not_supplied")
	case len(ids) > 8:
		return nil, refusal("too_many_users")
	case len(ids) > 1: // a conversation of several is none of Ella's
		return nil, s.authoriseScope(c, []string{"mpim:write"})
	}
	if e := s.authoriseScope(c, []string{"im:write"}); e != nil {
		return nil, e
	}
	u := s.users[ids[0]]
	switch {
	case u == nil || u.Team != c.team.id:
		return nil, refusal("user_not_found")
	case u.Stranger:
		return nil, refusal("user_not_visible")
	case u.Deleted:
		return nil, refusal("user_disabled")
	case u.Bot:
		return nil, refusal("user_not_visible")
	}
	already := u.dm != ""
	ch := s.open(u)
	w := obj{"channel": obj{"id": ch.id}, "no_op": already, "already_open": already}
	if whole, _ := c.flag("return_im"); whole {
		w["channel"] = s.wireChannel(ch, c.team.botUser)
	}
	return w, nil
}

func (s *Server) conversationsInfo(c *call) (obj, *apiError) {
	ch, e := s.seen(c, c.args["channel"])
	if e != nil {
		return nil, e
	}
	w := s.wireChannel(ch, c.team.botUser)
	if count, _ := c.flag("include_num_members"); count {
		w["num_members"] = len(ch.byMember)
	}
	if locale, _ := c.flag("include_locale"); locale {
		w["locale"] = "en-US"
	}
	return obj{"channel": w}, nil
}

func (s *Server) conversationsMembers(c *call) (obj, *apiError) {
	ch, e := s.seen(c, c.args["channel"])
	if e != nil {
		return nil, e
	}
	page, next, e := paged(c, slices.Sorted(maps.Keys(ch.byMember)))
	if e != nil {
		return nil, e
	}
	return obj{"members": page, "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) conversationsList(c *call) (obj, *apiError) {
	types := c.args["types"]
	if types == "" {
		types = "public_channel"
	}
	kinds := map[string]bool{}
	for one := range strings.SplitSeq(types, ",") {
		like, known := map[string]*channel{"public_channel": {}, "private_channel": {Channel: Channel{Private: true}}, "im": {person: "any"}}[strings.TrimSpace(one)]
		if !known {
			return nil, refusal("invalid_types")
		}
		if e := s.authoriseScope(c, []string{like.scope(":read")}); e != nil {
			return nil, e
		}
		kinds[like.kind()] = true
	}
	without, _ := c.flag("exclude_archived")
	var all []*channel
	for _, id := range slices.Sorted(maps.Keys(s.channels)) {
		ch := s.channels[id]
		hidden := ch.Private && !ch.byMember[c.team.botUser] || without && ch.Archived
		if ch.Team == c.team.id && kinds[ch.kind()] && !hidden {
			all = append(all, ch)
		}
	}
	page, next, e := paged(c, all)
	if e != nil {
		return nil, e
	}
	channels := []obj{}
	for _, ch := range page {
		channels = append(channels, s.wireChannel(ch, c.team.botUser))
	}
	return obj{"channels": channels, "response_metadata": obj{"next_cursor": next}}, nil
}

// paged is what a call asks for of a list, and the cursor of what is left [doc:
// Pagination]. Cursors look like Slack's and say where to go on.
func paged[T any](c *call, all []T) (page []T, next string, e *apiError) {
	limit, from := c.number("limit", 100), 0
	if limit < 1 || limit > 1000 {
		return nil, "", refusal("invalid_limit")
	}
	if cursor := c.args["cursor"]; cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		at, ok := strings.CutPrefix(string(raw), "from:")
		n, numeric := strconv.Atoi(at)
		if err != nil || !ok || numeric != nil || n < 0 || n > len(all) {
			return nil, "", refusal("invalid_cursor")
		}
		from = n
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		next = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "from:%d", to))
	}
	return all[from:to], next, nil
}
