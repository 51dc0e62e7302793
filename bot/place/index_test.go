package place_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ella/bot/place"
)

func TestNearestMatchesBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	odd := func(i int) bool { return i%2 == 1 }
	for _, size := range []int{1, 2, 7, 8, 9, 17, 100, 3000} {
		points := scattered(random, size)
		// Some points coincide, as groups that meet in one hall do.
		for i := range size / 10 {
			points[random.IntN(size)] = points[i]
		}
		x := place.NewIndex(points)
		for range 50 {
			from := scattered(random, 1)[0]
			for _, keep := range []func(int) bool{nil, odd} {
				n := 1 + random.IntN(12)
				got, want := x.Nearest(from, n, keep), bruteForce(points, from, n, keep)
				if len(got) != len(want) {
					t.Fatalf("%d of %d points, want %d", len(got), size, len(want))
				}
				for i := range got {
					if got[i].Index != want[i].Index || math.Abs(got[i].Km-want[i].Km) > 1e-4 {
						t.Fatalf("of %d points number %d is %v, want %v", size, i, got[i], want[i])
					}
				}
			}
		}
	}
}

// bruteForce ranks by distance to the metre and then by index, so that points which
// coincide come out in one order whatever the rounding.
func bruteForce(points []place.Point, from place.Point, n int, keep func(int) bool) []place.Neighbour {
	var all []place.Neighbour
	for i, p := range points {
		if keep == nil || keep(i) {
			all = append(all, place.Neighbour{Index: i, Km: place.Distance(from, p)})
		}
	}
	slices.SortFunc(all, func(a, b place.Neighbour) int {
		return cmp.Or(cmp.Compare(math.Round(a.Km*1e6), math.Round(b.Km*1e6)), cmp.Compare(a.Index, b.Index))
	})
	return all[:min(n, len(all))]
}

// scattered returns points in the United Kingdom, and a little around it.
func scattered(random *rand.Rand, n int) []place.Point {
	points := make([]place.Point, n)
	for i := range points {
		points[i] = place.Point{Lat: 49.9 + 9*random.Float64(), Lng: -8 + 10*random.Float64()}
	}
	return points
}

func TestNearestAcrossTheDateLine(t *testing.T) {
	x := place.NewIndex([]place.Point{{Lat: 0, Lng: 170}, {Lat: 0, Lng: -179}})
	if got := x.Nearest(place.Point{Lat: 0, Lng: 179}, 1, nil); len(got) != 1 || got[0].Index != 1 {
		t.Errorf("got %v, want index 1", got)
	}
}

func TestNearestWithOddInput(t *testing.T) {
	nan := math.NaN()
	here := place.Point{Lat: 52, Lng: -1}
	points := []place.Point{{Lat: nan, Lng: 0}, here, {Lat: 52, Lng: nan}, {Lat: 91, Lng: 0}, {Lat: 0, Lng: math.Inf(-1)}}
	x := place.NewIndex(points)
	never := func(int) bool { return false }
	tests := []struct {
		about string
		index *place.Index
		from  place.Point
		n     int
		keep  func(int) bool
		want  int
	}{
		{"one point is a position", x, here, 5, nil, 1},
		{"none asked for", x, here, 0, nil, 0},
		{"fewer than none", x, here, -3, nil, 0},
		{"none kept", x, here, 5, never, 0},
		{"from nowhere", x, place.Point{Lat: nan, Lng: nan}, 5, nil, 0},
		{"no points", place.NewIndex(nil), here, 5, nil, 0},
	}
	for _, test := range tests {
		if got := test.index.Nearest(test.from, test.n, test.keep); len(got) != test.want {
			t.Errorf("%s: %v, want %d", test.about, got, test.want)
		}
	}
	if got := x.Nearest(here, 1, nil); got[0] != (place.Neighbour{Index: 1}) {
		t.Errorf("the point itself is %v", got[0])
	}
}

func TestNearestOfManyAtOneSpot(t *testing.T) {
	points := make([]place.Point, 10_000)
	for i := range points {
		points[i] = place.Point{Lat: 53.8, Lng: -1.55}
	}
	for i, n := range place.NewIndex(points).Nearest(points[0], 10, nil) {
		if n.Index != i || n.Km != 0 {
			t.Errorf("number %d is %v", i, n)
		}
	}
}
