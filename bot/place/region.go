package place

import "math"

const (
	// nearKm is how far a town may be for a place to be told by it.
	nearKm = 40

	// kmPerDegree is the length of a degree of latitude, rounded down, so that a place
	// beyond nearKm may seem nearer but never the other way round.
	kmPerDegree = 111
)

// region returns the name of the big town by which a postcode is best told.
func (g *Gazetteer) region(p Point) string { return g.bigTownNear(p, 0, "") }

// bigTownNear returns the name of the town by which a place at p would be told to a
// stranger, or "" if there is none. It must be much bigger than the place, whose
// population is given, and in the same nation, unless that is "". A city is better
// than the next village, and of several the one wins that pulls most. The power of
// the distance is what gives Slough its own postcodes and Brixton to London.
func (g *Gazetteer) bigTownNear(p Point, population int, nation string) string {
	for _, atLeast := range [...]int{50_000, 1_000} {
		best, strongest := "", 0.0
		for _, t := range g.towns {
			if t.population < max(atLeast, 3*population) {
				break // the towns are ordered by population
			}
			if t.partOf != "" || nation != "" && t.nation != nation ||
				math.Abs(t.point.Lat-p.Lat)*kmPerDegree > nearKm {
				continue
			}
			km := max(1, Distance(p, t.point))
			if pull := float64(t.population) / (km * math.Sqrt(km)); km <= nearKm && pull > strongest {
				best, strongest = t.name, pull
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}
