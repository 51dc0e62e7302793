package place_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"ella/bot/place"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := place.Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	g := load(b)
	for _, bench := range []struct{ name, text string }{
		{"postcode", "b11 1aa"},
		{"town", "Birmingham"},
		{"script", "برمينغهام"},
		{"namesakes", "Newport"},
		{"beginning", "birmin"},
		{"widestBeginning", "new"},
		{"slips", "Birningam"},
		{"sentence", "I live in Leeds"},
		{"miss", "qwertyuiopasdf"},
		{"likelyMiss", "norton on stoke upon trent"},
		{"longestMiss", strings.Repeat("stoke upon ", 4)},
		{"manyNamesakes", "newport sutton preston richmond kingston blackburn easton walton"},
		{"unspacedMiss", strings.Repeat("我住在", 44)},
		{"tooLong", strings.Repeat("a", 100_000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Find(bench.text)
			}
		})
	}
}

func BenchmarkLocate(b *testing.B) {
	g := load(b)
	points := scattered(rand.New(rand.NewPCG(3, 4)), 1024)
	i := 0
	for b.Loop() {
		g.Locate(points[i%len(points)])
		i++
	}
}

func BenchmarkNearest10Of100k(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	x := place.NewIndex(scattered(random, 100_000))
	from := scattered(random, 1024)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Nearest(from[i%len(from)], 10, nil)
		i++
	}
}

func BenchmarkNewIndex100k(b *testing.B) {
	points := scattered(rand.New(rand.NewPCG(7, 8)), 100_000)
	for b.Loop() {
		place.NewIndex(points)
	}
}
