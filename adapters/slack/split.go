package slack

import (
	"ella/adapters/wording"
	"ella/bot/message"
)

// form is what a piece is drawn as.
type form int

const (
	wordsForm form = iota
	headingForm
	bulletsForm
	numbersForm
	imageForm
	buttonsForm
)

// piece is one block to be: the items of a list, or the lines of a paragraph, or a
// picture with those, or a row of buttons.
type piece struct {
	form  form
	items []item
	// from is the number of the first item of an ordered list.
	from    int
	picture message.Picture
	row     []Button
}

// filler fills one of Slack's messages after the other: cut between pieces, else
// between items, else between words, else between characters as people see them.
// Nothing is lost but space at the ends.
type filler struct {
	drafts [][]piece

	pieces []piece // of the message that is being filled
	cost   int
	words  int // blocks of words and pictures
	rows   int // and of buttons
}

func (f *filler) flush() {
	if len(f.pieces) > 0 {
		f.drafts = append(f.drafts, f.pieces)
	}
	f.pieces, f.cost, f.words, f.rows = nil, 0, 0, 0
}

func (f *filler) fits(cost int) bool { return f.cost+cost <= maxCost && f.words < maxWords }

// add puts a piece into the message, or into the next.
func (f *filler) add(p piece) {
	switch p.form {
	case buttonsForm:
		if f.rows == maxRows {
			f.flush()
		}
		f.pieces = append(f.pieces, p)
		f.rows++
		return
	case wordsForm, headingForm, bulletsForm, numbersForm, imageForm:
	}
	cost := 0
	for _, i := range p.items {
		cost += i.cost()
	}
	if !f.fits(cost) && cost <= maxCost {
		f.flush()
	}
	if f.fits(cost) {
		f.put(p, cost)
		return
	}
	f.each(p)
}

func (f *filler) put(p piece, cost int) {
	f.pieces = append(f.pieces, p)
	f.cost += cost
	f.words++
	if p.form == imageForm {
		f.words++
	}
}

// each puts the items of a piece that is longer than a message one by one.
func (f *filler) each(p piece) {
	part := piece{form: p.form, from: p.from}
	cost := 0
	flush := func() {
		if len(part.items) > 0 {
			f.put(part, cost)
		}
		f.flush()
		part.from += len(part.items)
		part.items, cost = nil, 0
	}
	for _, i := range p.items {
		if !f.fits(cost+i.cost()) && (i.cost() <= maxCost || maxCost-f.cost-cost < least) {
			flush()
		}
		for !f.fits(cost + i.cost()) {
			head, tail := i.cut(maxCost - f.cost - cost - itemCost)
			if len(head) > 0 {
				part.items = append(part.items, head)
				cost += head.cost()
			}
			i = tail
			from := part.from
			flush()
			if p.form == numbersForm {
				// What is left of an item keeps its number.
				part.from = max(from, part.from-1)
			}
		}
		if len(i) > 0 {
			part.items = append(part.items, i)
			cost += i.cost()
		}
	}
	if len(part.items) > 0 {
		f.put(part, cost)
	}
}

// least is how much room makes it worth to begin a long item in a message that already
// holds something.
const least = 400

// cut takes from an item as much as fits, and something at least.
func (i item) cut(room int) (head, tail item) {
	for n, r := range i {
		if cost := r.cost(); cost <= room {
			head = append(head, r)
			room -= cost
			continue
		}
		front, back := r.cut(room, len(head) == 0)
		if front.text != "" {
			head = append(head, front)
		}
		return trimmed(head), trimmed(append(item{back}, i[n+1:]...))
	}
	return head, nil
}

// cut takes from a run's text as much as fits: up to the last space, if that is not
// far, else up to the last whole character. If some of it must be taken, a character
// that is longer than all the room is itself cut.
func (r run) cut(room int, must bool) (front, back run) {
	front, back = r, r
	room -= run{text: "x", isolate: r.isolate, href: r.href}.cost() - 1
	cost := func(text string) int { return run{text: text}.cost() }
	end := wording.Cut(r.text, room, must, cost, cost)
	front.text, back.text = r.text[:end], r.text[end:]
	return front, back
}

// shortened is a text of at most so many characters, marked where it was cut.
func shortened(s string, limit int) string { return wording.Shortened(s, limit, length) }

// firstOf is the whole characters at the beginning of a text that fit.
func firstOf(s string, limit int) string { return wording.Beginning(s, limit, length) }
