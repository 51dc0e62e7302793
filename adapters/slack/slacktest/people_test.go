package slacktest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// told is what the app is told of something, or nothing.
func (c client) told(did slacktest.Did) fields {
	c.t.Helper()
	if did.ID == "" {
		return nil
	}
	var payload fields
	if err := json.Unmarshal(c.s.Payload(did.ID), &payload); err != nil {
		c.t.Fatal(err)
	}
	if e, ok := payload["event"].(map[string]any); ok {
		return e
	}
	return payload
}

func TestEvents(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	team := c.s.Team()
	maryam, stranger := c.s.AddUser(slacktest.User{Name: "Maryam"}), c.s.AddUser(slacktest.User{Stranger: true})
	in := c.s.AddChannel(slacktest.Channel{Name: "in", Members: []string{maryam, stranger}})
	out := c.s.AddChannel(slacktest.Channel{Name: "out", WithoutApp: true})
	bot := c.s.BotUser(team)
	joined, join := c.s.JoinTeam(slacktest.User{Name: "New"})
	own := c.s.Say(maryam, "hello").Message
	for name, one := range map[string]struct {
		did  slacktest.Did
		want string // part of the event; "" where the app is told nothing
	}{
		"said":             {c.s.Say(maryam, "hi"), `"channel_type":"im"`},
		"wire":             {c.s.SayWire(maryam, "see <https://x.org|x.org>"), `"text":"see <https://x.org|x.org>"`},
		"said in channel":  {c.s.SayIn(in, maryam, "hi"), ""},
		"mention":          {c.s.Mention(in, maryam, "groups"), `"text":"<@` + bot + `> groups"`},
		"mention outside":  {c.s.Mention(out, maryam, "groups"), ""},
		"by a stranger":    {c.s.Mention(in, stranger, "groups"), `"user_team":"T0FAKE`},
		"reply":            {c.s.Reply(maryam, own, "in a thread"), `"thread_ts":"` + own.TS + `"`},
		"file":             {c.s.ShareFile(maryam, "x.jpg", "look"), `"subtype":"file_share"`},
		"edit":             {c.s.Edit(own, "hello, all"), `"subtype":"message_changed"`},
		"delete":           {c.s.DeleteOwn(own), `"subtype":"message_deleted"`},
		"invited":          {c.s.InviteApp(out, maryam), `"inviter":"` + maryam + `"`},
		"removed":          {c.s.RemoveApp(out), `"type":"channel_left"`},
		"joined the team":  {join, `"id":"` + joined + `"`},
		"deactivated":      {c.s.Deactivate(joined), `"deleted":true`},
		"another language": {c.s.SetLocale(maryam, "pl-PL"), `"locale":"pl-PL"`},
		"home":             {c.s.OpenHome(maryam, "home"), `"tab":"home"`},
		"joins a channel":  {c.s.Join(in, maryam), `"type":"member_joined_channel"`},
		"leaves a channel": {c.s.Leave(in, maryam), `"type":"member_left_channel"`},
		"tokens":           {c.s.RevokeTokens(team), `"bot":["` + bot + `"]`},
	} {
		event := c.told(one.did)
		if (event == nil) != (one.want == "") || !strings.Contains(compact(event), one.want) {
			t.Errorf("%s: the app is told %s, want %s", name, compact(event), one.want)
		}
	}
	if all := c.s.Said(c.s.DM(maryam)); len(all) != 5 || all[0].Text != "hello, all" || all[0].Deleted.IsZero() {
		t.Errorf("they said %+v", all)
	}
	uninstalled, revoked := c.s.Uninstall(team, true)
	if c.told(uninstalled)["type"] != "app_uninstalled" || c.told(revoked)["type"] != "tokens_revoked" || revoked.ID > uninstalled.ID {
		t.Errorf("the order is %s, %s", revoked.ID, uninstalled.ID)
	}
	echoing := newClient(t, slacktest.Options{Echoes: true})
	echoing.must(echoing.post(echoing.s.AddUser(slacktest.User{}), "hello"))
	if all := echoing.s.Pending(); len(all) != 1 || !strings.Contains(string(echoing.s.Payload(all[0])), `"bot_id"`) {
		t.Errorf("of its own message the app is told %v", all)
	}
}

func TestPresses(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{Name: "Maryam"})
	in := c.s.AddChannel(slacktest.Channel{Name: "in", Members: []string{maryam}})
	c.must(c.post(in, "Choose", "blocks", compact([]any{section("Choose"), actions(with(button("u", "Open"), "url", "https://x.org"), button("a", "Yes"))})))
	p := compact(c.told(c.s.Press(maryam, c.s.Shown(in)[0], 0)))
	for _, want := range []string{`"type":"block_actions"`, `"value":"v:a"`, `"channel":{"id":"` + in, `"trigger_id":"`, `"response_url":"`, `"message_ts":"` + c.s.Shown(in)[0].TS} {
		if !strings.Contains(p, want) {
			t.Errorf("%s is not in %s", want, p)
		}
	}
	c.must(c.json("views.publish", fields{"user_id": maryam, "view": home(section("x"), actions(button("h", "More")), actions(fields{
		"type": "static_select", "action_id": "lang", "options": []any{fields{"text": plain("polski"), "value": "pl"}},
	}))}))
	v, _ := c.s.Home(maryam)
	if p := compact(c.told(c.s.PressIn(v, 0))); !strings.Contains(p, `"view_id":"`+v.ID) || !strings.Contains(p, `"value":"v:h"`) {
		t.Errorf("a press in the home is %s", p)
	}
	if p := compact(c.told(c.s.Choose(v, "lang", "pl"))); !strings.Contains(p, `"selected_option":{`) || !strings.Contains(p, `"value":"pl"`) {
		t.Errorf("a choice in the home is %s", p)
	}
	if p := compact(c.told(c.s.MessageShortcut(maryam, c.s.Shown(in)[0], "share"))); !strings.Contains(p, `"message_action"`) {
		t.Errorf("a shortcut on a message is %s", p)
	}
	c.broke()
}

func TestSubmissions(t *testing.T) {
	c := newClient(t, slacktest.Options{RetryClicks: true})
	maryam := c.s.AddUser(slacktest.User{})
	p := c.connect()
	open := func() slacktest.View {
		did := c.s.Shortcut(maryam, "ask")
		c.must(c.json("views.open", fields{"trigger_id": did.Trigger, "view": modal(input("name"), with(input("place"), "block_id", "b-place"))}))
		p.ack(p.next())
		v, _ := c.s.Modal(maryam)
		return v
	}
	submit := func(answer string) slacktest.Did {
		v, _ := c.s.Modal(maryam)
		did := c.s.Submit(v, map[string]string{"name": "<!channel>"})
		e := p.next()
		p.say(`{"envelope_id":"` + e.ID + `","payload":` + answer + `}`)
		c.settled(did.ID)
		return did
	}
	open()
	did := submit(`{"response_action":"errors","errors":{"b-name":"Too loud"}}`)
	if v, ok := c.s.Modal(maryam); !ok || v.Errors["b-name"] != "Too loud" {
		t.Errorf("after an error there stands %+v", v)
	}
	if told := compact(c.told(did)); !strings.Contains(told, `"b-name":{"name":{"type":"plain_text_input","value":"<!channel>"}}`) {
		t.Errorf("the app is told %s", told)
	}
	submit(`{"response_action":"update","view":` + compact(modal(input("more"))) + `}`)
	if v, _ := c.s.Modal(maryam); len(v.Inputs) != 1 || v.Inputs[0].ActionID != "more" || v.Errors != nil {
		t.Errorf("after an update there stands %+v", v)
	}
	c.s.CloseModal(open())
	c.broke()
	open()
	submit(`{"response_action":"push","view":` + compact(modal(section("above"))) + `}`)
	if v, _ := c.s.Modal(maryam); v.Text != "above" {
		t.Errorf("after a push there stands %+v", v)
	}
	v, _ := c.s.Modal(maryam)
	c.s.CloseModal(v)
	submit(`{"response_action":"clear"}`)
	if _, ok := c.s.Modal(maryam); ok {
		t.Error("cleared, a modal stands there")
	}
	open()
	submit(`{}`)
	if _, ok := c.s.Modal(maryam); ok {
		t.Error("sent off, the modal stands there")
	}
	c.broke()
	open()
	submit(`{"response_action":"shout"}`)
	submit(`{"response_action":"errors","errors":{"nowhere":"x"}}`)
	c.broke(slacktest.RuleView, slacktest.RuleView)
}

func TestResponseURL(t *testing.T) {
	now := newClock()
	c := newClient(t, slacktest.Options{Now: now.Now, Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{})
	outside := c.s.AddChannel(slacktest.Channel{Name: "outside", WithoutApp: true})
	c.s.UseRequestURLs(t.Context(), slacktest.RequestURLs{})
	respond := func(to string, body fields) answer {
		return c.do(c.request(to, "application/json", compact(body)))
	}
	to := c.s.Command(maryam, outside, "/ella", "groups").ResponseURL
	if a := respond(to, fields{"text": "for you"}); a.status != 200 || a.body != "ok" {
		t.Fatalf("it is answered %d %s", a.status, a.body)
	}
	if all := c.s.Ephemerals(maryam); len(all) != 1 || all[0].Text != "for you" || all[0].Channel != outside {
		t.Errorf("they were shown %+v", all)
	}
	c.refused(respond(to, fields{"text": "x", "blocks": []any{fields{"type": "hologram"}}}), "invalid_blocks")
	respond(to, fields{"text": "for all", "response_type": "in_channel"})
	if all := c.s.Shown(outside); len(all) != 1 || all[0].Text != "for all" {
		t.Errorf("there stand %+v", all)
	}
	c.broke(slacktest.RuleBlocks)
	for range 2 {
		respond(to, fields{"text": "again"})
	}
	if a := respond(to, fields{"text": "the sixth"}); a.status != 404 || a.failed() != "used_url" {
		t.Errorf("the sixth is %d %s", a.status, a.body)
	}
	late := c.s.Command(maryam, outside, "/ella", "groups").ResponseURL
	now.Add(30*time.Minute + time.Second)
	if a := respond(late, fields{"text": "late"}); a.status != 404 || a.failed() != "expired_url" {
		t.Errorf("after half an hour it is %d %s", a.status, a.body)
	}
	c.broke(slacktest.RuleBlocks, slacktest.RuleReply, slacktest.RuleReply)

	sent := c.must(c.post(maryam, "Choose", "blocks", compact([]any{actions(button("a", "Yes"))})))
	press := c.s.Press(maryam, c.s.Shown(sent.str("channel"))[0], 0)
	respond(press.ResponseURL, fields{"text": "Thanks", "replace_original": true})
	if all := c.s.Shown(sent.str("channel")); len(all) != 1 || all[0].Text != "Thanks" || len(all[0].Buttons) != 0 {
		t.Errorf("there stand %+v", all)
	}
	respond(press.ResponseURL, fields{"delete_original": true})
	if all := c.s.Shown(sent.str("channel")); len(all) != 0 {
		t.Errorf("there stand %+v", all)
	}
	c.refused(c.do(c.request(press.ResponseURL, "text/plain", "x")), "invalid_post_type")
	c.s.Next(slacktest.Responding, slacktest.ServerError(500))
	if a := respond(press.ResponseURL, fields{"text": "x"}); a.status != 500 {
		t.Errorf("it is %d", a.status)
	}
}
