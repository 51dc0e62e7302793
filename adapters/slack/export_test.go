package slack

import (
	"time"

	"ella/bot"
)

// NameOf is how an adapter names an update to the inbox.
func NameOf(a *Adapter, frame []byte) bot.Raw {
	n := a.nameOf(frame)
	return bot.Raw{Account: a.account, Key: n.key, Sender: n.sender, Body: frame}
}

// Hasten has a connection count as dead, late or steady after so long.
func Hasten(a *Adapter, d time.Duration) {
	a.app.sockets.times = socketTimes{silent: d, ping: d / 4, hello: d, drain: d, soon: 0, steady: d}
}

// Takes reports whether requests are handed on: Receive is under way.
func Takes(a *Adapter) bool {
	a.app.mu.Lock()
	defer a.app.mu.Unlock()
	s := a.app.seats[a.account]
	return s != nil && s.receiving != nil
}

// IDOf is the id by which a frame is acknowledged.
func IDOf(frame []byte) string { return idOf(frame) }

// WindowOf is the name of the window that opens with a press of somebody's.
func WindowOf(user, trigger string) string {
	i := wireInteraction{Type: "shortcut", Callback: shortcutAsk, Trigger: trigger, User: wireUser{ID: user}}
	return i.window(identity{Team: "T0ELLA0001"})
}
