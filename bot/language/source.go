package language

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// extension is how a catalogue's file name ends.
const extension = ".toml"

// source is a catalogue's file as it was read, before its texts are judged.
type source struct {
	file     string
	tag      string
	messages map[string]*i18n.Message
	about    map[string]string // meta.endonym and meta.reviewed_by, by their last word
}

// readSource reads one file. Every fault is added to fs; the source holds what is
// sound. It is nil when nothing could be read.
func readSource(fsys fs.FS, file string, found *faults) *source {
	s := &source{file: file, tag: strings.TrimSuffix(file, extension), messages: map[string]*i18n.Message{}, about: map[string]string{}}
	if tag, err := language.Parse(s.tag); err != nil {
		found.add(file, "", "is not named by a language tag", "name it as in en.toml or fa-AF.toml")
		return nil
	} else if tag.String() != s.tag || len(tag.Extensions()) > 0 {
		found.add(file, "", "is not named by the tag as it is written", "name it "+tag.String()+extension)
		return nil
	}
	base, _ := language.Make(s.tag).Base()
	if known, ok := standard(base.String()); ok {
		found.add(file, "", "is known by another tag", "name it for "+known.base+", as cldr.json has it")
		return nil
	}
	data, err := fs.ReadFile(fsys, file)
	switch {
	case err != nil:
		found.add(file, "", err.Error(), "make the file readable")
		return nil
	case strings.HasPrefix(string(data), "\uFEFF"):
		found.add(file, "", "begins with a byte order mark", "save it as UTF-8 without one")
		return nil
	case !utf8.Valid(data):
		found.add(file, "", fmt.Sprintf("is not UTF-8 at line %d", brokenLine(data)), "save it as UTF-8")
		return nil
	}
	sift := sifter{file: file, found: found}
	parsed, err := i18n.ParseMessageFileBytes(data, file, map[string]i18n.UnmarshalFunc{"toml": sift.unmarshal})
	if err != nil {
		found.add(file, "", err.Error(), "write it as key = \"text\", each key once")
		return nil
	}
	for _, m := range parsed.Messages {
		_, twice := s.messages[m.ID]
		switch name, about := strings.CutPrefix(m.ID, "meta."); {
		case about:
			s.about[name] = m.Other
		case twice:
			found.add(file, m.ID, "stands twice", "take one out")
		default:
			s.messages[m.ID] = m
		}
	}
	s.judgeAbout(found)
	return s
}

// judgeAbout looks at the part of a file that is about the file.
func (s *source) judgeAbout(found *faults) {
	for _, name := range []string{"endonym", "reviewed_by"} {
		key := "meta." + name
		text, ok := s.about[name]
		if !ok {
			found.add(s.file, key, "is missing", "add it, as en.toml has it")
			continue
		}
		if problem, fix := judge(text); problem != "" {
			found.add(s.file, key, problem, fix)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.about)) {
		if name != "endonym" && name != "reviewed_by" {
			found.add(s.file, "meta."+name, "is not known", "take it out: meta has endonym and reviewed_by")
		}
	}
}

func brokenLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

// sifter reads TOML for go-i18n and takes out what go-i18n would refuse the whole
// file for, or would read as something else than a text.
type sifter struct {
	file  string
	found *faults
}

func (s sifter) unmarshal(data []byte, v any) error {
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			return fmt.Errorf("line %d: %s", at.Position.Line, at.Message)
		}
		return err
	}
	s.sift("", tree)
	*v.(*any) = tree // go-i18n hands over a pointer to an empty interface
	return nil
}

// sift walks one table. A table is an entry with plural forms when any of its
// keys is a form, and a folder of entries otherwise.
func (s sifter) sift(path string, table map[string]any) {
	plural := path != "" && slices.ContainsFunc(slices.Collect(maps.Keys(table)), func(k string) bool {
		_, text := table[k].(string)
		return text && isForm(k)
	})
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := strings.TrimPrefix(path+"."+name, ".")
		inner, folder := table[name].(map[string]any)
		_, text := table[name].(string)
		switch {
		case !plainKey(name):
			s.drop(table, name, key, "is no key", "use small letters, digits, - and _, with dots between")
		case plural && (folder || !isForm(name) && name != "description"):
			s.drop(table, name, path, fmt.Sprintf("has no form %q", name), "plural forms are zero, one, two, few, many and other; entries of other names need another key")
		case !plural && text && isReserved(name):
			s.drop(table, name, key, fmt.Sprintf("ends in %q, which means something else here", name), "choose another last word")
		case folder:
			s.sift(key, inner)
		case !text:
			s.drop(table, name, key, "is no text", "put the text in quotes")
		}
	}
}

func (s sifter) drop(table map[string]any, name, key, problem, fix string) {
	delete(table, name)
	s.found.add(s.file, key, problem, fix)
}

// plainKey reports whether one word of a key is written as keys are. Dots are
// let through: a key may stand in quotes as a whole.
func plainKey(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
}

func isForm(word string) bool {
	for f := zero; f <= other; f++ {
		if f.String() == word {
			return true
		}
	}
	return false
}

// isReserved reports whether go-i18n reads a key of that name as part of an
// entry: some of these would change its delimiters or its id.
func isReserved(word string) bool {
	return slices.Contains([]string{"id", "description", "hash", "leftdelim", "rightdelim", "translation"}, word)
}
