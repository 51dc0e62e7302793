package faulttest_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/adapters/faulttest"
)

func TestScript(t *testing.T) {
	var s faulttest.Script[string]
	dice := rand.New(rand.NewPCG(1, 7))
	draw := func(method string, times int) (all []string) {
		for range times {
			all = append(all, s.Draw(method, dice))
		}
		return all
	}
	s.Next("send", "first", "", "third")
	s.Next(faulttest.AnyMethod, "any")
	if got := draw("send", 5); !slices.Equal(got, []string{"first", "", "third", "any", ""}) {
		t.Errorf("it is %q", got)
	}
	s.Sometimes("send", 0.5, "now and then")
	hit := strings.Count(strings.Join(draw("send", 100), ""), "now and then")
	if other := strings.Join(draw("edit", 100), ""); hit < 30 || hit > 70 || other != "" {
		t.Errorf("%d of 100 went wrong, and of another method %q", hit, other)
	}
	s.Next("send", "next")
	s.Heal()
	if got := strings.Join(draw("send", 100), ""); got != "" {
		t.Errorf("healed, it is %q", got)
	}
}

// TestOnTheWay: what a client sees of each.
func TestOnTheWay(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		status int // 0 is no answer
	}{
		"reset":         {func(w http.ResponseWriter, _ *http.Request) { faulttest.Reset(w) }, 0},
		"never":         {func(w http.ResponseWriter, r *http.Request) { faulttest.NeverAnswer(w, r, ended) }, 0},
		"bad gateway":   {func(w http.ResponseWriter, _ *http.Request) { faulttest.BadGateway(w) }, 502},
		"held":          {func(_ http.ResponseWriter, r *http.Request) { faulttest.Hold(r, time.Millisecond, nil) }, 200},
		"held too long": {func(_ http.ResponseWriter, r *http.Request) { faulttest.Hold(r, time.Hour, ended) }, 200},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.serve)
			defer server.Close()
			r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(r)
			if (err == nil) != (c.status != 0) {
				t.Fatal(err)
			}
			if err != nil {
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != c.status {
				t.Errorf("it is answered with %d, %v", response.StatusCode, err)
			}
		})
	}
}
