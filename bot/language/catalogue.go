package language

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"ella/bot/message"
)

// catalogue is one language, ready to speak.
type catalogue struct {
	locale     Locale
	convention *convention
	// borrowed says that the convention is the English one for want of a row.
	borrowed bool
	plurals  *plurals
	entries  map[string]*entry
}

// newCatalogue compiles a source. Faulty texts are left out and added to found,
// so that English is said in their place.
func newCatalogue(s *source, table conventions, found *faults) *catalogue {
	c := &catalogue{
		locale:  Locale{Tag: s.tag, Endonym: s.about["endonym"], Reviewed: s.about["reviewed_by"], Direction: direction(s.tag)},
		entries: map[string]*entry{},
	}
	row, err := table.row(s.tag)
	if err != nil {
		found.add(conventionsFile, s.tag, err.Error(), "generate the table again: go generate ./locales")
	}
	var forms []string
	if row != nil {
		c.convention, forms, c.locale.Direction = row, row.Forms, row.Direction
	} else {
		c.convention, c.borrowed = british(), true
	}
	c.plurals = newPlurals(s.tag, forms)
	for _, key := range slices.Sorted(maps.Keys(s.messages)) {
		e := &entry{}
		for f, text := range texts(s.messages[key]) {
			if text == "" && form(f) != other {
				continue
			}
			at := key
			if e.plural = e.plural || form(f) != other; e.plural {
				at = key + "." + form(f).String()
			}
			if problem, fix := judge(text); problem != "" {
				found.add(s.file, at, problem, fix)
				continue
			}
			e.forms[f], _ = parse(text)
		}
		if e.forms[other] != nil {
			c.entries[key] = e
		}
	}
	return c
}

// direction is the reading direction of a language that the table has no row for.
func direction(tag string) message.Direction {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Rohg", "Adlm", "Mand", "Samr":
		return message.RightToLeft
	}
	return message.LeftToRight
}

// countName is the value that picks the plural form.
const countName = "Count"

// compare holds a catalogue against the English one. An entry that does not ask
// for the same values is taken out: it would say something else.
func (c *catalogue) compare(english *catalogue, file string, found *faults) {
	broken, brokenEnglish := found.keys(file), found.keys(English+extension)
	for _, key := range slices.Sorted(maps.Keys(english.entries)) {
		if c.entries[key] == nil && !broken[key] {
			found.add(file, key, "is missing", fmt.Sprintf("translate %q", english.sample(key)))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.entries)) {
		e, model := c.entries[key], english.entries[key]
		if model == nil {
			if !brokenEnglish[key] {
				found.add(file, key, "is not in "+English+extension, "take it out, or correct the key")
			}
			delete(c.entries, key)
			continue
		}
		if !c.compareForms(key, e, model, file, found, broken) || !c.compareValues(key, e, model, file, found) {
			delete(c.entries, key)
		}
	}
}

// compareForms reports whether the entry can be said: a form too few is a fault,
// but it still has "other".
func (c *catalogue) compareForms(key string, e, model *entry, file string, found *faults, broken map[string]bool) bool {
	if e.plural && !model.plural {
		found.add(file, key, "has plural forms and the English has none", fmt.Sprintf("write %s = \"…\"", key))
		return false
	}
	e.plural = model.plural
	if !e.plural {
		return true
	}
	for f := zero; f <= other; f++ {
		needed, at := slices.Contains(c.plurals.forms, f), key+"."+f.String()
		switch {
		case needed && e.forms[f] == nil && !broken[at]:
			found.add(file, key, fmt.Sprintf("has no form %q", f), fmt.Sprintf("add %s = \"…\"; this language needs %s", at, c.plurals.names()))
		case !needed && e.forms[f] != nil:
			found.add(file, key, fmt.Sprintf("has a form %q that this language has not", f), fmt.Sprintf("take it out; this language needs %s", c.plurals.names()))
			e.forms[f] = nil
		}
	}
	return true
}

// compareValues reports whether every form asks for the values of the English.
// Only a form that is said of one number may leave the number out.
func (c *catalogue) compareValues(key string, e, model *entry, file string, found *faults) bool {
	known := model.valueNames()
	same := true
	for f, parts := range e.forms {
		if parts == nil {
			continue
		}
		at := key
		if e.plural {
			at = key + "." + form(f).String()
		}
		asked := names(parts)
		for _, name := range asked {
			if !slices.Contains(known, name) && (name != countName || !e.plural) {
				found.add(file, at, fmt.Sprintf("asks for {{.%s}}, which the English does not have", name), "it has "+braced(known))
				same = false
			}
		}
		for _, name := range known {
			if !slices.Contains(asked, name) && (name != countName || !e.plural || !c.plurals.single(form(f))) {
				found.add(file, at, fmt.Sprintf("leaves out {{.%s}}", name), "put it where it belongs in the sentence")
				same = false
			}
		}
	}
	return same
}

// valueNames are the values that any form asks for.
func (e *entry) valueNames() []string {
	var all []string
	for _, parts := range e.forms {
		for _, name := range names(parts) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// sample is the entry's text as it stands in the file, in its last form.
func (c *catalogue) sample(key string) string {
	var b strings.Builder
	for _, p := range c.entries[key].forms[other] {
		b.WriteString(p.words)
		if p.name != "" {
			b.WriteString("{{." + p.name + "}}")
		}
	}
	return b.String()
}

func (p *plurals) names() string {
	words := make([]string, len(p.forms))
	for i, f := range p.forms {
		words[i] = f.String()
	}
	return strings.Join(words, ", ")
}

func braced(names []string) string {
	if len(names) == 0 {
		return "no values"
	}
	return "{{." + strings.Join(names, "}} {{.") + "}}"
}

// keys are the entries of a file that something is wrong with, and those of
// their forms.
func (fs faults) keys(file string) map[string]bool {
	keys := map[string]bool{}
	for _, f := range fs {
		if f.File != file {
			continue
		}
		keys[f.Key] = true
		if dot := strings.LastIndexByte(f.Key, '.'); dot >= 0 && isForm(f.Key[dot+1:]) {
			keys[f.Key[:dot]] = true
		}
	}
	return keys
}
