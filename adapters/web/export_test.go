package web

// Receiving reports whether Receive has taken up its inbox.
func (a *Adapter) Receiving() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.take != nil
}
