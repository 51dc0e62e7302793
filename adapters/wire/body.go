package wire

import (
	"io"
	"net/http"
	"time"
)

// maxBody is how long what a platform brings may be. Real updates have a few kilobytes.
const maxBody = 1 << 20

// ReadBody reads what a platform brings. It is an *http.MaxBytesError if that is too long,
// and whoever does not end within so long is not waited for.
func ReadBody(w http.ResponseWriter, r *http.Request, within time.Duration) ([]byte, error) {
	c := http.NewResponseController(w)
	// Not every server can do it, and then there is none.
	_ = c.SetReadDeadline(time.Now().Add(within))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		// The inbox may let the handler wait for longer. After a failure it holds: the
		// server would go on reading what is left.
		_ = c.SetReadDeadline(time.Time{})
	}
	return raw, err
}
