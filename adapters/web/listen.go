package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Listen opens addr ("127.0.0.1:8080", "localhost:0"). It refuses every address
// that another machine could reach: whoever opens the page is any of its people.
func Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("web: listen address %q is not host:port, such as 127.0.0.1:8080", addr)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("web: listen address %q can be reached from other machines; the try page is for this machine alone: use 127.0.0.1, [::1] or localhost", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("web: listen: %w", err)
	}
	// "localhost" is whatever this machine's hosts file says.
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("web: on this machine %q is not a loopback address; use 127.0.0.1", host)
	}
	return l, nil
}

// isLoopback reports whether a host name without its port can only mean this
// machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// policy lets the page use what this server serves and nothing else, and keeps
// every other site from framing it or reading from it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard answers only requests made under a loopback name by this page itself or
// by a program on this machine. A name that only resolves to loopback (DNS
// rebinding) and a page of another origin are refused.
func guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { errForeign.write(w) }))
	next = origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !isLoopback(hostName(r.Host)) || !ownSite(r) {
			errForeign.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownSite reports whether a browser may be answered: a link to the page may
// stand anywhere, everything else is for the page alone. Another port of this
// machine is "same-site" and just as foreign.
func ownSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// hostName is a Host header without its port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}
