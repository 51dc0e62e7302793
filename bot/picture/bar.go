// Package picture draws the few pictures that Ella shows. It is a leaf. Every
// picture holds no words, so that it reads the same in every language, and goes
// out with the same facts as text.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// Share is one part of a bar.
type Share struct {
	Parts int
	Color color.RGBA
}

// The colours of answers: told apart by people who don't see red or green, and
// by their lightness in print (Okabe and Ito's palette).
var (
	Yes   = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff} // blue
	Maybe = color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff} // orange
	No    = color.RGBA{R: 0x55, G: 0x55, B: 0x55, A: 0xff} // dark grey
	Open  = color.RGBA{R: 0xd9, G: 0xd9, B: 0xd9, A: 0xff} // light grey: no answer
)

// Size of a bar in pixels: sharp on a phone that shows it at half that width.
const (
	Width  = 720
	Height = 96
)

// Between two shares is a gap, and even the smallest share can be seen.
const (
	gap   = 4
	least = 4
)

// Bar draws shares beside each other, as wide as they are big, and returns a
// PNG of at most a few kilobytes. Shares of nothing are left out; where all are,
// the bar is empty.
func Bar(shares []Share) ([]byte, error) {
	shares = slices.DeleteFunc(slices.Clone(shares), func(s Share) bool { return s.Parts <= 0 })
	if len(shares) == 0 {
		shares = []Share{{Parts: 1, Color: Open}}
	}
	total := 0
	for _, s := range shares {
		total += s.Parts
	}
	img := image.NewRGBA(image.Rect(0, 0, Width, Height))
	spare := Width - len(shares)*least - (len(shares)-1)*gap
	begun := 0
	for i, s := range shares {
		from := i*(least+gap) + spare*begun/total
		begun += s.Parts
		to := i*(least+gap) + least + spare*begun/total
		for x := from; x < to; x++ {
			for y := range Height {
				if inside(x, y) {
					img.SetRGBA(x, y, s.Color)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("picture: encode: %w", err)
	}
	return out.Bytes(), nil
}

// inside rounds the corners of the whole bar.
func inside(x, y int) bool {
	const r = 20
	cx, cy := min(max(x, r), Width-1-r), min(max(y, r), Height-1-r)
	dx, dy := x-cx, y-cy
	return dx*dx+dy*dy <= r*r
}
