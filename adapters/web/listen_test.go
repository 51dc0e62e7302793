package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
)

func TestListen(t *testing.T) {
	for addr, fine := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "127.8.9.10:0": true,
		"0.0.0.0:0": false, ":0": false, "[::]:0": false, "192.168.1.2:0": false, "example.org:80": false,
		"localhost.example.org:0": false, "127.0.0.1": false, "": false, "2130706433:0": false, "localhost.:0": false,
	} {
		l, err := web.Listen(addr)
		if (err == nil) != fine {
			t.Errorf("Listen(%q): %v", addr, err)
		}
		if err == nil {
			l.Close()
		} else if !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("Listen(%q) does not say what to do: %v", addr, err)
		}
	}
}

func TestGuard(t *testing.T) {
	a := web.New(web.Options{Shelf: &webtest.Shelf{}})
	for name, c := range map[string]struct {
		method, path, host string
		header             map[string]string
		fine               bool
	}{
		"the page":                    {"GET", "/", "127.0.0.1:8080", nil, true},
		"by name":                     {"GET", "/phones", "localhost:8080", nil, true},
		"by name, in capitals":        {"GET", "/phones", "LocalHost", nil, true},
		"IPv6":                        {"GET", "/phones", "[::1]:8080", nil, true},
		"IPv6, no port":               {"GET", "/phones", "[::1]", nil, true},
		"rebound name":                {"GET", "/phones", "evil.example:8080", nil, false},
		"rebound page":                {"GET", "/", "evil.example", nil, false},
		"a name that begins well":     {"GET", "/phones", "127.0.0.1.evil.example", nil, false},
		"a name that ends well":       {"GET", "/phones", "evil.localhost", nil, false},
		"this network":                {"GET", "/phones", "192.168.1.2:8080", nil, false},
		"no name":                     {"GET", "/phones", "", nil, false},
		"own script":                  {"GET", "/phones", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		"other site reads":            {"GET", "/phones", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		"other port reads":            {"GET", "/events", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		"a link from elsewhere":       {"GET", "/", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, true},
		"the page as a frame's fetch": {"GET", "/", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, false},
		"own post":                    {"POST", "/phones", "127.0.0.1:80", map[string]string{"Origin": "http://127.0.0.1:80"}, true},
		"post from elsewhere":         {"POST", "/phones", "127.0.0.1:80", map[string]string{"Origin": "https://evil.example"}, false},
		"post from another port":      {"POST", "/phones", "127.0.0.1:80", map[string]string{"Origin": "http://127.0.0.1:81"}, false},
		"post from nowhere":           {"POST", "/phones", "127.0.0.1:80", map[string]string{"Origin": "null"}, false},
		"post across sites":           {"POST", "/phones", "127.0.0.1", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		"post as a form":              {"POST", "/phones", "127.0.0.1", map[string]string{"Content-Type": "text/plain"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			// A stream that begins would not end: every request has ended already.
			r := httptest.NewRequest(c.method, "http://placeholder"+c.path, strings.NewReader(`{"key":"12345678"}`))
			r.Host = c.host
			r.Header.Set("Content-Type", "application/json")
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			a.Handler().ServeHTTP(w, r)
			if (w.Code == http.StatusOK) != c.fine {
				t.Errorf("got %d: %s", w.Code, w.Body)
			}
			if !c.fine && !strings.Contains(w.Body.String(), `"text":"`) {
				t.Errorf("no words: %s", w.Body)
			}
			for k, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if !strings.HasPrefix(w.Header().Get(k), want) {
					t.Errorf("%s: %q", k, w.Header().Get(k))
				}
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" || strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
				t.Error("too open")
			}
		})
	}
}
