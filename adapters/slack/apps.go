package slack

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// Apps are those that a process receives by: the one of its own configuration, and those
// that workspaces made from manifests of their own. The zero value has none. It is safe
// for concurrent use.
type Apps struct {
	mu  sync.Mutex
	all []*App
	// expected reports a workspace that is to be served; nil: none is.
	expected func(ctx context.Context, team string) bool
}

// Expect has a workspace looked up of which something comes while it is not connected:
// when it is to be served, that is not taken, and Slack brings it again. Whoever looks it
// up may ask a database, within the time that ctx leaves, and when in doubt says yes. It
// is called before anything is received.
func (s *Apps) Expect(expected func(ctx context.Context, team string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = expected
}

func (s *Apps) expects(ctx context.Context, team string) bool {
	s.mu.Lock()
	expected := s.expected
	s.mu.Unlock()
	return expected != nil && expected(ctx, team)
}

// Own is the app of the configuration: like Of, and there also while it has no workspace.
func (s *Apps) Own(o Options) (*App, error) {
	p, err := s.Of(o)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.stays = true
	s.add(p)
	return p, nil
}

// Of is the app with the app token or the signing secret of some options, the same each
// time that it is asked for, until the last of its workspaces is closed.
func (s *Apps) Of(o Options) (*App, error) {
	made, err := NewApp(o)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.all {
		if p.mark == made.mark {
			return p, nil
		}
	}
	made.among = s
	s.all = append(s.all, made)
	return made, nil
}

// add has an app receive that may have been let go meanwhile; s.mu is held.
func (s *Apps) add(p *App) {
	if !slices.Contains(s.all, p) {
		s.all = append(s.all, p)
	}
}

// letGo forgets an app with its secret, unless it has workspaces, or stays without.
func (s *Apps) letGo(p *App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.seats) == 0 && !p.stays {
		s.all = slices.DeleteFunc(s.all, func(other *App) bool { return other == p })
	}
}

// Handler takes the requests of all apps that receive over HTTP, on the three paths. The
// signature says whose one is. While there is no such app, nothing is found there.
func (s *Apps) Handler() http.Handler {
	return handler(func() []*App {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.DeleteFunc(slices.Clone(s.all), func(p *App) bool { return p.requests == nil })
	})
}
