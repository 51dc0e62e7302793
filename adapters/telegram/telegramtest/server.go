package telegramtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"ella/adapters/faulttest"
	"ella/adapters/limittest"
)

// Options are how a Server differs from the usual one. The zero value is good.
type Options struct {
	// Now is the server's clock: messages' dates, expiry, limits and windows go by
	// it. Long polls and retries of webhooks wait in real time. Default: time.Now.
	Now func() time.Time
	// Token, Username and Name are the bot's. The token has the form 123456789:AA….
	Token, Username, Name string
	// Limits are how much the bot may send.
	Limits Limits
	// AnswerWindow is how long a press can be answered. Telegram tells no figure;
	// people report some seconds. Default: 15 s.
	AnswerWindow time.Duration
	// Backoff scales the waits between a webhook's retries (2 s, 4 s, 8 s …, and
	// what Retry-After asks for). Default: 0.01.
	Backoff float64
	// FirstUpdate is the id of the first update. Default: one as real ones are.
	FirstUpdate int64
	// FarOffset is what getUpdates does with an offset from another sequence of ids.
	FarOffset FarOffset
	// HoldRepeats slows down who asks again and again for the same offset, as the
	// real server does [srv]: within 0.5 s it gives one update, within 3 s a short
	// poll waits for 3 s.
	HoldRepeats bool
	// ReadsAll switches privacy mode off: the bot sees all that is said in groups.
	ReadsAll bool
	// Seed is that of everything random: shuffles and faults by chance.
	Seed uint64
}

// FarOffset is what getUpdates does with an offset that is more than 10 beyond
// the newest update, as after an idle week, when ids go on from anywhere [doc].
type FarOffset int

const (
	// FarOffsetDeaf gives nothing and forgets nothing until the bot asks with an
	// offset that fits, such as 0. It is the harder case for a bot.
	FarOffsetDeaf FarOffset = iota
	// FarOffsetAll gives everything from the beginning and forgets nothing, again
	// and again: so it stands in the server's source [td: TQueue::get].
	FarOffsetAll
)

// Server is the fake. Make one with New.
type Server struct {
	// What goes wrong with the calls of methods, or of AnyMethod; chance is as the seed
	// has it.
	faulttest.Script[Fault]

	t       testing.TB
	options Options
	http    *httptest.Server
	table   factTable
	bot     wireUser
	ended   chan struct{} // closed by Close
	hooks   sync.WaitGroup
	client  *http.Client // posts to webhooks

	mu       sync.Mutex
	closed   bool
	revoked  bool
	dice     *rand.Rand
	breaches []Breach
	calls    map[string]int
	accepted []Accepted

	users     map[int64]*User
	chats     map[int64]*chat
	usernames map[string]*chat
	nextUser  int64
	nextChat  int64
	nextID    int64 // of messages in private chats and basic groups
	typings   map[int64]int

	files   map[string]*File
	uploads int

	queue    queue
	queries  map[string]*query
	lastTurn int64 // of queries' ids

	pace  limittest.Window
	wait  limittest.Wait
	waits map[string]*limittest.Wait // of methods that send nothing

	presence presence
}

// New starts a Server that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	table, err := facts()
	if err != nil {
		t.Fatalf("telegramtest: read the facts: %v", err)
	}
	o = o.withDefaults()
	s := &Server{
		t: t, options: o, table: table, ended: make(chan struct{}),
		dice: rand.New(rand.NewPCG(o.Seed, 7)), calls: map[string]int{},
		users: map[int64]*User{}, chats: map[int64]*chat{}, usernames: map[string]*chat{},
		nextUser: 7_100_000_000, nextChat: 4_200_000_000, typings: map[int64]int{},
		files: map[string]*File{}, queries: map[string]*query{},
		waits: map[string]*limittest.Wait{},
		pace:  limittest.NewWindow(o.Limits.Overall, time.Second), presence: newPresence(),
	}
	s.queue = newQueue(o.FirstUpdate)
	var id int64
	if _, err := fmt.Sscanf(o.Token, "%d:", &id); err != nil {
		t.Fatal("telegramtest: the token has no bot id")
	}
	s.bot = wireUser{ID: id, IsBot: true, FirstName: o.Name, Username: o.Username}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Token == "" {
		o.Token = "123456789:AAtelegramtest-token_for-tests-only_00"
	}
	if o.Username == "" {
		o.Username = "ella_test_bot"
	}
	if o.Name == "" {
		o.Name = "Ella"
	}
	if o.AnswerWindow == 0 {
		o.AnswerWindow = 15 * time.Second
	}
	if o.Backoff == 0 {
		o.Backoff = 0.01
	}
	if o.FirstUpdate == 0 {
		o.FirstUpdate = 413_000_001
	}
	o.Limits = o.Limits.withDefaults()
	return o
}

// URL is the base of the API: what stands in the place of https://api.telegram.org.
func (s *Server) URL() string { return s.http.URL }

// Token is the bot's token.
func (s *Server) Token() string { return s.options.Token }

// BotID is the bot's user id, the number in front of its token.
func (s *Server) BotID() int64 { return s.bot.ID }

// Username is the bot's, without the @.
func (s *Server) Username() string { return s.options.Username }

// Link is the address that begins a conversation with the bot.
func (s *Server) Link(payload string) string {
	return "https://t.me/" + s.options.Username + "?start=" + payload
}

// Revoke makes the token invalid from now on, as BotFather does.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
	s.queue.endPoll(unauthorized())
	s.queue.changed()
}

// Close ends the server: long polls and webhooks end at once, and nobody reaches
// it any more. It may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.ended)
	s.queue.closeHook()
	s.queue.changed()
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
	s.hooks.Wait()
	s.client.CloseIdleConnections()
}

// now is the server's clock. Dates on the wire are whole seconds, but windows and
// limits are not.
func (s *Server) now() time.Time { return s.options.Now() }

// Calls counts the requests for a method that reached the server with the right
// token, refused ones too.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}
