package telegramtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

func TestCommands(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	help := []set{{"command": "help", "description": "Help"}}
	private := set{"type": "all_private_chats"}
	b.want("ok", "setMyCommands", set{"commands": help})
	b.want("ok", "setMyCommands", set{"commands": []set{{"command": "help", "description": "مساعدة"}, {"command": "my_group", "description": "مجموعتي"}}, "scope": private, "language_code": "ar"})
	b.want("ok", "setMyCommands", set{"commands": help, "scope": set{"type": "chat", "chat_id": user}})
	if got := s.CommandLists(); !slices.Equal(got, []string{"all_private_chats ar", fmt.Sprintf("chat:%d ", user), "default "}) {
		t.Errorf("there are menus for %q", got)
	}
	if got := s.Commands("all_private_chats", "ar"); len(got) != 2 || got[1] != (telegramtest.Command{Command: "my_group", Description: "مجموعتي"}) {
		t.Errorf("the menu is %+v", got)
	}
	get := func(want string, p set) {
		t.Helper()
		if got := b.want("ok", "getMyCommands", p); string(got.Result) != want {
			t.Errorf("the menu of %v is %s", p, got.Result)
		}
	}
	get(`[{"command":"help","description":"Help"}]`, nil)
	get(`[{"command":"help","description":"Help"}]`, set{"scope": set{"type": "default"}})
	get(`[]`, set{"scope": private})
	b.want("ok", "deleteMyCommands", nil)
	get(`[]`, nil)
	b.want("ok", "setMyCommands", set{"commands": []set{}, "scope": private, "language_code": "ar"})
	get(`[]`, set{"scope": private, "language_code": "ar"})
	b.breaches()
	refused := func(want string, p set) {
		t.Helper()
		before := len(s.Breaches())
		b.want(want, "setMyCommands", p)
		if len(s.Breaches()) != before+1 {
			t.Errorf("%q is no breach", want)
		}
	}
	refused("Bad Request: BOT_COMMAND_INVALID", set{"commands": []set{{"command": "Help", "description": "x"}}})
	refused("Bad Request: BOT_COMMAND_INVALID", set{"commands": []set{{"command": "/help", "description": "x"}}})
	refused("Bad Request: BOT_COMMANDS_TOO_MUCH", set{"commands": slices.Repeat(help, 101)})
	refused("Bad Request: wrong parameter commands in the request", set{"commands": []set{{"command": "x", "description": strings.Repeat("ж", 257)}}})
	refused("Bad Request: wrong parameter commands in the request", set{"commands": []set{{"command": "x", "description": ""}}})
	refused("Bad Request: wrong parameter commands in the request", set{"commands": []set{{"command": strings.Repeat("x", 33), "description": "x"}}})
	refused("Bad Request: invalid language code specified", set{"commands": help, "language_code": "ckb"})
	refused("Bad Request: invalid language code specified", set{"commands": help, "language_code": "pt-br"})
	refused("Bad Request: wrong parameter scope in the request", set{"commands": help, "scope": set{"type": "chat"}})
	if s.Calls("setMyCommands") != 13 || s.Calls("getMyCommands") != 5 {
		t.Errorf("%d calls of setMyCommands, %d of getMyCommands", s.Calls("setMyCommands"), s.Calls("getMyCommands"))
	}
}

func TestNamesAndDescriptions(t *testing.T) {
	for _, c := range []struct {
		method, parameter, otherwise string
		max                          int
		told                         func(*telegramtest.Server, string) string
	}{
		{"MyName", "name", "Ella", 64, (*telegramtest.Server).NameIn},
		{"MyDescription", "description", "", 512, (*telegramtest.Server).DescriptionIn},
		{"MyShortDescription", "short_description", "", 120, (*telegramtest.Server).ShortDescriptionIn},
	} {
		s, b := unlimited(t)
		get := func(want string, p set) {
			t.Helper()
			if got := b.want("ok", "get"+c.method, p); string(got.Result) != fmt.Sprintf(`{"%s":"%s"}`, c.parameter, want) {
				t.Errorf("get%s is %s, want %q", c.method, got.Result, want)
			}
		}
		get(c.otherwise, nil)
		b.want("ok", "set"+c.method, set{c.parameter: "for all"})
		b.want("ok", "set"+c.method, set{c.parameter: strings.Repeat("ж", c.max), "language_code": "uk"})
		get("for all", set{"language_code": "ar"})
		get(strings.Repeat("ж", c.max), set{"language_code": "uk"})
		if c.told(s, "") != "for all" || c.told(s, "ar") != "" {
			t.Errorf("%s: told is %q", c.method, c.told(s, ""))
		}
		b.want("ok", "set"+c.method, set{c.parameter: "", "language_code": "uk"})
		get("for all", set{"language_code": "uk"})
		b.breaches()
		before := len(s.Breaches())
		b.want("Bad Request: wrong parameter "+c.parameter+" in the request", "set"+c.method, set{c.parameter: strings.Repeat("ж", c.max+1)})
		b.want("Bad Request: invalid language code specified", "set"+c.method, set{c.parameter: "x", "language_code": "eng"})
		if len(s.Breaches()) != before+2 {
			t.Errorf("the breaches are %q", s.Breaches())
		}
	}
}
