package wire_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ella/adapters/wire"
)

// TestReadBody: what fits is read whole, what does not is not, and whoever never ends is
// not waited for.
func TestReadBody(t *testing.T) {
	endless, writer := io.Pipe()
	defer writer.Close()
	for name, c := range map[string]struct {
		body    io.Reader
		within  time.Duration
		read    int
		tooLong bool
		fails   bool
	}{
		"empty":    {strings.NewReader(""), time.Minute, 0, false, false},
		"full":     {strings.NewReader(strings.Repeat("x", 1<<20)), time.Minute, 1 << 20, false, false},
		"too long": {strings.NewReader(strings.Repeat("x", 1<<20+1)), time.Minute, 0, true, true},
		"no end":   {endless, time.Millisecond, 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			type outcome struct {
				read int
				err  error
			}
			got := make(chan outcome, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				raw, err := wire.ReadBody(w, r, c.within)
				got <- outcome{len(raw), err}
			}))
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if response, err := server.Client().Do(r); err == nil {
				response.Body.Close()
			}
			o := <-got
			if _, tooLong := errors.AsType[*http.MaxBytesError](o.err); tooLong != c.tooLong || (o.err != nil) != c.fails || !c.fails && o.read != c.read {
				t.Errorf("read %d, %v", o.read, o.err)
			}
		})
	}
}
