// Command generate turns the published tables of places into the compact files that
// package place embeds. It is run by go generate, in the folder of that package:
//
//	PLACES=folder-of-the-tables go generate ./bot/place
//
// The folder holds uk_sectors_gb.csv and uk_outcodes_gb.csv (medians computed from
// the National Statistics Postcode Lookup) and gb_places.tsv and gb_altnames.tsv
// (extracts of GeoNames). The files made by hand in data are left alone.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	from := flag.String("from", "", "folder of the published tables")
	to := flag.String("to", "data", "folder of the embedded files")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	if from == "" {
		return errors.New("say where the tables are, with -from or $PLACES")
	}
	rows, err := read(filepath.Join(from, "uk_sectors_gb.csv"), ',')
	if err != nil {
		return err
	}
	if err := write(filepath.Join(to, "sectors.tsv.gz"), sectors(rows)); err != nil {
		return err
	}
	rows, err = read(filepath.Join(from, "uk_outcodes_gb.csv"), ',')
	if err != nil {
		return err
	}
	if err := write(filepath.Join(to, "outcodes.tsv.gz"), outcodes(rows)); err != nil {
		return err
	}
	places, err := read(filepath.Join(from, "gb_places.tsv"), '\t')
	if err != nil {
		return err
	}
	names, err := read(filepath.Join(from, "gb_altnames.tsv"), '\t')
	if err != nil {
		return err
	}
	return write(filepath.Join(to, "towns.tsv.gz"), towns(places, names))
}

// Columns of the tables of postcodes.
const (
	code   = 0
	lat    = 1
	lng    = 2
	radius = 4 // km, of the circle that holds nine in ten of the postcodes
)

// outcodes keeps code, latitude and longitude. NPT, the one outcode without a digit,
// is left out: it was withdrawn in the 1980s and fits no rule.
func outcodes(table [][]string) [][]string {
	var rows [][]string
	for _, row := range table {
		if outcodeOf(row) != "NPT" {
			rows = append(rows, []string{row[code], row[lat], row[lng]})
		}
	}
	return rows
}

// sectors keeps the same, and marks with "boxes" the sectors in which nobody lives.
// One in ten holds nothing but post boxes, all at one sorting office, often that of
// another outcode: nine in ten of its postcodes lie within 50 metres of the middle,
// or the middle is the very spot of another outcode's sector. Without telling these
// apart a location shared in W13 would be taken for W11.
func sectors(table [][]string) [][]string {
	inhabited := map[string]bool{} // by outcode
	offices := map[string]string{} // the outcode at a position, "" if there are several
	for _, row := range table {
		outcode, position := outcodeOf(row), row[lat]+" "+row[lng]
		inhabited[outcode] = inhabited[outcode] || row[radius] != "0.0"
		if other, ok := offices[position]; ok && other != outcode {
			outcode = ""
		}
		offices[position] = outcode
	}
	rows := outcodes(table)
	marked := map[string]bool{}
	for _, row := range table {
		shared := offices[row[lat]+" "+row[lng]] == ""
		marked[row[code]] = inhabited[outcodeOf(row)] && (shared || row[radius] == "0.0")
	}
	for i, row := range rows {
		if marked[row[code]] {
			rows[i] = append(row, "boxes")
		}
	}
	return rows
}

func outcodeOf(row []string) string {
	outcode, _, _ := strings.Cut(row[code], " ")
	return outcode
}

// towns returns name, nation, population, latitude, longitude and the other names.
func towns(places, names [][]string) [][]string {
	others := map[string][]string{}
	for _, row := range names {
		id, name := row[0], plain(row[2])
		if name != "" && !slices.Contains(others[id], name) {
			others[id] = append(others[id], name)
		}
	}
	var rows [][]string
	for _, row := range places {
		id, name, nation, population, lat, lng := row[0], row[1], row[3], row[4], row[5], row[6]
		if strings.HasSuffix(name, " County Borough") {
			continue // an authority beside the town of the same name
		}
		rows = append(rows, []string{name, nation, population, lat, lng, strings.Join(others[id], ",")})
	}
	return rows
}

// plain cuts what some languages add to tell a place from its namesakes, as in
// "Lincoln, England".
func plain(name string) string {
	if i := strings.IndexAny(name, ",،፣、，("); i >= 0 {
		name = name[:i]
	}
	return strings.TrimSpace(name)
}

// read returns the rows of a table without its heading.
func read(path string, comma rune) (rows [][]string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	table := csv.NewReader(file)
	table.Comma = comma
	table.LazyQuotes = true
	rows, err = table.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%s has no rows", filepath.Base(path))
	}
	return rows[1:], nil
}

// write stores rows as gzipped text, the same bytes for the same rows.
func write(path string, rows [][]string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	text := bufio.NewWriter(packed)
	for _, row := range rows {
		if _, err := fmt.Fprintln(text, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return errors.Join(text.Flush(), packed.Close())
}
