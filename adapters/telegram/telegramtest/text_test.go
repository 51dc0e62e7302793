package telegramtest_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

type entity = telegramtest.Entity

func TestHTML(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	for _, c := range []struct {
		source, text string
		entities     []entity
	}{
		{"plain", "plain", nil},
		{"<b>a</b><strong>b</strong>", "ab", []entity{{Type: "bold", Length: 1}, {Type: "bold", Offset: 1, Length: 1}}},
		{"<i>a</i><em>b</em>", "ab", []entity{{Type: "italic", Length: 1}, {Type: "italic", Offset: 1, Length: 1}}},
		{"<u>a</u><ins>b</ins>", "ab", []entity{{Type: "underline", Length: 1}, {Type: "underline", Offset: 1, Length: 1}}},
		{"<s>a</s><strike>b</strike><del>c</del>", "abc", []entity{{Type: "strikethrough", Length: 1}, {Type: "strikethrough", Offset: 1, Length: 1}, {Type: "strikethrough", Offset: 2, Length: 1}}},
		{`<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>`, "ab", []entity{{Type: "spoiler", Length: 1}, {Type: "spoiler", Offset: 1, Length: 1}}},
		{`<a href="https://example.org/?a=1&amp;b=2">here</a>`, "here", []entity{{Type: "text_link", Length: 4, URL: "https://example.org/?a=1&b=2"}}},
		{`<a href='http://example.org'>here</a>`, "here", []entity{{Type: "text_link", Length: 4, URL: "http://example.org/"}}},
		{`<a href="tel:+441214960000">call</a>`, "call", nil},
		{`<a href="javascript:alert(1)">x</a>`, "x", nil},
		{`<a>example.org</a>`, "example.org", []entity{{Type: "text_link", Length: 11, URL: "http://example.org/"}}},
		{`<a href="tg://user?id=` + fmt.Sprint(user) + `">you</a>`, "you", []entity{{Type: "text_mention", Length: 3, User: user}}},
		{"<code>a</code>", "a", []entity{{Type: "code", Length: 1}}},
		{"<pre>a</pre>", "a", []entity{{Type: "pre", Length: 1}}},
		{`<pre><code class="language-go">a</code></pre>`, "a", []entity{{Type: "pre", Length: 1, Language: "go"}}},
		{"<code>a<b>c</b></code>", "ac", []entity{{Type: "code", Length: 2}}},
		{"<blockquote>a</blockquote>", "a", []entity{{Type: "blockquote", Length: 1}}},
		{"<blockquote expandable>a</blockquote>", "a", []entity{{Type: "expandable_blockquote", Length: 1}}},
		{"<b>a<i>b</i></b>", "ab", []entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1}}},
		{"<B>a</B>", "a", []entity{{Type: "bold", Length: 1}}},
		{"<b></b>a", "a", nil},
		{"&lt;b&gt; &amp; &quot; &#60;&#x3C;&#39;", `<b> & " <<'`, nil},
		// Entities are counted in UTF-16 units.
		{"😀 <b>ж😀</b>", "😀 ж😀", []entity{{Type: "bold", Offset: 3, Length: 3}}},
		// What shows nothing at the ends is cut off, what turns directions is taken out,
		// isolates stay.
		{"  a <b>b </b> \n", "a b", []entity{{Type: "bold", Offset: 2, Length: 1}}},
		{"  <b> a</b>", " a", []entity{{Type: "bold", Length: 2}}}, // at the beginning only up to an entity
		{"x\u202ey\u2066z\u2069", "xy\u2066z\u2069", nil},
		{"a\x01b\tc\r\nd", "a b c\nd", nil},
		{"\u200f\u200fא", "\u200c\u200fא", nil},
	} {
		before := len(s.Breaches())
		b.want("ok", "sendMessage", set{"chat_id": user, "text": c.source, "parse_mode": "HTML"})
		all := s.Shown(user)
		got := all[len(all)-1]
		if got.Text != c.text || !reflect.DeepEqual(got.Entities, c.entities) {
			t.Errorf("%q stands there as %q with %+v,\nwant %q with %+v", c.source, got.Text, got.Entities, c.text, c.entities)
		}
		if len(s.Breaches()) != before {
			t.Errorf("%q: %q", c.source, s.Breaches()[before:])
		}
	}
	if got := s.Shown(user); got[22].Text != "😀 ж😀" || got[22].Marked("bold") != "ж😀" {
		t.Errorf("bold is %q in %q", got[22].Marked("bold"), got[22].Text)
	}
	if got := s.Shown(user)[25]; got.Written != "x\u202ey\u2066z\u2069" {
		t.Errorf("what was written is %q", got.Written)
	}
}

func TestHTMLIsRefused(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	for source, want := range map[string]string{
		"<p>x</p>":             `Unsupported start tag "p" at byte offset 0`,
		"1 < 2":                `Unsupported start tag "" at byte offset 2`,
		"ж<br/>":               `Unsupported start tag "br/" at byte offset 2`,
		"<b>x":                 `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                "Unexpected end tag at byte offset 1",
		"<b>x</i>":             `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"<b><i>x</b></i>":      `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		"<b":                   "Unclosed start tag at byte offset 0",
		"<b>x</b":              "Unclosed end tag at byte offset 4",
		"<span>x</span>":       `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		`<a href="x>x</a>`:     "Unclosed start tag at byte offset 0",
		"<a href=x_y>x</a>":    "Unexpected end of name token at byte offset 8",
		`<a ="x">x</a>`:        `Empty attribute name in the tag "a" at byte offset 0`,
		"<a href":              `Unclosed start tag "a" at byte offset 0`,
		"x &#xd83d;":           "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
		"<script>alert(1)</s>": `Unsupported start tag "script" at byte offset 0`,
	} {
		b.want("Bad Request: can't parse entities: "+want, "sendMessage", set{"chat_id": user, "text": source, "parse_mode": "HTML"})
	}
	for _, breach := range s.Breaches() {
		if breach.Rule != telegramtest.RuleText {
			t.Errorf("a breach of another kind: %v", breach)
		}
	}
	if n := len(s.Breaches()); n != 16 || len(s.Shown(user)) != 0 {
		t.Errorf("%d breaches, and %d messages stand there", n, len(s.Shown(user)))
	}
	b.want("Bad Request: unsupported parse_mode", "sendMessage", set{"chat_id": user, "text": "*x*", "parse_mode": "MarkdownV2"})
}

// TestCarelessHTML is put up with, as by the real server, and told.
func TestCarelessHTML(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	for source, want := range map[string]string{"a & b": "a & b", "&nbsp;x": "&nbsp;x", "a > b": "a > b", "&#0;": "&#0;"} {
		b.want("ok", "sendMessage", set{"chat_id": user, "text": source, "parse_mode": "html"})
		if all := s.Shown(user); all[len(all)-1].Text != want {
			t.Errorf("%q stands there as %q", source, all[len(all)-1].Text)
		}
	}
	b.breaches(slices.Repeat([]telegramtest.Rule{telegramtest.RuleText}, 4)...)
}

func TestLengths(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	text := func(want, text string) {
		t.Helper()
		b.want(want, "sendMessage", set{"chat_id": user, "text": text, "parse_mode": "HTML"})
	}
	// 4096 code points after parsing: tags do not count, and an emoji counts once.
	text("ok", strings.Repeat("😀", 4096))
	text("ok", "<b>"+strings.Repeat("ж", 4096)+"</b>")
	text("ok", "  "+strings.Repeat("a", 4096)+"\n")
	b.breaches()
	text("Bad Request: message is too long", strings.Repeat("😀", 4097))
	text("Bad Request: message is too long", strings.Repeat("a", 4097))
	text("Bad Request: text is too long", strings.Repeat("<b>ab</b>", 4000))
	text("Bad Request: text must be non-empty", " \n\u200f\u00a0 ")
	text("Bad Request: text must be non-empty", "<b></b>")
	caption := func(want, caption string) {
		t.Helper()
		b.want(want, "editMessageCaption", set{"chat_id": user, "message_id": 4711, "caption": caption})
	}
	caption("Bad Request: message to edit not found", strings.Repeat("😀", 1024))
	caption("Bad Request: message caption is too long", strings.Repeat("😀", 1025))
	b.breaches(slices.Repeat([]telegramtest.Rule{telegramtest.RuleText}, 6)...)
	if got := b.post(t.Context(), "sendMessage?chat_id="+fmt.Sprint(user)+"&text=%ff", "", nil); got.OK {
		t.Error("bytes that are no UTF-8 were taken")
	}
}

func TestGivenEntities(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	send := func(want string, e ...set) {
		t.Helper()
		b.want(want, "sendMessage", set{"chat_id": user, "text": "😀 bold", "entities": e})
	}
	send("ok", set{"type": "bold", "offset": 3, "length": 4}, set{"type": "text_link", "offset": 0, "length": 2, "url": "https://example.org/"})
	want := []entity{{Type: "text_link", Length: 2, URL: "https://example.org/"}, {Type: "bold", Offset: 3, Length: 4}}
	if got := s.Shown(user)[0]; !reflect.DeepEqual(got.Entities, want) || got.Marked("bold") != "bold" {
		t.Errorf("the entities are %+v", got.Entities)
	}
	send("Bad Request: entity beginning and end must be at character boundaries", set{"type": "bold", "offset": 1, "length": 2})
	send("Bad Request: entity beginning and end must be at character boundaries", set{"type": "bold", "offset": 3, "length": 40})
	b.breaches(telegramtest.RuleText, telegramtest.RuleText)
	var many []set
	for i := range 101 {
		many = append(many, set{"type": []string{"bold", "italic"}[i%2], "offset": i, "length": 1})
	}
	b.want("ok", "sendMessage", set{"chat_id": user, "text": strings.Repeat("x", 200), "entities": many})
	if got := s.Shown(user)[1]; len(got.Entities) != 100 || len(s.Breaches()) != 3 {
		t.Errorf("%d entities were kept, %q", len(got.Entities), s.Breaches())
	}
}
