package telegram

import (
	"cmp"
	"slices"
	"strings"

	"ella/adapters/wording"
	"ella/bot/message"
)

// toHTML escapes people's words. These are all the characters that mean something in
// Telegram's HTML (https://core.telegram.org/bots/api#html-style); nothing that is
// typed can become markup.
var toHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// inQuotes escapes an address that stands in quotes.
var inQuotes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// html writes lines as Telegram's HTML. In a message that reads from right to left
// each line begins so that the apps lay it out so; in another one those lines do that
// hold nothing but somebody's words in such a script.
func html(lines []line, rtl bool) string {
	var b strings.Builder
	inside := "" // the isolate that is open
	last := lastRun(lines)
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if inside == "" && (rtl && !l.blank() && !wording.RunsRightToLeft(l) || !rtl && wording.ReadsRightToLeft(l)) {
			b.WriteString(wording.RightToLeft)
		}
		for n := range l {
			r := &l[n]
			before, after := wording.Guards(r.text)
			b.WriteString(strings.Repeat(cmp.Or(r.isolate, message.IsolateFirst), before))
			if r.isolate != inside {
				b.WriteString(r.isolate)
			}
			r.write(&b)
			inside = r.isolate
			if !r.open || r == last {
				if r.isolate != "" {
					b.WriteString(message.IsolateEnd)
				}
				inside = ""
			}
			b.WriteString(strings.Repeat(message.IsolateEnd, after))
		}
	}
	return b.String()
}

func lastRun(lines []line) *run {
	for _, l := range slices.Backward(lines) {
		if n := len(l); n > 0 {
			return &l[n-1]
		}
	}
	return nil
}

func (r *run) write(b *strings.Builder) {
	if r.href != "" {
		b.WriteString(`<a href="` + inQuotes.Replace(r.href) + `">`)
	}
	if r.bold {
		b.WriteString("<b>")
	}
	if r.code {
		b.WriteString("<code>")
	}
	b.WriteString(toHTML.Replace(r.text))
	if r.code {
		b.WriteString("</code>")
	}
	if r.bold {
		b.WriteString("</b>")
	}
	if r.href != "" {
		b.WriteString("</a>")
	}
}
