package slack

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"ella/bot/message"
)

// halves remembers messages of several parts of which the first stand in a chat and
// the rest could not be sent for now, so that whoever sends them again, does not
// send those twice.
type halves struct {
	mu  sync.Mutex
	all []half // oldest first
}

type half struct {
	chat string
	sum  [sha256.Size]byte
	sent standing
	at   time.Time
}

// maxHalves and halfLife bound what is remembered.
const (
	maxHalves = 256
	halfLife  = time.Hour
)

func (h *halves) keep(chat string, m message.Message, sent standing) {
	if len(sent.names) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.all) >= maxHalves {
		h.all = slices.Delete(h.all, 0, 1)
	}
	h.all = append(h.all, half{chat, sumOf(m), sent, time.Now()})
}

// take is what stands in a chat of a message, and forgets it.
func (h *halves) take(chat string, m message.Message) standing {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = slices.DeleteFunc(h.all, func(known half) bool { return time.Since(known.at) > halfLife })
	if len(h.all) == 0 {
		return standing{}
	}
	sum := sumOf(m)
	i := slices.IndexFunc(h.all, func(known half) bool { return known.chat == chat && known.sum == sum })
	if i < 0 {
		return standing{}
	}
	found := h.all[i].sent
	h.all = slices.Delete(h.all, i, i+1)
	return found
}

func sumOf(m message.Message) [sha256.Size]byte {
	// It was lowered, so that it can be written.
	body, _ := json.Marshal(m)
	return sha256.Sum256(body)
}
