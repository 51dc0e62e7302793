package group

import (
	"context"
	"slices"
	"sync"

	"ella/bot"
	"ella/bot/place"
)

// directory is the whole directory in memory, as of one revision.
type directory struct {
	revision int64
	byID     map[bot.GroupID]Group
	// local are the open groups with a place, at the same numbers as in nearest.
	local   []Group
	nearest *place.Index
	// nationwide are the open groups that serve everyone.
	nationwide []Group
}

// index holds the newest directory that was read.
type index struct {
	mu  sync.RWMutex
	dir *directory
}

// directory returns the directory as it is now: an import beside a running
// Ella is noticed at the next look-up.
func (r *Room) directory(ctx context.Context) (*directory, error) {
	revision, err := r.Store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	r.index.mu.RLock()
	dir := r.index.dir
	r.index.mu.RUnlock()
	if dir != nil && dir.revision == revision {
		return dir, nil
	}
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	if r.index.dir != nil && r.index.dir.revision == revision {
		return r.index.dir, nil
	}
	groups, err := r.Store.All(ctx)
	if err != nil {
		return nil, err
	}
	r.index.dir = newDirectory(revision, groups)
	return r.index.dir, nil
}

func newDirectory(revision int64, groups []Group) *directory {
	d := &directory{revision: revision, byID: make(map[bot.GroupID]Group, len(groups))}
	var points []place.Point
	for _, g := range groups {
		d.byID[g.ID] = g
		switch {
		case g.Closed:
		case g.Place != "":
			d.local = append(d.local, g)
			points = append(points, g.Point)
		case g.Nationwide:
			d.nationwide = append(d.nationwide, g)
		}
	}
	d.nearest = place.NewIndex(points)
	return d
}

// near is a group with how far it is.
type near struct {
	Group
	Km float64
}

// reach is how far the search goes. Further away no group is near, whatever the
// list says.
const reach = 80.0 // km

// around returns the open groups within reach that help with a need (with any where
// it is empty), nearest first, those in the reader's language before others at about
// the same distance.
func (d *directory) around(from place.Point, n int, locale, need string) []near {
	var found []near
	var helps func(i int) bool
	if need != "" {
		helps = func(i int) bool { return slices.Contains(d.local[i].Needs, need) }
	}
	for _, hit := range d.nearest.Nearest(from, n, helps) {
		if hit.Km <= reach {
			found = append(found, near{Group: d.local[hit.Index], Km: hit.Km})
		}
	}
	// Within one band people go as readily to one as to the other.
	band := func(km float64) int {
		switch {
		case km < 5:
			return 0
		case km < 15:
			return 1
		case km < 30:
			return 2
		default:
			return 3
		}
	}
	slices.SortStableFunc(found, func(a, b near) int {
		if x, y := band(a.Km), band(b.Km); x != y {
			return x - y
		}
		return order(!a.speaks(locale)) - order(!b.speaks(locale))
	})
	return found
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

func (g Group) speaks(locale string) bool { return slices.Contains(g.Languages, locale) }
