package telegramtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// factsJSON is made by generate; its first line says from what.
//
//go:embed facts.json
var factsJSON []byte

// factTable is what is known of methods and types.
type factTable struct {
	Methods map[string]struct {
		Returns    []string        `json:"returns"`
		Parameters map[string]fact `json:"parameters"`
	} `json:"methods"`
	Types map[string]struct {
		Is     []string        `json:"is"` // of a union
		Fields map[string]fact `json:"fields"`
	} `json:"types"`
}

// fact is what is known of a parameter or field. Min and Max are characters of a
// string, or the value of a number; Value is the only one that a string may have.
type fact struct {
	Types    []string `json:"types"`
	Required bool     `json:"required"`
	Min      *int     `json:"min"`
	Max      *int     `json:"max"`
	Value    string   `json:"value"`
}

var facts = sync.OnceValues(func() (table factTable, err error) {
	return table, json.Unmarshal(factsJSON, &table)
})

// fault is what is wrong with a value. The real server ignores some of it.
type fault struct {
	text    string
	ignored bool
}

// parameter checks the value of a top-level parameter, which comes as text.
func (t factTable) parameter(f fact, value string) []fault {
	var first []fault
	for i, kind := range f.Types {
		var found []fault
		switch kind {
		case "String":
			found = t.value(f, kind, value)
		case "Integer", "Float":
			found = t.value(f, kind, json.Number(strings.TrimSpace(value)))
		case "Boolean":
			if !slices.Contains([]string{"true", "false", "True", "False", "1", "0"}, value) {
				found = []fault{{text: "is no Boolean"}}
			}
		case "InputFile": // files.go looks
		default:
			var v any
			d := json.NewDecoder(strings.NewReader(value))
			d.UseNumber()
			if d.Decode(&v) != nil || d.More() {
				found = []fault{{text: "is no JSON"}}
			} else {
				found = t.value(f, kind, v)
			}
		}
		if !severe(found) {
			return found
		}
		if i == 0 {
			first = found
		}
	}
	return first
}

func severe(faults []fault) bool {
	return slices.ContainsFunc(faults, func(f fault) bool { return !f.ignored })
}

// value checks a decoded value against a type.
func (t factTable) value(f fact, kind string, v any) (all []fault) {
	wrong := func(format string, args ...any) []fault { return []fault{{text: fmt.Sprintf(format, args...)}} }
	if of, ok := strings.CutPrefix(kind, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return wrong("is no list")
		}
		for i, item := range list {
			for _, found := range t.value(fact{}, of, item) {
				all = append(all, fault{fmt.Sprintf("[%d] %s", i, found.text), found.ignored})
			}
		}
		return all
	}
	switch kind {
	case "String":
		text, ok := v.(string)
		if !ok || !utf8.ValidString(text) {
			return wrong("is no text")
		}
		if f.Value != "" && text != f.Value {
			return wrong("is not %s", f.Value)
		}
		return bounded(f, float64(utf8.RuneCountInString(text)), "is %v characters long")
	case "Integer":
		number, ok := v.(json.Number)
		n, err := strconv.ParseInt(number.String(), 10, 64)
		if !ok || err != nil {
			return wrong("is no Integer")
		}
		return bounded(f, float64(n), "is %v")
	case "Float":
		number, ok := v.(json.Number)
		x, err := number.Float64()
		if !ok || err != nil || math.IsNaN(x) {
			return wrong("is no Float")
		}
		return bounded(f, x, "is %v")
	case "Boolean":
		if _, ok := v.(bool); !ok {
			return wrong("is no Boolean")
		}
		return nil
	}
	if _, known := t.Types[kind]; !known {
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return wrong("is no %s", kind)
	}
	return t.object(kind, object)
}

func bounded(f fact, x float64, told string) []fault {
	if f.Min != nil && x < float64(*f.Min) || f.Max != nil && x > float64(*f.Max) {
		return []fault{{text: fmt.Sprintf(told, x) + ", which is out of bounds"}}
	}
	return nil
}

// countedElsewhere are the fields whose length the table alone can't judge: a
// caption is counted after parsing (edit.go), and the library sends every button
// with an empty copy_text, which seldom matters (keyboard.go).
var countedElsewhere = map[string]bool{"CopyTextButton.text": true, "InputMediaPhoto.caption": true, "InputMediaDocument.caption": true}

// object checks the fields of an object; of a union it must be one.
func (t factTable) object(kind string, object map[string]any) (all []fault) {
	for i, one := range t.Types[kind].Is {
		if _, known := t.Types[one]; !known {
			continue
		}
		found := t.object(one, object)
		if len(found) == 0 {
			return nil
		}
		if i == 0 || len(found) < len(all) {
			all = found
		}
	}
	if t.Types[kind].Is != nil {
		return all
	}
	fields := t.Types[kind].Fields
	for name, v := range object {
		f, known := fields[name]
		if !known {
			all = append(all, fault{fmt.Sprintf("%s has no field %s", kind, name), true})
			continue
		}
		if v == nil {
			continue
		}
		if countedElsewhere[kind+"."+name] {
			f.Min, f.Max = nil, nil
		}
		var found []fault
		for _, of := range f.Types {
			if found = t.value(f, of, v); !severe(found) {
				break
			}
		}
		for _, one := range found {
			all = append(all, fault{fmt.Sprintf("%s.%s %s", kind, name, one.text), one.ignored})
		}
	}
	for name, f := range fields {
		if f.Required && object[name] == nil {
			all = append(all, fault{text: fmt.Sprintf("%s lacks %s", kind, name)})
		}
	}
	return all
}
