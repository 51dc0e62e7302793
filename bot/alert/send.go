package alert

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// preview shows every variant as its readers will see it, then how many there
// are, and only then the button that sends.
func (r *Room) preview(ctx context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	if a.Variants[0].Locale == "" {
		var out bot.Outcome
		return out, r.askWritten(&out, t, a)
	}
	if newPicker(a.Audience, r.Places).never {
		out, err := r.say(t, "alert.nobody")
		if err != nil {
			return out, err
		}
		card, err := r.card(t, a)
		out.Add(card)
		return out, err
	}
	organisation, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, v := range a.Variants {
		endonym, _ := r.endonym(v.Locale)
		shown, _, err := r.compose(a, organisation, bot.Reader{Locale: v.Locale}, false)
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Say(p.Message(p.Paragraph("alert.preview-of", language.Words("Language", endonym))))
		out.Say(inert(shown))
	}
	if fits, err := r.previewChats(&out, p, a, organisation); err != nil || !fits {
		return out, err
	}
	if a.Audience.unnumbered() {
		confirm, err := r.confirmList(p, a)
		out.Say(confirm)
		return out, err
	}
	c, err := r.count(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	confirm, err := r.confirm(p, a, c)
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Say(confirm)
	r.keep(&out, a, c, t.Now)
	return out, nil
}

// inert is a message as its readers see it, but with buttons that only show: a
// preview must not count the organiser's own answer.
func inert(m message.Message) message.Message {
	shown := m
	shown.Blocks = nil
	for _, b := range m.Blocks {
		choices, ok := b.(message.Choices)
		if !ok {
			shown.Blocks = append(shown.Blocks, b)
			continue
		}
		var labels []string
		for _, row := range choices.Rows {
			for _, a := range row {
				labels = append(labels, "["+a.Label+"]")
			}
		}
		shown.Blocks = append(shown.Blocks, message.Say(strings.Join(labels, " ")))
	}
	return shown
}

// send submits exactly what was previewed.
func (r *Room) send(ctx context.Context, t bot.Turn, a Alert, arg string) (bot.Outcome, error) {
	version, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	if version != a.Version || a.Variants[0].Locale == "" {
		out, err := r.say(t, "alert.changed-meanwhile")
		if err != nil {
			return out, err
		}
		again, err := r.preview(ctx, t, a, "")
		out.Add(again)
		return out, err
	}
	call, called, err := r.callOf(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	if called && !call.open(a.Organisation) {
		return r.notOpen(t, a)
	}
	a.Expires = t.Now.Add(life)   // from now, not from when the writing began
	a.Author = t.Person.Member.ID // whoever sends it is told how far it is
	if a.Hash, err = a.Sum(); err != nil {
		return bot.Outcome{}, err
	}
	submitted := a
	submitted.State = Freezing
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Submit(ctx, tx, a, t.Now) })
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobFreeze, ID: string(a.ID)})
	})
	if a.Action != "" && !called {
		made := bot.CallMade{Action: a.Action, Organisation: a.Organisation, Alert: a.ID, Original: a.Variants[0].Locale, Titles: map[string]string{}}
		for _, v := range a.Variants {
			made.Titles[v.Locale] = title(v.Text)
		}
		out.Events = append(out.Events, made)
	}
	card, err := r.cardFor(p, submitted, Tally{})
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Replies = append(out.Replies, card)
	out.Notice = p.Text("alert.on-its-way")
	out.Done = t.Step != nil && t.Step.Room == r.Name()
	return out, nil
}

// title is the first line of a text, cut between words.
func title(text string) string {
	const most = 60
	line, _, _ := strings.Cut(text, "\n")
	words := []rune(line)
	if len(words) <= most {
		return line
	}
	cut := string(words[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, func(c rune) bool { return unicode.IsPunct(c) || unicode.IsSpace(c) }) + "…"
}

// Sum binds what is sent: text, variants and audience. It is kept as Hash when
// the alert is submitted.
func (a Alert) Sum() ([]byte, error) {
	rule, err := json.Marshal(a.Audience)
	if err != nil {
		return nil, fmt.Errorf("write audience: %w", err)
	}
	h := sha256.New()
	write := func(parts ...string) {
		for _, s := range parts {
			fmt.Fprintf(h, "%d:%s", len(s), s)
		}
	}
	write(string(a.ID), string(a.Organisation), string(a.Action), string(rule), a.Expires.UTC().Format(timeLayout))
	if a.InChats {
		write("in chats")
	}
	for _, v := range a.Variants {
		write(v.Locale, v.Text)
	}
	return h.Sum(nil), nil
}

// cancel stops what has not been sent yet.
func (r *Room) cancel(ctx context.Context, t bot.Turn, a Alert) (bot.Outcome, error) {
	if a.State != Freezing && a.State != Sending {
		return r.alreadySent(ctx, t, a)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Notice = p.Text("notice.saved")
	out.Say(p.Message(p.Paragraph("alert.cancelled")))
	return out, r.stop(ctx, &out, t, a)
}

// stop ends the sending of one alert. With the alert that it began with an action
// ends; another organisation's, or a later one, only stops.
func (r *Room) stop(ctx context.Context, out *bot.Outcome, t bot.Turn, a Alert) error {
	call, called, err := r.callOf(ctx, a)
	if err != nil {
		return err
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Cancel(ctx, tx, a.ID, t.Now) })
	if called && call.Alert == a.ID {
		out.Events = append(out.Events, bot.CallEnded{Action: a.Action})
	}
	if a.InChats && a.Action != "" {
		r.refresh(out, a.Action, t.Now)
	}
	return nil
}

// cutOff stops what a suspended organiser is sending, and tells whoever suspended
// them that there was something.
func (r *Room) cutOff(ctx context.Context, t bot.Turn, off bot.OrganiserSuspended) (bot.Outcome, error) {
	sending, err := r.Store.UnderWay(ctx, off.Member, off.Organisation)
	if err != nil || len(sending) == 0 {
		return bot.Outcome{}, err
	}
	out, err := r.say(t, "alert.cut-off")
	for _, a := range sending {
		if err == nil {
			err = r.stop(ctx, &out, t, a)
		}
	}
	return out, err
}
