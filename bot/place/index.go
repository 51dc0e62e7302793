package place

import (
	"cmp"
	"math"
	"slices"
)

// Index answers "which of these points are nearest?" by a k-d tree. It does not
// change once made, so any number of goroutines may use it.
type Index struct {
	// nodes is the tree, laid out in place: the middle of a range splits it, the nodes
	// before lying on the low side of its axis and those after on the high side.
	nodes []node
}

type node struct {
	at    [3]float64 // on the unit sphere
	index int        // in the points given to NewIndex
	axis  int
}

// Neighbour is a point found by [Index.Nearest].
type Neighbour struct {
	Index int     // the position in the slice given to NewIndex
	Km    float64 // great-circle distance
}

// leafSize is the number of points under which looking at all of them is cheaper
// than descending further.
const leafSize = 8

// NewIndex returns an index of points, which it does not keep. A point that is no
// position (NaN, or beyond the poles) is never found.
func NewIndex(points []Point) *Index {
	x := &Index{nodes: make([]node, 0, len(points))}
	for i, p := range points {
		if p.valid() {
			x.nodes = append(x.nodes, node{at: p.vector(), index: i})
		}
	}
	split(x.nodes)
	return x
}

// Nearest returns the n points nearest to from for which keep returns true, nearest
// first and, of equally near ones, the lower index first. It returns fewer if there
// are fewer. A nil keep keeps all. Nearest is meant for a small n: its cost grows
// with the square of n.
func (x *Index) Nearest(from Point, n int, keep func(i int) bool) []Neighbour {
	if n <= 0 || !from.valid() || len(x.nodes) == 0 {
		return nil
	}
	s := search{from: from.vector(), keep: keep, found: make([]Neighbour, 0, min(n, len(x.nodes)))}
	s.visit(x.nodes)
	for i := range s.found {
		s.found[i].Km = 2 * earthKm * math.Asin(math.Sqrt(s.found[i].Km)/2)
	}
	return s.found
}

// search is one walk through the tree. Until it ends, Km holds the square of the
// straight line through the sphere.
type search struct {
	from  [3]float64
	keep  func(i int) bool
	found []Neighbour // sorted, and full when its length is its capacity
}

func (s *search) visit(nodes []node) {
	if len(nodes) <= leafSize {
		for i := range nodes {
			s.consider(&nodes[i])
		}
		return
	}
	mid := len(nodes) / 2
	pivot := &nodes[mid]
	near, far := nodes[:mid], nodes[mid+1:]
	gap := s.from[pivot.axis] - pivot.at[pivot.axis]
	if gap > 0 {
		near, far = far, near
	}
	s.visit(near)
	s.consider(pivot)
	if len(s.found) < cap(s.found) || gap*gap <= s.found[len(s.found)-1].Km {
		s.visit(far)
	}
}

func (s *search) consider(n *node) {
	dx, dy, dz := s.from[0]-n.at[0], s.from[1]-n.at[1], s.from[2]-n.at[2]
	candidate := Neighbour{Index: n.index, Km: dx*dx + dy*dy + dz*dz}
	full := len(s.found) == cap(s.found)
	if full && nearer(candidate, s.found[len(s.found)-1]) >= 0 {
		return
	}
	if s.keep != nil && !s.keep(n.index) {
		return
	}
	if full {
		s.found = s.found[:len(s.found)-1]
	}
	i, _ := slices.BinarySearchFunc(s.found, candidate, nearer)
	s.found = slices.Insert(s.found, i, candidate)
}

func nearer(a, b Neighbour) int {
	return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(a.Index, b.Index))
}

// split orders nodes into a tree.
func split(nodes []node) {
	for len(nodes) > leafSize {
		axis, mid := widest(nodes), len(nodes)/2
		selectMiddle(nodes, axis)
		nodes[mid].axis = axis
		split(nodes[:mid])
		nodes = nodes[mid+1:]
	}
}

// widest returns the axis along which nodes are most spread out.
func widest(nodes []node) int {
	low, high := nodes[0].at, nodes[0].at
	for i := range nodes {
		for axis, v := range nodes[i].at {
			low[axis], high[axis] = min(low[axis], v), max(high[axis], v)
		}
	}
	best := 0
	for axis := range low {
		if high[axis]-low[axis] > high[best]-low[best] {
			best = axis
		}
	}
	return best
}

// selectMiddle moves the median along axis to the middle of nodes, the smaller ones
// before it and the greater ones after it (Hoare's selection).
func selectMiddle(nodes []node, axis int) {
	mid := len(nodes) / 2
	low, high := 0, len(nodes)-1
	for low < high {
		pivot := nodes[(low+high)/2].at[axis]
		i, j := low, high
		for i <= j {
			for nodes[i].at[axis] < pivot {
				i++
			}
			for nodes[j].at[axis] > pivot {
				j--
			}
			if i <= j {
				nodes[i], nodes[j] = nodes[j], nodes[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case mid <= j:
			high = j
		case mid >= i:
			low = i
		default:
			return
		}
	}
}
