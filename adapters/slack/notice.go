package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	library "github.com/slack-go/slack"

	"ella/adapters/wire"
	"ella/adapters/wording"
	"ella/bot"
	"ella/bot/message"
)

// answer answers a press in a channel with a short text that only who pressed sees, and
// a button with a link. In a private conversation it says nothing: what comes of the press
// is the reply, and a message beside it that is gone tomorrow would only be in the way.
// That a press is forgotten is no failure.
func (s *sender) answer(ctx context.Context, out bot.Outgoing) *bot.SendError {
	p, ok := parsePress(out.Press)
	if !ok || p.channel == "" || isPrivate(p.channel) {
		return nil
	}
	lowered, failed := Lower(notice(out.Notice, out.NoticeLink), s.command)
	if failed != nil || len(lowered.Parts) != 1 {
		return nil // there is nothing to say
	}
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	part := lowered.Parts[0]
	if s.takesAnswers(p.response) {
		// Slack counts it apart, so that it holds nobody up.
		switch o := s.respond(ctx, p.response, response{Text: part.Text, Blocks: part.Blocks, Type: library.ResponseTypeEphemeral}); {
		case o.Answered && o.Status < 300:
			return nil
		case !o.Answered && o.Left():
			return sendError(bot.Unclear, "no-answer")
		}
	}
	_, _, err := s.call(ctx, s.pace.whisper, p.user, false, func(ctx context.Context) {
		_, _ = s.library.PostEphemeralContext(ctx, p.channel, p.user,
			library.MsgOptionText(part.Text, false), library.MsgOptionBlocks(part.Blocks...), library.MsgOptionParse(false), library.MsgOptionLinkNames(false))
	})
	if err != nil && !err.Kind.Passing() && err.Kind != bot.NoAccess {
		return nil
	}
	return err
}

// response is an answer to a press: a message for whoever pressed, or another content of
// the message that was pressed.
type response struct {
	Text    string          `json:"text"`
	Blocks  []library.Block `json:"blocks"`
	Type    string          `json:"response_type,omitempty"`
	Replace bool            `json:"replace_original"`
}

// respond answers at the address that came with a press
// (https://docs.slack.dev/interactivity/handling-user-interaction). It carries no token:
// the library would send things along that have no place there.
func (s *sender) respond(ctx context.Context, address string, r response) *wire.Outcome {
	ctx, o := wire.Observe(ctx)
	body, err := json.Marshal(r)
	if err != nil {
		return o
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return o
	}
	request.Header.Set("Content-Type", "application/json")
	if response, err := s.client.Do(request); err == nil {
		// It was read into the outcome.
		_ = response.Body.Close()
	}
	return o
}

// notice is the words of an answer to a press, with the button that opens its link. The
// button says the same: there are no other words for it.
func notice(text, link string) message.Message {
	text = shortened(strings.TrimSpace(wording.Plain(text)), maxNotice)
	var m message.Message
	if !wording.IsBlank(text) {
		m.Blocks = append(m.Blocks, message.Paragraph{Spans: []message.Span{{Kind: message.Text, Text: text}}})
	}
	address, ok := leadsTo(link, "https")
	if !ok {
		return m
	}
	label := text
	if wording.IsBlank(label) {
		label = strings.TrimPrefix(address, "https://")
	}
	m.Blocks = append(m.Blocks, message.LinkButton{Link: message.Link{Label: label, URL: address}})
	return m
}
