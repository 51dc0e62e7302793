package telegram

import (
	"bytes"
	"image/png"
	"math"

	"ella/adapters/wording"
	"ella/bot/message"
)

// pngEnd is how every whole PNG ends: its last chunk.
var pngEnd = []byte("\x00\x00\x00\x00IEND\xaeB`\x82")

// picture is a photo with its words under it; words that are too many for that
// follow as text.
func (l *lowering) picture(p message.Picture) {
	seen, err := png.DecodeConfig(bytes.NewReader(p.PNG))
	switch w, h := seen.Width, seen.Height; {
	case err != nil, !bytes.HasSuffix(p.PNG, pngEnd), len(p.PNG) > maxPhoto, w+h > maxSides, w > maxRatio*h, h > maxRatio*w, wording.IsBlank(p.Alt):
		l.refuse("picture")
		return
	}
	l.captioned(Part{Kind: PhotoPart, Data: p.PNG}, p.Alt)
}

func (l *lowering) file(f message.File) {
	l.files++
	if l.files > 1 || f.Check() != nil {
		l.refuse("file")
		return
	}
	l.captioned(Part{Kind: DocumentPart, Data: f.Data, Name: f.Name}, f.About)
}

// captioned is a part with words under it.
func (l *lowering) captioned(p Part, words string) {
	l.close()
	texts := split([]paragraph{{lines: l.lines([]message.Span{{Kind: message.Text, Text: words}})}}, maxCaption)
	if len(texts) > 0 {
		p.HTML = html(texts[0], l.rtl)
		texts = texts[1:]
	}
	l.parts = append(l.parts, p)
	for _, lines := range texts {
		l.parts = append(l.parts, Part{Kind: TextPart, HTML: html(lines, l.rtl)})
	}
}

// maxVenue is how many units the name and the address of a venue have at most.
const maxVenue = 250

// venue is a card with a map; without a point it is words.
func (l *lowering) venue(v message.Venue) {
	v.Title, v.Address = shortened(wording.OneLine(v.Title), maxVenue), shortened(wording.OneLine(v.Address), maxVenue)
	switch {
	case wording.IsBlank(v.Title) || wording.IsBlank(v.Address) || !(math.Abs(v.Lat) <= 90) || !(math.Abs(v.Lng) <= 180):
		l.refuse("venue")
	case v.Lat == 0 && v.Lng == 0:
		l.say(line{{text: v.Title, isolate: message.IsolateFirst, bold: true}}, line{{text: v.Address, isolate: message.IsolateFirst}})
	default:
		l.close()
		l.parts = append(l.parts, Part{Kind: VenuePart, Venue: v})
	}
}
