// Command generate derives the table of facts that the fake checks requests
// against from two published descriptions of Slack's platform:
//
//	go run ./adapters/slack/slacktest/generate -methods slack-methods-table.json \
//		-limits slack-blockkit-limits.json -to adapters/slack/slacktest/facts.json
//
// The first is a table of arguments (a), required ones (r), scopes (s), error codes
// (e), whether JSON is taken (j) and rate tier (t) per method, drawn from
// slack-ruby/slack-api-ref; the second is limits.json of nicklambourne/slackblocks.
// No prose of either is taken over.
package main

import (
	"flag"
	"fmt"
	"os"

	"ella/adapters/facts"
)

// methods are those that Ella needs, and a handful around them.
var methods = []string{
	"apps.connections.open", "apps.uninstall", "auth.revoke", "auth.test", "bots.info",
	"chat.delete", "chat.postEphemeral", "chat.postMessage", "chat.update",
	"conversations.info", "conversations.list", "conversations.members", "conversations.open",
	"files.completeUploadExternal", "files.getUploadURLExternal", "files.info", "oauth.v2.access", "reactions.add", "team.info",
	"usergroups.list", "usergroups.users.list", "users.info", "users.list",
	"views.open", "views.publish", "views.push", "views.update",
}

// tiers are those of methods that the table has without one (docs.slack.dev).
var tiers = map[string]string{"files.info": "t4"}

// flags are those that say where the descriptions are.
const flags = "-methods and -limits"

func main() {
	api := flag.String("methods", "", "table of methods")
	limits := flag.String("limits", "", "limits of Block Kit")
	to := flag.String("to", "facts.json", "the table to write")
	flag.Parse()
	if err := run(*api, *limits, *to); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(api, limits, to string) error {
	var a map[string]method
	if err := facts.Read(api, flags, &a); err != nil {
		return err
	}
	var l map[string]any
	if err := facts.Read(limits, flags, &l); err != nil {
		return err
	}
	parts, err := derive(a, l)
	if err != nil {
		return err
	}
	return facts.Write(to, "Derived by generate: methods from slack-ruby/slack-api-ref of August 2026 (MIT), "+
		"limits of blocks from nicklambourne/slackblocks (MIT or BSD-3-Clause).", parts...)
}

// method is a line of the first description.
type method struct {
	Arguments []string `json:"a"`
	Required  []string `json:"r"`
	Scopes    []string `json:"s"`
	Errors    []string `json:"e"`
	JSON      bool     `json:"j"`
	Tier      string   `json:"t"`
}

// fact is what the fake reads of a method. Tier 5 is Slack's "special".
type fact struct {
	Arguments []string `json:"arguments"`
	Required  []string `json:"required,omitempty"`
	Scopes    []string `json:"scopes,omitempty"`
	JSON      bool     `json:"json,omitempty"`
	Tier      int      `json:"tier"`
	Errors    []string `json:"errors"`
}

// bound is how long or how many something may be.
type bound struct {
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
}

// derive makes the parts of the table.
func derive(a map[string]method, l map[string]any) ([]facts.Part, error) {
	ms := facts.Part{Name: "methods", Facts: map[string][]byte{}}
	for _, name := range methods {
		m, ok := a[name]
		if !ok {
			return nil, fmt.Errorf("there is no method %s", name)
		}
		f := fact{Arguments: m.Arguments, Required: m.Required, Scopes: m.Scopes, JSON: m.JSON, Errors: m.Errors}
		if m.Tier == "" {
			m.Tier = tiers[name]
		}
		if _, err := fmt.Sscanf(m.Tier, "t%d", &f.Tier); err != nil {
			return nil, fmt.Errorf("%s has the tier %q", name, m.Tier)
		}
		ms.Facts[name] = facts.Line(f)
	}
	bounds, ls := map[string]bound{}, facts.Part{Name: "limits", Facts: map[string][]byte{}}
	flatten("", l, bounds)
	for name, b := range bounds {
		ls.Facts[name] = facts.Line(b)
	}
	return []facts.Part{ms, ls}, nil
}

// flatten writes {"button": {"text": {"max_length": 75}}} as "button.text": 75.
func flatten(prefix string, l map[string]any, into map[string]bound) {
	var b bound
	for name, v := range l {
		number, leaf := v.(float64)
		switch {
		case leaf && (name == "min_length" || name == "min_items" || name == "min"):
			b.Min = &number
		case leaf && (name == "max_length" || name == "max_items" || name == "max"):
			b.Max = &number
		case leaf && name == "item_max_length":
			into[prefix+".item"] = bound{Max: &number}
		default:
			if inner, ok := v.(map[string]any); ok {
				next := name
				if prefix != "" {
					next = prefix + "." + name
				}
				flatten(next, inner, into)
			}
		}
	}
	if b != (bound{}) {
		into[prefix] = b
	}
}
