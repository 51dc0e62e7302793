package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"

	"ella/bot/message"
)

// A code is read off a phone's screen and off a poster that has hung in the rain. So
// it has the border that the standard asks for (ISO/IEC 18004: four modules on every
// side), mends about 15 % of damage, and has at least so many pixels a module.
const (
	quiet  = 4
	module = 8
	// leastCode is how wide a code is at least, in pixels: what is smaller than a
	// chat shows it is blurred there.
	leastCode = 480
)

// QR draws a link as a QR code, a PNG of at most a few kilobytes; alt says the same in
// words. A link that is too long for a code, some two thousand letters, is an error.
func QR(link, alt string) (message.Picture, error) {
	code, err := qr.Encode(link, qr.M, qr.Unicode)
	if err != nil {
		return message.Picture{}, fmt.Errorf("picture: make a QR code: %w", err)
	}
	modules := code.Bounds().Dx() + 2*quiet
	each := max(module, (leastCode+modules-1)/modules)
	size := modules * each
	// White is the first colour of the palette, and so what is not drawn.
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for x := range size {
		for y := range size {
			if dark(code, x/each-quiet, y/each-quiet) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return message.Picture{}, fmt.Errorf("picture: encode: %w", err)
	}
	return message.Picture{PNG: out.Bytes(), Width: size, Height: size, Alt: alt}, nil
}

// dark reports whether a module is; those of the border are not.
func dark(code image.Image, x, y int) bool {
	if !image.Pt(x, y).In(code.Bounds()) {
		return false
	}
	return color.GrayModel.Convert(code.At(x, y)) == color.Gray{}
}
