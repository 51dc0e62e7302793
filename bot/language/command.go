package language

import (
	"maps"
	"slices"
	"strings"
)

// commandWords is how the keys of command words begin: "words.stop" holds the
// phrases that mean the command "stop", with | between them.
const commandWords = "words."

// CommandFor finds the command that a whole message asks for in the words of any
// catalogue: "please stop" is "stop", "stop this terrible bill" is none. Case,
// accents, punctuation and emoji don't matter, nor does a word said over and over.
func (b *Bundle) CommandFor(text string) (command string, ok bool) {
	command, ok = b.commands[once(fold(text))]
	return command, ok
}

// once is a text of one word repeated, said once: "stop stop stop".
func once(folded string) string {
	first, rest, more := strings.Cut(folded, " ")
	for more {
		var next string
		if next, rest, more = strings.Cut(rest, " "); next != first {
			return folded
		}
	}
	return first
}

// readCommands gathers the command words of all catalogues. One phrase with two
// meanings is a fault, and means what it means in the first catalogue.
func (b *Bundle) readCommands(found *faults) map[string]string {
	commands := map[string]string{}
	owners := map[string]string{}
	for _, l := range b.locales {
		entries := b.catalogues[l.Tag].entries
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			command, ok := strings.CutPrefix(key, commandWords)
			if !ok {
				continue
			}
			for phrase := range strings.SplitSeq(phrases(entries[key]), "|") {
				folded := once(fold(phrase))
				switch known, taken := commands[folded]; {
				case folded == "":
					found.add(l.Tag+extension, key, "holds a phrase without letters", "write words with one | between them")
				case taken && known != command:
					found.add(l.Tag+extension, key, "holds "+strings.TrimSpace(phrase)+", which means "+known+" in "+owners[folded], "keep it in one of them")
				default:
					commands[folded], owners[folded] = command, l.Tag+extension
				}
			}
		}
	}
	return commands
}

func phrases(e *entry) string {
	var b strings.Builder
	for _, p := range e.forms[other] {
		b.WriteString(p.words)
	}
	return b.String()
}
