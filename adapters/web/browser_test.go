package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ella/adapters/web"
	"ella/bot"
	"ella/bot/message"
)

// TestBrowser plays the page in a real browser, as a person would.
func TestBrowser(t *testing.T) {
	chromium := browser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"conversation": testConversation,
		"keyboard":     testKeyboard,
		"phone width":  testPhoneWidth,
		"looks":        testLooks,
		"not sent":     testNotSent,
		"reconnects":   testReconnects,
		"two tabs":     testTwoTabs,
		"location":     testLocation,
		"blocked":      testBlocked,
		"file":         testFileRow,
		"start link":   testStartLink,
		"damaged link": testDamagedLink,
		"no room":      testNoRoom,
	} {
		t.Run(name, func(t *testing.T) { test(t, chromium) })
	}
}

const (
	member = `document.querySelector("#phone-member")`
	last   = `document.querySelector("#phone-member .item:last-child")`
)

// wide is a computer's window.
var wide = look{width: 1440, height: 900}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)
}

// paste puts text into the field that has the focus, as a paste does.
func (w *window) paste(text string) {
	w.t.Helper()
	command(w, input.InsertText, input.InsertTextParams{Text: text})
}

func (w *window) untilText(selector, part string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%q in %s", part, selector), fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))`, selector, part))
}

func testConversation(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	w.do("say", click("#phone-member textarea"))
	w.paste("salaam <b>&amp;</b>\u202e")
	w.do("send", click("#phone-member .send"))
	w.untilText("#phone-member .ellas", "You said: salaam <b>&amp;</b>\u202e")
	w.until("my own message is received", member+`.querySelector(".mine [href='#tick']") !== null`)

	w.do("press start", chromedp.Focus(chromedp.CSS("#phone-member textarea")))
	w.paste("/start")
	w.keys(kb.Enter)
	w.untilText("#phone-member .action", "Maybe")
	before := eval[int](w, member+`.querySelectorAll(".item").length`)
	w.do("press", click("#phone-member .action"))
	w.untilText("#phone-member .ellas", "Thank you")
	w.untilText("#phone-member .toast", "Noted")
	w.untilText("#phone-member .foot", "edited")
	if after := eval[int](w, member+`.querySelectorAll(".item").length`); after != before {
		t.Errorf("an edit changed the number of messages from %d to %d", before, after)
	}
	if text := eval[string](w, last+`.textContent`); strings.Contains(text, "Welcome") {
		t.Errorf("the edited message still shows what it was")
	}
	// The keyboard stays at what was pressed, though it was drawn anew.
	if at := eval[string](w, `document.activeElement.textContent`); at != "Change" {
		t.Errorf("after the edit the focus is at %q", at)
	}

	w.do("add a member", click("#add"))
	w.until("a fourth phone", `document.querySelectorAll(".phone").length === 4`)
	w.untilText("#phone-member-2 h2", "Member 2")
	w.until("the focus is in it", `document.activeElement.matches("#phone-member-2 .start")`)
	w.keys(kb.Enter)
	w.untilText("#phone-member-2 .action", "Yes")
	w.until("the new phone in sight", `document.querySelector("#phone-member-2").getBoundingClientRect().right <= innerWidth`)
	w.shoot("four-phones")
}

func testKeyboard(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	tab := func(what, selector string) {
		t.Helper()
		for range 12 {
			w.keys(kb.Tab)
			if eval[bool](w, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
				if style := eval[string](w, `getComputedStyle(document.activeElement).outlineStyle`); style == "none" {
					t.Errorf("the focus is not visible at %s", what)
				}
				return
			}
		}
		t.Fatalf("Tab does not reach %s", what)
	}
	tab("the menu", "#phone-member .menu")
	tab("the conversation", "#phone-member .roll")
	tab("the start button", "#phone-member .start")
	w.keys(" ")
	w.untilText("#phone-member .action", "Yes")
	w.until("the focus is in the field", `document.activeElement.matches("#phone-member textarea")`)
	w.keys("one")
	w.keys(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift))
	w.keys("two")
	w.keys(kb.Enter)
	w.untilText("#phone-member .ellas", "You said: one\ntwo")
	w.keys(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)) // the place button
	w.keys(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)) // the last button of the messages
	w.until("the focus is at a button", `document.activeElement.matches("#phone-member .action")`)
	w.keys(kb.Enter)
	w.untilText("#phone-member .toast", "Noted")
	if names := eval[[]string](w, `[...document.querySelectorAll("button, textarea, [role], dialog, section")].filter((e) => !e.closest("template") && !(e.ariaLabel || e.textContent.trim() || e.getAttribute("aria-labelledby") || e.matches(".toast, .lost"))).map((e) => e.outerHTML)`); len(names) > 0 {
		t.Errorf("without a name for screen readers: %q", names)
	}
}

func testPhoneWidth(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, look{width: 390, height: 844, still: true})
	w.until("the first phone is in front", `document.querySelector(".tabs button:nth-child(1)[aria-current]") !== null`)
	if over := eval[float64](w, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %v pixels too wide", over)
	}
	send(t, s, bot.Outgoing{Chat: "organiser", Message: say("Somebody answered", "")})
	w.until("a mark at the third tab", `document.querySelector(".tabs button:nth-child(3) .news .sr") !== null`)
	w.shoot("tabs-390")
	w.do("to the third", click(".tabs button:nth-child(3)"))
	w.until("the third phone is in front", `document.querySelector(".tabs button:nth-child(3)[aria-current]") !== null && Math.abs(document.querySelector("#phone-organiser").getBoundingClientRect().left) < 2`)
	w.until("no mark is left", `document.querySelector(".news .sr") === null`)
	long := strings.Repeat("Donaudampfschifffahrt", 12)
	send(t, s, bot.Outgoing{Chat: "organiser", Message: message.Message{Locale: "en", Blocks: []message.Block{
		message.Heading{Spans: []message.Span{text(long)}},
		message.Facts{Rows: []message.Fact{{Label: long, Value: []message.Span{value(message.Phone, "+44 121 496 0000 0000 0000 0000 0000 0000")}}}},
		message.Choices{Rows: [][]message.Action{{act(long, "a", ""), act(long, "b", ""), act("c", "c", "")}}},
	}}})
	w.untilText("#phone-organiser .action", long)
	if over := eval[float64](w, `(() => { const r = document.querySelector("#phone-organiser .roll"); return r.scrollWidth - r.clientWidth; })()`); over > 0 {
		t.Errorf("long words make the conversation %v pixels too wide", over)
	}
	w.shoot("long-390")
}

// contrasts lists texts whose contrast with what they stand on is below 4.5:1
// (WCAG 2.2, 1.4.3).
const contrasts = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [...d]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return rgba(getComputedStyle(document.documentElement).getPropertyValue("--paper")); };
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("template, svg, .sr, [hidden]") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const a = light(rgba(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + "." + e.className + " " + e.textContent.slice(0, 20) + " " + ratio.toFixed(2));
  }
  return bad;
})()`

func testLooks(t *testing.T, chromium context.Context) {
	s := play(t, func(o *web.Options) { o.Strings = testWords })
	s.echo.mute = true
	for phone, messages := range gallery(t) {
		for _, m := range messages {
			send(t, s, bot.Outgoing{Chat: phone, Message: m})
		}
	}
	p := s.open(t)
	p.Phone("member").Say("متى نلتقي؟ At 14:00?")
	p.Phone("leader").Say("Ile osób przyjdzie?")
	p.Phone("leader").PressData(2, "v1:test.press::yes")
	for name, l := range map[string]look{
		"light-1440":  {width: 1440, height: 900},
		"dark-1440":   {width: 1440, height: 900, dark: true},
		"light-390":   {width: 390, height: 844, still: true},
		"dark-390":    {width: 390, height: 844, dark: true},
		"arabic-1440": {width: 1440, height: 900, languages: "ar"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, chromium, s.url, l)
			w.until("all messages", `document.querySelectorAll(".item").length === 8`)
			w.until("the picture", `document.querySelector(".bubble img").naturalWidth === 640`)
			w.until("the member's phone in Arabic", member+`.lang === "ar" && `+member+`.dir === "rtl"`)
			w.until("the conversations at their end", `[...document.querySelectorAll(".roll")].every((r) => r.scrollHeight - r.scrollTop - r.clientHeight < 2)`)
			if bad := eval[[]string](w, contrasts); len(bad) > 0 {
				t.Errorf("too little contrast: %q", bad)
			}
			// In Arabic, Ella is on the right and I am on the left.
			if !eval[bool](w, `(() => { const r = document.querySelector("#phone-member .roll").getBoundingClientRect(), e = document.querySelector("#phone-member .ellas").getBoundingClientRect(), m = document.querySelector("#phone-member .mine").getBoundingClientRect(); return r.right - e.right < 30 && m.left - r.left < 30; })()`) {
				t.Error("the bubbles of a right-to-left phone are on the wrong sides")
			}
			if html := eval[int](w, `document.querySelectorAll(".bubble b").length`); html != 0 {
				t.Error("a person's words became markup")
			}
			if lang := eval[string](w, `document.documentElement.lang`); (lang == "ar") != (l.languages == "ar") {
				t.Errorf("the page's own language is %q", lang)
			}
			if pressed := eval[string](w, `document.querySelector("#phone-leader [aria-pressed=true]").textContent`); pressed != "እወ" {
				t.Errorf("pressed is %q", pressed)
			}
			s.Typing(t.Context(), "organiser")
			w.until("that Ella is writing", `document.querySelector("#phone-organiser.typing .state")?.textContent.includes("Ella")`)
			w.shoot(name)
			w.do("scroll up", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".roll").forEach((r) => { r.scrollTop = 0; })`))
			w.shoot(name + "-top")
		})
	}
}

func testNotSent(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	s.echo.failWith(context.DeadlineExceeded)
	w.do("say", click("#phone-member textarea"))
	w.paste("hello")
	w.keys(kb.Enter)
	w.untilText("#phone-member .failed", "Not sent")
	w.shoot("not-sent")
	w.forgive("503")
	s.echo.failWith(nil)
	w.do("try again", click("#phone-member .retry"))
	w.untilText("#phone-member .ellas", "You said: hello")
	w.until("one message of mine", member+`.querySelectorAll(".mine").length === 1 && !`+member+`.querySelector(".failed")`)
	if n := len(s.echo.updates()); n != 1 {
		t.Errorf("the engine saw %d updates", n)
	}

	w.do("a hundred kilobytes", click("#phone-member textarea"))
	w.paste(strings.Repeat("x", 100_000))
	w.keys(kb.Enter)
	w.untilText("#phone-member .toast", "too long")
	if n := eval[int](w, `document.querySelector("#phone-member textarea").value.length`); n != 100_000 {
		t.Errorf("the field holds %d letters of 100,000", n)
	}
}

func testReconnects(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	p := s.open(t)
	p.Phone("member").Say("before")
	w.untilText("#phone-member .ellas", "You said: before")
	s.stop()
	w.untilText("#lost", "Reconnecting")
	s.start(t)
	w.until("the page is back", `document.querySelector("#lost").textContent === ""`)
	w.forgive("ERR_")
	p.Phone("member").Say("after")
	w.untilText("#phone-member .ellas", "You said: after")
	w.until("everything once", member+`.querySelectorAll(".item").length === 4`)
}

func testTwoTabs(t *testing.T, chromium context.Context) {
	s := play(t)
	one, two := open(t, chromium, s.url, wide), open(t, chromium, s.url, wide)
	one.do("say", click("#phone-leader textarea"))
	one.paste("hello")
	one.keys(kb.Enter)
	for _, w := range []*window{one, two} {
		w.untilText("#phone-leader .mine", "hello")
		w.untilText("#phone-leader .ellas", "You said: hello")
		w.until("once", `document.querySelectorAll("#phone-leader .mine").length === 1`)
	}
}

func testLocation(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	send(t, s, bot.Outgoing{Chat: "member", Message: message.Message{Locale: "en", Blocks: []message.Block{
		message.Paragraph{Spans: []message.Span{text("Where do you live?")}}, message.LocationRequest{Label: "Tell Ella"},
	}}})
	w.untilText("#phone-member .action", "Tell Ella")
	w.do("open", click("#phone-member .action"))
	w.until("the sheet", member+`.querySelector(".sheet").open`)
	w.shoot("location")
	w.keys(kb.Escape)
	w.until("the keyboard is back", `document.activeElement.matches("#phone-member .action")`)
	w.do("open again", click("#phone-member .place"), click("#phone-member .places li:nth-child(3) button"))
	w.untilText("#phone-member .ellas", "You are somewhere")
	w.untilText("#phone-member .mine", "Location shared")

	command(w, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{})
	w.do("ask the device", click("#phone-member .place"), click("#phone-member .device"))
	w.untilText("#phone-member .toast", "can't say where it is")

	updates := s.echo.updates()
	i := slices.IndexFunc(updates, func(u bot.Update) bool { return u.Kind == bot.LocationShared })
	if i < 0 || updates[i].Lat < 51.6 || updates[i].Lat > 51.7 || updates[i].Lng > -3.9 || updates[i].Lng < -4 {
		t.Errorf("Swansea arrived as %+v", updates)
	}
}

func testBlocked(t *testing.T, chromium context.Context) {
	s := play(t)
	w := open(t, chromium, s.url, wide)
	w.do("block", click("#phone-leader .menu"), click("#phone-leader .panel .block"))
	w.until("the field is gone", `document.querySelector("#phone-leader .composer").hidden`)
	w.shoot("blocked")
	if _, err := s.Send(t.Context(), bot.Outgoing{Chat: "leader", Message: say("hello", "")}); bot.SendKindOf(err) != bot.Blocked {
		t.Errorf("Send to a phone that blocks Ella: %v", err)
	}
	w.do("unblock", click("#phone-leader .unblock"))
	w.until("the field is back", `document.activeElement.matches("#phone-leader textarea")`)
	send(t, s, bot.Outgoing{Chat: "leader", Message: say("hello", "")})
	w.untilText("#phone-leader .ellas", "hello")
}
