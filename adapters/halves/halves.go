// Package halves remembers messages of several parts of which the first stand in a chat
// and the rest could not be sent for now, so that whoever sends them again, does not
// send those twice.
package halves

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Halves is what one account has begun: in a chat, as C names it, stands S. It is safe
// for concurrent use, and empty until something is kept.
type Halves[C comparable, S any] struct {
	mu  sync.Mutex
	all []half[C, S] // oldest first
}

type half[C comparable, S any] struct {
	chat C
	sum  [sha256.Size]byte
	sent S
	at   time.Time
}

// maxHalves and halfLife bound what is remembered.
const (
	maxHalves = 256
	halfLife  = time.Hour
)

// Keep remembers what stands in a chat of a message, which JSON can hold: of the message
// itself only a sum is kept.
func (h *Halves[C, S]) Keep(chat C, message any, sent S) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.all) >= maxHalves {
		h.all = slices.Delete(h.all, 0, 1)
	}
	h.all = append(h.all, half[C, S]{chat, sumOf(message), sent, time.Now()})
}

// Take is what stands in a chat of a message, and forgets it; nothing if none does.
func (h *Halves[C, S]) Take(chat C, message any) (sent S) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = slices.DeleteFunc(h.all, func(known half[C, S]) bool { return time.Since(known.at) > halfLife })
	if len(h.all) == 0 {
		return sent
	}
	sum := sumOf(message)
	i := slices.IndexFunc(h.all, func(known half[C, S]) bool { return known.chat == chat && known.sum == sum })
	if i < 0 {
		return sent
	}
	sent = h.all[i].sent
	h.all = slices.Delete(h.all, i, i+1)
	return sent
}

func sumOf(message any) [sha256.Size]byte {
	// It was lowered, so that it can be written.
	body, _ := json.Marshal(message)
	return sha256.Sum256(body)
}
