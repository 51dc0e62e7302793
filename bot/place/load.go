package place

import (
	"slices"
	"strings"
)

// Load reads the embedded tables, which takes some tens of milliseconds and 15 MB, of
// which 3 MB stay. It fails only if the binary was built with broken tables. The
// result never changes, so any number of goroutines may use it.
func Load() (*Gazetteer, error) {
	g := &Gazetteer{outcodes: map[string]Point{}, outside: map[string]bool{}}
	for _, load := range []func() error{g.loadSectors, g.loadOutcodes, g.loadTowns, g.loadSurroundings} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Gazetteer) loadSectors() error {
	err := each("sectors.tsv.gz", 3, func(fields []string) error {
		p, err := parsePoint(fields[1], fields[2])
		g.sectors = append(g.sectors, sector{name: fields[0], point: p, boxes: len(fields) > 3})
		return err
	})
	slices.SortFunc(g.sectors, func(a, b sector) int { return strings.Compare(a.name, b.name) })
	return err
}

func (g *Gazetteer) loadOutcodes() error {
	return each("outcodes.tsv.gz", 3, func(fields []string) error {
		p, err := parsePoint(fields[1], fields[2])
		g.outcodes[fields[0]] = p
		return err
	})
}

// loadSurroundings indexes what a shared location may be near: the sectors in use, the
// districts of Northern Ireland, which it adds to the outcodes, and the places outside
// the map.
func (g *Gazetteer) loadSurroundings() error {
	var points []Point
	add := func(code string, p Point) {
		points = append(points, p)
		g.nearCodes = append(g.nearCodes, code)
	}
	retired, err := readRetired()
	if err != nil {
		return err
	}
	for _, s := range g.sectors {
		if !s.boxes && !retired[s.name] && !retired[outcodeOf(s.name)] {
			add(s.name, s.point)
		}
	}
	err = each("northern_ireland.tsv", 4, func(fields []string) error {
		p, err := parsePoint(fields[2], fields[3])
		if _, ok := g.outcodes[fields[0]]; !ok {
			g.outcodes[fields[0]] = p
		}
		add(fields[0], p)
		return err
	})
	if err != nil {
		return err
	}
	err = each("outside.tsv", 3, func(fields []string) error {
		p, err := parsePoint(fields[1], fields[2])
		add("", p)
		g.outside[fold(fields[0])] = true
		if len(fields) > 3 {
			for _, name := range list(fields[3]) {
				g.outside[fold(name)] = true
			}
		}
		return err
	})
	g.near = NewIndex(points)
	return err
}

// readRetired returns the outcodes and the sectors that are not to be given to anybody.
func readRetired() (map[string]bool, error) {
	retired := map[string]bool{}
	err := each("retired.tsv", 1, func(fields []string) error {
		for outcode := range strings.FieldsSeq(fields[0]) {
			if len(fields) == 1 {
				retired[outcode] = true
				continue
			}
			for _, digit := range fields[1] {
				retired[outcode+" "+string(digit)] = true
			}
		}
		return nil
	})
	return retired, err
}
