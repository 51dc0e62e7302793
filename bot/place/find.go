package place

const (
	// mostBytes is the length of the longest text that is looked at. The longest
	// name of a place in the tables takes 81 bytes, a short sentence in a script of
	// three bytes a letter some 200.
	mostBytes = 400

	// mostPlaces is the number of places that a person can be asked to choose from.
	mostPlaces = 6

	// clearly is how many times as populous as its namesakes a town must be for its
	// name alone to mean it.
	clearly = 10
)

// Find returns the places that a text may mean: a postcode, a sector or an outcode,
// or the name of a town in any script. It tries, until one succeeds, a postcode; the
// exact name of a town; the beginning of one; one with slips; and a postcode or an
// exact name within a short sentence.
//
// Give it only what a person wrote when asked where they live: elsewhere "E1" may be
// a room. It takes well under a millisecond for any text.
func (g *Gazetteer) Find(text string) Answer {
	if len(text) > mostBytes {
		return Answer{Problem: ProblemTooLong}
	}
	key := fold(text)
	if key == "" {
		return Answer{Problem: ProblemEmpty}
	}
	if answer, ok := g.postcode(key); ok {
		return answer
	}
	if tooWide(key) {
		return Answer{Problem: ProblemUnknown}
	}
	if towns := g.named(key); len(towns) > 0 {
		return g.choose(towns)
	}
	if g.outside[key] {
		return Answer{Problem: ProblemOutside}
	}
	for _, attempt := range []func(string) []int{g.beginning, g.misspelt} {
		if towns := attempt(key); len(towns) > 0 {
			return Answer{Places: g.places(towns)}
		}
	}
	if places := g.mentioned(key); len(places) > 0 {
		return Answer{Places: places}
	}
	return Answer{Problem: ProblemUnknown}
}

// choose answers with the towns of one name: with the biggest alone if it is the
// only one or so much bigger that it must be meant.
func (g *Gazetteer) choose(towns []int) Answer {
	if len(towns) == 1 || g.towns[towns[0]].population > clearly*g.towns[towns[1]].population {
		return Answer{Places: g.places(towns[:1]), Sure: true}
	}
	return Answer{Places: g.places(towns)}
}

func (g *Gazetteer) places(towns []int) []Place {
	places := make([]Place, len(towns))
	for i, number := range towns {
		places[i] = g.town(number)
	}
	return places
}

// tooWide reports whether a key names the country or a nation, where nothing is near.
// Wales is a village in Yorkshire besides, which is never meant.
func tooWide(key string) bool {
	switch key {
	case "uk", "gb", "united kingdom", "great britain", "britain",
		"england", "scotland", "wales", "northern ireland":
		return true
	}
	return false
}
