package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDerive makes a table of two descriptions, the first of which holds every method.
func TestDerive(t *testing.T) {
	var lines []string
	for _, name := range methods {
		lines = append(lines, `"`+name+`":{"a":["channel","token"],"r":["channel"],"s":["chat:write"],"e":["no_text"],"j":true,"t":"t3","desc":"Prose"}`)
	}
	folder := t.TempDir()
	write := func(name, body string) string {
		t.Helper()
		to := filepath.Join(folder, name)
		if err := os.WriteFile(to, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return to
	}
	api := write("methods.json", `{`+strings.Join(lines, ",")+`,"admin.shout":{}}`)
	limits := write("limits.json", `{"button":{"text":{"max_length":75}},"section":{"fields":{"max_items":10,"item_max_length":2000}},"view":{"blocks":{"min_items":1,"max_items":100}}}`)
	to := filepath.Join(folder, "facts.json")
	if err := run(api, limits, to); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Methods map[string]fact
		Limits  map[string]bound
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	if got := table.Methods["chat.update"]; len(table.Methods) != len(methods) || got.Tier != 3 || !got.JSON || got.Required[0] != "channel" || got.Errors[0] != "no_text" {
		t.Errorf("chat.update is %+v, of %d", got, len(table.Methods))
	}
	for name, want := range map[string]float64{"button.text": 75, "section.fields": 10, "section.fields.item": 2000, "view.blocks": 100} {
		if b := table.Limits[name]; b.Max == nil || *b.Max != want {
			t.Errorf("%s is %+v", name, b)
		}
	}
	if strings.Contains(string(raw), "Prose") || strings.Contains(string(raw), "shout") || !strings.Contains(string(raw), "MIT") {
		t.Errorf("the table holds what it should not, or not where it is from:\n%.300s", raw)
	}
	if err := run(api, "", to); err == nil {
		t.Error("without limits it runs")
	}
	if err := run(limits, limits, to); err == nil {
		t.Error("a description without the methods does")
	}
}
