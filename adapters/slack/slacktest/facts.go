package slacktest

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"sync"
)

// factsJSON is made by generate; its first line says from what.
//
//go:embed facts.json
var factsJSON []byte

// factTable is what is known of methods, and how long parts of blocks may be.
type factTable struct {
	Methods map[string]methodFact `json:"methods"`
	Limits  map[string]bound      `json:"limits"`
}

// methodFact is what is known of a method. Tier 5 is Slack's "special".
type methodFact struct {
	Arguments []string `json:"arguments"`
	Required  []string `json:"required"`
	Scopes    []string `json:"scopes"`
	JSON      bool     `json:"json"`
	Tier      int      `json:"tier"`
	Errors    []string `json:"errors"`
}

// bound is how long or how many something may be; 0 is no bound.
type bound struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

var facts = sync.OnceValues(func() (table factTable, err error) {
	if err = json.Unmarshal(factsJSON, &table); err != nil {
		return table, err
	}
	maps.Copy(table.Limits, sterner)
	maps.Copy(table.Methods, further)
	return table, nil
})

// sterner are bounds that the table lacks, or has wider than Slack's own
// @slack/types, which says 75 for an option's value [doc].
var sterner = map[string]bound{
	"option.value":   {Max: 75},
	"message.blocks": {Max: 50},
	"view.bytes":     {Max: 250 * 1024},
	"all.characters": {Max: 12_000}, // msg_blocks_too_long at about 13,200 [seen: slackapi/bolt-js#2509]
	"update.text":    {Max: 4_000},
	"post.text":      {Max: 40_000}, // cut off there
	"table.rows":     {Min: 1, Max: 100},
	"table.cells":    {Min: 1, Max: 20},
	"rich_text.text": {Min: 1},
	"actions.id":     {Max: 255},
}

// further are methods that the table lacks [doc: files.delete].
var further = map[string]methodFact{
	"files.delete": {
		Arguments: []string{"file", "token"}, Required: []string{"file"}, Scopes: []string{"files:write"}, JSON: true, Tier: 3,
		Errors: []string{"cant_delete_file", "file_deleted", "file_not_found"},
	},
}

// generic are errors that any method can answer [doc: chat.postMessage, Errors].
var generic = []string{
	"access_denied", "account_inactive", "accesslimited", "deprecated_endpoint", "ekm_access_denied", "enterprise_is_restricted",
	"fatal_error", "internal_error", "invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_auth", "invalid_charset", "invalid_form_data",
	"invalid_post_type", "method_deprecated", "missing_post_type", "missing_scope", "no_permission", "not_allowed_token_type", "not_authed",
	"org_login_required", "ratelimited", "request_timeout", "service_unavailable", "team_access_not_granted", "team_added_to_org",
	"token_expired", "token_revoked", "two_factor_setup_required",
}

// Errors are all that a method can answer, for tests of who has to understand it.
func Errors(method string) []string {
	table, err := facts()
	if err != nil {
		return nil
	}
	all := append(slices.Clone(generic), table.Methods[method].Errors...)
	slices.Sort(all)
	return slices.Compact(all)
}
