// Package place turns what a newcomer types, or the location they share, into a
// place on the map, and finds what is near it.
//
// Everything happens in memory, from tables embedded in the binary: nothing a
// person types leaves the process, and no call here blocks or does any input or
// output. The package imports nothing else of ours.
//
// It is careful with whereabouts. A full postcode names a few houses, so it is cut
// down to its sector, the part before the last two letters, before anything else
// is done with it; a shared location is moved to the middle of its sector. No
// value, error or panic of this package carries a person's text.
//
// The words used here:
//
//	sector    "B11 1", some 3,000 addresses; the finest place this package returns
//	outcode   "B11", the first half of a postcode
//	town      any named place, from a village or a neighbourhood to London
//	district  an outcode of Northern Ireland, "BT1", whose sectors are not open data
package place

//go:generate go run ./generate -from $PLACES
