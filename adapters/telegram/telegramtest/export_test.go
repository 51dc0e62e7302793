package telegramtest

import (
	"bytes"
	"encoding/json"
)

// WireFaults says what is wrong with something that the server sends, by the same
// table that requests are held against. kinds are types of the table.
func WireFaults(kinds []string, raw []byte) (all []string) {
	table, err := facts()
	if err != nil {
		return []string{err.Error()}
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return []string{err.Error()}
	}
	for i, kind := range kinds {
		found := table.value(fact{}, kind, v)
		if len(found) == 0 {
			return nil
		}
		if i == 0 {
			for _, f := range found {
				all = append(all, f.text)
			}
		}
	}
	return all
}

// Returns are the types that a method returns.
func Returns(method string) []string {
	table, err := facts()
	if err != nil {
		return nil
	}
	return table.Methods[method].Returns
}
