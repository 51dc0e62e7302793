package web_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser starts a headless Chromium for a test and its subtests. Without one
// the test is skipped, but not in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium here, and CI must test the try page in one")
		}
		t.Skip("not tested: the try page in a browser (no Chromium here)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.UserDataDir(t.TempDir()),
	)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// patience is how long a window waits for anything.
const patience = 20 * time.Second

// window is one tab with a page in it, and what went wrong there.
type window struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// look describes how a window looks.
type look struct {
	width, height int64
	dark, still   bool
	languages     string
}

// open opens url in a new tab. At the end of the test it fails when the page
// logged an error, threw, or asked anything of anybody but its own server.
func open(t *testing.T, parent context.Context, url string, l look) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	messages, requests := chromedp.Console(ctx), chromedp.Events(ctx, network.RequestWillBeSent)
	go func() {
		for m, err := range messages {
			if err == nil && (m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning) {
				w.note(m.String())
			}
		}
	}()
	go func() {
		for r, err := range requests {
			if err == nil && !strings.HasPrefix(r.Request.URL, url+"/") {
				w.note("request to elsewhere: " + r.Request.URL)
			}
		}
	}()
	// Cleanups run last in, first out: this one before the tab closes.
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, f := range w.faults {
			t.Errorf("in the browser: %s", f)
		}
	})
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "no-preference"}}
	if l.dark {
		features[0].Value = "dark"
	}
	if l.still {
		features[1].Value = "reduce"
	}
	if l.languages == "" {
		l.languages = "en-GB"
	}
	command(w, network.Enable, network.EnableParams{})
	command(w, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "Chromium", AcceptLanguage: l.languages})
	command(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	w.do("open the page", chromedp.EmulateViewport(l.width, l.height), chromedp.Navigate(url+"/"))
	w.until("the phones", `document.querySelectorAll(".strip.ready .phone").length >= 3`)
	return w
}

func (w *window) note(fault string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fault)
}

// forgive drops the faults so far whose text holds part: a refused or failed
// request is logged by the browser even when the page deals with it.
func (w *window) forgive(part string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = slices.DeleteFunc(w.faults, func(f string) bool { return strings.Contains(f, part) })
}

func command[P, R any](w *window, c cdp.Command[P, R], params P) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, c, params); err != nil {
		w.t.Fatalf("%s: %v", c.Method, err)
	}
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// until waits until an expression is true in the page.
func (w *window) until(what, expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.t.Fatalf("waited in vain for %s: %v; faults: %q", what, err, w.faults)
	}
}

// eval evaluates an expression in the page.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	out, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return out
}

// keys presses keys, one after the other, wherever the focus is.
func (w *window) keys(keys string, options ...chromedp.KeyOption) {
	w.t.Helper()
	w.do("keys", chromedp.KeyEvent(keys, options...))
}

// shoot writes a picture of the window into $ELLA_SCREENSHOTS, when that is set.
func (w *window) shoot(name string) {
	w.t.Helper()
	dir := os.Getenv("ELLA_SCREENSHOTS")
	if dir == "" {
		return
	}
	w.until("the page to be still", `document.getAnimations().every((a) => a.effect.getComputedTiming().iterations === Infinity)`)
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o600); err != nil {
		w.t.Fatal(err)
	}
}
