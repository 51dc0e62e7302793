package place

import (
	"strings"
	"unicode/utf8"
)

// Kind says what a [Place] stands for. The set is closed.
type Kind string

// The kinds of place.
const (
	KindPostcode Kind = "postcode" // a postcode sector, "B11 1"
	KindOutcode  Kind = "outcode"  // the first half of a postcode, "B11"
	KindTown     Kind = "town"     // a named place of any size
)

// Place is a place within the United Kingdom, no finer than a postcode sector.
type Place struct {
	Kind Kind

	// Name is "B11 1" for a sector, "B11" for an outcode and the English name for a
	// town. It never holds a full postcode.
	Name string

	// Region tells places of one name apart: the nearest big town, for a town
	// followed by the nation ("Birmingham, England"), in English. It may be the
	// nation alone and, far from any town, empty for a postcode.
	Region string

	// Sector is the postcode sector that Point lies in or nearest to. It is empty in
	// Northern Ireland.
	Sector string

	// Outcode is the outcode that Point lies in or nearest to, "BT1" in Northern
	// Ireland.
	Outcode string

	// Point is about the middle of the place.
	Point Point

	// Population is the number of people living in a town, roughly; 0 where it is not
	// known, and for postcodes.
	Population int
}

// Code is the most exact code of the place: its sector, or its outcode where there
// is none. Gazetteer.Sector reads it.
func (p Place) Code() string {
	if p.Sector != "" {
		return p.Sector
	}
	return p.Outcode
}

// Label is the name, with the region where that tells it apart from others.
func (p Place) Label() string {
	if p.Region == "" || p.Region == p.Name {
		return p.Name
	}
	return p.Name + " (" + p.Region + ")"
}

// Pack writes the place into at most so many bytes: its code, and its name if that
// fits beside it.
func (p Place) Pack(most int) string {
	code := p.Code()
	if packed := code + "|" + p.Name; p.Name != code && len(packed) <= most {
		return packed
	}
	return code
}

// Unpack reads what Pack wrote. It comes from a button, so it may be forged.
func (g *Gazetteer) Unpack(packed string) (Place, bool) {
	code, name, _ := strings.Cut(packed, "|")
	found, ok := g.Sector(code)
	if name != "" && utf8.ValidString(name) {
		found.Name = name
	}
	return found, ok
}

// Problem says why [Gazetteer.Find] is not content. The set is closed.
type Problem string

// The problems that a text can have.
const (
	ProblemNone            Problem = ""
	ProblemEmpty           Problem = "empty"            // holds no letter and no digit
	ProblemTooLong         Problem = "too-long"         // cannot be the name of a place
	ProblemUnknown         Problem = "unknown"          // no place of that name
	ProblemPostcodeUnknown Problem = "postcode-unknown" // has the shape of a postcode, and does not exist
	ProblemOutside         Problem = "outside"          // recognised, and not on the map of the United Kingdom
)

// Answer is what [Gazetteer.Find] made of a text.
type Answer struct {
	// Places holds at most six places, best first. It is empty when Problem is set,
	// except that ProblemPostcodeUnknown comes with the outcode, where that exists, to
	// offer instead.
	Places []Place

	// Sure reports that Places holds the one place that was named exactly, so that
	// nothing need be asked. Otherwise the person should pick from Places, even if
	// there is only one.
	Sure bool

	Problem Problem
}

// Attribution returns the lines that the licences of the data oblige us to show to
// users. The caller may keep and change the slice.
func Attribution() []string {
	return []string{
		"Contains OS data © Crown copyright and database right 2025.",
		"Contains Royal Mail data © Royal Mail copyright and database right 2025.",
		"Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
		"Place names: GeoNames, CC BY 4.0.",
	}
}
