package place

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostWords is the number of words of the longest sentence that is searched.
const mostWords = 8

// mentioned returns the places that the longest exact names and postcodes within a
// folded sentence may mean, best first.
func (g *Gazetteer) mentioned(key string) []Place {
	if strings.Count(key, " ") >= mostWords {
		return nil
	}
	words := wordsOf(key)
	for length := min(len(words), mostWords); length > 0; length-- {
		var likely, possible []Place
		for start := range len(words) - length + 1 {
			run := key[words[start].from:words[start+length-1].to]
			if p, ok := g.postcodeWords(run); ok {
				likely = append(likely, p)
			} else if towns := g.named(run); len(towns) > 0 && !tooShort(run) && !tooWide(run) {
				likely = append(likely, g.choose(towns).Places...)
				possible = append(possible, g.places(towns)...)
			}
		}
		if len(likely) > 0 {
			return confirmedFirst(key, likely, append(possible, likely...))
		}
	}
	return nil
}

// confirmedFirst returns the possible places whose region is told as well, like the
// smaller Richmond in "Richmond, London", and after them the likely ones.
func confirmedFirst(key string, likely, possible []Place) []Place {
	var told strings.Builder
	told.WriteString(" " + key + " ")
	for _, p := range likely {
		told.WriteString(fold(p.Name) + " ")
	}
	var places []Place
	add := func(p Place) {
		if len(places) < mostPlaces && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	for _, p := range possible {
		for part := range strings.SplitSeq(p.Region, ", ") {
			if strings.Contains(told.String(), " "+fold(part)+" ") {
				add(p)
			}
		}
	}
	for _, p := range likely {
		add(p)
	}
	return places
}

// tooShort reports whether a run of words says too little: most short words of any
// language are somewhere a village.
func tooShort(run string) bool {
	letters := utf8.RuneCountInString(run)
	return letters < 2 || letters < 3 && strings.IndexFunc(run, unspaced) < 0
}

// span is where in a text a word is.
type span struct{ from, to int }

// wordsOf returns the words of a folded text. Scripts that write without spaces have
// a word at every rune.
func wordsOf(key string) []span {
	var words []span
	open := false
	for i, r := range key {
		end := i + utf8.RuneLen(r)
		switch {
		case r == ' ':
			open = false
		case open && !unspaced(r):
			words[len(words)-1].to = end
		default:
			words = append(words, span{from: i, to: end})
			open = !unspaced(r)
		}
	}
	return words
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
