package wording

import (
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Cost says how much of a platform's room a text takes.
type Cost func(text string) int

// Cut is where a text is cut so that what stands before fits into the room: behind the
// last space, if that is not far, else behind the last whole character as people see
// them. If some of it must be taken, a character that is longer than all the room is
// itself cut, behind one code point at least; alone is what one costs there.
func Cut(text string, room int, must bool, cost, alone Cost) int {
	end, space, used := 0, 0, 0
	for g := graphemes.FromString(text); g.Next(); {
		n := cost(g.Value())
		if used+n > room {
			if end == 0 && must {
				end = inside(g.Value(), room, alone)
			}
			break
		}
		used += n
		end = g.End()
		if strings.TrimSpace(g.Value()) == "" {
			space = end
		}
	}
	if space > end/2 && end < len(text) {
		end = space
	}
	return end
}

// inside is where a character of too many code points is cut.
func inside(character string, room int, alone Cost) int {
	used := 0
	for i, letter := range character {
		if used += alone(string(letter)); used > room && i > 0 {
			return i
		}
	}
	return len(character)
}

// Beginning is the whole characters at the beginning of a text that fit.
func Beginning(text string, room int, cost Cost) string {
	end, used := 0, 0
	for g := graphemes.FromString(text); g.Next(); {
		if used += cost(g.Value()); used > room {
			break
		}
		end = g.End()
	}
	return text[:end]
}

// Shortened is a text that fits, cut between characters as people see them and marked
// where it was. The mark takes one of the room.
func Shortened(text string, room int, cost Cost) string {
	if cost(text) <= room {
		return text
	}
	return strings.TrimRight(Beginning(text, room-1, cost), " ") + "…"
}
