package wire

import (
	"net/http"
	"time"
)

// NewTransport carries requests over connections of its own.
func NewTransport() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	return t.Clone()
}

// ForSends has a transport keep as many connections open as there are sends at once, and
// none for so long that the other side may just be closing it: what is written into that
// may have arrived, for all that is known.
func ForSends(t *http.Transport) *http.Transport {
	t.MaxIdleConnsPerHost, t.IdleConnTimeout = 32, 30*time.Second
	return t
}
