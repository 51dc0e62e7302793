package place

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sameKm is how far apart two positions given for one place may lie.
const sameKm = 5

// nations are the parts of the United Kingdom by their code in the tables.
var nations = map[string]string{
	"ENG": "England",
	"SCT": "Scotland",
	"WLS": "Wales",
	"NIR": "Northern Ireland",
}

// entry is a town while it is being loaded, with the names it goes by.
type entry struct {
	town
	names []string
}

// loadTowns merges the tables of towns, orders them by population, so that a lower
// number means a bigger town everywhere else, and lists their names.
func (g *Gazetteer) loadTowns() error {
	entries, err := readTowns()
	if err != nil {
		return err
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(b.population, a.population) })
	if err := addSpellings(entries); err != nil {
		return err
	}
	for i, e := range entries {
		g.towns = append(g.towns, e.town)
		for _, name := range e.names {
			g.names = append(g.names, newName(fold(name), i))
		}
	}
	slices.SortFunc(g.names, func(a, b name) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.town, b.town))
	})
	g.dropRepeated()
	return nil
}

// readTowns returns the towns of the published table with those made by hand.
func readTowns() ([]entry, error) {
	var entries []entry
	err := each("towns.tsv.gz", 5, func(fields []string) error {
		e, err := parseTown(fields)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	known := map[string][]int{}
	for i, e := range entries {
		known[e.name] = append(known[e.name], i)
	}
	err = each("neighbourhoods.tsv", 5, func(fields []string) error {
		e, err := parseTown(fields)
		for _, i := range known[e.name] {
			if Distance(entries[i].point, e.point) < sameKm {
				e.names = append(e.names, entries[i].names...)
				entries[i] = e
				return err
			}
		}
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// parseTown reads name, nation, population, latitude, longitude, other names and the
// town it is part of; the last two may be missing.
func parseTown(fields []string) (entry, error) {
	p, err := parsePoint(fields[3], fields[4])
	if err != nil {
		return entry{}, err
	}
	population, err := strconv.Atoi(fields[2])
	if err != nil {
		return entry{}, err
	}
	e := entry{town: town{name: fields[0], nation: nations[fields[1]], population: population, point: p}}
	e.names = []string{e.name}
	if short, _, qualified := strings.Cut(e.name, ","); qualified {
		e.names = append(e.names, short)
	}
	if len(fields) > 5 {
		e.names = append(e.names, list(fields[5])...)
	}
	if len(fields) > 6 {
		e.partOf = fields[6]
	}
	return e, nil
}

// addSpellings adds the spellings made by hand to the most populous town of each
// name; entries are ordered by population.
func addSpellings(entries []entry) error {
	first := map[string]int{}
	for i, e := range entries {
		if _, ok := first[e.name]; !ok {
			first[e.name] = i
		}
	}
	return each("spellings.tsv", 2, func(fields []string) error {
		if i, ok := first[fields[0]]; ok {
			entries[i].names = append(entries[i].names, list(fields[1])...)
		}
		return nil
	})
}

// dropRepeated drops from the ordered names every one that a bigger town has in the
// same place: there they are two entries for one town.
func (g *Gazetteer) dropRepeated() {
	kept := g.names[:0]
	for _, n := range g.names {
		repeated := false
		for i := len(kept) - 1; i >= 0 && kept[i].key == n.key && !repeated; i-- {
			repeated = Distance(g.towns[kept[i].town].point, g.towns[n.town].point) < sameKm
		}
		if !repeated {
			kept = append(kept, n)
		}
	}
	g.names = slices.Clip(kept)
}
