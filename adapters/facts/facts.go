// Package facts is for the commands that derive what a fake platform checks requests
// against: it reads published descriptions and writes tables, one fact a line, so that a
// change of them can be read. Nothing else uses it.
package facts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Read reads a description, which is JSON. flags are those that say where it is.
func Read(name, flags string, into any) error {
	if name == "" {
		return errors.New("say where the descriptions are, with " + flags)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Part is a part of a table: facts by name, each JSON.
type Part struct {
	Name  string
	Facts map[string][]byte
}

// Write writes a table: from what it is derived, and its parts.
func Write(to, from string, parts ...Part) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n%q: %q", "from", from)
	for _, p := range parts {
		fmt.Fprintf(&out, ",\n%q: {", p.Name)
		lines(&out, "\n", p.Facts)
		out.WriteString("\n}")
	}
	out.WriteString("\n}\n")
	if !json.Valid(out.Bytes()) {
		return errors.New("the table is no JSON")
	}
	return os.WriteFile(to, out.Bytes(), 0o644) //nolint:gosec // a source file
}

// Nested is an object of facts as a fact itself, each still on a line of its own.
func Nested(facts map[string][]byte) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	lines(&out, "\n  ", facts)
	out.WriteByte('}')
	return out.Bytes()
}

func lines(out *bytes.Buffer, lead string, facts map[string][]byte) {
	for i, name := range slices.Sorted(maps.Keys(facts)) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(out, "%s%q: %s", lead, name, facts[name])
	}
}

// Line is v as JSON. What is given can't fail.
func Line(v any) []byte {
	raw, _ := json.Marshal(v)
	return raw
}
