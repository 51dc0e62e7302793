package delivery

import (
	"context"

	"ella/bot"
	"ella/bot/message"
)

// viewsAtOnce is how many pages and windows are shown at once. Whoever waits looks at
// an empty one meanwhile.
const viewsAtOnce = 16

// view is a page, or a window to be filled, on its way to somebody.
type view struct {
	account bot.AccountID
	chat    string
	window  string // empty: it is the page
	page    message.Message
	form    message.Form
	instead message.Message // said where the window is gone
}

// Page shows a member their own page. Best effort: it is made anew whenever they look at
// it. It never blocks.
func (d *Delivery) Page(account bot.AccountID, chat string, page message.Message) {
	adapter, _ := d.Adapters.Of(account)
	if _, ok := adapter.(bot.Pages); ok {
		d.views.Push(string(account)+" "+chat, view{account: account, chat: chat, page: page})
	}
}

// Window fills a window that waits. Best effort: whoever looks at it can close it and
// begin again. Where it can't be filled instead is said in the chat, unless that is
// empty: nobody waits before nothing. It never blocks.
func (d *Delivery) Window(account bot.AccountID, chat, window string, form message.Form, instead message.Message) {
	adapter, _ := d.Adapters.Of(account)
	if _, ok := adapter.(bot.Windows); ok {
		d.views.Push(string(account)+" "+chat, view{account: account, chat: chat, window: window, form: form, instead: instead})
	}
}

// showView is called by the chat's lane, so that the last page is what stays.
func (d *Delivery) showView(_ string, v view) {
	err := d.callView(v)
	if bot.SendKindOf(err) == bot.Throttled {
		if wait := retryAfter(err); wait <= sendTimeout {
			d.views.Yield(func() { d.waitFor(d.run, wait) })
			err = d.callView(v)
		}
	}
	kind := bot.SendKindOf(err)
	if kind == "" {
		return
	}
	d.Log.Debug("showing a page or a window failed", "kind", string(kind), "code", code(err))
	// What is unclear may stand there.
	if kind != bot.Unclear && len(v.instead.Blocks) > 0 {
		ctx, cancel := context.WithTimeout(d.run, sendTimeout)
		defer cancel()
		if _, err := d.Direct(ctx, v.account, bot.Outgoing{Chat: v.chat, Message: v.instead}); err != nil {
			d.Log.Debug("what may be lost was lost", "what", "instead of a window", "err", err)
		}
	}
}

// callView is the call itself. An adapter that panics fails this one only.
func (d *Delivery) callView(v view) (err error) {
	adapter, _ := d.Adapters.Of(v.account)
	if adapter == nil || d.run.Err() != nil || d.accountStopped(v.account) {
		return &bot.SendError{Kind: bot.NotYet}
	}
	defer d.survive(&err)
	ctx, cancel := context.WithTimeout(d.run, sendTimeout)
	defer cancel()
	if v.window != "" {
		if windows, ok := adapter.(bot.Windows); ok {
			return windows.Fill(ctx, v.chat, v.window, v.form)
		}
		return nil
	}
	if pages, ok := adapter.(bot.Pages); ok {
		return pages.Publish(ctx, v.chat, v.page)
	}
	return nil
}
