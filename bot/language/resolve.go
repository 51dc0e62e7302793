package language

import (
	"cmp"

	"golang.org/x/text/language"
)

// Resolution is the answer to "which catalogue does this tag get".
type Resolution struct {
	// Locale is the tag of a catalogue that exists.
	Locale string
	// Exact says that Locale is the language that was asked for: the same tag in
	// any spelling, or a region of it ("ar-SY" for "ar"), in the same script.
	Exact bool
	// Declared says that Locale is a declared fallback of the same language
	// (Persian for Dari), which the member is told. Neither Exact nor Declared is
	// English for want of the language.
	Declared bool
}

// identity is what makes two tags the same: the language, the script it is
// written in, and the region that writes it its own way.
type identity struct{ base, script, region string }

// standard gives the code that the rest of the world, and our catalogues, use for
// an ISO 639-3 code of a standard language, and for Dari: with a script or a
// region where that is what the code says.
func standard(base string) (id identity, ok bool) {
	switch base {
	case "als":
		return identity{base: "sq"}, true
	case "arb":
		return identity{base: "ar"}, true
	case "cmn":
		return identity{base: "zh"}, true
	case "gaz":
		return identity{base: "om"}, true
	case "kmr":
		return identity{base: "ku"}, true
	case "npi":
		return identity{base: "ne"}, true
	case "pes":
		return identity{base: "fa"}, true
	case "pnb":
		return identity{base: "pa", script: "Arab"}, true
	case "prs":
		return identity{base: "fa", region: "AF"}, true
	case "swh":
		return identity{base: "sw"}, true
	}
	return identity{}, false
}

// fallback is the declared fallback inside one language. There is one. Ukrainian
// has none to Russian, Sorani none to Arabic, Tigrinya none to Amharic.
func fallback(id identity) (identity, bool) {
	if id == (identity{"fa", "Arab", "AF"}) {
		return identity{"fa", "Arab", ""}, true // Dari to Persian
	}
	return identity{}, false
}

// longestTag is how long a tag may be, in bytes; the longest in use have 35.
const longestTag = 64

// identify reads a tag. It is not ok for what is no tag, or names no language.
func identify(tag string) (identity, bool) {
	if len(tag) > longestTag {
		return identity{}, false
	}
	t, err := language.Parse(tag) // also brings old codes up to date: iw is he
	if err != nil {
		return identity{}, false
	}
	base, script, region := t.Raw()
	id := identity{base.String(), script.String(), region.String()}
	if id.script == "Zzzz" { // the tag names no script
		id.script = ""
	}
	if id.region == "ZZ" {
		id.region = ""
	}
	switch id.base {
	case "und", "mul", "art":
		return identity{}, false
	}
	if known, ok := standard(id.base); ok {
		id.base, id.script, id.region = known.base, cmp.Or(id.script, known.script), cmp.Or(known.region, id.region)
	}
	if id.script == "" {
		id.script = usualScript(id.base, id.region)
	}
	return id, true
}

// usualScript is the script that a language is written in, there or anywhere.
func usualScript(base, region string) string {
	if base == "ku" && (region == "IQ" || region == "IR") {
		return "Arab" // as the CLDR has it; the table of x/text is older
	}
	tag := base
	if region != "" {
		tag += "-" + region
	}
	script, _ := language.Make(tag).Script()
	return script.String()
}

// Resolve finds the catalogue for a language tag in any spelling. It is English,
// neither exact nor declared, for a language without a catalogue, and for what is no tag.
func (b *Bundle) Resolve(tag string) Resolution {
	if _, loaded := b.catalogues[tag]; loaded {
		return Resolution{Locale: tag, Exact: true}
	}
	id, ok := identify(tag)
	if !ok {
		return Resolution{Locale: English}
	}
	if locale, ok := b.identities[id]; ok {
		return Resolution{Locale: locale, Exact: true}
	}
	if wider, ok := fallback(id); ok {
		if locale, ok := b.identities[wider]; ok {
			return Resolution{Locale: locale, Declared: true}
		}
		return Resolution{Locale: English}
	}
	id.region = ""
	if locale, ok := b.identities[id]; ok {
		return Resolution{Locale: locale, Exact: true}
	}
	return Resolution{Locale: English}
}
