package bottest

import (
	"context"
	"slices"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/message"
)

var (
	_ bot.Pages        = (*Platform)(nil)
	_ bot.Windows      = (*Platform)(nil)
	_ bot.Acquaintance = (*Platform)(nil)
)

// views are the pages and the windows that people look at.
type views struct {
	page   *message.Message
	window string
	form   *message.Form
}

// Publish implements bot.Pages. A platform without Views has none to show.
func (p *Platform) Publish(_ context.Context, name string, page message.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.chats[name]
	switch {
	case !p.Views:
		return nil
	case !ok:
		return &bot.SendError{Kind: bot.Gone}
	case len(page.Blocks) == 0 || len(page.Blocks) > maxBlocks:
		return &bot.SendError{Kind: bot.Invalid, Code: "page"}
	}
	for _, a := range page.Actions() {
		if _, ok := message.ParseAction(a.Data); !ok || a.Label == "" {
			return &bot.SendError{Kind: bot.Invalid, Code: "button"}
		}
	}
	c.page = &page
	if p.looked != nil {
		p.looked(name)
	}
	return nil
}

// Fill implements bot.Windows.
func (p *Platform) Fill(_ context.Context, name, window string, form message.Form) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.chats[name]
	if !ok || c.window == "" || c.window != window {
		return &bot.SendError{Kind: bot.Gone}
	}
	if code := FormFault(form); code != "" {
		return &bot.SendError{Kind: bot.Invalid, Code: code}
	}
	c.form = &form
	if p.looked != nil {
		p.looked(name)
	}
	return nil
}

// Hints implements bot.Acquaintance.
func (p *Platform) Hints(_ context.Context, sender string) bot.Hints {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hints[sender]
}

// Knows has the platform know something of a person.
func (p *Platform) Knows(sender string, hints bot.Hints) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hints == nil {
		p.hints = map[string]bot.Hints{}
	}
	p.hints[sender] = hints
}

// OpenWindow opens a window of that name, in place of one before; the empty name closes it.
func (p *Platform) OpenWindow(name, window string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.chats[name]; ok {
		c.window, c.form = window, nil
	}
}

// PageOf is the page of whoever a chat is with; false where there is none.
func (p *Platform) PageOf(name string) (message.Message, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.chats[name]; ok && c.page != nil {
		return *c.page, true
	}
	return message.Message{}, false
}

// WindowOf is the window that is open before somebody, and the form in it, if it has been
// filled.
func (p *Platform) WindowOf(name string) (window string, form *message.Form) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.chats[name]; ok {
		return c.window, c.form
	}
	return "", nil
}

// onLook has f called for every page and window that is shown.
func (p *Platform) onLook(f func(name string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = f
}

// The limits of Slack's views (https://docs.slack.dev/reference/views,
// https://docs.slack.dev/reference/block-kit/).
const (
	maxBlocks  = 100
	maxTitle   = 24
	maxLabel   = 150
	maxOptions = 100
	maxOption  = 75
	maxTyped   = 3000
)

// FormFault is what is wrong with a form by the limits of the platforms; empty when
// nothing is.
func FormFault(f message.Form) string {
	long := func(s string, most int) bool { return utf8.RuneCountInString(s) > most }
	switch {
	case f.Title == "" || long(f.Title, maxTitle) || long(f.Submit, maxTitle) || long(f.Close, maxTitle):
		return "title"
	case len(f.Fields) == 0 && len(f.Blocks) == 0:
		return "empty"
	case len(f.Fields) > 0 && f.Submit == "":
		return "submit"
	}
	if _, ok := message.ParseAction(f.Data); !ok && len(f.Fields) > 0 {
		return "data"
	}
	names := map[string]bool{}
	for _, field := range f.Fields {
		if names[field.Name] || field.Name == "" || field.Label == "" || long(field.Label, maxLabel) || long(field.Hint, maxLabel) {
			return "field"
		}
		names[field.Name] = true
		most := field.Most
		if most == 0 {
			most = maxTyped
		}
		if field.Kind == message.Choice {
			if fault := choiceFault(field); fault != "" {
				return fault
			}
		} else if most > maxTyped || long(field.Value, most) {
			return "value"
		}
	}
	return ""
}

func choiceFault(f message.Field) string {
	if len(f.Options) == 0 || len(f.Options) > maxOptions {
		return "options"
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.Label == "" || o.Value == "" || utf8.RuneCountInString(o.Label) > maxOption || len(o.Value) > maxOption || seen[o.Value] {
			return "option"
		}
		seen[o.Value] = true
	}
	if f.Value != "" && !slices.ContainsFunc(f.Options, func(o message.Option) bool { return o.Value == f.Value }) {
		return "value"
	}
	return ""
}
