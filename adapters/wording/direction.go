package wording

import "golang.org/x/text/unicode/bidi"

// RightToLeft is an invisible letter that runs from right to left (RLM).
const RightToLeft = "\u200f"

// Run is a stretch of a line.
type Run interface {
	// Words are its text, and whether it will be wrapped in an isolate.
	Words() (text string, isolated bool)
}

// RunsRightToLeft reports whether the platforms' apps lay a line out from right to left
// by themselves: they go by its first strong letter outside isolates (UAX #9), whatever
// the language of the message.
func RunsRightToLeft[R Run, L ~[]R](line L) bool {
	class, isolated := firstStrong(line)
	return !isolated && class != bidi.L && class != bidi.ON
}

// ReadsRightToLeft reports whether nothing but what is isolated gives a line a
// direction, and that is from right to left: the apps would not see it.
func ReadsRightToLeft[R Run, L ~[]R](line L) bool {
	class, isolated := firstStrong(line)
	return isolated && class != bidi.L
}

// firstStrong is the class of the first letter outside isolates that has a direction;
// where there is none, of the first inside them; bidi.ON without any.
func firstStrong[R Run, L ~[]R](line L) (class bidi.Class, isolated bool) {
	class = bidi.ON
	for _, r := range line {
		text, wrapped := r.Words()
		depth, _ := Guards(text)
		if wrapped {
			depth++
		}
		for _, letter := range text {
			p, _ := bidi.LookupRune(letter)
			switch c := p.Class(); {
			case letter == '\u2069':
				depth = max(0, depth-1)
			case IsIsolate(letter):
				depth++
			case c != bidi.L && c != bidi.R && c != bidi.AL:
			case depth == 0:
				return c, false
			case !isolated:
				class, isolated = c, true
			}
		}
	}
	return class, isolated
}

// IsRightToLeft reports whether a letter is of a script that runs from right to left.
func IsRightToLeft(letter rune) bool {
	p, _ := bidi.LookupRune(letter)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// IsIsolate reports whether a letter opens or closes an isolate.
func IsIsolate(r rune) bool { return r >= '\u2066' && r <= '\u2069' }

// Guards is how many isolates must be opened before a text and closed after it, so that
// what it brings of its own, or what a cut has left of it, can't reach beyond it.
func Guards(text string) (before, after int) {
	depth, lowest := 0, 0
	for _, r := range text {
		switch r {
		case '\u2066', '\u2067', '\u2068':
			depth++
		case '\u2069':
			depth--
			lowest = min(lowest, depth)
		}
	}
	return -lowest, depth - lowest
}
