package slacktest

import (
	"encoding/json"
	"slices"
)

// content is what a request wants to be shown, checked and read.
type content struct {
	written, fallback string
	blocks            json.RawMessage // with block ids, as Slack keeps them
	read              reading
}

// content checks the text and the blocks of a call; s.mu is held.
func (s *Server) content(c *call) (*content, *apiError) {
	n := &content{written: c.args["text"]}
	switch raw, given := c.args["blocks"]; {
	case given && raw != "" && raw != "[]":
		blocks, e := s.checkBlocks(c, raw, "message")
		if e != nil {
			return nil, e
		}
		n.blocks, n.read = blocks.raw, blocks.read
	case n.written == "" && !c.has("attachments") && !c.has("markdown_text"):
		s.breach(c, RuleText, "neither text nor blocks")
		return nil, refusal("no_text")
	}
	if n.written == "" {
		s.breach(c, RuleText, "no text beside the blocks: nothing to read aloud")
	}
	if mrkdwn, given := c.flag("mrkdwn"); given && !mrkdwn {
		n.fallback = unescape(n.written)
	} else {
		n.fallback = render(n.written)
	}
	s.checkMarkup(c, "text", n.written)
	for _, legacy := range []string{"attachments", "markdown_text", "as_user", "username", "icon_url", "icon_emoji"} {
		if c.has(legacy) {
			s.breach(c, RuleArgument, "%s has no place in what Ella sends", legacy)
		}
	}
	return n, nil
}

// shown is a message as a person reads it.
func (n *content) shown(m *Message) *Message {
	m.Written, m.Fallback, m.Blocks, m.Text, m.Buttons = n.written, n.fallback, n.blocks, n.fallback, nil
	if n.blocks != nil {
		m.Text, m.Buttons = n.read.text(), n.read.buttons
	}
	return m
}

func (s *Server) postMessage(c *call) (obj, *apiError) {
	ch, e := s.writable(c, c.args["channel"])
	if e != nil {
		return nil, e
	}
	n, e := s.content(c)
	if e != nil {
		return nil, e
	}
	if runes := len([]rune(n.written)); runes > s.table.Limits["post.text"].Max {
		s.breach(c, RuleLong, "a text of %d characters is cut off", runes)
		n.written = string([]rune(n.written)[:s.table.Limits["post.text"].Max])
		n.fallback = render(n.written)
	}
	links, linksGiven := c.flag("unfurl_links")
	media, mediaGiven := c.flag("unfurl_media")
	if !linksGiven || !links && (media || !mediaGiven) {
		// A preview may be asked for, but not be left to Slack, which shows media
		// unless told otherwise [doc].
		s.breach(c, RuleUnfurl, "unfurl_links and unfurl_media are not both off, and no preview is asked for")
	}
	if parse := c.args["parse"]; parse != "" && parse != "none" {
		s.breach(c, RuleUnfurl, "parse is %q", parse)
	}
	if link, _ := c.flag("link_names"); link {
		s.breach(c, RuleMarkup, "link_names makes mentions of what people typed")
	}
	m := n.shown(&Message{User: c.team.botUser, ThreadTS: c.args["thread_ts"], unfurl: links || media})
	if m.ThreadTS != "" && ch.messages[m.ThreadTS] == nil {
		// Slack posts into the void; a careful app only answers what is there.
		return nil, refusal("cannot_reply_to_message")
	}
	s.add(ch, m)
	s.shareFiles(n, m)
	s.accept(c, m)
	s.echo(ch, m)
	return obj{"channel": ch.id, "ts": m.TS, "message": s.wireMessage(c.team, m)}, nil
}

// echo tells the app of its own message, as Slack does where it hears messages at all.
func (s *Server) echo(ch *channel, m *Message) {
	if !s.options.Echoes {
		return
	}
	e := s.wireMessage(s.teams[ch.Team], m)
	e["channel"], e["channel_type"] = ch.id, ch.kind()
	s.event(s.teams[ch.Team], e, s.hears(ch))
}

func (s *Server) postEphemeral(c *call) (obj, *apiError) {
	ch, e := s.writable(c, c.args["channel"])
	if e != nil {
		return nil, e
	}
	if user := c.args["user"]; !ch.byMember[user] || s.users[user].Deleted {
		return nil, refusal("user_not_in_channel")
	}
	n, e := s.content(c)
	if e != nil {
		return nil, e
	}
	m := n.shown(&Message{
		User: c.team.botUser, Team: ch.Team, Channel: ch.id, TS: s.ts(), ThreadTS: c.args["thread_ts"], Date: s.now(), Ephemeral: true, ForUser: c.args["user"],
	})
	s.ephemerals[m.ForUser] = append(s.ephemerals[m.ForUser], *m)
	s.accept(c, m)
	return obj{"message_ts": m.TS}, nil
}

// shareFiles gives a message the files that its blocks show.
func (s *Server) shareFiles(n *content, m *Message) {
	m.Files = nil
	for _, id := range n.read.files {
		if f := s.files[id]; f != nil && !slices.ContainsFunc(m.Files, func(one File) bool { return one.ID == id }) {
			m.Files = append(m.Files, f.file)
		}
	}
}

func (s *Server) addReaction(c *call) (obj, *apiError) {
	ch, e := s.writable(c, c.args["channel"])
	if e != nil {
		return nil, e
	}
	m := ch.messages[c.args["timestamp"]]
	switch {
	case m == nil || !m.Deleted.IsZero():
		return nil, refusal("message_not_found")
	case slices.Contains(m.Reactions, c.args["name"]):
		return nil, refusal("already_reacted")
	}
	m.Reactions = append(slices.Clone(m.Reactions), c.args["name"])
	return obj{}, nil
}
