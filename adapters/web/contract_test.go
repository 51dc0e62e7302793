package web_test

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/bottest"
)

// TestContract holds the page against what every adapter must keep, over real
// HTTP: a phone's POST is what a platform delivers, and 200 is what it sees as
// acknowledged.
func TestContract(t *testing.T) {
	bottest.Contract(t, bottest.Subject{New: newRig})
}

func newRig(t *testing.T) bottest.Rig {
	t.Helper()
	shelf := &webtest.Shelf{}
	server := httptest.NewUnstartedServer(nil)
	page := web.New(web.Options{Account: "try", Shelf: shelf, Address: "http://" + server.Listener.Addr().String()})
	server.Config.Handler = page.Handler()
	server.Start()
	t.Cleanup(server.Close)
	raws, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.json"))
	if err != nil || len(raws) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	r := bottest.Rig{
		Adapter: page, Account: "try", Chats: []string{web.RoleMember, web.RoleLeader, web.RoleOrganiser}, NoChat: "member-7",
		Ready: func() {
			for !page.Receiving() {
				runtime.Gosched()
			}
		},
		Do:    func(d bottest.Did) func() bool { return do(t, server.URL, d) },
		Shown: func(chat string) []bottest.Stands { return standing(t, server.URL, phone(t, server.URL, chat)) },
		Block: func(chat string, on bool) { block(t, page, server.URL, chat, on) },
		Cut:   func() { shelf.Fail(errors.New("no space left")) },
	}
	for _, name := range raws {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r.Raws = append(r.Raws, raw)
	}
	return r
}

// do prepares the POST of what a person does; it may be sent again and again.
func do(t *testing.T, base string, d bottest.Did) func() bool {
	t.Helper()
	what, body := "text", map[string]any{"key": rand.Text(), "hint": "ar-SY"}
	switch d.Kind {
	case bot.ButtonPressed:
		it := fromElla(phone(t, base, d.Chat))[d.Message]
		what, body["message"], body["data"] = "press", it.Seq, webtest.Buttons(it)[d.Button].Data
	case bot.LocationShared:
		what, body["lat"], body["lng"] = "location", d.Lat, d.Lng
	default:
		body["text"] = d.Text
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return func() bool { return accepted(t, base+"/phones/"+d.Chat+"/"+what, string(raw)) }
}

func accepted(t *testing.T, url, body string) bool {
	t.Helper()
	w, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return false
	}
	defer w.Body.Close()
	return w.StatusCode == http.StatusOK
}

// block blocks Ella on a phone. It is an update like any other, so it needs
// somebody who receives; the tests of Send have nobody.
func block(t *testing.T, page *web.Adapter, base, chat string, on bool) {
	t.Helper()
	if !page.Receiving() {

		go func() {
			if err := page.Receive(t.Context(), quietInbox{}); err != nil {
				t.Error(err)
			}
		}()
		for !page.Receiving() {
			runtime.Gosched()
		}
	}
	if !accepted(t, base+"/phones/"+chat+"/block", fmt.Sprintf(`{"key":%q,"blocked":%v}`, rand.Text(), on)) {
		t.Fatal("the phone can't block")
	}
}

// phone is one phone as the page shows it to whoever opens it now.
func phone(t *testing.T, base, id string) web.PhoneState {
	t.Helper()
	w, err := http.Get(base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	lines := bufio.NewReader(w.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream has no snapshot: %v", err)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var s web.Snapshot
		if err := json.Unmarshal([]byte(data), &s); err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Phones {
			if p.ID == id {
				return p
			}
		}
		t.Fatalf("there is no phone %s", id)
	}
}

func fromElla(p web.PhoneState) (items []web.Item) {
	for _, it := range p.Items {
		if it.From == web.FromElla {
			items = append(items, it)
		}
	}
	return items
}

func standing(t *testing.T, base string, p web.PhoneState) (all []bottest.Stands) {
	t.Helper()
	for _, it := range fromElla(p) {
		s := bottest.Stands{Text: webtest.Text(it)}
		if it.File != "" {
			name, data, err := webtest.Download(base, it)
			if err != nil {
				t.Fatal(err)
			}
			s.Files = map[string][]byte{name: data}
		}
		for _, b := range webtest.Buttons(it) {
			s.Buttons = append(s.Buttons, b.Label)
		}
		all = append(all, s)
	}
	return all
}
