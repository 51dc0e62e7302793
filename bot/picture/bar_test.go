package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"ella/bot/picture"
)

// draw draws a bar and reads it as a reader's program does.
func draw(t *testing.T, shares ...picture.Share) image.Image {
	t.Helper()
	body, err := picture.Bar(shares)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 4<<10 {
		t.Errorf("%d bytes, and it is sent to everybody who asks", len(body))
	}
	img, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b != image.Rect(0, 0, picture.Width, picture.Height) {
		t.Fatalf("its size is %v", b)
	}
	return img
}

// widths counts how many pixels of each colour the middle line has.
func widths(img image.Image) map[color.RGBA]int {
	found := map[color.RGBA]int{}
	for x := range picture.Width {
		c := color.RGBAModel.Convert(img.At(x, picture.Height/2)).(color.RGBA)
		found[c]++
	}
	return found
}

func TestBar(t *testing.T) {
	img := draw(t, picture.Share{Parts: 50, Color: picture.Yes}, picture.Share{Parts: 25, Color: picture.Maybe}, picture.Share{Parts: 25, Color: picture.No})
	found := widths(img)
	for c, want := range map[color.RGBA]int{picture.Yes: 360, picture.Maybe: 180, picture.No: 180, {}: 8} {
		if got := found[c]; got < want-8 || got > want+8 {
			t.Errorf("%v is %d wide, want about %d", c, got, want)
		}
	}
	if got := found[color.RGBA{}]; got != 8 {
		t.Errorf("the gaps are %d wide, want 8", got)
	}
	for at, want := range map[image.Point]color.RGBA{
		{100, 0}: picture.Yes, {100, picture.Height - 1}: picture.Yes,
		{0, picture.Height / 2}: picture.Yes, {picture.Width - 1, picture.Height / 2}: picture.No,
		// The corners are round, and what is outside them is clear.
		{0, 0}: {}, {picture.Width - 1, 0}: {}, {0, picture.Height - 1}: {}, {picture.Width - 1, picture.Height - 1}: {},
	} {
		if got := color.RGBAModel.Convert(img.At(at.X, at.Y)); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
}

func TestBarOfNothing(t *testing.T) {
	for name, shares := range map[string][]picture.Share{
		"no shares":         nil,
		"shares of nothing": {{Color: picture.Yes}, {Color: picture.No}},
		"less than nothing": {{Parts: -3, Color: picture.Yes}},
	} {
		if found := widths(draw(t, shares...)); found[picture.Open] != picture.Width {
			t.Errorf("%s: %v", name, found)
		}
	}
	if found := widths(draw(t, picture.Share{Parts: 1, Color: picture.Yes}, picture.Share{Color: picture.No})); found[picture.Yes] != picture.Width {
		t.Errorf("one share and one of nothing: %v", found)
	}
}

// TestTinyShares: one among a hundred thousand is still there, wherever it
// stands, and the others keep their room.
func TestTinyShares(t *testing.T) {
	const many = 100_000
	one, rest := picture.Share{Parts: 1, Color: picture.Maybe}, picture.Share{Parts: many, Color: picture.Yes}
	for name, shares := range map[string][]picture.Share{
		"first": {one, rest}, "last": {rest, one}, "between": {rest, one, {Parts: many, Color: picture.No}},
	} {
		found := widths(draw(t, shares...))
		if found[picture.Maybe] < 3 || found[picture.Maybe] > 8 {
			t.Errorf("%s: it is %d wide", name, found[picture.Maybe])
		}
		if big := found[picture.Yes] + found[picture.No]; big < picture.Width-20 {
			t.Errorf("%s: the others are %d wide", name, big)
		}
	}
}

// TestBarKeepsItsInput: the caller's shares are the caller's.
func TestBarKeepsItsInput(t *testing.T) {
	shares := []picture.Share{{Parts: 0, Color: picture.Yes}, {Parts: 5, Color: picture.No}}
	draw(t, shares...)
	if shares[0].Color != picture.Yes || shares[1].Parts != 5 {
		t.Errorf("the shares are now %v", shares)
	}
}
