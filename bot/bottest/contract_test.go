package bottest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// rig puts an adapter onto a platform in memory; nil means the platform itself.
func rig(t *testing.T, adapter func(*bottest.Platform) bot.Adapter) bottest.Rig {
	t.Helper()
	p := bottest.NewPlatform("chat-1", "chat-2", "chat-3")
	r := bottest.Rig{
		Adapter: p, Account: "memory", Chats: []string{"chat-1", "chat-2", "chat-3"}, NoChat: "chat-4",
		Ready: func() { <-p.Ready() },
		Block: p.Block,
	}
	if adapter != nil {
		r.Adapter = adapter(p)
	}
	r.Do = func(d bottest.Did) func() bool {
		u := bot.Update{Kind: d.Kind, Sender: "owner of " + d.Chat, Chat: d.Chat, Text: d.Text, Lat: d.Lat, Lng: d.Lng}
		if d.Kind == bot.ButtonPressed {
			s := p.Shown(d.Chat)[d.Message]
			u.Message, u.Data, u.Press = s.Ref, s.Message.Actions()[d.Button].Data, "press"
		}
		raw := p.Raw("memory", u)
		return func() bool { return p.Deliver(context.Background(), raw) }
	}
	r.Shown = func(chat string) []bottest.Stands {
		var all []bottest.Stands
		for _, s := range p.Shown(chat) {
			stands := bottest.Stands{Text: s.Message.Text()}
			for _, a := range s.Message.Actions() {
				stands.Buttons = append(stands.Buttons, a.Label)
			}
			all = append(all, stands)
		}
		return all
	}
	r.Throttle = func(wait time.Duration) {
		var once atomic.Bool
		p.FailWith(func(bot.Outgoing) error {
			if once.CompareAndSwap(false, true) {
				return &bot.SendError{Kind: bot.Throttled, RetryAfter: wait}
			}
			return nil
		})
	}
	r.Cut = func() { p.FailWith(func(bot.Outgoing) error { return &bot.SendError{Kind: bot.NotSent, Code: "cut"} }) }
	return r
}

func TestPlatformKeepsTheContract(t *testing.T) {
	bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig { return rig(t, nil) }})
	// What edits nothing keeps it too.
	t.Run("without edits", func(t *testing.T) {
		bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig {
			return rig(t, func(p *bottest.Platform) bot.Adapter {
				p.Can.Edit = false
				return p
			})
		}})
	})
}

// broken is an adapter that is sound but for what is set.
type broken struct {
	*bottest.Platform
	capabilities func() bot.Capabilities
	receive      func(ctx context.Context, inbox bot.Inbox) error
	decode       func(raw []byte) (bot.Update, error)
	send         func(ctx context.Context, out bot.Outgoing) (bot.Ref, error)
}

func (b broken) Capabilities() bot.Capabilities {
	if b.capabilities != nil {
		return b.capabilities()
	}
	return b.Platform.Capabilities()
}

func (b broken) Receive(ctx context.Context, inbox bot.Inbox) error {
	if b.receive != nil {
		return b.receive(ctx, inbox)
	}
	return b.Platform.Receive(ctx, inbox)
}

func (b broken) Decode(raw []byte) (bot.Update, error) {
	if b.decode != nil {
		return b.decode(raw)
	}
	return b.Platform.Decode(raw)
}

func (b broken) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	if b.send != nil {
		return b.send(ctx, out)
	}
	return b.Platform.Send(ctx, out)
}

// inboxFunc is an inbox made of a function.
type inboxFunc func(ctx context.Context, raw bot.Raw) error

func (f inboxFunc) Accept(ctx context.Context, raw bot.Raw) error { return f(ctx, raw) }

// fault is one way to break the contract, and the rule that must notice.
type fault struct {
	rule   string
	damage func(b *broken, r *bottest.Rig)
}

// edit is a fault of Send that changes what is sent.
func edit(change func(out *bot.Outgoing)) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.send = func(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
			change(&out)
			return b.Platform.Send(ctx, out)
		}
	}
}

// misread is a fault of Decode that changes what was read.
func misread(change func(u *bot.Update)) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			u, err := b.Platform.Decode(raw)
			if err == nil {
				change(&u)
			}
			return u, err
		}
	}
}

// failWith is a fault of Send's errors.
func failWith(change func(out bot.Outgoing, err error) error) func(*broken, *bottest.Rig) {
	return func(b *broken, _ *bottest.Rig) {
		b.send = func(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
			ref, err := b.Platform.Send(ctx, out)
			if err != nil {
				err = change(out, err)
			}
			return ref, err
		}
	}
}

var faults = map[string]fault{
	"other capabilities": {"Capabilities/never_change", func(b *broken, _ *bottest.Rig) {
		var asked atomic.Int64
		b.capabilities = func() bot.Capabilities {
			c := b.Platform.Capabilities()
			c.Buttons += int(asked.Add(1))
			return c
		}
	}},
	"acknowledges first": {"Receive/leaves_what_was_refused", func(_ *broken, r *bottest.Rig) {
		do := r.Do
		r.Do = func(d bottest.Did) func() bool {
			deliver := do(d)
			return func() bool { deliver(); return true }
		}
	}},
	"never acknowledges": {"Receive/acknowledges_what_was_accepted", func(_ *broken, r *bottest.Rig) {
		do := r.Do
		r.Do = func(d bottest.Did) func() bool {
			deliver := do(d)
			return func() bool { deliver(); return false }
		}
	}},
	"drops what was refused": {"Receive/leaves_what_was_refused", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error { _ = inbox.Accept(ctx, raw); return nil }))
		}
	}},
	"a new key each time": {"Receive/names_an_update", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			var n atomic.Int64
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				raw.Key = fmt.Sprint(n.Add(1))
				return inbox.Accept(ctx, raw)
			}))
		}
	}},
	"the words as the key": {"Receive/names_an_update", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				raw.Key = string(raw.Body)
				return inbox.Accept(ctx, raw)
			}))
		}
	}},
	"one sender for all": {"Receive/knows_people_apart", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return b.Platform.Receive(ctx, inboxFunc(func(ctx context.Context, raw bot.Raw) error {
				raw.Sender = "everybody"
				return inbox.Accept(ctx, raw)
			}))
		}
	}},
	"ends with an error": {"Receive/ends_with_its_context", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			return errors.Join(b.Platform.Receive(ctx, inbox), ctx.Err())
		}
	}},
	"leaves the inbox behind": {"Receive/ends_while", func(b *broken, _ *bottest.Rig) {
		b.receive = func(ctx context.Context, inbox bot.Inbox) error {
			inner, cancel := context.WithCancel(context.Background())
			go func() { _ = b.Platform.Receive(inner, inbox) }()
			<-ctx.Done()
			go func() { <-time.After(time.Second); cancel() }()
			return nil
		}
	}},
	"panics": {"Decode/survives", func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			_ = raw[0]
			return b.Platform.Decode(raw)
		}
	}},
	"lets NUL through": {"Decode/survives", misread(func(u *bot.Update) { u.Data += "\x00" })},
	"is another way each time": {"Decode/survives", func() func(*broken, *bottest.Rig) {
		var n atomic.Int64
		return misread(func(u *bot.Update) { u.LocaleHint = fmt.Sprint(n.Add(1)) })
	}()},
	"quotes in its error": {"Decode/survives", func(b *broken, _ *bottest.Rig) {
		b.decode = func(raw []byte) (bot.Update, error) {
			u, err := b.Platform.Decode(raw)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, raw)
			}
			return u, err
		}
	}},
	"unescapes":    {"Decode/reads", misread(func(u *bot.Update) { u.Text = strings.ReplaceAll(u.Text, "&amp;", "&") })},
	"loses a mark": {"Decode/reads", misread(func(u *bot.Update) { u.Text = strings.ReplaceAll(u.Text, "\u200c", "") })},
	"lowercases":   {"Send/gives_buttons", misread(func(u *bot.Update) { u.Data = strings.ReplaceAll(u.Data, "Б", "б") })},
	"cuts data": {"Send/gives_buttons", edit(func(out *bot.Outgoing) {
		for _, b := range out.Message.Blocks {
			if c, ok := b.(message.Choices); ok {
				for _, row := range c.Rows {
					for i := range row {
						row[i].Data = row[i].Data[:min(len(row[i].Data), 60)]
					}
				}
			}
		}
	})},
	"eats markup": {"Send/keeps_words", edit(func(out *bot.Outgoing) {
		for i, b := range out.Message.Blocks {
			if p, ok := b.(message.Paragraph); ok {
				out.Message.Blocks[i] = message.Say(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(message.Plain(p.Spans), ""))
			}
		}
	})},
	"never edits": {"Send/changes_messages", edit(func(out *bot.Outgoing) { out.Edit = "" })},
	"shows notices": {"Send/answers_a_press", edit(func(out *bot.Outgoing) {
		if len(out.Message.Blocks) == 0 && out.Press != "" {
			out.Message = message.Message{Blocks: []message.Block{message.Say("notice: " + out.Notice)}}
		}
	})},
	"calls it unclear": {"Send/takes_every_message", failWith(func(bot.Outgoing, error) error { return &bot.SendError{Kind: bot.Unclear} })},
	"another kind":     {"Send/tells_why", failWith(func(bot.Outgoing, error) error { return &bot.SendError{Kind: "shrug"} })},
	"a plain error":    {"Send/tells_why", failWith(func(bot.Outgoing, error) error { return errors.New("no") })},
	"tells the chat":   {"Send/tells_why", failWith(func(out bot.Outgoing, err error) error { return fmt.Errorf("to %s: %w", out.Chat, err) })},
	"tells the words":  {"Send/tells_why", failWith(func(out bot.Outgoing, err error) error { return fmt.Errorf("%s: %w", out.Message.Text(), err) })},
	"tells its token": {"Send/tells_why", func(b *broken, r *bottest.Rig) {
		r.Secrets = []string{"123:secret"}
		failWith(func(_ bot.Outgoing, err error) error { return fmt.Errorf("POST /bot123:secret/: %w", err) })(b, r)
	}},
	"waits half the time": {"Send/tells_why", failWith(func(_ bot.Outgoing, err error) error {
		var se *bot.SendError
		errors.As(err, &se)
		return &bot.SendError{Kind: se.Kind, RetryAfter: se.RetryAfter / 2}
	})},
	"mixes chats up": {"Send/serves_many", func() func(*broken, *bottest.Rig) {
		var n atomic.Int64
		return edit(func(out *bot.Outgoing) {
			if n.Add(1)%7 == 0 {
				out.Chat, out.Edit = "chat-1", ""
			}
		})
	}()},
}

// underBroken is set for the run of this test's own binary in which the broken
// adapters are tested, and fail.
const underBroken = "ELLA_TEST_BROKEN_ADAPTERS"

// TestBrokenAdapters fails on purpose, under TestContractCanFail.
func TestBrokenAdapters(t *testing.T) {
	if os.Getenv(underBroken) == "" {
		t.Skip("it fails on purpose; see TestContractCanFail")
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig {
				b := &broken{}
				r := rig(t, func(p *bottest.Platform) bot.Adapter { b.Platform = p; return b })
				f.damage(b, &r)
				return r
			}})
		})
	}
}

// TestContractCanFail breaks the contract in many ways, each of which the rule
// that it breaks must notice.
func TestContractCanFail(t *testing.T) {
	// Of each only the rule that must notice.
	var run []string
	for name, f := range faults {
		run = append(run, "^TestBrokenAdapters$/^"+strings.ReplaceAll(name, " ", "_")+"$/^"+strings.Replace(f.rule, "/", "$/^", 1))
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", strings.Join(run, "|"), "-test.v")
	cmd.Env = append(os.Environ(), underBroken+"=1")
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		t.Fatalf("the broken adapters pass: %v", err)
	}
	for name, f := range faults {
		if !bytes.Contains(out, []byte("--- FAIL: TestBrokenAdapters/"+strings.ReplaceAll(name, " ", "_")+"/"+f.rule)) {
			t.Errorf("nobody notices an adapter that %s, least of all %s", name, f.rule)
		}
	}
	if t.Failed() {
		t.Logf("%s", out[max(0, len(out)-4000):])
	}
}

// TestMessagesHoldEveryBlock: a block that is not among them is held against no
// platform.
func TestMessagesHoldEveryBlock(t *testing.T) {
	kinds := map[string]int{}
	for _, m := range bottest.Messages() {
		for _, b := range m.Blocks {
			kinds[fmt.Sprintf("%T", b)]++
			if p, ok := b.(message.Picture); ok && p.Width == 1 {
				if _, err := png.Decode(bytes.NewReader(p.PNG)); err == nil {
					kinds["a picture that can be seen"]++
				}
			}
		}
	}
	want := []string{
		"a picture that can be seen", "message.Card", "message.Choices", "message.Facts", "message.Heading", "message.LinkButton", "message.List",
		"message.LocationRequest", "message.Paragraph", "message.Picture", "message.Progress",
	}
	for _, kind := range want {
		if kinds[kind] < 4 {
			t.Errorf("%s is there %d times", kind, kinds[kind])
		}
	}
	if len(kinds) != len(want) {
		t.Errorf("there are other blocks too: %v", kinds)
	}
	if slices.Contains(bottest.Hostile(), "") {
		t.Error("nothing is not hostile")
	}
}
