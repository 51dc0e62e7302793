package slacktest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"ella/adapters/faulttest"
)

// Options are how a Server differs from the usual one. The zero value is good.
type Options struct {
	// Now is the server's clock: timestamps, triggers, response URLs, limits and
	// signatures go by it. Waiting for an ack and retries take real time.
	// Default: time.Now.
	Now func() time.Time
	// Limits are how much the app may ask for.
	Limits Limits
	// AckWindow is how long an app has to acknowledge what it gets, in real time.
	// Default: 3 s [doc].
	AckWindow time.Duration
	// Backoff scales the waits of real time: between retries of an event (none,
	// 1 min, 5 min) and the warning before a disconnect (10 s). Default: 0.01.
	Backoff float64
	// Retries is how often an event is sent again; below 0 never. Default: 3 [doc].
	Retries int
	// RetryClicks has interactions and commands wait for a connection and be sent
	// again as events are. Slack says nowhere that it does [?]; without, such a one
	// is lost, and its person sees a warning (Warnings).
	RetryClicks bool
	// Echoes tells the app of its own messages in conversations that it hears, as
	// Slack does [doc]; without, tests are quieter.
	Echoes bool
	// AcksAnywhere honours an ack that comes over another connection than its
	// envelope [?].
	AcksAnywhere bool
	// PingEvery is how often a socket is pinged; without a pong for three times as
	// long it is closed. Default: 10 s.
	PingEvery time.Duration
	// Scopes are what the app asked for when it was installed. Default: AllScopes.
	Scopes []string
	// Command is the app's slash command. Default: "/ella".
	Command string
	// NoMessagesTab and NoHomeTab switch tabs of the app's home off, as in its
	// manifest.
	NoMessagesTab, NoHomeTab bool
	// AcceptForDeactivated has a message to a deactivated member accepted for nobody
	// to read, as some report [seen: slackapi/python-slack-sdk#1156]; without, such a
	// one is refused with channel_not_found or is_archived.
	AcceptForDeactivated bool
	// Seed is that of everything random: which connection gets a payload, and faults
	// by chance.
	Seed uint64
}

// AllScopes are the scopes that an app of Ella's kind can need.
func AllScopes() []string {
	return []string{
		"app_mentions:read", "channels:read", "chat:write", "commands", "files:read", "files:write", "groups:read",
		"im:history", "im:read", "im:write", "reactions:write", "team:read", "usergroups:read", "users:read",
	}
}

// Server is the fake. Make one with New.
type Server struct {
	// What goes wrong with the calls of methods, or of AnyMethod; chance is as the seed
	// has it.
	faulttest.Script[Fault]

	t       testing.TB
	options Options
	http    *httptest.Server
	table   factTable
	app     app
	ended   chan struct{}  // closed by Close
	running sync.WaitGroup // goroutines of sockets and posts
	client  *http.Client   // posts to the app's request URLs

	mu       sync.Mutex
	closed   bool
	dice     *rand.Rand
	breaches []Breach
	calls    map[string]int
	accepted []Accepted
	lastID   int
	lastTS   int64 // in microseconds: a ts is one of a kind

	first      *team
	teams      map[string]*team
	tokens     map[string]*token
	grants     map[string]*grant // codes of OAuth
	consent    *consent
	users      map[string]*User
	channels   map[string]*channel
	usergroups map[string]*usergroup

	uploads  map[string]*upload
	files    map[string]*upload
	views    map[string]*view
	homes    map[string]*view
	stacks   map[string][]*view // of modals, by user
	triggers map[string]*trigger
	replies  map[string]*responseURL

	ephemerals map[string][]Message
	warnings   map[string]int
	typed      map[string]bool // markup that people typed

	mail     mail
	sockets  sockets
	requests RequestURLs
}

// app is what is the same in every workspace.
type app struct {
	id, clientID, clientSecret, signingSecret, token string
	revoked, socketsOff                              bool
	redirects                                        []string
}

// New starts a Server, with one workspace, that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	table, err := facts()
	if err != nil {
		t.Fatalf("slacktest: read the facts: %v", err)
	}
	s := &Server{
		t: t, options: o.withDefaults(), table: table, ended: make(chan struct{}),
		app: app{
			id: "A0FAKEAPP01", clientID: "3336676.569200954261", clientSecret: "0c0ffee0client0secret0for0tests0",
			signingSecret: "8f742231b10e8888abcd99yyyzzz85a5", token: "xapp-1-A0FAKEAPP01-3336676569200-for0tests0only",
		},
		dice: rand.New(rand.NewPCG(o.Seed, 7)), calls: map[string]int{}, lastID: 1000,
		teams: map[string]*team{}, tokens: map[string]*token{}, grants: map[string]*grant{}, users: map[string]*User{},
		channels: map[string]*channel{}, usergroups: map[string]*usergroup{},
		uploads: map[string]*upload{}, files: map[string]*upload{}, views: map[string]*view{}, homes: map[string]*view{}, stacks: map[string][]*view{},
		triggers: map[string]*trigger{}, replies: map[string]*responseURL{},
		ephemerals: map[string][]Message{}, warnings: map[string]int{}, typed: map[string]bool{},
	}
	s.mail = newMail()
	s.sockets = newSockets()
	s.client = &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: s.options.AckWindow,
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > 2 {
				return errRedirects
			}
			return nil
		},
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.first = s.teams[s.AddTeam("Fake Workspace")]
	t.Cleanup(s.Close)
	return s
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AckWindow == 0 {
		o.AckWindow = 3 * time.Second
	}
	if o.Backoff == 0 {
		o.Backoff = 0.01
	}
	if o.Retries == 0 {
		o.Retries = 3
	}
	if o.PingEvery == 0 {
		o.PingEvery = 10 * time.Second
	}
	if o.Scopes == nil {
		o.Scopes = AllScopes()
	}
	if o.Command == "" {
		o.Command = "/ella"
	}
	o.Limits = o.Limits.withDefaults()
	return o
}

// URL is the address of the server.
func (s *Server) URL() string { return s.http.URL }

// APIURL is the base of the Web API, with a slash at its end: what stands in the
// place of https://slack.com/api/.
func (s *Server) APIURL() string { return s.http.URL + "/api/" }

// AppID is the app's.
func (s *Server) AppID() string { return s.app.id }

// AppToken is the one that opens sockets, an xapp-.
func (s *Server) AppToken() string { return s.app.token }

// SigningSecret is what requests to the app are signed with.
func (s *Server) SigningSecret() string { return s.app.signingSecret }

// Client is the app's id and secret for OAuth.
func (s *Server) Client() (id, secret string) { return s.app.clientID, s.app.clientSecret }

// Close ends the server: sockets and posts end at once, and nobody reaches it any
// more. It may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.ended)
	s.dropAll()
	s.moved()
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// now is the server's clock.
func (s *Server) now() time.Time { return s.options.Now() }

// scaled is a wait of the real service as long as it takes here.
func (s *Server) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * s.options.Backoff)
}

// id makes an id that nothing else has; s.mu is held.
func (s *Server) id(kind string) string {
	s.lastID++
	return fmt.Sprintf("%s0FAKE%05d", kind, s.lastID)
}

// ts makes the timestamp of a message, which is its name; s.mu is held.
func (s *Server) ts() string {
	s.lastTS = max(s.lastTS+1, s.now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1_000_000, s.lastTS%1_000_000)
}

// Calls counts the requests for a method that reached the server, refused ones too.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}
