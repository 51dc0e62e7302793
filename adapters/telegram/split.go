package telegram

import "ella/adapters/wording"

// split lays paragraphs out in as few messages as hold them: between paragraphs, else
// between lines, else between words, else between characters as people see them. The
// first message holds so many units, and the others maxUnits. Nothing is lost but
// space at the ends, which Telegram takes away as well.
func split(paragraphs []paragraph, first int) [][]line {
	f := filler{room: first}
	for _, p := range paragraphs {
		f.paragraph(p)
	}
	f.flush()
	return f.texts
}

// filler fills one message after the other.
type filler struct {
	texts [][]line

	lines    []line // of the message that is being filled
	tight    bool   // no empty line before what follows
	room     int    // how many units it holds in all
	units    int    // and how many it has
	entities int
}

func (f *filler) flush() {
	if len(f.lines) > 0 {
		f.texts = append(f.texts, f.lines)
		f.room = maxUnits
	}
	f.lines, f.units, f.entities, f.tight = nil, 0, 0, false
}

// gap is how many new lines stand before the next paragraph.
func (f *filler) gap() int {
	switch {
	case len(f.lines) == 0:
		return 0
	case f.tight:
		return 1
	}
	return 2
}

// fits reports whether so much more goes into the message.
func (f *filler) fits(units, entities int) bool {
	return f.units+units <= f.room && f.entities+entities <= maxEntities
}

func (f *filler) paragraph(p paragraph) {
	lines := trimmed(p.lines)
	if len(lines) == 0 {
		return
	}
	units, entities := 0, 0
	for _, l := range lines {
		units += l.cost() + 1
		entities += l.entities()
	}
	gap := f.gap()
	if whole := units <= maxUnits && entities <= maxEntities; whole && !f.fits(units+gap, entities) && len(f.lines) > 0 {
		f.flush()
		gap = 0
	}
	for _, l := range lines {
		f.line(l, gap)
		gap = 1
	}
	f.tight = p.tight
}

// line puts a line into the message, after so many new lines, or into the next.
func (f *filler) line(l line, gap int) {
	if len(f.lines) == 0 {
		gap = 0
		if l.blank() {
			return
		}
	}
	if units, entities := l.cost()+gap, l.entities(); !f.fits(units, entities) {
		if l.cost() <= maxUnits && entities <= maxEntities && (len(f.lines) > 0 || f.room >= maxUnits) {
			f.flush()
			f.line(l, 0)
			return
		}
		f.pieces(l, gap)
		return
	}
	f.put(l, gap)
}

func (f *filler) put(l line, gap int) {
	if gap == 2 {
		f.lines = append(f.lines, nil)
	}
	f.lines = append(f.lines, l)
	f.units += l.cost() + gap
	f.entities += l.entities()
}

// least is how much room makes it worth to begin a long line in a message that
// already holds something.
const least = 400

// pieces cuts a line that is longer than a message.
func (f *filler) pieces(l line, gap int) {
	if len(f.lines) > 0 && f.room-f.units-gap < least {
		f.flush()
		gap = 0
	}
	for len(l) > 0 {
		head, tail := l.cut(f.room-f.units-gap, maxEntities-f.entities, len(f.lines) == 0)
		if len(head) > 0 {
			f.put(head, gap)
		}
		if len(tail) > 0 {
			f.flush()
		}
		l, gap = tail, 0
	}
}

// cut takes from a line as much as fits. The head may be empty, unless some of it
// must be taken.
func (l line) cut(room, entities int, must bool) (head, tail line) {
	room-- // a mark at its beginning
	for i, r := range l {
		if entities < r.entities() {
			return head, l[i:]
		}
		if cost := r.cost(); cost <= room {
			head = append(head, r)
			room -= cost
			entities -= r.entities()
			continue
		}
		front, back := r.cut(room, must && len(head) == 0)
		if front.text != "" {
			head = append(head, front)
		}
		return head, append(line{back}, l[i+1:]...)
	}
	return head, nil
}

// cut takes from a run's text as much as fits: up to the last space, if that is not
// far, else up to the last whole character. If some of it must be taken, a character
// that is longer than all the room is itself cut.
func (r run) cut(room int, must bool) (front, back run) {
	front, back = r, r
	if r.isolate != "" {
		room -= 2
	}
	// Alone each code point may need an isolate to close it.
	end := wording.Cut(r.text, room, must,
		func(text string) int { return run{text: text}.cost() }, func(letter string) int { return 2 * units(letter) })
	front.text, back.text, front.open = r.text[:end], r.text[end:], false
	return front, back
}

// trimmed is lines without the empty ones at the ends.
func trimmed(lines []line) []line {
	for len(lines) > 0 && lines[0].blank() {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1].blank() {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// shortened is a text of at most so many units, marked where it was cut.
func shortened(s string, limit int) string { return wording.Shortened(s, limit, units) }
