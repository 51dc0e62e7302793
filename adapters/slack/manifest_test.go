package slack_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ella/adapters/slack"
)

// manifestFact is what Slack's schema says of one field of a manifest.
type manifestFact struct {
	Type     string
	Min, Max *int // of characters or entries
	Pattern  string
	Enum     []string
	Required bool
}

func manifestFacts(t *testing.T) map[string]manifestFact {
	t.Helper()
	var facts struct{ Fields map[string]manifestFact }
	raw, err := os.ReadFile(filepath.Join("testdata", "manifest-facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &facts); err != nil || len(facts.Fields) < 30 {
		t.Fatalf("%d facts: %v", len(facts.Fields), err)
	}
	return facts.Fields
}

// faultsOf holds a value against what is known of its field.
func faultsOf(facts map[string]manifestFact, path string, value any) (faults []string) {
	f, known := facts[path]
	if !known && path != "" {
		return []string{path + " is no field of a manifest"}
	}
	size := -1
	switch v := value.(type) {
	case string:
		if size = utf8.RuneCountInString(v); f.Type != "string" {
			faults = append(faults, path+" is a text")
		}
		if f.Pattern != "" && !regexp.MustCompile(f.Pattern).MatchString(v) || f.Enum != nil && !slices.Contains(f.Enum, v) {
			faults = append(faults, path+" can't be "+v)
		}
	case bool:
		if f.Type != "boolean" {
			faults = append(faults, path+" is a yes or no")
		}
	case float64:
		if f.Type != "integer" || v != float64(int(v)) {
			faults = append(faults, path+" is a number")
		}
	case []any:
		if size = len(v); f.Type != "array" {
			faults = append(faults, path+" is a list")
		}
		for _, each := range v {
			faults = append(faults, faultsOf(facts, path+"[]", each)...)
		}
	case map[string]any:
		if path != "" && f.Type != "object" {
			faults = append(faults, path+" is an object")
		}
		for name, inner := range v {
			faults = append(faults, faultsOf(facts, strings.TrimPrefix(path+"."+name, "."), inner)...)
		}
		for name, inner := range facts {
			if at, last := splitPath(name); at == path && inner.Required {
				if _, there := v[last]; !there {
					faults = append(faults, name+" is missing")
				}
			}
		}
	default:
		faults = append(faults, path+" is nothing")
	}
	if size >= 0 && (f.Min != nil && size < *f.Min || f.Max != nil && size > *f.Max) {
		faults = append(faults, path+" is too short or too long")
	}
	return faults
}

func splitPath(path string) (at, last string) {
	i := strings.LastIndex(path, ".")
	return path[:max(i, 0)], path[i+1:]
}

// manifest is one of those that operators paste.
func manifest(t *testing.T, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("manifest", name))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// in is a value inside of a manifest.
func in(m map[string]any, path string) any {
	var v any = m
	for name := range strings.SplitSeq(path, ".") {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	return v
}

// on reports a yes.
func on(v any) bool {
	yes, _ := v.(bool)
	return yes
}

func list(v any) (all []string) {
	entries, _ := v.([]any)
	for _, e := range entries {
		s, _ := e.(string)
		all = append(all, s)
	}
	return all
}

func TestManifests(t *testing.T) {
	facts := manifestFacts(t)
	socket, http := manifest(t, "socket.json"), manifest(t, "http.json")
	for name, m := range map[string]map[string]any{"socket.json": socket, "http.json": http} {
		for _, fault := range faultsOf(facts, "", m) {
			t.Errorf("%s: %s", name, fault)
		}
		if scopes := list(in(m, "oauth_config.scopes.bot")); !slices.Equal(scopes, slack.Scopes()) {
			t.Errorf("%s asks for %q, and the doctor looks for %q", name, scopes, slack.Scopes())
		}
		// Without it nobody could write to her (messages_tab_disabled).
		if !on(in(m, "features.app_home.messages_tab_enabled")) || on(in(m, "features.app_home.messages_tab_read_only_enabled")) {
			t.Errorf("%s: nobody can write to Ella", name)
		}
		if !on(in(m, "settings.interactivity.is_enabled")) || on(in(m, "settings.token_rotation_enabled")) {
			t.Errorf("%s: buttons do nothing, or the token ends after twelve hours", name)
		}
		if !on(in(m, "features.app_home.home_tab_enabled")) {
			t.Errorf("%s: nobody has a page", name)
		}
		shortcuts, _ := in(m, "features.shortcuts").([]any)
		for i, want := range []string{"global ask Ask Ella", "message alert Share as alert"} {
			if s, _ := shortcuts[i].(map[string]any); fmt.Sprint(s["type"], " ", s["callback_id"], " ", s["name"]) != want || len(shortcuts) != 2 {
				t.Errorf("%s: a shortcut is %v", name, s)
			}
		}
		command, _ := in(m, "features.slash_commands").([]any)[0].(map[string]any)
		if command["command"] != "/ella" || !on(command["should_escape"]) {
			t.Errorf("%s: the command is %v", name, command)
		}
	}
	if !on(in(socket, "settings.socket_mode_enabled")) || strings.Contains(string(marshal(t, socket)), "http") {
		t.Error("socket.json is not for Socket Mode, or names an address")
	}
	command, _ := in(http, "features.slash_commands").([]any)[0].(map[string]any)
	for path, got := range map[string]any{
		slack.PathEvents: in(http, "settings.event_subscriptions.request_url"), slack.PathInteractive: in(http, "settings.interactivity.request_url"), slack.PathCommands: command["url"],
	} {
		if got != "https://ella.example.org"+path {
			t.Errorf("http.json sends to %v what is taken at %s", got, path)
		}
	}
	if on(in(http, "settings.socket_mode_enabled")) {
		t.Error("http.json is for Socket Mode")
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestLeastScopes: each scope is there for an event or a method, and each event has its
// own (https://docs.slack.dev/reference/events, /reference/methods).
func TestLeastScopes(t *testing.T) {
	ofEvents := map[string]string{
		"app_mention": "app_mentions:read", "app_uninstalled": "", "tokens_revoked": "", "message.im": "im:history",
		"channel_id_changed": "channels:read groups:read", "channel_left": "channels:read", "group_left": "groups:read", "member_joined_channel": "channels:read groups:read",
		"member_left_channel": "channels:read groups:read",
		"app_home_opened":     "", "user_change": "users:read",
	}
	ofMethods := []string{
		"chat:write",  // chat.postMessage, chat.update, chat.delete, chat.postEphemeral
		"files:write", // files.getUploadURLExternal, files.completeUploadExternal
		"im:write",    // a conversation with who never wrote, as after a press in a channel
		"commands",    // the slash command, the shortcuts
		"users:read",  // users.info
	}
	needed := slices.Clone(ofMethods)
	for _, name := range []string{"socket.json", "http.json"} {
		events := list(in(manifest(t, name), "settings.event_subscriptions.bot_events"))
		if len(events) != len(ofEvents) {
			t.Errorf("%s asks for %d events", name, len(events))
		}
		for _, event := range events {
			scopes, known := ofEvents[event]
			if !known {
				t.Errorf("%s asks for %s, and nobody says what for", name, event)
			}
			needed = append(needed, strings.Fields(scopes)...)
		}
	}
	slices.Sort(needed)
	if needed = slices.Compact(needed); !slices.Equal(needed, slack.Scopes()) {
		t.Errorf("needed are %q, asked for are %q", needed, slack.Scopes())
	}
}

// TestManifestFaults: what Slack would refuse is seen.
func TestManifestFaults(t *testing.T) {
	facts := manifestFacts(t)
	for name, change := range map[string]func(m map[string]any){
		"a long name":     func(m map[string]any) { m["display_information"] = map[string]any{"name": strings.Repeat("x", 36)} },
		"no name":         func(m map[string]any) { m["display_information"] = map[string]any{} },
		"nothing":         func(m map[string]any) { delete(m, "display_information") },
		"another field":   func(m map[string]any) { m["colour"] = "red" },
		"a text for a no": func(m map[string]any) { in(m, "settings").(map[string]any)["socket_mode_enabled"] = "no" },
		"no slash": func(m map[string]any) {
			in(m, "features.slash_commands").([]any)[0].(map[string]any)["command"] = "ella"
		},
		"a long shortcut": func(m map[string]any) {
			in(m, "features.shortcuts").([]any)[0].(map[string]any)["name"] = strings.Repeat("x", 25)
		},
		"a shortcut of no kind": func(m map[string]any) {
			in(m, "features.shortcuts").([]any)[0].(map[string]any)["type"] = "everywhere"
		},
		"no address": func(m map[string]any) {
			in(m, "settings.interactivity").(map[string]any)["request_url"] = "ella.example.org"
		},
		"a scope of an object": func(m map[string]any) {
			in(m, "oauth_config.scopes").(map[string]any)["bot"] = []any{map[string]any{}}
		},
	} {
		m := manifest(t, "http.json")
		change(m)
		if len(faultsOf(facts, "", m)) == 0 {
			t.Errorf("with %s it passes", name)
		}
	}
}
