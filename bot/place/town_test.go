package place_test

import (
	"strings"
	"testing"

	"ella/bot/place"
)

// TestFindTown asks for towns of all four nations in many scripts. Region is the
// beginning of what must be found first.
func TestFindTown(t *testing.T) {
	g := load(t)
	tests := []struct {
		text, name, region string
	}{
		// England.
		{"London", "London", "England"},
		{"LONDON", "London", "England"},
		{"Londyn", "London", "England"},
		{"Londres", "London", "England"},
		{"Londra", "London", "England"},
		{"Лондон", "London", "England"},
		{"لندن", "London", "England"},
		{"لەندەن", "London", "England"},
		{"ለንደን", "London", "England"},
		{"ሎንዶን", "London", "England"},
		{"伦敦", "London", "England"},
		{"倫敦", "London", "England"},
		{"লন্ডন", "London", "England"},
		{"लंदन", "London", "England"},
		{"ਲੰਡਨ", "London", "England"},
		{"런던", "London", "England"},
		{"ロンドン", "London", "England"},
		{"Λονδίνο", "London", "England"},
		{"Luân Đôn", "London", "England"},
		{"Birmingham", "Birmingham", "England"},
		{"برمينغهام", "Birmingham", "England"},
		{"بیرمنگام", "Birmingham", "England"},
		{"Бирмингем", "Birmingham", "England"},
		{"በርሚንግሃም", "Birmingham", "England"},
		{"Leeds", "Leeds", "England"},
		{"لیدز", "Leeds", "England"},
		{"ليدز", "Leeds", "England"},
		{"Лидс", "Leeds", "England"},
		{"ሊድስ", "Leeds", "England"},
		{"Luton", "Luton", "England"},
		{"لوتن", "Luton", "England"},
		{"Лутон", "Luton", "England"},
		{"Coventry", "Coventry", "England"},
		{"كوفنتري", "Coventry", "England"},
		{"کاونتری", "Coventry", "England"},
		{"Nottingham", "Nottingham", "England"},
		{"ناتینگهام", "Nottingham", "England"},
		{"Ноттингем", "Nottingham", "England"},
		{"Newcastle upon Tyne", "Newcastle upon Tyne", "England"},
		{"newcastle-upon-tyne", "Newcastle upon Tyne", "England"},
		{"نيوكاسل", "Newcastle upon Tyne", "England"},
		{"نیوکاسل", "Newcastle upon Tyne", "England"},
		{"Sheffield", "Sheffield", "England"},
		{"شيفيلد", "Sheffield", "England"},
		{"شفیلد", "Sheffield", "England"},
		{"شێفیڵد", "Sheffield", "England"},
		{"Шеффилд", "Sheffield", "England"},
		{"Southwark", "Southwark", "London, England"},
		{"Саутварк", "Southwark", "London, England"},
		{"Keighley", "Keighley", "Bradford, England"},
		{"کیثلی", "Keighley", "Bradford, England"},
		{"Peterborough", "Peterborough", "England"},
		{"Питерборо", "Peterborough", "England"},
		{"پیتربورو", "Peterborough", "England"},
		{"Manchester", "Manchester", "England"},
		{"曼彻斯特", "Manchester", "England"},
		{"Bradford", "Bradford", "England"},
		{"بریڈفورڈ", "Bradford", "England"},
		{"ব্রাইটন", "Brighton", "England"},
		{"King's Lynn", "King's Lynn", "England"},
		{"kings lynn", "King's Lynn", "England"},
		{"Saint Albans", "St Albans", ""},
		{"Hull", "Kingston upon Hull", "England"},
		{"stoke on trent", "Stoke-on-Trent", "England"},

		// Wales.
		{"Cardiff", "Cardiff", "Wales"},
		{"Caerdydd", "Cardiff", "Wales"},
		{"كارديف", "Cardiff", "Wales"},
		{"کاردیف", "Cardiff", "Wales"},
		{"Кардифф", "Cardiff", "Wales"},
		{"Swansea", "Swansea", "Wales"},
		{"Abertawe", "Swansea", "Wales"},
		{"سوانزي", "Swansea", "Wales"},
		{"ስዋንሲ", "Swansea", "Wales"},
		{"Wrexham", "Wrexham", "Wales"},
		{"Aberystwyth", "Aberystwyth", "Wales"},

		// Scotland.
		{"Glasgow", "Glasgow", "Scotland"},
		{"غلاسكو", "Glasgow", "Scotland"},
		{"گلاسگو", "Glasgow", "Scotland"},
		{"Глазго", "Glasgow", "Scotland"},
		{"ግላዝጎ", "Glasgow", "Scotland"},
		{"Edinburgh", "Edinburgh", "Scotland"},
		{"Edynburg", "Edinburgh", "Scotland"},
		{"Dùn Èideann", "Edinburgh", "Scotland"},
		{"Aberdeen", "Aberdeen", "Scotland"},
		{"Stornoway", "Stornoway", "Scotland"},

		// Northern Ireland.
		{"Belfast", "Belfast", "Northern Ireland"},
		{"Béal Feirste", "Belfast", "Northern Ireland"},
		{"بلفاست", "Belfast", "Northern Ireland"},
		{"Белфаст", "Belfast", "Northern Ireland"},
		{"ቤልፋስት", "Belfast", "Northern Ireland"},
		{"Derry", "Derry", "Northern Ireland"},
		{"Londonderry", "Derry", "Northern Ireland"},
		{"Newry", "Newry", "Northern Ireland"},

		// Places that the published tables lack.
		{"Newham", "Newham", "London, England"},
		{"Tower Hamlets", "Tower Hamlets", "London, England"},
		{"hackney", "Hackney", "London, England"},
		{"Sparkbrook", "Sparkbrook", "Birmingham, England"},
		{"Small Heath", "Small Heath", "Birmingham, England"},
		{"Govanhill", "Govanhill", "Glasgow, Scotland"},
		{"Splott", "Splott", "Cardiff, Wales"},
		{"Butetown", "Butetown", "Cardiff, Wales"},
		{"Tottenham", "Tottenham", "London, England"},
		{"Toxteth", "Toxteth", "Liverpool, England"},
		{"Moss Side", "Moss Side", "Manchester, England"},
		{"Whitechapel", "Whitechapel", "London, England"},
		{"Brixton", "Brixton", "London, England"},
		{"Page Hall", "Page Hall", "Sheffield, England"},
		{"Hyson Green", "Hyson Green", "Nottingham, England"},
		{"Foleshill", "Foleshill", "Coventry, England"},
		{"Bury Park", "Bury Park", "Luton, England"},
	}
	for _, test := range tests {
		got := g.Find(test.text)
		if !got.Sure || len(got.Places) != 1 || got.Places[0].Name != test.name ||
			!strings.HasPrefix(got.Places[0].Region, test.region) || got.Places[0].Kind != place.KindTown {
			t.Errorf("Find(%q) = %+v, want surely %s (%s)", test.text, got, test.name, test.region)
		}
	}
}

func TestFindNamesakes(t *testing.T) {
	g := load(t)
	tests := []struct {
		text string
		want []string // names and regions
	}{
		{"Newport", []string{
			"Newport (Wales)", "Newport (Isle of Wight, England)", "Newport (Telford, England)",
			"Newport (Cambridge, England)", "Newport (Kingston upon Hull, England)", "Newport (Haverfordwest, Wales)",
		}},
		{"Newcastle", []string{
			"Newcastle upon Tyne (England)", "Newcastle under Lyme (Stoke-on-Trent, England)", "Newcastle (Lisburn, Northern Ireland)",
		}},
		{"Richmond", []string{"Richmond (Darlington, England)", "Richmond (London, England)"}},
		{"Easton", []string{"Easton (Bristol, England)", "Easton (Weymouth, England)"}},
		{"Chapeltown", []string{"Chapeltown (Leeds, England)", "Chapeltown (Sheffield, England)"}},
		{"Stratford", []string{"Stratford (London, England)", "Stratford-upon-Avon (Birmingham, England)"}},
		{"Sutton", []string{"Sutton (London, England)"}},             // fifty times as big as the next
		{"Washington", []string{"Washington (Sunderland, England)"}}, // so is this one
		{"Enfield", []string{"Enfield (London, England)"}},           // one town under two entries
	}
	for _, test := range tests {
		answer := g.Find(test.text)
		var got []string
		for _, p := range answer.Places {
			got = append(got, p.Name+" ("+p.Region+")")
		}
		if strings.Join(got, "; ") != strings.Join(test.want, "; ") || answer.Sure != (len(test.want) == 1) {
			t.Errorf("Find(%q) = %q, sure %v, want %q", test.text, got, answer.Sure, test.want)
		}
	}
}

// TestFindTellsNamesakesApart checks that a person who is asked can tell the choices
// apart.
func TestFindTellsNamesakesApart(t *testing.T) {
	g := load(t)
	for _, text := range []string{"Newport", "Newcastle", "Sutton", "Bangor", "Blackburn", "Walton", "Ashford", "new", "ash", "sto"} {
		seen := map[string]bool{}
		for _, p := range g.Find(text).Places {
			label := p.Name + ", " + p.Region
			if seen[label] {
				t.Errorf("Find(%q) offers %q twice", text, label)
			}
			seen[label] = true
		}
	}
}

func TestFindGuesses(t *testing.T) {
	g := load(t)
	tests := []struct {
		text  string
		first string
	}{
		// The beginning of a name.
		{"birmin", "Birmingham"},
		{"Birmingh", "Birmingham"},
		{"wolverh", "Wolverhampton"},
		{"манчест", "Manchester"},
		{"بيرمن", "Birmingham"},

		// Slips.
		{"Birmingam", "Birmingham"},
		{"Brimingham", "Birmingham"},
		{"Mancester", "Manchester"},
		{"Manchestr", "Manchester"},
		{"Sheffeild", "Sheffield"},
		{"Notingham", "Nottingham"},
		{"Coventri", "Coventry"},
		{"Lodnon", "London"},
		{"newcastel apon tyne", "Newcastle upon Tyne"},
		{"Birningam", "Birmingham"},
		{"ليفربوول", "Liverpool"},
		{"Манчестр", "Manchester"},

		// Sentences.
		{"in London", "London"},
		{"I live in Leeds", "Leeds"},
		{"i am living near Moss Side now", "Moss Side"},
		{"أنا في لندن", "London"},
		{"من در شفیلد زندگی می کنم", "Sheffield"},
		{"я живу в Лондон", "London"},
		{"我住在伦敦", "London"},
		{"my postcode is B11 1AA", "B11 1"},
		{"12 High Street Leeds LS2 7AA", "LS2 7"},
		{"flat 3, N13", "N13"},
		{"BT1 in Belfast", "BT1"},
		{"<b>Leeds</b>", "Leeds"},
		{"Birmingham, UK", "Birmingham"},
	}
	for _, test := range tests {
		got := g.Find(test.text)
		if len(got.Places) == 0 || got.Places[0].Name != test.first || got.Sure || got.Problem != place.ProblemNone {
			t.Errorf("Find(%q) = %s, want first %s, not sure", test.text, summary(got), test.first)
		}
	}
}

func TestFindSentenceWithRegion(t *testing.T) {
	g := load(t)
	tests := []struct{ text, name, region string }{
		{"Richmond, London", "Richmond", "London, England"},
		{"Richmond", "Richmond", "Darlington, England"},
		{"Bangor, Wales", "Bangor", "Anglesey, Wales"},
		{"Bangor Northern Ireland", "Bangor", "Belfast, Northern Ireland"},
		{"Sparkbrook Birmingham", "Sparkbrook", "Birmingham, England"},
		{"Kensington in Liverpool", "Kensington", "Liverpool, England"},
	}
	for _, test := range tests {
		got := g.Find(test.text)
		if len(got.Places) == 0 || got.Places[0].Name != test.name || got.Places[0].Region != test.region {
			t.Errorf("Find(%q) = %+v, want first %s (%s)", test.text, got, test.name, test.region)
		}
	}
}

func TestFindProblems(t *testing.T) {
	g := load(t)
	tests := []struct {
		about, text string
		want        place.Problem
	}{
		{"nothing", "", place.ProblemEmpty},
		{"spaces", " \t\n\u00a0\u3000", place.ProblemEmpty},
		{"emoji", "😀🏠🇬🇧👨‍👩‍👧", place.ProblemEmpty},
		{"marks of direction", "\u200e\u200f\u202a\u202e\u2066\u2069", place.ProblemEmpty},
		{"control characters", "\x01\x02\x1b[31m\x7f"[:3], place.ProblemEmpty},
		{"NUL", "\x00\x00", place.ProblemEmpty},
		{"invalid UTF-8", "\xff\xfe\xc3\x28"[:3], place.ProblemEmpty},
		{"punctuation", "?!...", place.ProblemEmpty},

		{"100 kB", strings.Repeat("Leeds ", 17_000), place.ProblemTooLong},
		{"100 kB of one letter", strings.Repeat("ل", 50_000), place.ProblemTooLong},
		{"a long sentence", strings.Repeat("London ", 9), place.ProblemUnknown},
		{"a letter under a heap of accents", "L" + strings.Repeat("\u0301", 150), place.ProblemUnknown},

		{"gibberish", "qwertyuiopasdf", place.ProblemUnknown},
		{"a command", "/settings", place.ProblemUnknown},
		{"SQL", "'; DROP TABLE--", place.ProblemUnknown},
		{"HTML", "<script>alert(1)</script>", place.ProblemUnknown},
		{"a format", "%s%n{{.}}", place.ProblemUnknown},
		{"two letters", "Bo", place.ProblemUnknown},
		{"a nation", "Wales", place.ProblemUnknown},
		{"the country", "UK", place.ProblemUnknown},
		{"an expansion", strings.Repeat("\ufdfa", 100), place.ProblemUnknown},

		{"a dependency", "Jersey", place.ProblemOutside},
		{"an island", "isle of man", place.ProblemOutside},
		{"another country", "Dublin", place.ProblemOutside},
		{"another country in Persian", "ایرلند", place.ProblemOutside},
		{"a port", "Calais", place.ProblemOutside},
	}
	for _, test := range tests {
		if got := g.Find(test.text); got.Problem != test.want || len(got.Places) > 0 || got.Sure {
			t.Errorf("%s: %s, want %s", test.about, summary(got), test.want)
		}
	}
}

func TestFindSeesThroughNoise(t *testing.T) {
	g := load(t)
	for _, text := range []string{
		"L\x00eeds"[:1] + "eeds", "Leeds\x00", "\u202eLeeds\u202c", "Le\u200beds", "Leeds 😀", "Leeds\xff",
		"Ｌｅｅｄｓ", "𝐋𝐞𝐞𝐝𝐬", "L\u0301eeds", "  leeds.  ", "لي\u0640دز", "لِيدْز",
	} {
		if got := summary(g.Find(text)); got != "Leeds sure" {
			t.Errorf("Find(%q) = %s", text, got)
		}
	}
}
