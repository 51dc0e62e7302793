package message_test

import (
	"bytes"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"ella/bot/message"
)

func TestNewFile(t *testing.T) {
	words, about := []byte("أمينة, Leeds\n"), "What is stored about you"
	for name, c := range map[string]struct {
		name  string
		media message.MediaType
		data  []byte
		about string
		fine  bool
	}{
		"text":                    {"all-about-me.txt", message.PlainText, words, about, true},
		"calendar":                {"Vigil_2026-03-01.ics", message.Calendar, words, about, true},
		"table":                   {"results.v2.csv", message.CommaTable, words, about, true},
		"json":                    {"0.json", message.JSON, []byte(`{}`), about, true},
		"pdf is no text":          {"card.pdf", message.PDFDocument, []byte("%PDF-1.7\xff"), about, true},
		"60 characters":           {strings.Repeat("x", 56) + ".txt", message.PlainText, words, about, true},
		"61 characters":           {strings.Repeat("x", 57) + ".txt", message.PlainText, words, about, false},
		"5 MB":                    {"a.txt", message.PlainText, bytes.Repeat([]byte("x"), message.MaxFile), about, true},
		"a byte more":             {"a.txt", message.PlainText, bytes.Repeat([]byte("x"), message.MaxFile+1), about, false},
		"nothing in it":           {"a.txt", message.PlainText, nil, about, false},
		"text that is no UTF-8":   {"a.txt", message.PlainText, []byte("a\xff"), about, false},
		"no words":                {"a.txt", message.PlainText, words, " \n", false},
		"no name":                 {"", message.PlainText, words, about, false},
		"only an ending":          {".txt", message.PlainText, words, about, false},
		"no ending":               {"a", message.PlainText, words, about, false},
		"another ending":          {"a.ics", message.PlainText, words, about, false},
		"an ending that runs":     {"a.exe", message.PlainText, words, about, false},
		"two endings":             {"a.txt.exe", message.PlainText, words, about, false},
		"a folder":                {"a/b.txt", message.PlainText, words, about, false},
		"a folder of Windows":     {`a\b.txt`, message.PlainText, words, about, false},
		"upwards":                 {"a..txt", message.PlainText, words, about, false},
		"an option":               {"-a.txt", message.PlainText, words, about, false},
		"a space":                 {"all about me.txt", message.PlainText, words, about, false},
		"a line":                  {"a\r\nSet-Cookie: x.txt", message.PlainText, words, about, false},
		"a quote":                 {`a".txt`, message.PlainText, words, about, false},
		"another script":          {"كل.txt", message.PlainText, words, about, false},
		"turned around":           {"a\u202efdp.txt", message.PlainText, words, about, false},
		"a page":                  {"a.html", "text/html", words, about, false},
		"a picture":               {"a.svg", "image/svg+xml", words, about, false},
		"a type with a parameter": {"a.txt", "text/plain; charset=utf-8", words, about, false},
		"no type":                 {"a.txt", "", words, about, false},
		"no type and no ending":   {"a", "", words, about, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := message.NewFile(c.name, c.media, c.data, c.about)
			if c.fine {
				if want := (message.File{Name: c.name, MediaType: c.media, Data: c.data, About: c.about}); err != nil || !reflect.DeepEqual(f, want) {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if !errors.Is(err, message.ErrFile) || !reflect.DeepEqual(f, message.File{}) {
				t.Fatalf("taken, or refused with %v", err)
			}
			// The error is logged, and a name may be somebody's.
			if (len(c.name) > 3 && strings.Contains(err.Error(), c.name)) || strings.Contains(err.Error(), about) {
				t.Errorf("the error tells: %v", err)
			}
		})
	}
}

// FuzzFile checks anything: what passes is safe to write to any disk and into
// any header.
func FuzzFile(f *testing.F) {
	f.Add("all-about-me.txt", "text/plain", []byte("x"), "About")
	f.Add("../a.pdf", "application/pdf", []byte("\xff"), "About")
	f.Add("a.txt\x00.exe", "text/plain", []byte(""), "\u202e")
	safe := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)
	f.Fuzz(func(t *testing.T, name, media string, data []byte, about string) {
		file, err := message.NewFile(name, message.MediaType(media), data, about)
		if err != nil {
			if !errors.Is(err, message.ErrFile) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if !safe.MatchString(file.Name) || strings.Contains(file.Name, "..") || len(file.Data) == 0 || len(file.Data) > 5<<20 || strings.TrimSpace(file.About) == "" {
			t.Fatalf("taken: %+v", file)
		}
		if media != "application/pdf" && !utf8.Valid(file.Data) {
			t.Fatal("a text that nobody can read")
		}
	})
}

func TestWithoutFiles(t *testing.T) {
	file := message.File{Name: "a.txt", MediaType: message.PlainText, Data: []byte("x"), About: "All about you."}
	m := message.Message{Locale: "en", Blocks: []message.Block{message.Say("Here:"), file, message.Say("Bye.")}}
	got := m.WithoutFiles()
	if want := "Here:\nAll about you.\nBye."; got.Text() != want || got.Locale != "en" {
		t.Errorf("got %q, want %q", got.Text(), want)
	}
	if !reflect.DeepEqual(m.Blocks[1], message.Block(file)) {
		t.Error("the message itself was changed")
	}
}
