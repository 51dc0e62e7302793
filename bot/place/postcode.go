package place

import (
	"math/bits"
	"strings"
)

// postcode answers for a folded text that has the shape of a whole postcode, of a
// sector or of an outcode, in whatever way it is spaced. It returns false for any
// other text.
func (g *Gazetteer) postcode(folded string) (Answer, bool) {
	words := strings.ToUpper(folded)
	code := strings.ReplaceAll(words, " ", "")
	if len(code) < 2 || len(code) > 8 || !mixed(code) {
		return Answer{}, false
	}
	if outsidePostcode(code) {
		return Answer{Problem: ProblemOutside}, true
	}
	if n := len(code) - 3; n >= 2 {
		if digit, ok := inward(code[n:]); ok {
			sectors := sectorsNamed(code[:n], digit)
			return g.choosePostcode(len(sectors) > 0, g.firstCode(sectors), Place{}, sectors)
		}
	}
	outcodes, sectors := spellings(code), sectorsNamed(code[:len(code)-1], code[len(code)-1])
	shaped := len(outcodes)+len(sectors) > 0
	outcode, sector := g.firstCode(outcodes), g.firstCode(sectors)
	switch {
	case strings.LastIndexByte(words, ' ') == len(words)-2: // "N1 3" may be meant, or N13
		return g.choosePostcode(shaped, sector, outcode, sectors)
	case outcode.Name != "":
		return g.choosePostcode(shaped, outcode, Place{}, nil)
	default:
		return g.choosePostcode(shaped, sector, Place{}, sectors)
	}
}

// choosePostcode answers with the places found for a text, of which either may be
// empty, or else with the outcode of the sectors it was read as.
func (g *Gazetteer) choosePostcode(shaped bool, first, second Place, sectors []string) (Answer, bool) {
	if !shaped {
		return Answer{}, false
	}
	var answer Answer
	for _, p := range [...]Place{first, second} {
		if p.Name != "" && (len(answer.Places) == 0 || answer.Places[0].Name != p.Name) {
			answer.Places = append(answer.Places, p)
		}
	}
	answer.Sure = len(answer.Places) == 1
	if len(answer.Places) > 0 {
		return answer, true
	}
	answer.Problem = ProblemPostcodeUnknown
	for _, name := range sectors {
		if p, ok := g.Sector(outcodeOf(name)); ok {
			answer.Places = []Place{p}
			break
		}
	}
	return answer, true
}

// firstCode returns the first of the codes that exists. A sector of a district of
// Northern Ireland stands for the district.
func (g *Gazetteer) firstCode(codes []string) Place {
	for _, code := range codes {
		if strings.HasPrefix(code, "BT") {
			code = outcodeOf(code)
		}
		if p, ok := g.Sector(code); ok {
			return p
		}
	}
	return Place{}
}

// postcodeWords returns the place of a postcode within a sentence. There it must be
// written as it should be, since "so 15" is rarely meant for Southampton.
func (g *Gazetteer) postcodeWords(words string) (Place, bool) {
	outcode, rest, spaced := strings.Cut(strings.ToUpper(words), " ")
	if _, ok := g.outcodes[outcode]; spaced && (!ok || len(rest) != 1 && len(rest) != 3) {
		return Place{}, false
	}
	answer, _ := g.postcode(words)
	if answer.Problem != ProblemNone || len(answer.Places) == 0 {
		return Place{}, false
	}
	return answer.Places[0], true
}

// inward returns the digit of the second half of a postcode, and drops its letters.
func inward(half string) (digit byte, ok bool) {
	const letters = "ABDEFGHJLNPQRSTUWXYZ" // no C, I, K, M, O, V: they look like others
	digit = asDigit(half[0])
	ok = isDigit(digit) && strings.IndexByte(letters, half[1]) >= 0 && strings.IndexByte(letters, half[2]) >= 0
	return digit, ok
}

// sectorsNamed returns the names of the sectors that an outcode and a digit, as
// typed, may stand for, the most literal first.
func sectorsNamed(outcode string, digit byte) []string {
	digit = asDigit(digit)
	if !isDigit(digit) {
		return nil
	}
	names := spellings(outcode)
	for i, name := range names {
		names[i] = name + " " + string(digit)
	}
	return names
}

// spellings returns the outcodes that typed may stand for if O and 0, or I and 1,
// were mixed up: every reading of the right shape, with the fewest changes first.
func spellings(typed string) []string {
	if len(typed) < 2 || len(typed) > 4 {
		return nil
	}
	var codes []string
	for changes := range len(typed) + 1 {
		for mask := range uint(1) << len(typed) {
			if bits.OnesCount(mask) != changes {
				continue
			}
			if code, ok := swapped(typed, mask); ok && outcodeShaped(code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// swapped exchanges letter and digit at each place set in mask.
func swapped(typed string, mask uint) (string, bool) {
	code := []byte(typed)
	for i := range code {
		if mask>>i&1 == 0 {
			continue
		}
		other := strings.IndexByte("O0I1", code[i])
		if other < 0 {
			return "", false
		}
		code[i] = "0O1I"[other]
	}
	return string(code), true
}

// outcodeShaped reports whether code is one or two letters, a digit and perhaps one
// more letter or digit.
func outcodeShaped(code string) bool {
	letters := 1
	if len(code) > 1 && isLetter(code[1]) {
		letters = 2
	}
	rest := len(code) - letters
	return isLetter(code[0]) && (rest == 1 || rest == 2) && isDigit(code[letters])
}

// outsidePostcode reports whether code begins like a postcode of a Crown dependency,
// an overseas territory or the forces. In a pattern # stands for any digit.
func outsidePostcode(code string) bool {
	for _, pattern := range [...]string{
		"JE#", "GY#", "IM#", "BFPO", "BF#", "GX#", "GIR0",
		"ASCN1", "BBND1", "BIQQ1", "FIQQ1", "PCRN1", "SIQQ1", "STHL1", "TDCU1", "TKCA1",
		"AI2640", "KY#####", "VG11##", "MSR1###",
	} {
		if begins(code, pattern) {
			return true
		}
	}
	return false
}

func begins(code, pattern string) bool {
	if len(code) < len(pattern) {
		return false
	}
	for i := range pattern {
		if code[i] != pattern[i] && (pattern[i] != '#' || !isDigit(code[i])) {
			return false
		}
	}
	return true
}

// mixed reports whether code is made of letters and digits and has both.
func mixed(code string) bool {
	letters, digits := false, false
	for i := range len(code) {
		switch {
		case isLetter(code[i]):
			letters = true
		case isDigit(code[i]):
			digits = true
		default:
			return false
		}
	}
	return letters && digits
}

// asDigit reads a letter that looks like a digit as that digit.
func asDigit(c byte) byte {
	switch c {
	case 'O':
		return '0'
	case 'I':
		return '1'
	}
	return c
}

func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
