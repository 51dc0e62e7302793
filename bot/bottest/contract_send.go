package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// say is a message of one paragraph of somebody's words.
func say(text string) message.Message {
	return message.Message{Locale: "en", Blocks: []message.Block{
		message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: text}}},
	}}
}

// choice is a message with a button for each data.
func choice(data ...string) message.Message {
	var rows [][]message.Action
	for i, d := range data {
		rows = append(rows, []message.Action{{Label: fmt.Sprintf("button %d", i), Data: d}})
	}
	return message.Message{Locale: "en", Blocks: []message.Block{message.Say("Choose:"), message.Choices{Rows: rows}}}
}

// send sends what must arrive.
func (r *rig) send(t *testing.T, out bot.Outgoing) bot.Ref {
	t.Helper()
	ref, err := r.Adapter.Send(t.Context(), out)
	if err != nil || ref == "" {
		t.Fatalf("a message that every platform takes is %q, %v", ref, err)
	}
	return ref
}

// last is the newest message that stands in a chat.
func (r *rig) last(t *testing.T, chat string) Stands {
	t.Helper()
	all := r.Shown(chat)
	if len(all) == 0 {
		t.Fatal("nothing stands in the chat")
	}
	return all[len(all)-1]
}

func delivers(t *testing.T, r *rig) {
	refs := map[bot.Ref]bool{}
	for i := range 5 {
		refs[r.send(t, bot.Outgoing{Chat: r.Chats[0], Message: say(fmt.Sprintf("message %d", i)), Silent: i%2 == 0})] = true
	}
	r.send(t, bot.Outgoing{Chat: r.Chats[1], Message: say("for another")})
	all := r.Shown(r.Chats[0])
	if len(all) != 5 || len(refs) != 5 {
		t.Fatalf("of 5 messages %d stand in the chat, under %d names", len(all), len(refs))
	}
	for i, s := range all {
		if want := fmt.Sprintf("message %d", i); !strings.Contains(s.Text, want) {
			t.Errorf("in place %d stands %q", i, s.Text)
		}
	}
}

// keepsWords puts people's words wherever words can stand. Nothing in them may
// become markup, call anybody, or be lost.
func keepsWords(t *testing.T, r *rig) {
	type sent struct{ where, words string }
	var all []sent
	for _, words := range Hostile() {
		in := func(k message.Kind) []message.Span { return []message.Span{{Kind: k, Text: words}} }
		line := strings.ReplaceAll(words, "\n", " ") // labels have one
		for where, b := range map[string]message.Block{
			"paragraph": message.Paragraph{Spans: in(message.Words)},
			"own words": message.Paragraph{Spans: in(message.Text)},
			"bold":      message.Paragraph{Spans: []message.Span{{Kind: message.Person, Text: words, Bold: true}}},
			"heading":   message.Heading{Spans: in(message.Words)},
			"list":      message.List{Items: [][]message.Span{in(message.Place)}},
			"facts":     message.Facts{Rows: []message.Fact{{Label: "Where", Value: in(message.Words)}}},
			"label":     message.Facts{Rows: []message.Fact{{Label: line, Value: in(message.Count)}}},
			"card":      message.Card{Title: in(message.Words), Text: []message.Span{{Kind: message.Text, Text: "about"}}},
			"card text": message.Card{Title: []message.Span{{Kind: message.Text, Text: "title"}}, Text: in(message.Words)},
			"button":    message.Choices{Rows: [][]message.Action{{{Label: line, Data: "v1:a::"}}}},
		} {
			r.send(t, bot.Outgoing{Chat: r.Chats[0], Message: message.Message{Blocks: []message.Block{message.Say("Look:"), b}}})
			want := words
			if where == "button" || where == "label" {
				want = line
			}
			all = append(all, sent{where, want})
		}
	}
	stand := r.Shown(r.Chats[0])
	if len(stand) != len(all) {
		t.Fatalf("of %d messages %d stand in the chat", len(all), len(stand))
	}
	for i, s := range all {
		text := stand[i].Text
		if s.where == "button" {
			text = strings.Join(stand[i].Buttons, "\n")
		}
		if !strings.Contains(text, s.words) {
			t.Errorf("%q in a %s stands there as %q", s.words, s.where, text)
		}
	}
}

func edits(t *testing.T, r *rig) {
	chat := r.Chats[0]
	first := r.send(t, bot.Outgoing{Chat: chat, Message: say("one")})
	second := r.send(t, bot.Outgoing{Chat: chat, Message: choice("v1:a::")})
	changed := r.send(t, bot.Outgoing{Chat: chat, Message: say("one, changed"), Edit: first})
	want := []string{"one, changed", "Choose:"}
	if r.Adapter.Capabilities().Edit {
		if changed != first {
			t.Errorf("an edit of %q is %q", first, changed)
		}
		if got := r.send(t, bot.Outgoing{Chat: chat, Message: choice("v1:a::", "v1:b::"), Edit: second}); got != second {
			t.Errorf("an edit of %q is %q", second, got)
		}
	} else {
		if changed == first || changed == second {
			t.Error("what can't be edited keeps its name")
		}
		want = []string{"one", "Choose:", "one, changed"}
	}
	for _, unknown := range []bot.Ref{"4711", "no such message", "<b>"} {
		ref := r.send(t, bot.Outgoing{Chat: chat, Message: say("new, for " + string(unknown)), Edit: unknown})
		if ref == unknown || ref == first || ref == second {
			t.Errorf("an edit of what is not there is %q", ref)
		}
		want = append(want, "new, for "+string(unknown))
	}
	all := r.Shown(chat)
	if len(all) != len(want) {
		t.Fatalf("%d messages stand in the chat, want %d: %q", len(all), len(want), all)
	}
	for i := range want {
		if !strings.Contains(all[i].Text, want[i]) {
			t.Errorf("in place %d stands %q, want %q", i, all[i].Text, want[i])
		}
	}
	if r.Adapter.Capabilities().Edit && len(all[1].Buttons) != 2 {
		t.Errorf("the changed message has the buttons %q", all[1].Buttons)
	}
}

func buttons(t *testing.T, r *rig) {
	r.receive(t)
	chat := r.Chats[2]
	data := []string{
		"v1:do::help", "v1:a::", "v1:action.rsvp:01kaxm5g80000001:yes", "v1:alert.group:01kaxm5g80000001:01kaxm5g80000002",
		"v1:group.at::B11|Бірмінгем", "v1:group.at::كوفنتري", "v1:a:b:c:d::e", `v1:a::<&>"'*_~[]()\` + "`", "v1:a::a+b%20c&d=e", "v1:a::👩‍👩‍👧‍👦",
		"v1:a::" + strings.Repeat("x", message.MaxActionData-len("v1:a::")),
	}
	r.send(t, bot.Outgoing{Chat: chat, Message: say("before")})
	refs := []bot.Ref{r.send(t, bot.Outgoing{Chat: chat, Message: choice(data...)})}
	row := r.Adapter.Capabilities().ButtonRow + 1 // one more than fits: an adapter breaks it
	card := message.Card{Title: []message.Span{{Kind: message.Words, Text: "Group"}}}
	for i := range row {
		card.Actions = append(card.Actions, message.Action{Label: fmt.Sprintf("card %d", i), Data: fmt.Sprintf("v1:b:%d:", i)})
	}
	refs = append(refs, r.send(t, bot.Outgoing{Chat: chat, Message: message.Message{Blocks: []message.Block{card}}}))
	for i, want := range [][]string{data, dataOf(card.Actions)} {
		if got := r.Shown(chat)[1+i].Buttons; len(got) != len(want) {
			t.Fatalf("of %d buttons %d stand there", len(want), len(got))
		}
		for n := range want {
			u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat, Message: 1 + i, Button: n})
			if u.Kind != bot.ButtonPressed || u.Data != want[n] || u.Message != refs[i] {
				t.Errorf("a press of %q on %q comes back as %s of %q on %q", want[n], refs[i], u.Kind, u.Data, u.Message)
			}
		}
	}
}

// takesStartLink sends the link that begins a conversation, as an invitation does.
func takesStartLink(t *testing.T, r *rig) {
	link := r.Adapter.Capabilities().StartLink
	if link == "" {
		t.Skip("on this platform no link begins a conversation")
	}
	link = strings.Replace(link, "{}", "lar_gAZaz09-_"+strings.Repeat("x", 51), 1)
	r.send(t, bot.Outgoing{Chat: r.Chats[0], Message: message.Message{Blocks: []message.Block{
		message.Paragraph{Spans: []message.Span{{Kind: message.URL, Text: link}, {Kind: message.URL, Text: "here", URL: link}}},
		message.LinkButton{Link: message.Link{Label: "Begin", URL: link}},
	}}})
}

func dataOf(actions []message.Action) (data []string) {
	for _, a := range actions {
		data = append(data, a.Data)
	}
	return data
}

// presses answers a press by a notice alone, by a message, and too late.
func presses(t *testing.T, r *rig) {
	r.receive(t)
	chat := r.Chats[0]
	r.send(t, bot.Outgoing{Chat: chat, Message: choice("v1:a::")})
	for _, notice := range []string{"Saved", "", strings.Repeat("Saved. ", 100), "<b>&amp;*x*</b>"} {
		u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat})
		if u.Press == "" {
			t.Skip("on this platform a press needs no answer")
		}
		if ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Press: u.Press, Notice: notice}); ref != "" || err != nil {
			t.Errorf("the answer %.20q to a press is %q, %v", notice, ref, err)
		}
	}
	if all := r.Shown(chat); len(all) != 1 {
		t.Errorf("a notice stands in the chat: %q", all)
	}
	u := r.did(t, Did{Kind: bot.ButtonPressed, Chat: chat})
	r.send(t, bot.Outgoing{Chat: chat, Message: say("both"), Press: u.Press, Notice: "Saved"})
	if got := r.last(t, chat); !strings.Contains(got.Text, "both") {
		t.Errorf("with a notice comes %q", got.Text)
	}
	_, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Press: "long-forgotten-press", Notice: "Saved"})
	r.sound(t, "a press that is long forgotten", err)
}

func takesAll(t *testing.T, r *rig) {
	arrived := map[string]int{}
	for i, m := range Messages() {
		chat := r.Chats[i%len(r.Chats)]
		ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: m})
		r.sound(t, fmt.Sprintf("message %d", i), err)
		kind := bot.SendKindOf(err)
		if kind != "" && kind != bot.Invalid || (ref != "") != (kind == "") {
			t.Errorf("message %d is %q, %v:\n%.300s", i, ref, err, m.Text())
		}
		if kind == "" {
			arrived[chat]++
		}
	}
	for chat, want := range arrived {
		if got := len(r.Shown(chat)); got != want {
			t.Errorf("of %d messages that were taken %d stand in the chat", want, got)
		}
	}
}

// The kinds of failure that there are.
var sendKinds = []bot.SendKind{
	bot.NotSent, bot.Throttled, bot.Unclear, bot.Blocked, bot.Gone, bot.Moved, bot.Markup, bot.Invalid, bot.NoAccess, bot.NotYet, bot.Forbidden,
}

// sound checks that an error of Send is one, and safe to log.
func (r *rig) sound(t *testing.T, what string, err error) {
	t.Helper()
	var se *bot.SendError
	switch {
	case err == nil:
		return
	case !errors.As(err, &se) || !slices.Contains(sendKinds, se.Kind):
		t.Errorf("%s fails with no *SendError of a known kind: %v", what, err)
		return
	}
	// The longest first: what is told is which of them it was, not the thing.
	for name, secrets := range map[string][]string{"words": {"canary"}, "a chat": append(slices.Clone(r.Chats), r.NoChat), "a secret": r.Secrets} {
		for _, secret := range secrets {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s fails with an error that holds %s: %v", what, name, err)
			}
		}
	}
}

func fails(t *testing.T, r *rig) {
	attempt := func(what string, want []bot.SendKind, ctx context.Context, out bot.Outgoing) bot.SendError {
		t.Helper()
		_, err := r.Adapter.Send(ctx, out)
		r.sound(t, what, err)
		if kind := bot.SendKindOf(err); !slices.Contains(want, kind) {
			t.Errorf("%s is %q, want one of %q", what, kind, want)
		}
		if se, ok := errors.AsType[*bot.SendError](err); ok {
			return *se
		}
		return bot.SendError{}
	}
	words := say("canary words")
	chat := r.Chats[0]
	attempt("a message to nobody", []bot.SendKind{bot.Gone}, t.Context(), bot.Outgoing{Chat: r.NoChat, Message: words})
	attempt("an edit for nobody", []bot.SendKind{bot.Gone}, t.Context(), bot.Outgoing{Chat: r.NoChat, Message: words, Edit: "1"})
	attempt("nothing", []bot.SendKind{bot.Invalid}, t.Context(), bot.Outgoing{Chat: chat})
	for _, odd := range []string{"canary", "", "\x00", "\xff", "../../canary", strings.Repeat("canary", 10_000)} {
		_, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: odd, Message: words})
		r.sound(t, fmt.Sprintf("a message to %.20q", odd), err)
		if err == nil {
			t.Errorf("a message to %.20q was delivered to somebody", odd)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	// A platform that answers at once may still take it.
	attempt("a message when time is over", []bot.SendKind{"", bot.NotSent, bot.Unclear}, ended, bot.Outgoing{Chat: chat, Message: words})
	if r.Block != nil {
		r.Block(chat, true)
		attempt("a message to who blocks", []bot.SendKind{bot.Blocked}, t.Context(), bot.Outgoing{Chat: chat, Message: words})
		attempt("an edit for who blocks", []bot.SendKind{bot.Blocked}, t.Context(), bot.Outgoing{Chat: chat, Message: words, Edit: "1"})
		attempt("a message to another", []bot.SendKind{""}, t.Context(), bot.Outgoing{Chat: r.Chats[1], Message: words})
		r.Block(chat, false)
		attempt("a message to who blocks no more", []bot.SendKind{""}, t.Context(), bot.Outgoing{Chat: chat, Message: words})
	}
	if r.Throttle != nil {
		r.Throttle(7 * time.Second)
		// To the second: earlier is refused again, and later loses time.
		if se := attempt("a message too many", []bot.SendKind{bot.Throttled}, t.Context(), bot.Outgoing{Chat: chat, Message: words}); se.RetryAfter != 7*time.Second {
			t.Errorf("after a refusal for 7 s it is tried again in %v", se.RetryAfter)
		}
	}
	if r.Cut != nil {
		r.Cut()
		attempt("a message out of reach", []bot.SendKind{bot.NotSent, bot.Unclear}, t.Context(), bot.Outgoing{Chat: chat, Message: words})
	}
}

// manyAtOnce sends, edits and asks from all sides.
func manyAtOnce(t *testing.T, r *rig) {
	const writers, each = 4, 6
	var mu sync.Mutex
	refs := map[string]bool{}
	var wait sync.WaitGroup
	for _, chat := range r.Chats {
		for w := range writers {
			wait.Go(func() {
				for n := range each {
					first, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: say("draft")})
					if err != nil {
						t.Errorf("a message: %v", err)
						return
					}
					ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: chat, Message: say(fmt.Sprintf("(%d/%d)", w, n)), Edit: first})
					if err != nil {
						t.Errorf("an edit: %v", err)
						return
					}
					mu.Lock()
					refs[chat+" "+string(ref)] = true
					mu.Unlock()
					_ = r.Adapter.Capabilities()
					_, _ = r.Adapter.Decode([]byte(`{}`))
				}
			})
		}
	}
	wait.Wait()
	if want := len(r.Chats) * writers * each; len(refs) != want {
		t.Errorf("%d messages have %d names", want, len(refs))
	}
	for _, chat := range r.Chats {
		var all []string
		for _, s := range r.Shown(chat) {
			all = append(all, s.Text)
		}
		text := strings.Join(all, "\n")
		for w := range writers {
			for n := range each {
				if want := fmt.Sprintf("(%d/%d)", w, n); strings.Count(text, want) != 1 {
					t.Errorf("%s stands in a chat %d times", want, strings.Count(text, want))
				}
			}
		}
	}
}

func typing(t *testing.T, r *rig) {
	typist, ok := r.Adapter.(bot.Typist)
	if !ok {
		t.Skip("this platform can't show it")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		typist.Typing(t.Context(), r.Chats[0])
		typist.Typing(t.Context(), r.NoChat)
		typist.Typing(ended, r.Chats[0])
	}()
	await(t, done, "Typing to return")
	if all := r.Shown(r.Chats[0]); len(all) != 0 {
		t.Errorf("it stands in the chat: %q", all)
	}
}
