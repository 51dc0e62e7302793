package slack

import (
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
	// expected are the workspaces that are served, or are about to be, by their ids.
	expected []string
}

// Expect says which workspaces are to be served, in place of what it said before: what
// comes for one of them before it is connected is not taken, and Slack brings it again.
func (s *Apps) Expect(teams []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = teams
}

func (s *Apps) expects(team string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.expected, team)
}

// Of is the app with the app token or the signing secret of some options, the same each
// time that it is asked for.
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
	made.expects = s.expects
	s.all = append(s.all, made)
	return made, nil
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
