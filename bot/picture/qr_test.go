package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"ella/bot/picture"
)

// code draws a link and reads the picture as a reader's program does.
func code(t *testing.T, link string) image.Image {
	t.Helper()
	drawn, err := picture.QR(link, "what it is for")
	if err != nil {
		t.Fatal(err)
	}
	if len(drawn.PNG) > 4<<10 {
		t.Errorf("%d bytes for a link of %d", len(drawn.PNG), len(link))
	}
	img, err := png.Decode(bytes.NewReader(drawn.PNG))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b != image.Rect(0, 0, drawn.Width, drawn.Height) || drawn.Alt != "what it is for" {
		t.Fatalf("its size is %v, and said to be %d × %d; in words it is %q", b, drawn.Width, drawn.Height, drawn.Alt)
	}
	return img
}

// scan reads a code with a decoder that has nothing in common with what drew it.
func scan(t *testing.T, img image.Image) *gozxing.Result {
	t.Helper()
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatalf("nobody can read it: %v", err)
	}
	return found
}

func black(img image.Image, x, y int) bool {
	return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 128
}

// modulePixels is how many pixels a module has: the outer edge of the first finder
// pattern is seven modules long.
func modulePixels(t *testing.T, img image.Image) (border, module int) {
	t.Helper()
	size := img.Bounds().Dx()
	for border < size && !black(img, border, border) {
		border++
	}
	edge := border
	for edge < size && black(img, edge, border) {
		edge++
	}
	if (edge-border)%7 != 0 {
		t.Fatalf("the finder pattern is %d pixels wide", edge-border)
	}
	return border, (edge - border) / 7
}

func TestQR(t *testing.T) {
	for _, link := range []string{
		"https://t.me/ella_bot?start=a0123456789abcdef",
		"https://t.me/ella_common_ground_bot?start=lar_g0123456789abcdef_nhousing",
		"http://127.0.0.1:8080/?start=jABCDEFGHJKMNPQRSTVWXYZ0123",
		"x",
		"https://example.org/" + strings.Repeat("a", 300),
	} {
		img := code(t, link)
		found := scan(t, img)
		if found.GetText() != link {
			t.Errorf("it says %q, and should say %q", found.GetText(), link)
		}
		if level := fmt.Sprint(found.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]); level != "M" {
			t.Errorf("its level is %s, want M", level)
		}
		border, module := modulePixels(t, img)
		if module < 8 || border < 4*module {
			t.Errorf("%d pixels a module, and a border of %d", module, border)
		}
		size := img.Bounds().Dx()
		for i := range size {
			for d := range border {
				if black(img, i, d) || black(img, d, i) || black(img, i, size-1-d) || black(img, size-1-d, i) {
					t.Fatalf("something is in the border of %q", link)
				}
			}
		}
	}
}

// TestDamagedQR: a stain on the poster, or a thumb, and it can still be read.
func TestDamagedQR(t *testing.T) {
	const link = "https://t.me/ella_bot?start=g0123456789abcdef"
	img := code(t, link)
	border, module := modulePixels(t, img)
	stained := image.NewGray(img.Bounds())
	for x := range img.Bounds().Dx() {
		for y := range img.Bounds().Dy() {
			stained.Set(x, y, img.At(x, y))
		}
	}
	// Five modules square among the data, clear of the patterns that lead a reader.
	for x := border + 12*module; x < border+17*module; x++ {
		for y := border + 12*module; y < border+17*module; y++ {
			stained.SetGray(x, y, color.Gray{})
		}
	}
	if got := scan(t, stained).GetText(); got != link {
		t.Errorf("it says %q", got)
	}
}

func TestQROfTooMuch(t *testing.T) {
	if _, err := picture.QR(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("a book became a code")
	}
}
