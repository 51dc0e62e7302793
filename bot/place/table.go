package place

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tables holds the embedded data; data/LICENSE.md says where each file comes from.
//
//go:embed data
var tables embed.FS

// each calls use with the fields of every row of an embedded table, which must be at
// least columns, and stops at the first error. Lines that start with # and empty
// ones are no rows.
func each(name string, columns int, use func(fields []string) error) error {
	text, err := unpack("data/" + name)
	if err != nil {
		return fmt.Errorf("place: table %s: %w", name, err)
	}
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		if row == "" || row[0] == '#' {
			continue
		}
		fields := strings.Split(row, "\t")
		if len(fields) < columns {
			return fmt.Errorf("place: table %s, line %d: %d columns instead of %d", name, line, len(fields), columns)
		}
		if err := use(fields); err != nil {
			return fmt.Errorf("place: table %s, line %d: %w", name, line, err)
		}
	}
	return nil
}

// unpack returns the text of an embedded file.
func unpack(name string) (string, error) {
	data, err := tables.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return string(data), err
	}
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	_, err = io.Copy(&text, packed)
	return text.String(), errors.Join(err, packed.Close())
}

// parsePoint reads two columns of degrees.
func parsePoint(lat, lng string) (Point, error) {
	north, err := strconv.ParseFloat(lat, 64)
	if err != nil {
		return Point{}, err
	}
	east, err := strconv.ParseFloat(lng, 64)
	if err != nil {
		return Point{}, err
	}
	p := Point{Lat: north, Lng: east}
	if !p.valid() {
		return Point{}, errors.New("no position on Earth")
	}
	return p, nil
}

// list splits a column of names; an empty column has none.
func list(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, ",")
}
