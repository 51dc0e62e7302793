package slack

import (
	"context"
	"net/url"
	"strconv"

	library "github.com/slack-go/slack"

	"ella/bot"
)

// Send lowers and sends one message. A press in a channel is answered before anything
// else; in a private conversation it needs no answer. Messages that are to go away go
// before the new one comes. Slack makes no message silent, and protects none.
//
// A message may become several of Slack's. If a later one of them fails for now (not
// sent, throttled), the error says so, and the same message sent again goes on where it
// stopped, as long as this process lives. If the address itself turned out to be off, the
// error says that. After any other failure a part of it stands there and the rest never
// will: that is Unclear.
func (s *sender) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	empty := len(out.Message.Blocks) == 0
	if out.Press != "" {
		err := s.answer(ctx, out)
		if empty && len(out.TakeBack) == 0 {
			return "", err.OrNil()
		}
	}
	if !isID(out.Chat) {
		return "", sendError(bot.Gone, "no-chat")
	}
	if len(out.TakeBack) > 0 {
		if err := s.takeBack(ctx, out.TakeBack); err != nil && (empty || err.Kind.Hopeless() || err.Kind.Passing()) {
			return "", err
		}
		if empty {
			return "", nil
		}
	}
	lowered, err := Lower(out.Message, s.command)
	if err != nil {
		return "", err
	}
	d := delivery{chat: out.Chat, bulk: out.Bulk, preview: lowered.Preview}
	if failed := s.prepare(ctx, d, lowered.Parts); failed != nil {
		return "", failed
	}
	if out.Edit != "" {
		ref, err := s.edit(ctx, d, out, lowered.Parts)
		return ref, err.OrNil()
	}
	all, failed := s.sendAll(ctx, d, out, lowered.Parts)
	if failed != nil {
		return "", failed
	}
	return all.ref(), nil
}

// sendAll sends the parts of a message, one after the other.
func (s *sender) sendAll(ctx context.Context, d delivery, out bot.Outgoing, parts []Part) (standing, *bot.SendError) {
	var all standing
	if len(parts) > 1 {
		all = s.halves.Take(out.Chat, out.Message)
	}
	for _, p := range parts[len(all.names):] {
		// A file goes into a channel, and by a person's id Slack finds none for it: the
		// message before it has said which.
		channel, name, err := s.sendPart(ctx, d, all.channel, p)
		if err != nil {
			return standing{}, s.halfway(out, all, err)
		}
		all.channel, all.names = channel, append(all.names, name)
	}
	return all, nil
}

// sendPart sends one of Slack's messages, and says where it stands and how it is called.
func (s *sender) sendPart(ctx context.Context, d delivery, channel string, p Part) (at, name string, err *bot.SendError) {
	if p.Kind == FilePart {
		if channel == "" {
			channel = d.chat
		}
		return channel, p.File, s.share(ctx, d, channel, p)
	}
	a, err := s.withPictures(ctx, p, func(blocks []library.Block) (answer, *bot.SendError) {
		options := []library.MsgOption{
			library.MsgOptionText(p.Text, false), library.MsgOptionBlocks(blocks...), library.MsgOptionParse(false), library.MsgOptionDisableMarkdown(),
		}
		options = append(options, s.unfurling(d.preview))
		a, _, err := s.call(ctx, s.pace.post, d.chat, d.bulk, func(ctx context.Context) {
			_, _, _ = s.library.PostMessageContext(ctx, d.chat, options...)
		})
		return a, err
	})
	if err != nil {
		return "", "", err
	}
	if a.channel == "" && d.chat[0] == 'D' {
		a.channel = d.chat
	}
	if !isID(a.channel) || !stamp(a.ts).isSound() {
		// It may be of a message that stands there; there is no way to ask.
		return "", "", sendError(bot.Unclear, "odd-result")
	}
	return a.channel, a.ts, nil
}

// unfurling says whether Slack may ask a link's server what it leads to: by itself it
// does for some links and not for others. The library can't say yes to all.
func (s *sender) unfurling(on bool) library.MsgOption {
	return library.UnsafeMsgOptionEndpoint(s.base+"/chat.postMessage", func(values url.Values) {
		values.Set("unfurl_links", strconv.FormatBool(on))
		values.Set("unfurl_media", strconv.FormatBool(on))
	})
}

// halfway is what the failure of one part means for the whole message.
func (s *sender) halfway(out bot.Outgoing, all standing, err *bot.SendError) *bot.SendError {
	switch {
	case len(all.names) == 0, err.Kind.Hopeless():
		return err
	case err.Kind.Passing():
		s.halves.Keep(out.Chat, out.Message, all)
		return err
	}
	s.log.Warn("slack: a message stands in a chat in part", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
	return sendError(bot.Unclear, codePartial)
}
