package place

import (
	"cmp"
	"slices"
	"strings"
)

// furthestKm is how far a shared location may lie from the middle of its sector.
// The north of Shetland lies 50 km from the middle of ZE2 9; the coasts of Ireland
// and France are kept apart by the table of places outside.
const furthestKm = 60

// Gazetteer knows the places of the United Kingdom. Get one from [Load] and share it.
type Gazetteer struct {
	sectors  []sector         // ordered by name
	outcodes map[string]Point // with the districts of Northern Ireland
	towns    []town           // the most populous first
	names    []name           // ordered by key, then by town
	outside  map[string]bool  // folded names of places outside the map

	// near finds the sectors in use, the districts and the places outside, nearCodes
	// names them; "" is outside.
	near      *Index
	nearCodes []string
}

type sector struct {
	name  string
	point Point
	boxes bool // holds post boxes only
}

// town is a named place. Elsewhere towns are numbered by their position in
// Gazetteer.towns, so a lower number is a bigger town.
type town struct {
	name       string
	nation     string
	partOf     string // the town that a neighbourhood belongs to, "" if on its own
	population int
	point      Point
}

// Locate returns the place of a shared location: the nearest sector, in Northern
// Ireland the nearest district. What it returns does not depend on where within the
// sector p lies. It returns false if p is not in the United Kingdom, or is 0,0, which
// is what a lost position looks like.
func (g *Gazetteer) Locate(p Point) (Place, bool) {
	found := g.near.Nearest(p, 1, nil)
	if len(found) == 0 || found[0].Km > furthestKm {
		return Place{}, false
	}
	return g.Sector(g.nearCodes[found[0].Index])
}

// Sector returns the place whose Name is name, "B11 1" or "B11", as a Place of an
// earlier answer had it in Name, Sector or Outcode. It returns false if there is no
// such sector or outcode.
func (g *Gazetteer) Sector(name string) (Place, bool) {
	if p, ok := g.outcodes[name]; ok {
		return Place{
			Kind:    KindOutcode,
			Name:    name,
			Region:  g.region(p),
			Sector:  g.sectorWithin(name, p),
			Outcode: name,
			Point:   p,
		}, true
	}
	i, ok := g.searchSector(name)
	if !ok {
		return Place{}, false
	}
	s := g.sectors[i]
	return Place{
		Kind:    KindPostcode,
		Name:    s.name,
		Region:  g.region(s.point),
		Sector:  s.name,
		Outcode: outcodeOf(s.name),
		Point:   s.point,
	}, true
}

// searchSector returns where in g.sectors name is, or would be.
func (g *Gazetteer) searchSector(name string) (int, bool) {
	return slices.BinarySearchFunc(g.sectors, name, func(s sector, name string) int {
		return strings.Compare(s.name, name)
	})
}

// sectorWithin returns the sector of an outcode that is nearest to p and lived in, or
// "" if the sectors of the outcode are not known.
func (g *Gazetteer) sectorWithin(outcode string, p Point) string {
	i, _ := g.searchSector(outcode + " ")
	best, km := "", 0.0
	for ; i < len(g.sectors) && outcodeOf(g.sectors[i].name) == outcode; i++ {
		s := g.sectors[i]
		if d := Distance(p, s.point); !s.boxes && (best == "" || d < km) {
			best, km = s.name, d
		}
	}
	return best
}

// town returns the place of a town by its number.
func (g *Gazetteer) town(number int) Place {
	t := g.towns[number]
	found := Place{
		Kind:       KindTown,
		Name:       t.name,
		Region:     t.nation,
		Point:      t.point,
		Population: t.population,
	}
	if big := cmp.Or(t.partOf, g.bigTownNear(t.point, t.population, t.nation)); big != "" {
		found.Region = big + ", " + t.nation
	}
	inside := func(i int) bool { return g.nearCodes[i] != "" }
	if n := g.near.Nearest(t.point, 1, inside); len(n) > 0 {
		code := g.nearCodes[n[0].Index]
		found.Outcode = outcodeOf(code)
		if found.Outcode != code {
			found.Sector = code
		}
	}
	return found
}

// outcodeOf returns the outcode of a sector, and of an outcode itself.
func outcodeOf(code string) string {
	outcode, _, _ := strings.Cut(code, " ")
	return outcode
}
