package slacktest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ella/adapters/slack/slacktest"
)

// envelope is a frame of Socket Mode.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Reason  string          `json:"reason"`
	Payload json.RawMessage `json:"payload"`
	Attempt int             `json:"retry_attempt"`
	Asks    bool            `json:"accepts_response_payload"`
	Number  int             `json:"num_connections"`
}

// plug is one connection.
type plug struct {
	t    *testing.T
	conn *websocket.Conn
}

func (c client) url() string {
	c.t.Helper()
	app := c
	app.token = c.s.AppToken()
	return app.must(app.form("apps.connections.open")).str("url")
}

func (c client) connect() plug {
	c.t.Helper()
	p, status := c.dial(c.url())
	if status != http.StatusSwitchingProtocols {
		c.t.Fatalf("a connection is answered %d", status)
	}
	if hello := p.next(); hello.Type != "hello" {
		c.t.Fatalf("it begins with %+v", hello)
	}
	return p
}

// dial opens a connection, if it can.
func (c client) dial(to string) (plug, int) {
	c.t.Helper()
	conn, w, err := websocket.DefaultDialer.DialContext(c.t.Context(), to, nil)
	if w == nil {
		c.t.Fatalf("connect: %v", err)
	}
	w.Body.Close()
	if err == nil {
		c.t.Cleanup(func() { conn.Close() })
	}
	return plug{c.t, conn}, w.StatusCode
}

func (p plug) next() (e envelope) {
	p.t.Helper()
	_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, raw, err := p.conn.ReadMessage()
	if err != nil {
		p.t.Fatalf("read a frame: %v", err)
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		p.t.Fatal(err)
	}
	return e
}

// closed reports whether nothing comes any more.
func (p plug) closed() bool {
	_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := p.conn.ReadMessage(); err != nil {
			return !strings.Contains(err.Error(), "timeout")
		}
	}
}

func (p plug) say(frame string) {
	p.t.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		p.t.Fatal(err)
	}
}

func (p plug) ack(e envelope) { p.say(`{"envelope_id":"` + e.ID + `"}`) }

func (c client) settled(id string) bool {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	return c.s.Settled(ctx, id)
}

func TestSocketTakesTheAppToken(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	c.refused(c.form("apps.connections.open"), "not_allowed_token_type")
	c.refused(c.do(c.request(c.s.APIURL()+"apps.connections.open", "application/x-www-form-urlencoded", "token="+c.s.AppToken())), "invalid_auth")
	c.broke(slacktest.RuleEncoding)
	to := c.url()
	if _, status := c.dial(to); status != http.StatusSwitchingProtocols {
		t.Fatalf("a connection is answered %d", status)
	}
	if _, status := c.dial(to); status != http.StatusNotFound {
		t.Errorf("a URL opens twice: %d", status)
	}
	c.broke(slacktest.RuleEncoding, slacktest.RuleSocket)
	c.s.InvalidateAppToken()
	app := c
	app.token = c.s.AppToken()
	app.refused(app.form("apps.connections.open"), "invalid_auth")
}

func TestEnvelopes(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{Name: "Maryam"})
	early := c.s.Say(maryam, "before anybody listens <b> & https://x.org/a?b=1&c=2.")
	p := c.connect()
	e := p.next()
	if e.Type != slacktest.Events || e.ID == "" || e.Attempt != 0 || !strings.Contains(string(e.Payload), early.ID) {
		t.Fatalf("there comes %+v", e)
	}
	var outer struct {
		Team  string `json:"team_id"`
		Event struct{ Type, Text, User, Channel string }
	}
	if err := json.Unmarshal(e.Payload, &outer); err != nil {
		t.Fatal(err)
	}
	if ev := outer.Event; ev.User != maryam || ev.Text != "before anybody listens &lt;b&gt; &amp; <https://x.org/a?b=1&amp;c=2>." || outer.Team != c.s.Team() || ev.Channel != c.s.DM(maryam) {
		t.Errorf("the event is %s", e.Payload)
	}
	p.ack(e)
	if !c.settled(early.ID) || !c.s.Acknowledged(early.ID) || c.s.Attempts(early.ID) != 1 {
		t.Error("it is not acknowledged")
	}
	command := c.s.Command(maryam, "", "/ella", "groups b11")
	e = p.next()
	if e.Type != slacktest.Commands || !e.Asks || !strings.Contains(string(e.Payload), `"text":"groups b11"`) {
		t.Errorf("there comes %+v %s", e, e.Payload)
	}
	p.say(`{"envelope_id":"` + e.ID + `","payload":{"text":"one moment"}}`)
	if !c.settled(command.ID) || string(c.s.Answer(command.ID)) != `{"text":"one moment"}` {
		t.Errorf("it is answered %s", c.s.Answer(command.ID))
	}
	if all := c.s.Ephemerals(maryam); len(all) != 1 || all[0].Text != "one moment" {
		t.Errorf("they were shown %+v", all)
	}
	c.broke()
}

func TestAcks(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	p := c.connect()
	did := c.s.Say(maryam, "hello")
	e := p.next()
	p.say("no JSON")
	p.say(`{"envelope_id":""}`)
	p.say(`{"envelope_id":"` + e.ID + `","payload":"` + strings.Repeat("x", 20<<10) + `"}`)
	p.say(`{"envelope_id":"nobody's"}`)
	p.say(`{"envelope_id":"` + e.ID + `","payload":{}}`)
	if !c.settled(did.ID) {
		t.Error("it is not acknowledged")
	}
	c.broke(slacktest.RuleAck, slacktest.RuleAck, slacktest.RuleAck)
	p.ack(e)
	next := c.s.Say(maryam, "again")
	e = p.next()
	p.say(`{"envelope_id":"` + e.ID + `","payload":{"text":"unasked"}}`)
	c.settled(next.ID)
	c.broke(slacktest.RuleAck, slacktest.RuleAck, slacktest.RuleAck, slacktest.RuleAck, slacktest.RuleAck)
}

func TestRedelivery(t *testing.T) {
	c := newClient(t, slacktest.Options{AckWindow: 30 * time.Millisecond, Backoff: 0.0001})
	maryam := c.s.AddUser(slacktest.User{})
	p := c.connect()
	did := c.s.Say(maryam, "hello")
	ids := map[string]bool{}
	for i := range 3 { // not acknowledged
		e := p.next()
		if e.Attempt != i || ids[e.ID] || !strings.Contains(string(e.Payload), did.ID) {
			t.Errorf("attempt %d is %+v", i, e)
		}
		ids[e.ID] = true
	}
	p.ack(p.next())
	for !c.s.Acknowledged(did.ID) {
		c.settled(did.ID)
	}
	if n := c.s.Attempts(did.ID); n != 4 {
		t.Errorf("it was sent %d times", n)
	}
	// On demand, though it was acknowledged.
	done := make(chan bool)
	go func() { done <- c.s.Deliver(t.Context(), did.ID) }()
	p.ack(p.next())
	if !<-done {
		t.Error("delivered once more, it was not acknowledged")
	}
	go func() { done <- c.s.Deliver(t.Context(), did.ID) }()
	p.next()
	if <-done {
		t.Error("it was acknowledged by nobody")
	}
	c.broke()

	lost := c.s.Say(maryam, "nobody cares")
	for range 4 {
		p.next()
	}
	for len(c.s.Lost()) == 0 {
		c.settled(lost.ID)
	}
	if all := c.s.Lost(); len(all) != 1 || all[0] != lost.ID {
		t.Errorf("lost are %v", all)
	}
}

func TestClicksAreLost(t *testing.T) {
	c := newClient(t, slacktest.Options{AckWindow: 30 * time.Millisecond})
	maryam := c.s.AddUser(slacktest.User{})
	did := c.s.Shortcut(maryam, "ask")
	if c.settled(did.ID) || c.s.Warnings(maryam) != 1 {
		t.Error("without a connection a click is not lost")
	}
	p := c.connect()
	did = c.s.Shortcut(maryam, "ask")
	p.next()
	if c.settled(did.ID) || c.s.Warnings(maryam) != 2 || c.s.Attempts(did.ID) != 1 {
		t.Error("not acknowledged, a click is not lost")
	}
	waiting := newClient(t, slacktest.Options{RetryClicks: true})
	did = waiting.s.Shortcut(waiting.s.AddUser(slacktest.User{}), "ask")
	p = waiting.connect()
	p.ack(p.next())
	if !waiting.settled(did.ID) {
		t.Error("it did not wait")
	}
}

func TestDisconnects(t *testing.T) {
	c := newClient(t, slacktest.Options{Backoff: 0.002})
	maryam := c.s.AddUser(slacktest.User{})
	first := c.connect()
	c.s.Disconnect(slacktest.Warning, false)
	if e := first.next(); e.Type != "disconnect" || e.Reason != slacktest.Warning {
		t.Fatalf("there comes %+v", e)
	}
	did := c.s.Say(maryam, "in the last seconds")
	e := first.next()
	if e.Type != slacktest.Events {
		t.Fatalf("there comes %+v", e)
	}
	if bye := first.next(); bye.Reason != slacktest.RefreshRequested || !first.closed() {
		t.Errorf("it ends with %+v", bye)
	}
	second := c.connect() // what was not acknowledged comes here
	again := second.next()
	if again.Attempt != 1 || !strings.Contains(string(again.Payload), did.ID) {
		t.Errorf("on the next connection comes %+v", again)
	}
	second.ack(e) // on another connection it does not count
	second.ack(again)
	if c.settled(did.ID); c.s.Attempts(did.ID) != 2 {
		t.Errorf("it was sent %d times", c.s.Attempts(did.ID))
	}
	third := c.connect()
	if c.s.Connections() != 2 {
		t.Errorf("%d connections", c.s.Connections())
	}
	c.s.Drop(false)
	if !second.closed() {
		t.Error("it is still there")
	}
	c.s.Disconnect(slacktest.LinkDisabled, false)
	if e := third.next(); e.Reason != slacktest.LinkDisabled || !third.closed() {
		t.Errorf("there comes %+v", e)
	}
	app := c
	app.token = c.s.AppToken()
	if got := app.form("apps.connections.open").failed(); got == "ok" {
		t.Error("Socket Mode is off, and opens")
	}
	c.broke()
}

func TestAnyConnection(t *testing.T) {
	c := newClient(t, slacktest.Options{Seed: 3})
	maryam := c.s.AddUser(slacktest.User{})
	got := make(chan int, 100)
	for i := range 3 {
		p := c.connect()
		go func() {
			for {
				_, raw, err := p.conn.ReadMessage()
				if err != nil {
					return
				}
				var e envelope
				_ = json.Unmarshal(raw, &e)
				_ = p.conn.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"`+e.ID+`"}`))
				got <- i
			}
		}()
	}
	counts := map[int]int{}
	for range 60 {
		c.s.Say(maryam, "hello")
		counts[<-got]++
	}
	if len(counts) != 3 {
		t.Errorf("the payloads came over %v", counts)
	}
	for range 7 {
		c.connect()
	}
	eleventh, _ := c.dial(c.url())
	if e := eleventh.next(); e.Type != "disconnect" {
		t.Errorf("the eleventh gets %+v", e)
	}
	c.broke(slacktest.RuleSocket)
}

func TestPings(t *testing.T) {
	c := newClient(t, slacktest.Options{PingEvery: 20 * time.Millisecond})
	p := c.connect()
	pings := 0
	p.conn.SetPingHandler(func(string) error { pings++; return nil }) // and no pong
	if !p.closed() {
		t.Error("without a pong it stays open")
	}
	if pings == 0 {
		t.Error("no ping came")
	}
	quiet := c.connect()
	c.s.Mute(true)
	c.s.Say(c.s.AddUser(slacktest.User{}), "hello")
	_ = quiet.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	quiet.conn.SetPingHandler(func(string) error { return nil })
	if _, raw, err := quiet.conn.ReadMessage(); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a mute connection says %s, %v", raw, err)
	}
}

func TestBadFrames(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	p := c.connect()
	did := c.s.Raw(slacktest.Events, `{"type":7,"event":[]}`)
	e := p.next()
	if e.ID == "" || string(e.Payload) != `{"type":7,"event":[]}` {
		t.Errorf("there comes %+v", e)
	}
	p.ack(e)
	if !c.settled(did.ID) {
		t.Error("it is not acknowledged")
	}
	c.s.SendFrame(`{"type":"hologram"}`)
	if e := p.next(); e.Type != "hologram" {
		t.Errorf("there comes %+v", e)
	}
	c.s.Poison(c.s.AddUser(slacktest.User{}))
	if e := p.next(); !strings.Contains(string(e.Payload), "hologram_shared") {
		t.Errorf("there comes %s", e.Payload)
	}
	c.s.AppRateLimited()
	if e := p.next(); !strings.Contains(string(e.Payload), "app_rate_limited") {
		t.Errorf("there comes %s", e.Payload)
	}
}
