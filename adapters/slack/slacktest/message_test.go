package slacktest_test

import (
	"strings"
	"testing"

	"ella/adapters/slack/slacktest"
)

func TestMessages(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{})
	first := c.must(c.post(maryam, "one &lt;b&gt; *two*"))
	dm, ts := first.str("channel"), first.str("ts")
	second := c.must(c.post(dm, "again"))
	if second.str("ts") == ts {
		t.Error("two messages have one name")
	}
	shown := c.s.Shown(dm)
	if len(shown) != 2 || shown[0].Text != "one <b> two" || shown[0].Written != "one &lt;b&gt; *two*" {
		t.Fatalf("there stand %+v", shown)
	}
	blocks := compact([]any{section("three"), actions(button("a", "Yes"), button("b", "No"))})
	c.must(c.form("chat.update", "channel", dm, "ts", ts, "text", "three", "parse", "none", "blocks", blocks))
	shown = c.s.Shown(dm)
	if shown[0].Text != "three" || len(shown[0].Presses()) != 2 || shown[0].Buttons[1].Value != "v:b" || shown[0].Edited.IsZero() {
		t.Errorf("after the update there stands %+v", shown[0])
	}
	c.must(c.form("chat.delete", "channel", dm, "ts", ts))
	if shown = c.s.Shown(dm); len(shown) != 1 || shown[0].Text != "again" {
		t.Errorf("after deleting there stand %+v", shown)
	}
	c.refused(c.form("chat.delete", "channel", dm, "ts", ts), "message_not_found")
	c.refused(c.form("chat.update", "channel", dm, "ts", ts, "text", "x", "parse", "none"), "message_not_found")
	c.must(c.form("reactions.add", "channel", dm, "timestamp", second.str("ts"), "name", "wave"))
	c.refused(c.form("reactions.add", "channel", dm, "timestamp", second.str("ts"), "name", "wave"), "already_reacted")
	c.refused(c.post(dm, "x", "thread_ts", "1.1"), "cannot_reply_to_message")
	c.must(c.post(dm, "x", "thread_ts", second.str("ts"), "unfurl_links", "true"))
	if shown = c.s.Shown(dm); shown[0].Unfurls() || !shown[1].Unfurls() {
		t.Error("previews show where none was asked for, or not where one was")
	}
	if n := len(c.s.Accepted()); n != 4 {
		t.Errorf("the transcript has %d lines", n)
	}
	c.broke()
}

func TestWhereMessagesGo(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam, stranger := c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{Stranger: true})
	in := c.s.AddChannel(slacktest.Channel{Name: "in", Members: []string{maryam}})
	out := c.s.AddChannel(slacktest.Channel{Name: "out", WithoutApp: true})
	hidden := c.s.AddChannel(slacktest.Channel{Name: "hidden", WithoutApp: true, Private: true})
	old := c.s.AddChannel(slacktest.Channel{Name: "old", Archived: true})
	for to, want := range map[string]string{
		in: "ok", out: "not_in_channel", hidden: "channel_not_found", old: "is_archived", "C0NONE": "channel_not_found", stranger: "channel_not_found",
	} {
		c.refused(c.post(to, "hello"), want)
	}
	c.s.InviteApp(out, maryam)
	c.refused(c.post(out, "hello"), "ok")
	c.s.RemoveApp(out)
	c.refused(c.post(out, "hello"), "not_in_channel")

	dm := c.s.DM(maryam)
	c.s.Deactivate(maryam)
	c.refused(c.post(dm, "hello"), "is_archived")
	c.refused(c.post(maryam, "hello"), "channel_not_found")
	c.s.Reactivate(maryam)
	c.refused(c.post(maryam, "hello"), "ok")
	c.broke()

	lenient := newClient(t, slacktest.Options{AcceptForDeactivated: true, NoMessagesTab: true})
	gone := lenient.s.AddUser(slacktest.User{})
	lenient.refused(lenient.post(gone, "hello"), "messages_tab_disabled")
	lenient = newClient(t, slacktest.Options{AcceptForDeactivated: true})
	gone = lenient.s.AddUser(slacktest.User{})
	lenient.s.Deactivate(gone)
	lenient.refused(lenient.post(gone, "hello"), "ok")
}

func TestEphemeral(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam, other := c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{})
	in := c.s.AddChannel(slacktest.Channel{Name: "in", Members: []string{maryam}})
	ts := c.must(c.form("chat.postEphemeral", "channel", in, "user", maryam, "text", "for you")).str("message_ts")
	c.refused(c.form("chat.postEphemeral", "channel", in, "user", other, "text", "for you"), "user_not_in_channel")
	if all := c.s.Ephemerals(maryam); len(all) != 1 || all[0].Text != "for you" || all[0].ForUser != maryam {
		t.Errorf("they were shown %+v", all)
	}
	if len(c.s.Shown(in)) != 0 {
		t.Error("all see it")
	}
	c.refused(c.form("chat.update", "channel", in, "ts", ts, "text", "x", "parse", "none"), "message_not_found")
	c.broke()
}

func TestForeignMessages(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	m := c.s.Say(maryam, "mine").Message
	c.refused(c.form("chat.update", "channel", m.Channel, "ts", m.TS, "text", "x", "parse", "none"), "cant_update_message")
	c.refused(c.form("chat.delete", "channel", m.Channel, "ts", m.TS), "cant_delete_message")
	c.refused(c.form("chat.delete", "channel", maryam, "ts", m.TS), "channel_not_found")
	c.broke(slacktest.RuleForeign, slacktest.RuleForeign, slacktest.RuleArgument)
}

// TestCareless posts what Slack takes and a careful app never sends.
func TestCareless(t *testing.T) {
	for name, one := range map[string]struct {
		method string
		args   []string
		rule   slacktest.Rule
		code   string
	}{
		"no text beside blocks":  {"chat.postMessage", []string{"blocks", compact([]any{section("x")}), "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleText, "ok"},
		"nothing at all":         {"chat.postMessage", []string{"text", "", "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleText, "no_text"},
		"previews left to Slack": {"chat.postMessage", []string{"text", "x"}, slacktest.RuleUnfurl, "ok"},
		"previews of media":      {"chat.postMessage", []string{"text", "x", "unfurl_links", "false"}, slacktest.RuleUnfurl, "ok"},
		"a post that parses":     {"chat.postMessage", []string{"text", "x", "parse", "full", "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleUnfurl, "ok"},
		"link_names":             {"chat.postMessage", []string{"text", "x", "link_names", "true", "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleMarkup, "ok"},
		"a name of its own":      {"chat.postMessage", []string{"text", "x", "username", "X", "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleArgument, "ok"},
		"too long to stand":      {"chat.postMessage", []string{"text", strings.Repeat("ы", 40_001), "unfurl_links", "false", "unfurl_media", "false"}, slacktest.RuleLong, "ok"},
		"an update that parses":  {"chat.update", []string{"text", "x"}, slacktest.RuleUnfurl, "ok"},
		"an update too long":     {"chat.update", []string{"text", strings.Repeat("ы", 4001), "parse", "none"}, slacktest.RuleLong, "msg_too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, slacktest.Options{})
			sent := c.must(c.post(c.s.AddUser(slacktest.User{}), "first"))
			args := append([]string{"channel", sent.str("channel")}, one.args...)
			if one.method == "chat.update" {
				args = append(args, "ts", sent.str("ts"))
			}
			c.refused(c.form(one.method, args...), one.code)
			c.broke(one.rule)
		})
	}
	t.Run("4,000 are not too long", func(t *testing.T) {
		c := newClient(t, slacktest.Options{})
		sent := c.must(c.post(c.s.AddUser(slacktest.User{}), "first"))
		c.must(c.form("chat.update", "channel", sent.str("channel"), "ts", sent.str("ts"), "parse", "none", "text", strings.Repeat("ы", 4000)))
		c.broke()
	})
	t.Run("a text behind old blocks", func(t *testing.T) {
		c := newClient(t, slacktest.Options{})
		sent := c.must(c.post(c.s.AddUser(slacktest.User{}), "old", "blocks", compact([]any{section("old")})))
		c.must(c.form("chat.update", "channel", sent.str("channel"), "ts", sent.str("ts"), "parse", "none", "text", "new"))
		if got := c.s.Shown(sent.str("channel"))[0].Text; got != "old" {
			t.Errorf("there stands %q", got)
		}
		c.broke(slacktest.RuleText)
	})
}

// TestMarkup sends what people typed, and what a careful app never writes.
func TestMarkup(t *testing.T) {
	for typed, breaks := range map[string]bool{
		"<!channel>": true, "hey <!here|here>": true, "<@U12345>": true, "<!subteam^S123>": true, "<https://evil.example|https://good.example>": true,
		"a < b": true, "AT&T": true, "&lt;!channel&gt;": false, "plain *words*": false, "<https://example.org|our page>": true,
	} {
		t.Run(typed, func(t *testing.T) {
			c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
			maryam := c.s.AddUser(slacktest.User{})
			c.s.Say(maryam, typed)
			mrkdwn := compact([]any{fields{"type": "section", "text": fields{"type": "mrkdwn", "text": typed}}})
			c.must(c.post(maryam, typed))
			c.must(c.post(maryam, "x", "blocks", mrkdwn))
			want := []slacktest.Rule{slacktest.RuleMarkup, slacktest.RuleMarkup}
			if !breaks {
				want = nil
			}
			c.broke(want...)
		})
	}
	t.Run("where it can't hurt", func(t *testing.T) {
		c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
		maryam := c.s.AddUser(slacktest.User{})
		const typed = "<!channel> & <https://evil.example|https://good.example>"
		c.s.Say(maryam, typed)
		rich := fields{"type": "rich_text", "elements": []any{fields{"type": "rich_text_section", "elements": []any{fields{"type": "text", "text": typed}}}}}
		c.must(c.post(maryam, "&lt;!channel&gt; &amp; …", "blocks", compact([]any{section(typed), rich, actions(button("a", typed))})))
		shown := c.s.Shown(c.s.DM(maryam))[0]
		if shown.Text != typed+"\n"+typed || shown.Buttons[0].Text != typed || shown.Fallback != "<!channel> & …" {
			t.Errorf("they read %+v", shown)
		}
		c.broke()
	})
	t.Run("links and dates of the app's own", func(t *testing.T) {
		c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
		maryam := c.s.AddUser(slacktest.User{})
		c.must(c.post(maryam, "<https://example.org|our page> <!date^1392734382^{date}|18 February 2014, London>"))
		if got := c.s.Shown(c.s.DM(maryam))[0].Text; got != "our page 18 February 2014, London" {
			t.Errorf("they read %q", got)
		}
		c.broke()
		c.must(c.post(maryam, "<https://evil.example|good.example>"))
		link := fields{"type": "link", "url": "https://evil.example", "text": "https://good.example"}
		call := fields{"type": "broadcast", "range": "here"}
		c.must(c.post(maryam, "x", "blocks", compact([]any{fields{"type": "rich_text", "elements": []any{fields{"type": "rich_text_section", "elements": []any{link, call}}}}})))
		c.broke(slacktest.RuleMarkup, slacktest.RuleMarkup, slacktest.RuleMarkup)
	})
}
