package telegram_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ella/adapters/telegram"
	"ella/bot"
	"ella/bot/bottest"
	form "ella/bot/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The characters of UAX #9 by their names, so that they can be seen.
const (
	lri = "\u2066"
	fsi = "\u2068"
	pdi = "\u2069"
	rlm = "\u200f"
)

var visible = strings.NewReplacer(lri, "{LRI}", fsi, "{FSI}", pdi, "{PDI}", rlm, "{RLM}")

func text(s string) form.Span { return form.Span{Kind: form.Text, Text: s} }

func words(s string) form.Span { return form.Span{Kind: form.Words, Text: s} }

func para(spans ...form.Span) form.Block { return form.Paragraph{Spans: spans} }

func of(blocks ...form.Block) form.Message { return form.Message{Blocks: blocks} }

func rtl(blocks ...form.Block) form.Message {
	return form.Message{Locale: "ar", Direction: form.RightToLeft, Blocks: blocks}
}

func choices(labels ...string) form.Block {
	var row []form.Action
	for i, l := range labels {
		row = append(row, form.Action{Label: l, Data: fmt.Sprintf("v1:a:%d:", i)})
	}
	return form.Choices{Rows: [][]form.Action{row}}
}

// lowered is a message as one reads it in a golden file.
func lowered(l telegram.Lowered) string {
	var b strings.Builder
	for _, p := range l.Parts {
		fmt.Fprintf(&b, "--- %s", p.Kind)
		if p.Name != "" {
			fmt.Fprintf(&b, " %s", p.Name)
		}
		if p.Data != nil {
			fmt.Fprintf(&b, " (%d bytes)", len(p.Data))
		}
		b.WriteByte('\n')
		if p.Kind == telegram.VenuePart {
			fmt.Fprintf(&b, "%s\n%s\n%v %v\n", p.Venue.Title, p.Venue.Address, p.Venue.Lat, p.Venue.Lng)
		}
		if p.HTML != "" {
			b.WriteString(visible.Replace(p.HTML) + "\n")
		}
		for _, row := range p.Buttons {
			for i, x := range row {
				if i > 0 {
					b.WriteString("  ")
				}
				fmt.Fprintf(&b, "[%s](%s%s)%s", visible.Replace(x.Label), x.Data, x.URL, x.Style)
			}
			b.WriteByte('\n')
		}
		if p.Ask != "" {
			fmt.Fprintf(&b, "[[%s]]\n", visible.Replace(p.Ask))
		}
	}
	return b.String()
}

// goldens are messages of each block, in both directions, as the rooms build them.
func goldens(right bool) map[string]form.Message {
	say := func(en, ar string) string {
		if right {
			return ar
		}
		return en
	}
	m := func(blocks ...form.Block) form.Message {
		if right {
			return rtl(blocks...)
		}
		return form.Message{Locale: "en", Direction: form.LeftToRight, Blocks: blocks}
	}
	every := []form.Span{
		text(say("Come to ", "تعالوا إلى ")), {Kind: form.Place, Text: "Victoria Square"}, text(say(" at ", " الساعة ")), {Kind: form.Time, Text: "18:30"},
		text(say(", call ", "، اتصلوا بـ ")), {Kind: form.Phone, Text: "0121 496 0000"}, text(say(", look at ", "، انظروا ")),
		{Kind: form.URL, Text: "https://example.org/?a=1&b=2"}, text(say(" or ", " أو ")), {Kind: form.URL, Text: say("our page", "صفحتنا"), URL: "https://example.org/"},
		text(say(", ask ", "، اسألوا ")), {Kind: form.Person, Text: "Amina <3", Bold: true}, text(say(", bring ", "، أحضروا ")), {Kind: form.Money, Text: "£3.50"},
		text(say(" for ", " عن ")), {Kind: form.Count, Text: "2"}, text(say(", or type ", "، أو اكتبوا ")), {Kind: form.Command, Text: "/help"},
	}
	name := words(say("Common Ground", "أرض مشتركة"))
	facts := []form.Fact{
		{Label: say("Where", "أين"), Value: []form.Span{{Kind: form.Place, Text: "B11 1AA"}}},
		{Label: say("When", "متى"), Value: []form.Span{{Kind: form.Time, Text: "18:30"}, text("–"), {Kind: form.Time, Text: "20:00"}}},
	}
	card := form.Card{
		Title: []form.Span{name}, Text: []form.Span{words(say("We drink tea.", "We drink tea."))}, Rows: facts,
		Actions: []form.Action{{Label: say("I'm with them", "أنا معهم"), Data: "v1:group.with:1:", Style: form.Primary}},
		Link:    &form.Link{Label: say("Website", "الموقع"), URL: "https://example.org/"},
	}
	heading := form.Heading{Spans: []form.Span{text(say("Vigil", "وقفة")), text(" "), {Kind: form.Place, Text: "Leeds"}}}
	return map[string]form.Message{
		"paragraph": m(para(every...), para(name), para(words("Meet at 3.\nBring a friend!"), text("."))),
		"heading":   m(heading, para(text(say("Tomorrow.", "غدًا.")))),
		"list": m(form.List{Items: [][]form.Span{{name, text(say(" – tea", " – شاي"))}, {words("Roots")}}},
			form.List{Items: [][]form.Span{{text(say("Open it", "افتحوه"))}, {{Kind: form.Command, Text: "/groups"}}}, Ordered: true}),
		"facts":    m(form.Facts{Rows: facts}),
		"card":     m(para(text(say("Near you:", "بالقرب منكم:"))), card),
		"cards":    m(para(text(say("Near you:", "بالقرب منكم:"))), card, card, choices(say("More", "المزيد"), say("Another place", "مكان آخر"))),
		"choices":  m(para(text(say("Will you come?", "هل ستأتون؟"))), choices(say("Yes", "نعم"), say("No", "لا"), say("Perhaps, I will tell you later", "ربما، سأخبركم لاحقًا"), "Leeds – ليدز")),
		"link":     m(para(text(say("Ask them.", "اسألوهم."))), form.LinkButton{Link: form.Link{Label: say("Open", "افتح"), URL: "https://example.org/a?b&c"}}, form.LinkButton{Link: form.Link{Label: say("Call", "اتصال"), URL: "tel:+441214960000"}}),
		"location": m(para(text(say("Where are you?", "أين أنتم؟"))), form.LocationRequest{Label: say("Share my location", "مشاركة موقعي")}),
		"location, with buttons": m(para(text(say("Where are you?", "أين أنتم؟"))), form.LocationRequest{Label: say("Share my location", "مشاركة موقعي")},
			choices(say("Not now", "ليس الآن"))),
		"picture": m(para(text(say("The answers:", "الإجابات:"))), form.Picture{PNG: testPNG(1), Alt: say("3 yes, 2 no.", "3 نعم، 2 لا.")}, choices(say("Again", "مرة أخرى"))),
		"venue":   m(para(text(say("Come!", "تعالوا!"))), form.Venue{Title: say("Victoria Square", "ساحة فيكتوريا"), Address: "Birmingham B1 1BB", Lat: 52.4796, Lng: -1.9026}, choices(say("Yes", "نعم"))),
		"file":    m(para(text(say("Here it is.", "ها هو."))), form.File{Name: "all.txt", MediaType: form.PlainText, Data: []byte("x"), About: say("All about you.", "كل شيء عنكم.")}),
		"progress": m(form.Progress{Label: []form.Span{text(say("Sending… ", "جارٍ الإرسال… ")), {Kind: form.Count, Text: "12"}}, Done: 12, Total: 40},
			form.Progress{Label: []form.Span{text(say("Counting…", "جارٍ العد…"))}}),
		"code": m(para(form.Span{Kind: form.Command, Text: "/join ABCD-EFGH"}), para(form.Span{Kind: form.Command, Text: "ABCD-EFGH"})),
	}
}

func TestLowerGolden(t *testing.T) {
	for _, right := range []bool{false, true} {
		for name, m := range goldens(right) {
			file := strings.NewReplacer(",", "", " ", "-").Replace(name) + map[bool]string{false: ".ltr.txt", true: ".rtl.txt"}[right]
			t.Run(file, func(t *testing.T) {
				l, err := telegram.Lower(m)
				if err != nil {
					t.Fatal(err)
				}
				got, path := lowered(l), filepath.Join("testdata", "lower", file)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

func TestLowerRefuses(t *testing.T) {
	link := func(url string) form.Message {
		return of(para(text("x")), form.LinkButton{Link: form.Link{Label: "Open", URL: url}})
	}
	button := func(label, data string) form.Message {
		return of(para(text("x")), form.Choices{Rows: [][]form.Action{{{Label: label, Data: data}}}})
	}
	many := func(n int) form.Message {
		return of(para(text("x")), form.Choices{Rows: [][]form.Action{slices.Repeat([]form.Action{{Label: "x", Data: "v1:a::"}}, n)}})
	}
	picture := func(png []byte, alt string) form.Message { return of(form.Picture{PNG: png, Alt: alt}) }
	file := form.File{Name: "a.txt", MediaType: form.PlainText, Data: []byte("x"), About: "x"}
	venue := func(lat, lng float64, title, address string) form.Message {
		return of(form.Venue{Lat: lat, Lng: lng, Title: title, Address: address})
	}
	for name, c := range map[string]struct {
		m    form.Message
		code string // "" when it is fine
	}{
		"no blocks":                          {of(), "empty"},
		"a nil block":                        {of(nil), "block"},
		"only space":                         {of(para(text(" \n\t"))), "empty"},
		"only what is invisible":             {of(para(words("\u200b\u202e\u2066"))), "empty"},
		"only buttons":                       {of(choices("Yes")), "empty"},
		"ten messages long":                  {of(para(words(strings.Repeat("ж", 10*3990)))), ""},
		"longer":                             {of(para(words(strings.Repeat("ж", 10*4000)))), "too-long"},
		"40 buttons":                         {many(40), ""},
		"41 buttons":                         {many(41), "buttons"},
		"data of 64 bytes":                   {button("x", strings.Repeat("x", 64)), ""},
		"data of 65 bytes":                   {button("x", strings.Repeat("x", 65)), "button"},
		"33 letters of two":                  {button("x", strings.Repeat("ж", 33)), "button"},
		"no data":                            {button("x", ""), "button"},
		"no label":                           {button(" \n", "x"), "button"},
		"an invisible label":                 {button("\u200f", "x"), "button"},
		"data that is no UTF-8":              {button("x", "\xff"), "button"},
		"data with NUL":                      {button("x", "a\x00"), "button"},
		"https":                              {link("https://example.org/a?b#c"), ""},
		"the start link":                     {link("https://t.me/ella_test_bot?start=x"), ""},
		"tg":                                 {link("tg://resolve?domain=ella_test_bot"), ""},
		"tel":                                {link("tel:+441214960000"), ""},
		"mailto":                             {link("mailto:a@example.org"), ""},
		"http":                               {link("http://example.org/"), "link"},
		"javascript":                         {link("javascript:alert(1)"), "link"},
		"no host":                            {link("https:///x"), "link"},
		"a name before the host":             {link("https://gov.uk@example.org/"), "link"},
		"a space in a link":                  {link("https://example.org/ x"), "link"},
		"a quote in a link":                  {link(`https://example.org/"x`), "link"},
		"tel, and nothing":                   {link("tel:"), "link"},
		"no link":                            {link(""), "link"},
		"a span's link":                      {of(para(form.Span{Kind: form.URL, Text: "here", URL: "javascript:alert(1)"})), "link"},
		"a card's link":                      {of(form.Card{Title: []form.Span{text("x")}, Link: &form.Link{Label: "x", URL: "ftp://x"}}), "link"},
		"picture":                            {picture(testPNG(1), "words"), ""},
		"picture without words":              {picture(testPNG(1), " "), "picture"},
		"picture that is no PNG":             {picture([]byte("<svg onload=alert(1)>"), "words"), "picture"},
		"half a picture":                     {picture(testPNG(1)[:len(testPNG(1))-1], "words"), "picture"},
		"a picture 21 times as long as high": {picture(pngOf(t, 210, 10), "words"), "picture"},
		"a picture 20 times as long as high": {picture(pngOf(t, 200, 10), "words"), ""},
		"location, no label":                 {of(para(text("x")), form.LocationRequest{}), "button"},
		"file":                               {of(file), ""},
		"two files":                          {of(file, file), "file"},
		"file up in a folder":                {of(form.File{Name: "../a.txt", MediaType: form.PlainText, Data: []byte("x"), About: "x"}), "file"},
		"venue":                              {venue(90, -180, "x", "y"), ""},
		"venue in words":                     {venue(0, 0, "x", "y"), ""},
		"venue beyond the pole":              {venue(90.1, 0, "x", "y"), "venue"},
		"venue without a name":               {venue(1, 1, " ", "y"), "venue"},
		"venue without an address":           {venue(1, 1, "x", ""), "venue"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := telegram.Lower(c.m)
			if c.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var se *bot.SendError
			if !errors.As(err, &se) || se.Kind != bot.Invalid || se.Code != c.code {
				t.Errorf("got %v, want invalid (%s)", err, c.code)
			}
		})
	}
}

// one lowers a message that becomes a single text.
func one(t *testing.T, m form.Message) telegram.Part {
	t.Helper()
	l, err := telegram.Lower(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Parts) != 1 || l.Parts[0].Kind != telegram.TextPart {
		t.Fatalf("it becomes\n%s", lowered(l))
	}
	return l.Parts[0]
}

func TestLowerText(t *testing.T) {
	command := func(s string) form.Block { return para(form.Span{Kind: form.Command, Text: s}) }
	for name, c := range map[string]struct {
		m    form.Message
		want string // with the marks by their names
	}{
		"markup is escaped":          {of(para(words(`<b>&amp;"'</b>`))), `{FSI}&lt;b&gt;&amp;amp;"'&lt;/b&gt;{PDI}`},
		"an address is escaped":      {of(para(form.Span{Kind: form.URL, Text: "x", URL: "https://example.org/?a&b='"})), `{FSI}<a href="https://example.org/?a&amp;b='">x</a>{PDI}`},
		"an address alone":           {of(para(form.Span{Kind: form.URL, Text: "https://example.org/?a&b"})), `{LRI}<a href="https://example.org/?a&amp;b">https://example.org/?a&amp;b</a>{PDI}`},
		"an address that is none":    {of(para(form.Span{Kind: form.URL, Text: "example.org"})), `{LRI}example.org{PDI}`},
		"a link that lies":           {of(para(form.Span{Kind: form.URL, Text: "https://gov.uk@example.org"})), `{LRI}https://gov.uk@example.org{PDI}`},
		"control characters":         {of(para(words("a\x00b\x07c\x1b[31m\u0085\r\nd\xffe\tf"))), "{FSI}abc[31m\nd\ufffde\tf{PDI}"},
		"a command":                  {of(command("/help")), "{LRI}/help{PDI}"},
		"a command to a bot":         {of(command("/help@ella_bot")), "{LRI}/help@ella_bot{PDI}"},
		"a command with more":        {of(command("/join AB")), "{LRI}<code>/join AB</code>{PDI}"},
		"a code":                     {of(command("AB")), "{LRI}<code>AB</code>{PDI}"},
		"empty blocks":               {of(para(text("x")), para(), para(text(" ")), form.Facts{}, para(text("y"))), "x\n\ny"},
		"a heading stands close":     {of(form.Heading{Spans: []form.Span{text("x")}}, para(text("y"))), "<b>x</b>\ny"},
		"two lines of words":         {of(para(words("a\n\nb"), text("!"))), "{FSI}a\n\nb{PDI}!"},
		"which end in one":           {of(para(words("a\n"), text("!"))), "{FSI}a{PDI}\n!"},
		"rtl: each line its own":     {rtl(para(words("a\n\nb"), text("!"))), "{RLM}{FSI}a{PDI}\n\n{RLM}{FSI}b{PDI}!"},
		"rtl: our own words":         {rtl(para(text("سلام"))), "سلام"},
		"rtl: a Latin name first":    {rtl(para(text("Ella تقول"))), "{RLM}Ella تقول"},
		"rtl: a number first":        {rtl(para(text("3 أشخاص"))), "3 أشخاص"},
		"rtl: an emoji first":        {rtl(para(text("✅ نعم"))), "✅ نعم"},
		"rtl: only a name":           {rtl(para(words("Leeds"))), "{RLM}{FSI}Leeds{PDI}"},
		"rtl: only Arabic words":     {rtl(para(words("ليدز"))), "{RLM}{FSI}ليدز{PDI}"},
		"ltr: only Arabic words":     {of(para(words("ليدز"))), "{RLM}{FSI}ليدز{PDI}"},
		"ltr: of two people":         {of(para(words("ليدز"), text(" 3, "), words("Leeds"))), "{RLM}{FSI}ليدز{PDI} 3, {FSI}Leeds{PDI}"},
		"ltr: among our own words":   {of(para(words("ليدز"), text(" is near"))), "{FSI}ليدز{PDI} is near"},
		"ltr: on a second line":      {of(para(words("Leeds\nليدز"))), "{FSI}Leeds\nليدز{PDI}"},
		"rtl: isolated at first":     {rtl(para(text(fsi + "x" + pdi + " قال"))), "{FSI}x{PDI} قال"},
		"an isolate left open":       {of(para(words("\u2066x"), text("!"))), "{FSI}{LRI}x{PDI}{PDI}!"},
		"isolates closed too often":  {of(para(words("x\u2069\u2069y"), text("!"))), "{FSI}{FSI}{FSI}x{PDI}{PDI}y{PDI}!"},
		"and on two lines":           {of(para(words("\u2066x\ny"), text("!"))), "{FSI}{LRI}x{PDI}{PDI}\n{FSI}y{PDI}!"},
		"progress, too much":         {of(form.Progress{Label: []form.Span{text("x")}, Done: 50, Total: 40}), "x\n▰▰▰▰▰▰▰▰▰▰"},
		"progress, less than none":   {of(form.Progress{Label: []form.Span{text("x")}, Done: -3, Total: 40}), "x\n▱▱▱▱▱▱▱▱▱▱"},
		"progress, of unknown end":   {of(form.Progress{Label: []form.Span{text("x")}, Done: 3, Total: -1}), "x"},
		"a fact of nothing":          {of(form.Facts{Rows: []form.Fact{{Label: "a", Value: []form.Span{text("b")}}, {}, {Label: "c"}}}), "a: b\nc: "},
		"a card's words, in lines":   {of(form.Card{Title: []form.Span{text("x")}, Text: []form.Span{words("a\n\nb")}}), "<b>x</b>\n{FSI}a\n\nb{PDI}"},
		"mail becomes a line":        {of(para(text("x")), form.LinkButton{Link: form.Link{Label: "Write", URL: "mailto:a@example.org"}}), "x\n\nWrite: {LRI}a@example.org{PDI}"},
		"a venue without a point":    {of(form.Venue{Title: "Square", Address: "B1\n1BB"}), "{FSI}<b>Square</b>{PDI}\n{FSI}B1 1BB{PDI}"},
		"a kind of a later version":  {of(para(form.Span{Kind: "later", Text: "x"})), "{FSI}x{PDI}"},
		"an ordered list":            {of(form.List{Ordered: true, Items: [][]form.Span{{text("a")}, {text("b")}}}), "1. a\n2. b"},
		"an empty item":              {of(form.List{Items: [][]form.Span{{text("a")}, nil, {text("b")}}}), "• a\n• b"},
		"a phone number is as it is": {of(para(form.Span{Kind: form.Phone, Text: "0121 496 0000"})), "{LRI}0121 496 0000{PDI}"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := visible.Replace(one(t, c.m).HTML); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestLowerRows lays buttons out by the width of their labels.
func TestLowerRows(t *testing.T) {
	long, longer := "fourteen wide!", "more than twenty wide"
	for name, c := range map[string]struct {
		labels []string
		want   []int
	}{
		"three short ones":         {[]string{"a", "b", "c"}, []int{3}},
		"four":                     {[]string{"a", "b", "c", "d"}, []int{3, 1}},
		"one longer":               {[]string{"a", "b", long}, []int{2, 1}},
		"two long ones":            {[]string{long, long, "c"}, []int{2, 1}},
		"too long for two":         {[]string{longer, "b", "c"}, []int{1, 2}},
		"wide letters count twice": {[]string{"我和他们在一起", "b", "c"}, []int{2, 1}},
		"marks count nothing":      {[]string{strings.Repeat("e\u0301", 12), "b", "c"}, []int{3}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, row := range one(t, of(para(text("x")), choices(c.labels...))).Buttons {
				got = append(got, len(row))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("rows of %v, want %v", got, c.want)
			}
		})
	}
	label := one(t, of(para(text("x")), choices(strings.Repeat("👩‍👩‍👧‍👦", 60)))).Buttons[0][0].Label
	if want := strings.Repeat("👩‍👩‍👧‍👦", 9) + "…"; label != want {
		t.Errorf("a label without end is %q, want %q", label, want)
	}
	styles := one(t, of(para(text("x")), form.Choices{Rows: [][]form.Action{{
		{Label: "a", Data: "v1:a::", Style: form.Primary}, {Label: "b", Data: "v1:b::", Style: form.Danger}, {Label: "c", Data: "v1:c::", Style: "rainbow"},
	}}})).Buttons[0]
	if styles[0].Style != "primary" || styles[1].Style != "danger" || styles[2].Style != "" {
		t.Errorf("styles %+v", styles)
	}
}

// TestLowerCaptions puts what is too much for a caption into a text of its own.
func TestLowerCaptions(t *testing.T) {
	alt := strings.Repeat("слово ", 300)
	l, err := telegram.Lower(of(form.Picture{PNG: testPNG(1), Alt: alt}, choices("Yes")))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Parts) != 2 || l.Parts[0].Kind != telegram.PhotoPart || l.Parts[1].Kind != telegram.TextPart || len(l.Parts[1].Buttons) != 1 {
		t.Fatalf("it becomes\n%s", lowered(l))
	}
	if n := len([]rune(l.Parts[0].HTML)); n > 1024 || n < 900 {
		t.Errorf("the caption has %d characters", n)
	}
	if got := l.Parts[0].HTML + l.Parts[1].HTML; strings.Count(got, "слово") != 300 {
		t.Errorf("of 300 words %d are left", strings.Count(got, "слово"))
	}
	l, err = telegram.Lower(of(form.Picture{PNG: testPNG(1), Alt: "x"}, choices("Yes")))
	if err != nil || len(l.Parts) != 1 || len(l.Parts[0].Buttons) != 1 {
		t.Errorf("a picture with buttons becomes\n%s%v", lowered(l), err)
	}
}

func TestLowerKeepsOptions(t *testing.T) {
	want := form.Options{Silent: true, Protected: true, Preview: true}
	l, err := telegram.Lower(form.Message{Blocks: []form.Block{para(text("x"))}, Options: want})
	if err != nil || l.Options != want {
		t.Errorf("got %+v, %v", l.Options, err)
	}
}

func BenchmarkLower(b *testing.B) {
	var m form.Message
	for _, m = range bottest.Messages() { //nolint:revive // the last one has every block
	}
	for b.Loop() {
		if _, err := telegram.Lower(m); err != nil {
			b.Fatal(err)
		}
	}
}
