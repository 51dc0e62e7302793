package slacktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// View is the app's home as one person sees it, or a modal.
type View struct {
	ID, Hash, Type, User          string
	Title, Submit, Close          string
	CallbackID, PrivateMetadata   string
	ExternalID                    string
	Text                          string // as a person reads it, but for buttons
	Buttons                       []Button
	Inputs                        []Input
	Blocks                        json.RawMessage
	Root, Previous                string // ids, of modals
	Errors                        map[string]string
	notifyOnClose, submitDisabled bool
}

// Presses are the buttons that open nothing, in reading order.
func (v View) Presses() []Button { return presses(v.Buttons) }

type view struct {
	View
	team *team
}

// maxStack is how many modals can lie on each other [doc: views.push].
const maxStack = 3

// Home is the app's home as a person sees it; false where none was published.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.homes[user]; v != nil {
		return v.View, true
	}
	return View{}, false
}

// Modal is the topmost modal before a person; false where there is none.
func (s *Server) Modal(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stack := s.stacks[user]; len(stack) > 0 {
		return stack[len(stack)-1].View, true
	}
	return View{}, false
}

// trigger is what lets the app open a modal before the person who did something:
// once, within 3 s [doc].
type trigger struct {
	team *team
	user string
	made time.Time
	used bool
}

const triggerLife = 3 * time.Second

// newTrigger makes one; s.mu is held.
func (s *Server) newTrigger(u *User) string {
	s.lastID++
	id := fmt.Sprintf("%d.%d.fake0trigger%d", s.lastID, 3336676569200, s.lastID)
	s.triggers[id] = &trigger{team: s.teams[u.Team], user: u.ID, made: s.now()}
	return id
}

// pull uses a trigger up.
func (s *Server) pull(c *call) (user string, e *apiError) {
	tr := s.triggers[c.args["trigger_id"]]
	switch {
	case tr == nil || tr.team != c.team:
		return "", refusal("invalid_trigger_id")
	case tr.used:
		s.breach(c, RuleView, "a trigger used twice")
		return "", refusal("exchanged_trigger_id")
	case s.now().Sub(tr.made) > triggerLife:
		return "", refusal("expired_trigger_id")
	}
	tr.used = true
	return tr.user, nil
}

// checkView reads a view; s.mu is held. Its faults are those of arguments [doc].
func (s *Server) checkView(c *call, raw string, types ...string) (*view, *apiError) {
	var o obj
	if json.Unmarshal([]byte(raw), &o) != nil {
		s.breach(c, RuleView, "the view is no object")
		return nil, refusal("invalid_arguments")
	}
	if len(raw) > s.table.Limits["view.bytes"].Max {
		s.breach(c, RuleLong, "a view of %d bytes", len(raw))
		return nil, refusal("view_too_large")
	}
	k := s.checker(c)
	k.object("/view", o, types)
	list := items(o, "blocks")
	r := readBlocks(list)
	if str(o, "type") == "modal" && len(r.inputs) > 0 && o["submit"] == nil && slices.ContainsFunc(list, isInput) {
		k.wrong("/view/submit", "must be there where there are inputs")
	}
	if e := k.verdict("invalid_arguments"); e != nil {
		return nil, e
	}
	s.nameBlocks(list)
	blocks, _ := json.Marshal(list)
	v := &view{team: c.team, View: View{
		Type: str(o, "type"), Title: textOf(o["title"]), Submit: textOf(o["submit"]), Close: textOf(o["close"]), CallbackID: str(o, "callback_id"),
		PrivateMetadata: str(o, "private_metadata"), ExternalID: str(o, "external_id"), Text: r.text(), Buttons: r.buttons, Inputs: r.inputs, Blocks: blocks,
	}}
	v.notifyOnClose, _ = o["notify_on_close"].(bool)
	v.submitDisabled, _ = o["submit_disabled"].(bool)
	return v, nil
}

func isInput(b any) bool {
	block, _ := b.(obj)
	return str(block, "type") == "input"
}

// newHash is what a version of a view is told by.
func (s *Server) newHash() string {
	s.lastID++
	return fmt.Sprintf("%d.fake%d", s.now().Unix(), s.lastID)
}

// keep puts a new view before a person; s.mu is held.
func (s *Server) keep(v *view, user string) *apiError {
	if v.ExternalID != "" {
		for _, other := range s.views {
			if other.ExternalID == v.ExternalID && other.team == v.team {
				return refusal("duplicate_external_id")
			}
		}
	}
	v.ID, v.User, v.Hash = s.id("V"), user, s.newHash()
	v.Root = v.ID
	s.views[v.ID] = v
	return nil
}

// renew puts new content into a view that is there.
func (s *Server) renew(v, to *view) {
	to.ID, to.User, to.Hash, to.Root, to.Previous = v.ID, v.User, s.newHash(), v.Root, v.Previous
	v.View = to.View
}

func (s *Server) openView(c *call) (obj, *apiError) {
	v, e := s.checkView(c, c.args["view"], "modal")
	if e != nil {
		return nil, e
	}
	user, e := s.pull(c)
	if e != nil {
		return nil, e
	}
	s.closeAll(user)
	if e := s.keep(v, user); e != nil {
		return nil, e
	}
	s.stacks[user] = []*view{v}
	return obj{"view": s.wireView(v)}, nil
}

func (s *Server) pushView(c *call) (obj, *apiError) {
	v, e := s.checkView(c, c.args["view"], "modal")
	if e != nil {
		return nil, e
	}
	user, e := s.pull(c)
	if e != nil {
		return nil, e
	}
	if e := s.push(v, user); e != nil {
		return nil, e
	}
	return obj{"view": s.wireView(v)}, nil
}

func (s *Server) push(v *view, user string) *apiError {
	stack := s.stacks[user]
	switch {
	case len(stack) == 0:
		return refusal("not_found")
	case len(stack) >= maxStack:
		return refusal("push_limit_reached")
	}
	if e := s.keep(v, user); e != nil {
		return e
	}
	v.Root, v.Previous = stack[0].ID, stack[len(stack)-1].ID
	s.stacks[user] = append(stack, v)
	return nil
}

func (s *Server) updateView(c *call) (obj, *apiError) {
	v := s.views[c.args["view_id"]]
	if id := c.args["external_id"]; id != "" && v == nil {
		for _, other := range s.views {
			if other.ExternalID == id && other.team == c.team {
				v = other
			}
		}
	}
	if v == nil || v.team != c.team {
		return nil, refusal("not_found")
	}
	if hash := c.args["hash"]; hash != "" && hash != v.Hash {
		return nil, refusal("hash_conflict")
	}
	to, e := s.checkView(c, c.args["view"], v.Type)
	if e != nil {
		return nil, e
	}
	s.renew(v, to)
	return obj{"view": s.wireView(v)}, nil
}

func (s *Server) publishView(c *call) (obj, *apiError) {
	if s.options.NoHomeTab {
		return nil, refusal("not_enabled")
	}
	u := s.users[c.args["user_id"]]
	if u == nil || u.Team != c.team.id || u.Stranger || u.Bot {
		return nil, refusal("invalid_arguments").with("response_metadata", obj{"messages": []string{"invalid `user_id`"}})
	}
	v := s.homes[u.ID]
	if hash := c.args["hash"]; hash != "" && (v == nil || hash != v.Hash) {
		return nil, refusal("hash_conflict")
	}
	to, e := s.checkView(c, c.args["view"], "home")
	if e != nil {
		return nil, e
	}
	if v == nil {
		v = to
		if e := s.keep(v, u.ID); e != nil {
			return nil, e
		}
		s.homes[u.ID] = v
	} else {
		s.renew(v, to)
	}
	return obj{"view": s.wireView(v)}, nil
}

// closeAll takes all modals away from a person.
func (s *Server) closeAll(user string) {
	for _, v := range s.stacks[user] {
		delete(s.views, v.ID)
	}
	delete(s.stacks, user)
}

func (s *Server) wireView(v *view) obj {
	w := obj{
		"id": v.ID, "team_id": v.team.id, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID,
		"state": obj{"values": obj{}}, "hash": v.Hash, "title": nil, "clear_on_close": false, "notify_on_close": v.notifyOnClose, "close": nil, "submit": nil,
		"root_view_id": cmp.Or(v.Root, v.ID), "previous_view_id": nil, "app_id": s.app.id, "external_id": v.ExternalID, "app_installed_team_id": v.team.id, "bot_id": v.team.botID,
	}
	for key, label := range map[string]string{"title": v.Title, "submit": v.Submit, "close": v.Close} {
		if label != "" {
			w[key] = obj{"type": "plain_text", "text": label, "emoji": true}
		}
	}
	if v.Previous != "" {
		w["previous_view_id"] = v.Previous
	}
	return w
}

// respond does what the app answers to a submission [doc: Modals, response_action];
// s.mu is held.
func (s *Server) respond(c *call, v *view, answer json.RawMessage) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(answer) > 0 && json.Unmarshal(answer, &a) != nil {
		s.breach(c, RuleView, "the answer to a submission is no object")
		return
	}
	switch a.Action {
	case "":
		s.pop(v)
	case "clear":
		s.closeAll(v.User)
	case "errors":
		var fields []string
		for _, in := range v.Inputs {
			fields = append(fields, in.BlockID)
		}
		for block := range a.Errors {
			if !slices.Contains(fields, block) {
				s.breach(c, RuleView, "an error about a block that is no input")
			}
		}
		if len(a.Errors) == 0 {
			s.breach(c, RuleView, "errors without any")
		}
		v.Errors = maps.Clone(a.Errors)
	case "update", "push":
		to, e := s.checkView(c, string(a.View), "modal")
		switch {
		case e != nil:
		case a.Action == "update":
			s.renew(v, to)
		case s.push(to, v.User) != nil:
			s.breach(c, RuleView, "one modal too many")
		}
	default:
		s.breach(c, RuleView, "there is no response_action %q", a.Action)
	}
}

// pop takes the topmost modal away.
func (s *Server) pop(v *view) {
	stack := s.stacks[v.User]
	if i := slices.Index(stack, v); i >= 0 {
		for _, gone := range stack[i:] {
			delete(s.views, gone.ID)
		}
		s.stacks[v.User] = stack[:i]
	}
}
