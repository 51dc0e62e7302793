package webtest

import (
	"slices"
	"strings"

	"ella/adapters/web"
)

// Phone is one phone of a Page. It fails its test like the page does.
type Phone struct {
	page *Page
	id   string
}

// ID is the phone's id, which is also its chat and its sender.
func (ph *Phone) ID() string { return ph.id }

// Say sends a text and returns once it is durable and the phone shows it.
func (ph *Phone) Say(text string) {
	ph.page.t.Helper()
	ph.shown(ph.post("text", map[string]any{"text": text}))
}

// Share sends a location.
func (ph *Phone) Share(lat, lng float64) {
	ph.page.t.Helper()
	ph.shown(ph.post("location", map[string]any{"lat": lat, "lng": lng}))
}

// DropFile sends that there was a file.
func (ph *Phone) DropFile() {
	ph.page.t.Helper()
	ph.shown(ph.post("file", map[string]any{}))
}

// Block blocks Ella, or lifts it.
func (ph *Phone) Block(on bool) {
	ph.page.t.Helper()
	ph.post("block", map[string]any{"blocked": on})
	ph.page.await("the phone to know that it blocks", func() bool { return ph.screen().state.Blocked == on })
}

// Press presses the newest button with that label, and waits for one that is
// not there yet.
func (ph *Phone) Press(label string) {
	ph.page.t.Helper()
	var seq int64
	var data string
	ph.page.await("a button "+label, func() bool {
		for _, it := range slices.Backward(ph.screen().items) {
			for _, b := range Buttons(it) {
				if b.Label == label {
					seq, data = it.Seq, b.Data
					return true
				}
			}
		}
		return false
	})
	ph.PressData(seq, data)
}

// PressData presses with any data on any message: for old and forged buttons.
func (ph *Phone) PressData(seq int64, data string) {
	ph.page.t.Helper()
	ph.post("press", map[string]any{"message": seq, "data": data})
}

// Next returns the next of Ella's messages that is new or was changed, since the
// last that Next or Wait returned.
func (ph *Phone) Next() web.Item {
	ph.page.t.Helper()
	return ph.Wait(func(web.Item) bool { return true })
}

// Wait is Next, but passes over messages until cond is true.
func (ph *Phone) Wait(cond func(web.Item) bool) web.Item {
	ph.page.t.Helper()
	var found web.Item
	ph.page.await("a message on phone "+ph.id, func() bool {
		s := ph.screen()
		for i, it := range s.news {
			if cond(it) {
				found, s.news = it, s.news[i+1:]
				return true
			}
		}
		return false
	})
	return found
}

// WaitText is Wait for a message whose words (see Text) hold part.
func (ph *Phone) WaitText(part string) web.Item {
	ph.page.t.Helper()
	return ph.Wait(func(it web.Item) bool { return strings.Contains(Text(it), part) })
}

// Notice returns the next notice at a pressed button.
func (ph *Phone) Notice() string {
	ph.page.t.Helper()
	text := ""
	ph.page.await("a notice on phone "+ph.id, func() bool {
		s := ph.screen()
		if len(s.notices) == 0 {
			return false
		}
		text, s.notices = s.notices[0].Text, s.notices[1:]
		return true
	})
	return text
}

// Download presses the download button of a message, and returns the name and
// the content of the file that it leaves on the disk.
func (ph *Phone) Download(it web.Item) (name string, data []byte) {
	ph.page.t.Helper()
	name, data, err := Download(ph.page.base, it)
	if err != nil {
		ph.page.t.Fatalf("webtest: %v", err)
	}
	return name, data
}

// Typing waits until the phone has shown at least once that Ella is writing.
func (ph *Phone) Typing() {
	ph.page.t.Helper()
	ph.page.await("Ella to be writing", func() bool { return ph.screen().typed > 0 })
}

// Items is all that the phone shows, from the oldest on.
func (ph *Phone) Items() []web.Item {
	ph.page.mu.Lock()
	defer ph.page.mu.Unlock()
	return slices.Clone(ph.screen().items)
}

func (ph *Phone) screen() *screen { return ph.page.phones[ph.id] }

// post sends a body and returns the number of the item that it made, if any.
func (ph *Phone) post(what string, body map[string]any) int64 {
	ph.page.t.Helper()
	var taken web.Taken
	ph.page.post("phones/"+ph.id+"/"+what, body, &taken)
	return taken.Seq
}

func (ph *Phone) shown(seq int64) {
	ph.page.t.Helper()
	ph.page.await("the phone to show what was sent", func() bool {
		return slices.ContainsFunc(ph.screen().items, func(it web.Item) bool { return it.Seq == seq })
	})
}

// Buttons lists the buttons of an item, in reading order.
func Buttons(it web.Item) []web.Button {
	if it.Message == nil {
		return nil
	}
	var all []web.Button
	for _, b := range it.Message.Blocks {
		for _, row := range b.Buttons {
			all = append(all, row...)
		}
	}
	return all
}

// Text is the words of an item, a line a block, buttons in square brackets.
func Text(it web.Item) string {
	if it.Message == nil {
		return it.Text
	}
	var lines []string
	for _, b := range it.Message.Blocks {
		lines = append(lines, words(b)...)
	}
	return strings.Join(lines, "\n")
}

func words(b web.Block) []string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	add(plain(b.Title))
	add(plain(b.Spans))
	for _, item := range b.Items {
		add("• " + plain(item))
	}
	for _, row := range b.Rows {
		add(row.Label + ": " + plain(row.Value))
	}
	if b.Label != "" && b.Type == "location" {
		add("[" + b.Label + "]")
	} else {
		add(b.Label)
	}
	for _, row := range b.Buttons {
		var labels []string
		for _, button := range row {
			labels = append(labels, "["+button.Label+"]")
		}
		add(strings.Join(labels, " "))
	}
	if b.Link != nil {
		add("[" + b.Link.Label + "]")
	}
	if b.Name != "" {
		add("📎 " + b.Name)
	}
	return lines
}

func plain(spans []web.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}
