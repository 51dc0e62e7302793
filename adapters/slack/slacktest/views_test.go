package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

func modal(blocks ...fields) fields {
	return fields{"type": "modal", "title": plain("Title"), "submit": plain("Send"), "callback_id": "form", "blocks": blocks}
}

func home(blocks ...fields) fields { return fields{"type": "home", "blocks": blocks} }

func input(id string) fields {
	return fields{"type": "input", "block_id": "b-" + id, "label": plain("Label"), "element": fields{"type": "plain_text_input", "action_id": id}}
}

func TestModals(t *testing.T) {
	now := newClock()
	c := newClient(t, slacktest.Options{Now: now.Now, Limits: slacktest.Limits{Off: true}, RetryClicks: true})
	maryam := c.s.AddUser(slacktest.User{})
	open := func(trigger string, view fields) answer {
		return c.json("views.open", fields{"trigger_id": trigger, "view": view})
	}
	c.refused(open("1.2.x", modal(section("x"))), "invalid_trigger_id")
	late := c.s.Shortcut(maryam, "ask").Trigger
	now.Add(3*time.Second + time.Millisecond)
	c.refused(open(late, modal(section("x"))), "expired_trigger_id")
	did := c.s.Shortcut(maryam, "ask")
	now.Add(3 * time.Second)
	first := c.must(open(did.Trigger, modal(input("name"), actions(button("a", "More")))))
	c.broke()
	c.refused(open(did.Trigger, modal(section("x"))), "exchanged_trigger_id")
	c.broke(slacktest.RuleView)

	v, ok := c.s.Modal(maryam)
	if !ok || v.ID != first.str("view", "id") || v.Title != "Title" || len(v.Inputs) != 1 || v.Inputs[0].Label != "Label" {
		t.Fatalf("there stands %+v", v)
	}
	c.refused(c.json("views.update", fields{"view_id": v.ID, "hash": "0.old", "view": modal(input("name"))}), "hash_conflict")
	c.refused(c.json("views.update", fields{"view_id": "V0NONE", "view": modal(input("name"))}), "not_found")
	c.must(c.json("views.update", fields{"view_id": v.ID, "hash": v.Hash, "view": modal(input("place"), actions(button("a", "More")))}))
	changed, _ := c.s.Modal(maryam)
	if changed.ID != v.ID || changed.Hash == v.Hash || changed.Inputs[0].ActionID != "place" {
		t.Errorf("after the update there stands %+v", changed)
	}
	for range 2 {
		c.must(c.json("views.push", fields{"trigger_id": c.s.PressIn(changed, 0).Trigger, "view": modal(section("above"))}))
	}
	c.refused(c.json("views.push", fields{"trigger_id": c.s.PressIn(changed, 0).Trigger, "view": modal(section("above"))}), "push_limit_reached")
	if top, _ := c.s.Modal(maryam); top.Text != "above" || top.Root != v.ID {
		t.Errorf("on top stands %+v", top)
	}
	c.s.CloseModal(changed)
	if _, ok := c.s.Modal(maryam); ok {
		t.Error("a modal stands on one that is closed")
	}
	c.refused(c.json("views.push", fields{"trigger_id": c.s.Shortcut(maryam, "ask").Trigger, "view": modal(section("x"))}), "not_found")
}

// TestWrongViews are those that Slack refuses.
func TestWrongViews(t *testing.T) {
	for name, one := range map[string]struct {
		view  fields
		code  string
		rule  slacktest.Rule
		fault string
	}{
		"title 25":             {with(modal(section("x")), "title", plain(strings.Repeat("ы", 25))), "invalid_arguments", slacktest.RuleBlocks, "must be less than 25 characters [json-pointer:/view/title/text]"},
		"submit 25":            {with(modal(section("x")), "submit", plain(strings.Repeat("ы", 25))), "invalid_arguments", slacktest.RuleBlocks, "must be less than 25"},
		"metadata 3001":        {with(modal(section("x")), "private_metadata", strings.Repeat("ы", 3001)), "invalid_arguments", slacktest.RuleBlocks, "must be less than 3001"},
		"101 blocks":           {modal(repeat(101, func(int) fields { return fields{"type": "divider"} })...), "invalid_arguments", slacktest.RuleBlocks, "no more than 100 items allowed [json-pointer:/view/blocks]"},
		"input, not to send":   {with(modal(input("x")), "submit", nil), "invalid_arguments", slacktest.RuleBlocks, "/view/submit"},
		"a home for a modal":   {home(section("x")), "invalid_arguments", slacktest.RuleBlocks, "unsupported type: home"},
		"250 KB":               {modal(repeat(90, func(int) fields { return section(strings.Repeat("x", 2990)) })...), "view_too_large", slacktest.RuleLong, ""},
		"one block id twice":   {modal(input("x"), with(input("y"), "block_id", "b-x")), "invalid_arguments", slacktest.RuleBlocks, "/block_id"},
		"one action id twice":  {modal(actions(button("a", "x"), button("a", "y"))), "invalid_arguments", slacktest.RuleBlocks, "/action_id"},
		"unknown block":        {modal(fields{"type": "hologram"}), "invalid_arguments", slacktest.RuleBlocks, "/view/blocks/0/type"},
		"nothing in it":        {modal(), "invalid_arguments", slacktest.RuleBlocks, "must be an array"},
		"markup of somebody's": {modal(fields{"type": "section", "text": fields{"type": "mrkdwn", "text": "<!channel>"}}), "ok", slacktest.RuleMarkup, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, slacktest.Options{RetryClicks: true})
			view := one.view
			if view["submit"] == nil {
				delete(view, "submit")
			}
			a := c.json("views.open", fields{"trigger_id": c.s.Shortcut(c.s.AddUser(slacktest.User{}), "ask").Trigger, "view": view})
			c.refused(a, one.code)
			if !strings.Contains(unquoted(a.body), one.fault) {
				t.Errorf("it says %s", a.body)
			}
			c.broke(one.rule)
		})
	}
}

func TestHome(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam, stranger := c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{Stranger: true})
	if _, ok := c.s.Home(maryam); ok {
		t.Error("there is a home that nobody published")
	}
	c.must(c.json("views.publish", fields{"user_id": maryam, "view": home(section("Welcome"))}))
	v, _ := c.s.Home(maryam)
	if v.Text != "Welcome" {
		t.Errorf("they read %+v", v)
	}
	c.must(c.json("views.publish", fields{"user_id": maryam, "hash": v.Hash, "view": home(repeat(100, func(int) fields { return fields{"type": "divider"} })...)}))
	c.refused(c.json("views.publish", fields{"user_id": maryam, "hash": v.Hash, "view": home(section("x"))}), "hash_conflict")
	c.refused(c.json("views.publish", fields{"user_id": stranger, "view": home(section("x"))}), "invalid_arguments")
	c.broke()
	c.refused(c.json("views.publish", fields{"user_id": maryam, "view": home(repeat(101, func(int) fields { return fields{"type": "divider"} })...)}), "invalid_arguments")
	c.broke(slacktest.RuleBlocks)
	off := newClient(t, slacktest.Options{NoHomeTab: true})
	off.refused(off.json("views.publish", fields{"user_id": off.s.AddUser(slacktest.User{}), "view": home(section("x"))}), "not_enabled")
}

// TestSubmitted sends a form off in the ways in which that can go: it is acknowledged with
// nothing, with another view, and twice; the name of a view is taken while it stands.
func TestSubmitted(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}, RetryClicks: true})
	maryam := c.s.AddUser(slacktest.User{})
	named := with(modal(input("name")), "external_id", "mine")
	c.must(c.json("views.open", fields{"trigger_id": c.s.Shortcut(maryam, "ask").Trigger, "view": named}))
	other := c.s.AddUser(slacktest.User{})
	c.refused(c.json("views.open", fields{"trigger_id": c.s.Shortcut(other, "ask").Trigger, "view": named}), "duplicate_external_id")
	v, _ := c.s.Modal(maryam)
	did := c.s.Submit(v, map[string]string{"name": "A & B"})
	if raw := string(c.s.Payload(did.ID)); !strings.Contains(raw, `"view_submission"`) || !strings.Contains(raw, v.Hash) {
		t.Errorf("the app is told %s", raw)
	}
	c.s.CloseModal(v)
	c.refused(c.json("views.update", fields{"external_id": "mine", "view": named}), "not_found")
	c.must(c.json("views.open", fields{"trigger_id": c.s.Shortcut(other, "ask").Trigger, "view": named}))
	c.broke()
}
