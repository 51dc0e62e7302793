package bottest

import (
	"fmt"
	"strconv"
	"strings"

	"ella/bot"
	"ella/bot/message"
)

// window opens a window before somebody, as a platform does in the moment of a press.
func (p *playing) window(chat string) string {
	if !p.stage.Platform.Views {
		return ""
	}
	p.windows++
	name := "window-" + strconv.Itoa(p.windows)
	if p.loses[chat] {
		delete(p.loses, chat)
		return name // the press has a window, and it never stands there
	}
	p.stage.Platform.OpenWindow(chat, name)
	return name
}

// fill sends the form that is open before somebody. What is not named stays as it stands.
func (p *playing) fill(u bot.Update, rest string) (bot.Update, error) {
	window, form := p.stage.Platform.WindowOf(u.Chat)
	if form == nil {
		return u, fmt.Errorf("there is no form")
	}
	u.Kind, u.Data, u.Window, u.Fields = bot.FormFilled, form.Data, window, map[string]string{}
	if form.Submit == "" {
		return u, fmt.Errorf("it can only be closed")
	}
	for _, f := range form.Fields {
		if f.Value != "" {
			u.Fields[f.Name] = f.Value
		}
	}
	for part := range strings.SplitSeq(rest, " | ") {
		name, value, ok := strings.Cut(part, ":")
		if !ok {
			return u, fmt.Errorf("which field?")
		}
		value, err := chosen(form, strings.TrimSpace(name), strings.TrimSpace(value))
		if err != nil {
			return u, err
		}
		u.Fields[strings.TrimSpace(name)] = value
	}
	return u, nil
}

// chosen is what a field is filled in with: "#2" is the second option.
func chosen(form *message.Form, name, value string) (string, error) {
	for _, f := range form.Fields {
		if f.Name != name {
			continue
		}
		if n, ok := strings.CutPrefix(value, "#"); ok && f.Kind == message.Choice {
			at, err := strconv.Atoi(n)
			if err != nil || at < 1 || at > len(f.Options) {
				return "", fmt.Errorf("there is no such option")
			}
			return f.Options[at-1].Value, nil
		}
		return strings.ReplaceAll(value, `\n`, "\n"), nil
	}
	return "", fmt.Errorf("there is no field %q", name)
}

// writeViews writes down the page and the window that somebody was shown.
func (p *playing) writeViews(who string) {
	window, form := p.stage.Platform.WindowOf(who)
	if form != nil && p.forms[who] != form {
		p.take.Forms = append(p.take.Forms, *form)
		p.forms[who] = form
		p.writeForm(who, window, *form)
	}
	page, ok := p.stage.Platform.PageOf(who)
	if ok && p.pages[who] != page.Text() {
		p.pages[who] = page.Text()
		p.take.Pages = append(p.take.Pages, page)
		fmt.Fprintf(&p.out, "    page of %s (%s)\n", who, page.Locale)
		p.writeBlocks(page.Blocks)
	}
}

func (p *playing) writeForm(who, window string, f message.Form) {
	fmt.Fprintf(&p.out, "    %s of %s (%s): %s\n", window, who, f.Locale, Visible(f.Title))
	p.writeBlocks(f.Blocks)
	for _, field := range f.Fields {
		fmt.Fprintf(&p.out, "      %s: %s\n", field.Name, Visible(field.Label))
		if field.Hint != "" {
			fmt.Fprintf(&p.out, "        (%s)\n", Visible(field.Hint))
		}
		for i, o := range field.Options {
			mark := "○"
			if o.Value == field.Value {
				mark = "●"
			}
			fmt.Fprintf(&p.out, "        %s #%d %s\n", mark, i+1, Visible(o.Label))
		}
		if field.Kind != message.Choice && field.Value != "" {
			p.writeFile(field.Value)
		}
		if field.Problem != "" {
			fmt.Fprintf(&p.out, "        ⚠ %s\n", Visible(field.Problem))
		}
	}
	if f.Submit != "" {
		fmt.Fprintf(&p.out, "      [%s] ", Visible(f.Submit))
	} else {
		p.out.WriteString("      ")
	}
	fmt.Fprintf(&p.out, "[%s]\n", Visible(f.Close))
}
