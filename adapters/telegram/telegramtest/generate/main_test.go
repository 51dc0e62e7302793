package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDerive makes a table of two descriptions that hold every method and type,
// each with one field.
func TestDerive(t *testing.T) {
	names := func(all []string, one string) string {
		var parts []string
		for _, name := range all {
			parts = append(parts, strings.ReplaceAll(one, "NAME", name))
		}
		return strings.Join(parts, ",")
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
	const field = `{"name":"text","types":["String"],"required":true,"description":"Prose that stays where it is, always \"loud\""}`
	api := write("api.json", `{"version":"Bot API 0","methods":{`+names(methods, `"NAME":{"returns":["Message"],"fields":[`+field+`]}`)+`,"sendStars":{}},
		"types":{`+names(types, `"NAME":{"fields":[`+field+`]}`)+`,"Star":{}}}`)
	limits := write("limits.json", `{"methods":[{"name":"sendMessage","arguments":[{"name":"text","type_info":{"min_len":1,"max_len":4096}}]}],
		"objects":[{"name":"BotCommand","properties":[{"name":"text","type_info":{"min":2,"max":3}}]},{"name":"Union","properties":{"any_of":[]}}]}`)
	to := filepath.Join(folder, "facts.json")
	if err := run(api, limits, to); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		From    string `json:"from"`
		Methods map[string]struct {
			Returns    []string        `json:"returns"`
			Parameters map[string]fact `json:"parameters"`
		} `json:"methods"`
		Types map[string]struct {
			Fields map[string]fact `json:"fields"`
		} `json:"types"`
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Methods) != len(methods) || len(table.Types) != len(types) {
		t.Errorf("%d methods and %d types", len(table.Methods), len(table.Types))
	}
	got := table.Methods["sendMessage"].Parameters["text"]
	if !got.Required || *got.Min != 1 || *got.Max != 4096 || got.Types[0] != "String" || got.Value != "loud" {
		t.Errorf("the text of sendMessage is %+v", got)
	}
	if got := table.Types["BotCommand"].Fields["text"]; *got.Min != 2 || *got.Max != 3 {
		t.Errorf("the text of BotCommand is %+v", got)
	}
	if got := table.Types["User"].Fields["text"]; got.Min != nil || got.Max != nil {
		t.Errorf("the text of User is %+v", got)
	}
	if strings.Contains(string(raw), "Prose") || strings.Contains(string(raw), "Star") || !strings.Contains(table.From, "Bot API 0; MIT") {
		t.Errorf("the table holds what it should not, or not where it is from:\n%.400s", raw)
	}
	if err := run(api, "", to); err == nil {
		t.Error("without limits it runs")
	}
	if err := run(limits, limits, to); err == nil {
		t.Error("a description without the methods does")
	}
}
