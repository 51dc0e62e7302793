package group

import (
	_ "embed"
	"io"
	"strings"
)

//go:embed sample.csv
var sample string

// Sample is a small directory to try Ella with, as a file for an Importer: groups
// that exist, and made-up times and ways to join. Import it with Import.Sample
// set, so that its cards say so. It names no person, no street and no number.
func Sample() io.Reader { return strings.NewReader(sample) }
