package message

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxFile is how many bytes a file may have, and MaxFileName how many
// characters its name. Both lie below what every platform we know takes.
const (
	MaxFile     = 5 << 20
	MaxFileName = 60
)

// MediaType says what is in a file. The set is closed: nothing in it runs when
// it is opened.
type MediaType string

// The types of files, each with the one ending that its name must have.
const (
	PlainText   MediaType = "text/plain"       // .txt
	Calendar    MediaType = "text/calendar"    // .ics
	CommaTable  MediaType = "text/csv"         // .csv
	JSON        MediaType = "application/json" // .json
	PDFDocument MediaType = "application/pdf"  // .pdf
)

// ending is what names of this type end in, or empty for a type that is none of ours.
func (t MediaType) ending() string {
	switch t {
	case PlainText:
		return ".txt"
	case Calendar:
		return ".ics"
	case CommaTable:
		return ".csv"
	case JSON:
		return ".json"
	case PDFDocument:
		return ".pdf"
	}
	return ""
}

// IsText reports whether such a file is UTF-8 text.
func (t MediaType) IsText() bool { return t.ending() != "" && t != PDFDocument }

// File is something for the reader to keep: what is stored about them, a
// calendar entry. A message holds at most one, since some platforms send one at
// a time.
type File struct {
	// Name is letters of ASCII, digits, dots, hyphens and underscores, begins
	// with a letter or digit, and ends as MediaType says.
	Name      string    `json:"name"`
	MediaType MediaType `json:"media"`
	// Data is never empty, and UTF-8 when MediaType is a text.
	Data []byte `json:"data"`
	// About says in the reader's language what is in the file. It stands beside
	// it, and instead of it where no file can be sent. Never empty.
	About string `json:"about"`
}

// ErrFile reports a file that not every platform would take. It never carries
// the file's name, its words or its content.
var ErrFile = errors.New("message: not a file that can be sent")

// NewFile makes a file and checks it.
func NewFile(name string, t MediaType, data []byte, about string) (File, error) {
	f := File{Name: name, MediaType: t, Data: data, About: about}
	if err := f.Check(); err != nil {
		return File{}, err
	}
	return f, nil
}

// Check returns an ErrFile that says what is wrong with the file, or nil.
func (f File) Check() error {
	switch {
	case f.MediaType.ending() == "":
		return fmt.Errorf("%w: unknown media type", ErrFile)
	case !safeName(f.Name) || path.Ext(f.Name) != f.MediaType.ending():
		return fmt.Errorf("%w: name", ErrFile)
	case len(f.Data) == 0 || len(f.Data) > MaxFile:
		return fmt.Errorf("%w: %d bytes", ErrFile, len(f.Data))
	case f.MediaType.IsText() && !utf8.Valid(f.Data):
		return fmt.Errorf("%w: a text that is no UTF-8", ErrFile)
	case strings.TrimSpace(f.About) == "":
		return fmt.Errorf("%w: nothing about it", ErrFile)
	}
	return nil
}

// safeName reports whether a name is a name on every system: no path, nothing
// hidden, nothing that a header or a shell reads otherwise.
func safeName(s string) bool {
	if s == "" || len(s) > MaxFileName || strings.Contains(s, "..") {
		return false
	}
	for i, r := range s {
		letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9')
		if !letter && (i == 0 || !strings.ContainsRune("._-", r)) {
			return false
		}
	}
	return true
}

// WithoutFiles is the message for a platform that can't send files: their words
// stand in their place.
func (m Message) WithoutFiles() Message {
	m.Blocks = slices.Clone(m.Blocks)
	for i, b := range m.Blocks {
		if f, ok := b.(File); ok {
			m.Blocks[i] = Say(f.About)
		}
	}
	return m
}
