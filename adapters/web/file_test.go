package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/message"
)

func withFile(f message.File) message.Message {
	return message.Message{Locale: "en", Blocks: []message.Block{message.Say("Here it is."), f}}
}

// fetch gets a path as a browser or a program asks for it.
func fetch(t *testing.T, s *stage, path string, header map[string]string) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	r.Host = r.Header.Get("Host")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, w.Header, body
}

// TestFileIsKeptAndNeverShown: a file is for whoever it was sent to, is given
// out only to be kept, and stays where it is over a restart.
func TestFileIsKeptAndNeverShown(t *testing.T) {
	s := play(t)
	pdf := message.File{Name: "card.pdf", MediaType: message.PDFDocument, Data: []byte("%PDF\xff\x00"), About: "To print"}
	for _, f := range []message.File{testFile(), testFile(), pdf} {
		send(t, s, bot.Outgoing{Chat: "member", Message: withFile(f)})
	}
	send(t, s, bot.Outgoing{Chat: "member", Message: say("no file", "")})
	items := s.open(t).Phone("member").Items()
	if got := webtest.Text(items[0]); got != "Here it is.\nAll about you\n📎 all-about-me.txt" {
		t.Errorf("it reads %q", got)
	}
	if items[0].File == items[1].File || len(items[0].File) < 20 || items[3].File != "" {
		t.Errorf("files are named %q, %q and %q", items[0].File, items[1].File, items[3].File)
	}
	path := func(phone string, seq int, file string) string {
		return fmt.Sprintf("/phones/%s/files/%d/%s", phone, seq, file)
	}
	mine := path("member", 1, items[0].File)
	for _, when := range []string{"before", "after"} {
		for name, c := range map[string]struct {
			path   string
			header map[string]string
			status int
		}{
			"the file":              {mine, nil, 200},
			"from the page":         {mine, map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}, 200},
			"another site's link":   {mine, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403},
			"another port's script": {mine, map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
			"a rebound name":        {mine, map[string]string{"Host": "evil.example"}, 403},
			"another's phone":       {path("leader", 1, items[0].File), nil, 404},
			"another message":       {path("member", 2, items[0].File), nil, 404},
			"a guess":               {path("member", 1, strings.Repeat("A", 26)), nil, 404},
			"no name":               {path("member", 1, ""), nil, 404},
			"a message without":     {path("member", 4, items[0].File), nil, 404},
			"a message to come":     {path("member", 5, items[0].File), nil, 404},
			"no number":             {"/phones/member/files/x/" + items[0].File, nil, 404},
			"no phone":              {"/phones/%2e%2e/files/1/" + items[0].File, nil, 404},
			"by its own name":       {path("member", 1, "all-about-me.txt"), nil, 404},
		} {
			status, got, body := fetch(t, s, c.path, c.header)
			if status != c.status || (c.status == 200) != bytes.Equal(body, testFile().Data) {
				t.Errorf("%s the restart, %s: %d, %q", when, name, status, body)
			}
			if c.status != 200 {
				continue
			}
			for header, want := range map[string]string{
				"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": "attachment; filename=all-about-me.txt", "X-Content-Type-Options": "nosniff",
				"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "Content-Length": "24",
			} {
				if got.Get(header) != want {
					t.Errorf("%s is %q, want %q", header, got.Get(header), want)
				}
			}
			if policy := got.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
				t.Errorf("the policy is %q", policy)
			}
		}
		if _, got, body := fetch(t, s, path("member", 3, items[2].File), nil); got.Get("Content-Type") != "application/pdf" || !bytes.Equal(body, pdf.Data) {
			t.Errorf("%s the restart the PDF is %q of type %q", when, body, got.Get("Content-Type"))
		}
		s.stop()
		s.start(t)
	}
}

// TestFileThatIsReplaced: what a message no longer holds is no longer given out.
func TestFileThatIsReplaced(t *testing.T) {
	s := play(t)
	phone := s.open(t).Phone("member")
	ref := send(t, s, bot.Outgoing{Chat: "member", Message: withFile(testFile())})
	old := phone.Next()
	again := testFile()
	again.Name = "again.txt"
	send(t, s, bot.Outgoing{Chat: "member", Message: withFile(again), Edit: ref})
	name, data := phone.Download(phone.Next())
	if name != "again.txt" || !bytes.Equal(data, again.Data) {
		t.Errorf("the new file is %s, %q", name, data)
	}
	if _, _, err := webtest.Download(s.url, old); err == nil {
		t.Error("the old address still leads to a file")
	}
	s.shelf.Fail(errors.New("locked"))
	if status, _, _ := fetch(t, s, fmt.Sprintf("/phones/member/files/1/%s", old.File), nil); status != 503 {
		t.Errorf("while the shelf fails: %d", status)
	}
	s.shelf.Fail(nil)
}
