package bottest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
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
		Block: p.Block, Options: true, Own: p.Owns, Menu: p.MenuOf,
	}
	p.Views, p.Can.Forms = true, true
	addViews(&r, p)
	p.Can.TakesBack = 48 * time.Hour
	var answered bottest.Shown
	p.OnSent(func(_ string, s bottest.Shown) {
		if s.Notice+s.Link != "" {
			answered = s
		}
	})
	r.Answered = func(string) (string, string) { return answered.Notice, answered.Link }
	if adapter != nil {
		r.Adapter = adapter(p)
	}
	r.Do = func(d bottest.Did) func() bool {
		u := bot.Update{Kind: d.Kind, Sender: "owner of " + d.Chat, Chat: d.Chat, Text: d.Text, Lat: d.Lat, Lng: d.Lng}
		if d.Kind == bot.ButtonPressed {
			pressed(p, d, &u)
		} else {
			u.Message = p.Sent(d.Chat)
		}
		raw := p.Raw("memory", u)
		return func() bool { return p.Deliver(context.Background(), raw) }
	}
	r.Shown = func(chat string) []bottest.Stands {
		var all []bottest.Stands
		for _, s := range p.Shown(chat) {
			stands := bottest.Stands{Text: s.Message.Text(), Options: s.Message.Options}
			stands.Options.Silent = s.Silent
			for _, a := range s.Message.Actions() {
				stands.Buttons = append(stands.Buttons, a.Label)
			}
			for _, b := range s.Message.Blocks {
				if f, ok := b.(message.File); ok {
					stands.Files = map[string][]byte{f.Name: f.Data}
				}
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
	// What edits nothing keeps it too, and what has no files.
	t.Run("without edits", func(t *testing.T) {
		bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig {
			return rig(t, func(p *bottest.Platform) bot.Adapter {
				p.Can.Edit = false
				return p
			})
		}})
	})
	t.Run("without files", func(t *testing.T) {
		bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig {
			return rig(t, func(p *bottest.Platform) bot.Adapter {
				p.Can.Files, p.Can.StartLink, p.Can.TakesBack = false, "", 0
				return p
			})
		}})
	})
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
		"a picture that can be seen", "message.Card", "message.Choices", "message.Facts", "message.File", "message.Heading", "message.LinkButton", "message.List",
		"message.LocationRequest", "message.Paragraph", "message.Picture", "message.Progress", "message.Venue",
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
