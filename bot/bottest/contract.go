package bottest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// Subject is an adapter under contract. Its tests fill it in and call Contract.
type Subject struct {
	// New starts a platform with a fresh adapter on it, from which nobody
	// receives yet. The platform keeps the real one's rules and ends with the test.
	New func(t *testing.T) Rig
}

// Rig is one adapter and the platform that it talks to. What is marked optional
// may be nil where the platform knows no such thing.
type Rig struct {
	Adapter bot.Adapter
	Account bot.AccountID
	// Chats exist, at least three, each of another person.
	Chats []string
	// NoChat has the form of a chat, and there is none.
	NoChat string
	// Ready returns once the adapter takes updates in. Receive is under way.
	Ready func()
	// Do has a person do something, and returns how the platform delivers it: each
	// call delivers the same update once more and reports whether the adapter
	// acknowledged it, as soon as the platform is sure of that.
	Do func(d Did) (deliver func() bool)
	// Shown is what stands in a chat from Ella, oldest first.
	Shown func(chat string) []Stands
	// Raws are raw updates that the adapter reads, of any version. Optional.
	Raws [][]byte
	// Secrets are what must be in no error, such as a token. Optional.
	Secrets []string
	// Block has the owner of a chat block Ella, or lift it. Optional.
	Block func(chat string, on bool)
	// Throttle has the platform refuse the next send, for so long. Optional.
	Throttle func(wait time.Duration)
	// Cut takes the platform out of reach for good. Optional.
	Cut func()
	// Options: the platform can be silent, protect a message and show what its first
	// link leads to, and Shown says so.
	Options bool
	// Own is how many messages of its owner's stand in a chat. Optional.
	Own func(chat string) int
	// Answered is what a press was answered with, at last: the text shown for it, and
	// the address that opened. Optional.
	Answered func(chat string) (notice, link string)
	// Page is what stands on the page of a chat's owner. Needed where the adapter is a
	// bot.Pages.
	Page func(chat string) Stands
	// Window is what stands in the window before a chat's owner, if one is open, its title
	// first. Close has them close it, and Submit send the form in it with some fields filled
	// in; what it returns is as for Do. Needed where the adapter is a bot.Windows.
	Window func(chat string) (Stands, bool)
	Close  func(chat string)
	Submit func(chat string, fields map[string]string) (deliver func() bool)
	// ThrottleViews has the platform refuse the next page or window, for so long. Optional.
	ThrottleViews func(wait time.Duration)
	// Menu is the list of commands that a chat shows, if it is not everybody's.
	// Needed where the adapter is a bot.Menus.
	Menu func(chat string) []bot.MenuItem
}

// Did is something that a person does in their chat.
type Did struct {
	// Kind is TextSent, ButtonPressed or LocationShared.
	Kind bot.UpdateKind
	Chat string
	Text string
	// Message and Button say which button is pressed: of the Message-th message
	// that stands in the chat, the Button-th, both from 0.
	Message, Button int
	// OnPage: the button is one of the page's.
	OnPage   bool
	Lat, Lng float64
}

// Stands is one of Ella's messages as it stands in a chat.
type Stands struct {
	// Text is all that a person can read of it, but for the buttons; with
	// isolates or without.
	Text string
	// Buttons are the labels of those that answer to Ella, in reading order.
	Buttons []string
	// Files are the files that came with it, by their names, as whoever downloads
	// them gets them. May be nil where the adapter has none.
	Files map[string][]byte
	// Options are how it came; see Rig.Options.
	Options message.Options
}

// String is what a person reads of it.
func (s Stands) String() string { return strings.Join(append([]string{s.Text}, s.Buttons...), " | ") }

// Patience is how long the contract waits for what must happen, and never for
// what must not.
const Patience = 20 * time.Second

// Contract holds an adapter against every rule of bot.Adapter, each on a rig of
// its own. Run it with -race.
func Contract(t *testing.T, c Subject) {
	for _, rule := range []struct {
		name string
		test func(t *testing.T, r *rig)
	}{
		{"Capabilities/never change", capabilities},
		{"Receive/acknowledges what was accepted", acknowledges},
		{"Receive/leaves what was refused to be delivered again", refuses},
		{"Receive/names an update the same each time", keys},
		{"Receive/knows people apart", senders},
		{"Receive/ends with its context", ends},
		{"Receive/ends while an update is being accepted", endsInside},
		{"Decode/reads what was done", decodes},
		{"Decode/survives anything", survives},
		{"Send/delivers in order", delivers},
		{"Send/keeps words as they were written", keepsWords},
		{"Send/changes messages in place", edits},
		{"Send/gives buttons their data back", buttons},
		{"Send/takes its own start link", takesStartLink},
		{"Send/answers a press", presses},
		{"Send/answers a press with a link", answersWithLink},
		{"Send/takes messages away", takesAway},
		{"Send/keeps to the options of a message", keepsOptions},
		{"Send/takes every message or calls it invalid", takesAll},
		{"Send/hands files over whole", handsFilesOver},
		{"Send/tells why it failed", fails},
		{"Send/serves many chats at once", manyAtOnce},
		{"Typing/never holds anybody up", typing},
		{"Menu/shows a chat its own commands", menus},
		{"Pages/shows people their own", pages},
		{"Windows/fills a form and takes it in", windows},
	} {
		t.Run(rule.name, func(t *testing.T) {
			r := &rig{Rig: c.New(t)}
			if len(r.Chats) < 3 || r.NoChat == "" || r.Ready == nil || r.Do == nil || r.Shown == nil {
				t.Fatal("the subject's New leaves out what is not optional")
			}
			rule.test(t, r)
		})
	}
}

// rig is a Rig with an inbox that its adapter hands updates to.
type rig struct {
	Rig
	inbox inbox
}

// receive runs the adapter's Receive until the test ends.
func (r *rig) receive(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Adapter.Receive(ctx, &r.inbox) }()
	t.Cleanup(func() {
		cancel()
		if err := await(t, ended, "Receive to end"); err != nil {
			t.Errorf("Receive ended with %v", err)
		}
	})
	r.Ready()
}

// took delivers what a person did and returns it as the inbox got it.
func (r *rig) took(t *testing.T, d Did) bot.Raw {
	t.Helper()
	before := len(r.inbox.all())
	if !r.Do(d)() {
		t.Fatalf("%s was accepted and not acknowledged", d.Kind)
	}
	all := r.inbox.all()
	if len(all) != before+1 {
		t.Fatalf("%s reached the inbox %d times", d.Kind, len(all)-before)
	}
	return all[before]
}

// possible leaves out what nobody can do on this platform.
func (r *rig) possible(all ...Did) []Did {
	return slices.DeleteFunc(all, func(d Did) bool { return d.Kind == bot.LocationShared && !r.Adapter.Capabilities().Location })
}

// did is took, decoded.
func (r *rig) did(t *testing.T, d Did) bot.Update {
	t.Helper()
	u, err := r.Adapter.Decode(r.took(t, d).Body)
	if err != nil {
		t.Fatalf("%s does not decode: %v", d.Kind, err)
	}
	return u
}

// inbox takes updates in, or refuses them while refusal is set.
type inbox struct {
	mu      sync.Mutex
	refusal error
	got     []bot.Raw // whether it took them or not
	// block, when set, is called in place of all that.
	block func(ctx context.Context) error
}

// Accept implements bot.Inbox.
func (i *inbox) Accept(ctx context.Context, raw bot.Raw) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.block != nil {
		return i.block(ctx)
	}
	i.got = append(i.got, raw)
	return i.refusal
}

func (i *inbox) all() []bot.Raw {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clip(i.got)
}

func (i *inbox) refuse(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refusal = err
}

func await[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(Patience):
		t.Fatalf("waited %v in vain for %s", Patience, what)
	}
	return v
}

func capabilities(t *testing.T, r *rig) {
	before := r.Adapter.Capabilities()
	if before.ButtonRow < 1 || before.Buttons < before.ButtonRow || before.MessageUnits < 1000 || before.AlertsPerSecond < 0 || before.TakesBack < 0 {
		t.Errorf("nobody can talk within %+v", before)
	}
	for _, link := range []string{before.StartLink, before.GroupLink} {
		if link != "" && (strings.Count(link, "{}") != 1 || !strings.HasPrefix(link, "http") || strings.ContainsAny(link, " \n")) {
			t.Errorf("no payload can be put into the link %q", link)
		}
	}
	if before.GroupLink != "" && !before.GroupChats {
		t.Error("a link leads to group chats, and there are none")
	}
	r.receive(t)
	r.took(t, Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "hello"})
	r.send(t, bot.Outgoing{Chat: r.Chats[0], Message: say("hello")})
	if after := r.Adapter.Capabilities(); after != before {
		t.Errorf("they were %+v and are %+v", before, after)
	}
}

func acknowledges(t *testing.T, r *rig) {
	r.receive(t)
	for _, d := range r.possible(
		Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "hello"},
		Did{Kind: bot.LocationShared, Chat: r.Chats[1], Lat: 51.624, Lng: -3.9411},
	) {
		raw := r.took(t, d)
		if raw.Account != r.Account || raw.Key == "" || raw.Sender == "" || len(raw.Body) == 0 {
			t.Errorf("%s came in as %+v", d.Kind, raw)
		}
	}
}

func refuses(t *testing.T, r *rig) {
	r.receive(t)
	r.inbox.refuse(errors.New("the disk is full"))
	deliver := r.Do(Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "do not lose me"})
	if deliver() {
		t.Fatal("it was refused, and acknowledged all the same")
	}
	first := r.inbox.all()
	if len(first) == 0 {
		t.Fatal("it never reached the inbox")
	}
	r.inbox.refuse(nil)
	if !deliver() {
		t.Fatal("delivered again, it was accepted and not acknowledged")
	}
	all := r.inbox.all()
	if len(all) == len(first) {
		t.Fatal("delivered again, it never reached the inbox")
	}
	if last := all[len(all)-1]; last.Key != first[0].Key || last.Sender != first[0].Sender {
		t.Error("delivered again, it has another key or sender")
	}
}

func keys(t *testing.T, r *rig) {
	r.receive(t)
	seen := map[string]bool{}
	for _, d := range r.possible(
		Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "yes"},
		// The same words of the same person are another update.
		Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "yes"},
		Did{Kind: bot.TextSent, Chat: r.Chats[1], Text: "yes"},
		Did{Kind: bot.LocationShared, Chat: r.Chats[1], Lat: 51, Lng: -3},
	) {
		before := len(r.inbox.all())
		deliver := r.Do(d)
		for range 3 {
			if !deliver() {
				t.Fatal("delivered once more, it was not acknowledged")
			}
		}
		// An adapter may know by itself that it was in before.
		again := r.inbox.all()[before:]
		if len(again) == 0 || seen[again[0].Key] {
			t.Fatalf("%s of %s came in %d times; or under a key that is taken", d.Kind, d.Chat, len(again))
		}
		seen[again[0].Key] = true
		for _, raw := range again[1:] {
			if raw.Key != again[0].Key || raw.Sender != again[0].Sender {
				t.Error("delivered once more, an update has another key or sender")
			}
		}
	}
}

func senders(t *testing.T, r *rig) {
	r.receive(t)
	known := map[string]string{}
	for _, chat := range r.Chats[:3] {
		r.send(t, bot.Outgoing{Chat: chat, Message: choice("v1:a::")})
		for _, d := range r.possible(
			Did{Kind: bot.TextSent, Chat: chat, Text: "hello"},
			Did{Kind: bot.ButtonPressed, Chat: chat},
			Did{Kind: bot.LocationShared, Chat: chat, Lat: 51, Lng: -3},
			Did{Kind: bot.TextSent, Chat: chat, Text: "hello again"},
		) {
			raw := r.took(t, d)
			u, err := r.Adapter.Decode(raw.Body)
			if err != nil || u.Sender != raw.Sender || u.Chat != chat {
				t.Errorf("%s decodes to another sender or chat (%v)", d.Kind, err)
			}
			if owner, ok := known[raw.Sender]; ok && owner != chat {
				t.Error("two people have the same sender")
			}
			if first := known[raw.Sender]; first == "" && d.Kind != bot.TextSent {
				t.Errorf("with %s a person has another sender", d.Kind)
			}
			known[raw.Sender] = chat
		}
	}
	if len(known) != 3 {
		t.Errorf("three people have %d senders", len(known))
	}
}

func ends(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Adapter.Receive(ctx, &r.inbox) }()
	r.Ready()
	cancel()
	if err := await(t, ended, "Receive to end"); err != nil {
		t.Errorf("Receive ended with %v", err)
	}
	if r.Do(Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "too late"})() {
		t.Error("an update was acknowledged when nobody received any more")
	}
}

// endsInside ends Receive while the inbox is busy, as it is with a slow disk:
// whatever is left to deliver must not be acknowledged, and nothing is handed in
// once Receive has returned.
func endsInside(t *testing.T, r *rig) {
	entered, left := make(chan struct{}), make(chan struct{})
	enter, leave := sync.OnceFunc(func() { close(entered) }), sync.OnceFunc(func() { close(left) })
	r.inbox.block = func(ctx context.Context) error {
		enter()
		<-ctx.Done()
		leave()
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended, acknowledged := make(chan error, 1), make(chan bool, 1)
	go func() { ended <- r.Adapter.Receive(ctx, &r.inbox) }()
	r.Ready()
	deliver := r.Do(Did{Kind: bot.TextSent, Chat: r.Chats[0], Text: "in between"})
	go func() { acknowledged <- deliver() }()
	await(t, entered, "the update to reach the inbox")
	cancel()
	if err := await(t, ended, "Receive to end"); err != nil {
		t.Errorf("Receive ended with %v", err)
	}
	select {
	case <-left:
	default:
		t.Error("Receive ended before the inbox did")
		await(t, left, "the inbox to be left")
	}
	if await(t, acknowledged, "the platform to know") {
		t.Error("an update that was not accepted was acknowledged")
	}
}
