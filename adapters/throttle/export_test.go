package throttle

// Remembered is of how many chats a gate remembers the pace.
func (g *Gate[K]) Remembered() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.chats.all)
}
