package web_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	download "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ella/adapters/web"
	"ella/bot"
	"ella/bot/message"
)

// downloads has the browser keep files in a folder, and returns it with a
// function that waits until one more of them is whole.
func (w *window) downloads() (dir string, wait func()) {
	w.t.Helper()
	dir = w.t.TempDir()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	w.t.Cleanup(cancel)
	progress := chromedp.BrowserEvents(ctx, download.DownloadProgress)
	on := true
	params := download.SetDownloadBehaviorParams{Behavior: download.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: &on}
	if _, err := chromedp.CallBrowser(w.ctx, download.SetDownloadBehavior, params); err != nil {
		w.t.Fatal(err)
	}
	whole := make(chan bool, 8)
	go func() {
		for e, err := range progress {
			if err == nil && e.State != download.DownloadProgressStateInProgress {
				whole <- e.State == download.DownloadProgressStateCompleted
			}
		}
	}()
	return dir, func() {
		w.t.Helper()
		select {
		case ok := <-whole:
			if !ok {
				w.t.Fatal("the download was given up")
			}
		case <-ctx.Done():
			w.t.Fatal("waited in vain for a download")
		}
	}
}

// testFileRow keeps a file with the keyboard, before and after a restart.
func testFileRow(t *testing.T, chromium context.Context) {
	s := play(t, func(o *web.Options) { o.Strings = testWords })
	w := open(t, chromium, s.url, wide)
	dir, wait := w.downloads()
	f := testFile()
	m := withFile(f)
	m.Locale, m.Direction = "ar", message.RightToLeft
	send(t, s, bot.Outgoing{Chat: "member", Message: m})
	w.untilText("#phone-member .file", "All about you")
	// The words of the row follow the phone's language, also when that changes.
	w.untilText("#phone-member .file .action", "تنزيل")
	if got := eval[string](w, member+`.querySelector(".file .which").textContent`); got != "all-about-me.txt24 بايت" && got != "all-about-me.txt٢٤ بايت" {
		t.Errorf("the row says %q", got)
	}
	if got := eval[string](w, member+`.querySelector(".file .action").textContent`); got != "تنزيل all-about-me.txt" {
		t.Errorf("for a screen reader the button is %q", got)
	}
	if !eval[bool](w, `(() => { const name = document.querySelector(".file .which bdi").getBoundingClientRect(), button = document.querySelector(".file .action").getBoundingClientRect(); return button.right <= name.left; })()`) {
		t.Error("from right to left the button stands before the name")
	}
	w.shoot("file-arabic")
	w.do("to the button", chromedp.Focus(chromedp.CSS("#phone-member .file .action")))
	w.keys(kb.Enter)
	wait()
	same := func(name string) {
		t.Helper()
		kept, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(kept, f.Data) {
			t.Errorf("kept is %q, %v", kept, err)
		}
	}
	same("all-about-me.txt")
	if at := eval[string](w, `location.pathname`); at != "/" {
		t.Errorf("the page went to %s", at)
	}

	s.stop()
	w.untilText("#lost", "Reconnecting")
	s.start(t)
	w.until("the page is back", `document.querySelector("#lost").textContent === ""`)
	w.forgive("ERR_")
	if err := os.Remove(filepath.Join(dir, "all-about-me.txt")); err != nil {
		t.Fatal(err)
	}
	w.do("keep it again", click("#phone-member .file .action"))
	wait()
	same("all-about-me.txt")
}

// testStartLink opens a poster's link, and an invitation's in a message. Each
// begins one conversation, on a phone of its own, however often it is reloaded.
func testStartLink(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	w.do("follow the link", chromedp.Navigate(s.url+"/?start=lar_n-legal"))
	w.untilText("#phone-member-2 .ellas", "You said: /start lar_n-legal")
	if got := eval[string](w, `location.href`); got != s.url+"/" {
		t.Errorf("the address is still %s", got)
	}
	w.until("the focus is in its field", `document.activeElement.matches("#phone-member-2 textarea")`)
	w.do("reload", chromedp.Reload())
	w.until("the phones", `document.querySelectorAll(".strip.ready .phone").length === 4`)
	w.do("reload again", chromedp.Reload())
	w.untilText("#phone-member-2 .ellas", "You said: /start lar_n-legal")

	link := s.url + "/?start=jABCD-EFGH"
	send(t, s, bot.Outgoing{Chat: "organiser", Message: message.Message{Locale: "en", Blocks: []message.Block{
		para(text("Send them this: "), value(message.URL, link)), message.LinkButton{Link: message.Link{Label: "Try it", URL: link}},
	}}})
	w.untilText("#phone-organiser .action", "Try it")
	w.do("write half a message", click("#phone-organiser textarea"))
	w.paste("half a mess")
	w.do("press the button", click("#phone-organiser .action"))
	w.untilText("#phone-member-3 .ellas", "You said: /start jABCD-EFGH")
	if got := eval[string](w, `document.querySelector("#phone-organiser textarea").value`); got != "half a mess" {
		t.Errorf("of the words half written is left %q", got)
	}
	w.do("double-click the words", chromedp.Evaluate[chromedp.Void](`[1, 2].forEach((detail) => document.querySelector("#phone-organiser .bubble a").dispatchEvent(new MouseEvent("click", { detail, bubbles: true, cancelable: true })))`))
	w.untilText("#phone-member-4 .ellas", "You said: /start jABCD-EFGH")
	if phones := len(s.open(t).Phones()); phones != 6 {
		t.Errorf("there are %d phones", phones)
	}
	if n := len(s.echo.updates()); n != 3 {
		t.Errorf("the engine saw %d updates", n)
	}
	w.shoot("start-link")
}

// testDamagedLink opens what can't be a start link.
func testDamagedLink(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	for _, payload := range []string{"", "a%20b", "%3Cscript%3E", "%D9%85", "a%00", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a%26b", "a+b"} {
		w.do("follow the link", chromedp.Navigate(s.url+"/?start="+payload))
		w.untilText("#lost", "This link is damaged")
		if got := eval[string](w, `location.href`); got != s.url+"/" {
			t.Errorf("%q: the address is still %s", payload, got)
		}
	}
	w.shoot("damaged-link")
	if phones, n := len(s.open(t).Phones()), len(s.echo.updates()); phones != 3 || n != 0 {
		t.Errorf("there are %d phones, and the engine saw %d updates", phones, n)
	}
}

// testNoRoom follows a link when no other phone fits.
func testNoRoom(t *testing.T, chromium context.Context) {
	s := play(t)
	p := s.open(t)
	for range web.MaxPhones - 3 {
		p.AddMember()
	}
	w := open(t, chromium, s.url, wide)
	w.do("follow the link", chromedp.Navigate(s.url+"/?start=abc"))
	w.untilText("#lost", "no room")
	w.forgive("409")
	if n := len(s.echo.updates()); n != 0 {
		t.Errorf("the engine saw %d updates", n)
	}
}
