package storage

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestSealBindsToItsPlace(t *testing.T) {
	db := &DB{keys: testKeys(t)}
	words := []byte("Sparkbrook, Tuesday")
	sealed, err := db.seal("outbox", "message_sealed", "row1", words)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.open("outbox", "message_sealed", "row1", sealed); err != nil || !bytes.Equal(got, words) {
		t.Fatalf("open = %q, %v", got, err)
	}
	for _, place := range [][3]string{
		{"outbox", "message_sealed", "row2"},
		{"outbox", "edit_sealed", "row1"},
		{"inbox", "message_sealed", "row1"},
		{"outbox", "message_sealedr", "ow1"},
		{"", "", ""},
	} {
		if _, err := db.open(place[0], place[1], place[2], sealed); !errors.Is(err, errSeal) {
			t.Errorf("it opens in %q: %v", place, err)
		}
	}
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		if _, err := db.open("outbox", "message_sealed", "row1", changed); !errors.Is(err, errSeal) {
			t.Errorf("it opens with byte %d changed: %v", i, err)
		}
		if _, err := db.open("outbox", "message_sealed", "row1", sealed[:i]); !errors.Is(err, errSeal) {
			t.Errorf("it opens when cut to %d bytes: %v", i, err)
		}
	}
	again, err := db.seal("outbox", "message_sealed", "row1", words)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(again, sealed) {
		t.Error("the same words are sealed to the same bytes")
	}
	if bytes.Contains(sealed, words[:4]) {
		t.Error("the sealed bytes hold the words")
	}
}

func TestSealEmpty(t *testing.T) {
	db := &DB{keys: testKeys(t)}
	for _, nothing := range [][]byte{nil, {}} {
		sealed, err := db.seal("t", "c", "r", nothing)
		if err != nil || len(sealed) == 0 {
			t.Fatalf("seal = %d bytes, %v", len(sealed), err)
		}
		if got, err := db.open("t", "c", "r", sealed); err != nil || len(got) != 0 {
			t.Errorf("open = %q, %v", got, err)
		}
	}
}

func TestIndexIsUnambiguous(t *testing.T) {
	db := &DB{keys: testKeys(t)}
	seen := make(map[string][]string)
	for _, parts := range [][]string{
		{"p"}, {"p", ""}, {"p", "", ""}, {"p", "ab", "c"}, {"p", "a", "bc"}, {"p", "abc"}, {"pa", "bc"},
		{"p", "ab\x00c"}, {"p", "ab", "c", ""}, {"q", "ab", "c"}, {"p", "c", "ab"},
	} {
		got := string(db.index(parts[0], parts[1:]...))
		if len(got) != indexSize {
			t.Errorf("index of %q has %d bytes", parts, len(got))
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q have the same index", parts, other)
		}
		seen[got] = parts
		if again := string(db.index(parts[0], parts[1:]...)); again != got {
			t.Errorf("the index of %q changes", parts)
		}
	}
}
