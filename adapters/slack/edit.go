package slack

import (
	"context"

	library "github.com/slack-go/slack"

	"ella/bot"
)

// edit changes a message in place, part by part, and keeps its Ref. Where that can't
// be done it sends a new one and takes the old one away, so that nobody presses
// buttons that are over.
func (s *sender) edit(ctx context.Context, d delivery, out bot.Outgoing, parts []Part) (bot.Ref, *bot.SendError) {
	old, known := parseRef(out.Edit)
	if known && editable(old, parts) {
		err := s.editAll(ctx, d, old, parts)
		switch {
		case err == nil:
			return out.Edit, nil
		case !isOneOf(err, noEdits):
			return "", err
		}
	}
	all, err := s.sendAll(ctx, d, out, parts)
	if err != nil {
		return "", err
	}
	if known {
		s.takeOld(ctx, old)
	}
	return all.ref(), nil
}

// editable reports whether all parts could be changed in place: they are as many, and
// none is a file.
func editable(old standing, parts []Part) bool {
	if len(old.names) != len(parts) {
		return false
	}
	for i, p := range parts {
		if p.Kind == FilePart || isFile(old.names[i]) {
			return false
		}
	}
	return true
}

// editAll changes each part. Changing something twice does no harm, so a failure is
// the failure of the whole: sent again, it begins again. Of several edits of one message
// that wait, only the last is made, and all others are as good as done.
func (s *sender) editAll(ctx context.Context, d delivery, old standing, parts []Part) *bot.SendError {
	turn := s.turns.next(string(old.ref()))
	defer turn.end()
	for i, p := range parts {
		late := false
		_, err := s.withPictures(ctx, p, func(blocks []library.Block) (answer, *bot.SendError) {
			p.Blocks = blocks
			a, made, err := s.change(ctx, d, turn, old, i, p)
			late = !made && err == nil
			return a, err
		})
		if err != nil || late {
			return err
		}
	}
	return nil
}

// change changes one of Slack's messages. It reports false when that was left to a newer
// edit of the same. Slack takes 50 updates a minute, whoever they are for; where one would
// have to wait for that, and the message was pressed not long ago, it goes as an answer to
// the press. Changing it twice does no harm, so whatever fails there goes the usual way.
func (s *sender) change(ctx context.Context, d delivery, turn turn, old standing, i int, p Part) (answer, bool, *bot.SendError) {
	about := string(old.ref())
	if s.pace.update.busy(d.bulk) {
		if address, ok := s.addresses.take(old.channel + ":" + old.names[i]); ok {
			s.pace.update.Forgo(about)
			replaced := false
			newest := turn.do(i, func() {
				o := s.respond(ctx, address, response{Text: p.Text, Blocks: p.Blocks, Replace: true})
				replaced = o.Answered && o.Status < 300
			})
			if !newest || replaced {
				return answer{}, newest, nil
			}
		}
	}
	newest := true
	a, made, err := s.call(ctx, s.pace.update, about, d.bulk, func(ctx context.Context) {
		newest = turn.do(i, func() {
			// Without parse Slack would make links and names of whatever looks like one
			// (https://docs.slack.dev/reference/methods/chat.update).
			_, _, _, _ = s.library.UpdateMessageContext(ctx, old.channel, old.names[i],
				library.MsgOptionText(p.Text, false), library.MsgOptionBlocks(p.Blocks...), library.MsgOptionParse(false), library.MsgOptionLinkNames(false))
		})
	})
	if !newest {
		return answer{}, false, nil
	}
	return a, made, err
}
