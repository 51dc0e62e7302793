// Package locales holds what Ella says, one catalogue a language, and the table
// of names, numbers and dates that is generated from the Unicode CLDR. It holds
// data only: package language reads and checks it.
package locales

import "embed"

//go:generate node generate/generate.mjs

// Files are the catalogues, each named by its language tag ("fa-AF.toml"), and
// cldr.json. A new language is a new catalogue here and nothing else.
//
//go:embed *.toml cldr.json
var Files embed.FS
