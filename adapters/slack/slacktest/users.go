package slacktest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// User is a person in a workspace, or something that looks like one.
type User struct {
	// ID and Team are set by AddUser; Team is the first workspace if it is "".
	ID, Team string
	Name     string
	// Locale is an IETF tag such as en-GB. Default: en-US. TZ is of tzdata.
	Locale, TZ string
	// Guest may use several channels, SingleChannelGuest one.
	Guest, SingleChannelGuest bool
	Admin                     bool
	Bot                       bool
	Deleted                   bool
	// Stranger is of another organisation, and here only through a channel that both
	// share (Slack Connect). HomeTeam is their own; one is made up.
	Stranger bool
	HomeTeam string

	dm string // the conversation with the app, once it is open
}

// AddUser brings a person into a workspace.
func (s *Server) AddUser(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(u).ID
}

func (s *Server) addUser(u User) *User {
	u.ID = s.id("U")
	u.Team = cmp.Or(u.Team, s.first.id)
	s.team(u.Team)
	u.Locale, u.TZ, u.Name = cmp.Or(u.Locale, "en-US"), cmp.Or(u.TZ, "Europe/London"), cmp.Or(u.Name, "Somebody")
	if u.Stranger && u.HomeTeam == "" {
		u.HomeTeam = s.id("T")
	}
	s.users[u.ID] = &u
	return &u
}

// JoinTeam is AddUser, and the app is told.
func (s *Server) JoinTeam(u User) (id string, did Did) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.addUser(u)
	return p.ID, s.event(s.teams[p.Team], obj{"type": "team_join", "user": s.wireUser(p, true)}, p.may(s, "users:read"))
}

// Deactivate has a person leave the workspace for good, and tells the app.
func (s *Server) Deactivate(user string) Did {
	return s.changeUser(user, func(u *User) { u.Deleted = true })
}

// Reactivate lets them back in.
func (s *Server) Reactivate(user string) Did {
	return s.changeUser(user, func(u *User) { u.Deleted = false })
}

// SetLocale changes the language of a person's client.
func (s *Server) SetLocale(user, locale string) Did {
	return s.changeUser(user, func(u *User) { u.Locale = locale })
}

// SetZone changes the time zone of a person's client.
func (s *Server) SetZone(user, zone string) Did {
	return s.changeUser(user, func(u *User) { u.TZ = zone })
}

func (s *Server) changeUser(user string, change func(*User)) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	change(u)
	return s.event(s.teams[u.Team], obj{"type": "user_change", "user": s.wireUser(u, true), "cache_ts": s.now().Unix()}, u.may(s, "users:read"))
}

// may reports whether the app was installed with a scope where a person is.
func (u *User) may(s *Server, scope string) bool { return s.teams[u.Team].token.has(scope) }

// user is a person whom the test named; s.mu is held.
func (s *Server) user(id string) *User {
	u := s.users[id]
	if u == nil {
		s.t.Errorf("slacktest: there is no user %q", id)
	}
	return u
}

// home is the workspace that a person is of.
func (u *User) home() string {
	if u.Stranger {
		return u.HomeTeam
	}
	return u.Team
}

func (u *User) handle() string { return strings.ToLower(strings.ReplaceAll(u.Name, " ", ".")) }

func (s *Server) wireUser(u *User, locale bool) obj {
	offset := 0
	if zone, err := time.LoadLocation(u.TZ); err == nil {
		_, offset = s.now().In(zone).Zone()
	}
	w := obj{
		"id": u.ID, "team_id": u.home(), "name": u.handle(), "deleted": u.Deleted, "is_bot": u.Bot, "is_app_user": false,
		"is_admin": u.Admin, "is_owner": false, "is_primary_owner": false, "is_restricted": u.Guest || u.SingleChannelGuest,
		"is_ultra_restricted": u.SingleChannelGuest, "updated": s.now().Unix(),
		"profile": obj{"real_name": u.Name, "display_name": u.Name, "team": u.home(), "status_text": ""},
	}
	if u.Stranger {
		w["is_stranger"] = true
	}
	if !u.Deleted {
		w["real_name"], w["tz"], w["tz_label"], w["tz_offset"] = u.Name, u.TZ, u.TZ, offset
	}
	if locale {
		w["locale"] = u.Locale
	}
	return w
}

func (s *Server) usersInfo(c *call) (obj, *apiError) {
	u := s.users[c.args["user"]]
	if u == nil || u.Team != c.team.id {
		return nil, refusal("user_not_found")
	}
	locale, _ := c.flag("include_locale")
	return obj{"user": s.wireUser(u, locale)}, nil
}

func (s *Server) usersList(c *call) (obj, *apiError) {
	locale, _ := c.flag("include_locale")
	var all []*User
	for _, id := range slices.Sorted(maps.Keys(s.users)) {
		if u := s.users[id]; u.Team == c.team.id {
			all = append(all, u)
		}
	}
	page, next, e := paged(c, all)
	if e != nil {
		return nil, e
	}
	members := []obj{}
	for _, u := range page {
		members = append(members, s.wireUser(u, locale))
	}
	return obj{"members": members, "cache_ts": s.now().Unix(), "response_metadata": obj{"next_cursor": next}}, nil
}

// usergroup is a group of users with a handle, such as @drivers.
type usergroup struct {
	id, team, handle string
	users            []string
	disabled         bool
}

// AddUsergroup makes a group of users.
func (s *Server) AddUsergroup(team, handle string, users ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &usergroup{id: s.id("S"), team: s.team(team).id, handle: handle, users: users}
	s.usergroups[g.id] = g
	return g.id
}

func (s *Server) usergroupsList(c *call) (obj, *apiError) {
	with, _ := c.flag("include_users")
	groups := []obj{}
	for _, id := range slices.Sorted(maps.Keys(s.usergroups)) {
		g := s.usergroups[id]
		if g.team != c.team.id || g.disabled {
			continue
		}
		w := obj{"id": g.id, "team_id": g.team, "is_usergroup": true, "name": g.handle, "handle": g.handle, "description": "", "user_count": len(g.users), "date_delete": 0}
		if with {
			w["users"] = slices.Clone(g.users)
		}
		groups = append(groups, w)
	}
	return obj{"usergroups": groups}, nil
}

func (s *Server) usergroupsUsersList(c *call) (obj, *apiError) {
	g := s.usergroups[c.args["usergroup"]]
	if g == nil || g.team != c.team.id {
		return nil, refusal("no_such_subteam")
	}
	return obj{"users": slices.Clone(g.users)}, nil
}
