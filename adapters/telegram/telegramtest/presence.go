package telegramtest

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
)

// Command is one of a command menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// presence is what people see of the bot beside its messages, by language; "" is
// for all who have none of their own.
type presence struct {
	commands                   map[string][]Command // by scope and language
	names, descriptions, about map[string]string
}

func newPresence() presence {
	return presence{map[string][]Command{}, map[string]string{}, map[string]string{}, map[string]string{}}
}

// maxCommands is how many one menu holds [doc: setMyCommands].
const maxCommands = 100

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageCode = regexp.MustCompile(`^([a-z]{2})?$`) // ISO 639-1 [doc]
)

// Commands are those of a scope and a two-letter language. A scope is its type, as
// "all_private_chats", and for one chat "chat:" and its id.
func (s *Server) Commands(scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.presence.commands[scope+" "+language]
}

// CommandLists are the scopes and languages that have a menu, as "default ar".
func (s *Server) CommandLists() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.presence.commands))
}

// NameIn is the bot's name in a two-letter language; "" where it set none, here
// and below.
func (s *Server) NameIn(language string) string { return s.told(s.presence.names, language) }

// DescriptionIn is what stands in an empty chat.
func (s *Server) DescriptionIn(language string) string {
	return s.told(s.presence.descriptions, language)
}

// ShortDescriptionIn is what stands in the profile.
func (s *Server) ShortDescriptionIn(language string) string {
	return s.told(s.presence.about, language)
}

func (s *Server) told(of map[string]string, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of[language]
}

// menu is the key of a command list.
func (s *Server) menu(c *call) (string, *apiError) {
	var scope struct {
		Type string      `json:"type"`
		Chat json.Number `json:"chat_id"`
		User json.Number `json:"user_id"`
	}
	scope.Type = "default"
	c.json("scope", &scope)
	if scope.Chat != "" {
		of, e := s.chatOf(&call{method: c.method, values: map[string]string{"chat_id": scope.Chat.String()}}, "chat_id")
		if e != nil {
			return "", e
		}
		if of.kind == Channel {
			return "", badRequest("can't change commands in channel chats")
		}
		scope.Type += ":" + scope.Chat.String()
	}
	if scope.User != "" {
		scope.Type += ":" + scope.User.String()
	}
	return scope.Type + " " + c.values["language_code"], s.language(c)
}

func (s *Server) language(c *call) *apiError {
	if !languageCode.MatchString(c.values["language_code"]) {
		s.breach(c, RulePresence, "%q is no two-letter language", c.values["language_code"])
		return badRequest("invalid language code specified")
	}
	return nil
}

func (s *Server) setMyCommands(c *call) (any, *apiError) {
	var commands []Command
	c.json("commands", &commands)
	key, e := s.menu(c)
	if e != nil {
		return nil, e
	}
	refuse := func(text string) (any, *apiError) {
		s.breach(c, RulePresence, "%s", text)
		return nil, badRequest(text)
	}
	if len(commands) > maxCommands {
		return refuse("BOT_COMMANDS_TOO_MUCH")
	}
	for _, one := range commands {
		if !commandName.MatchString(one.Command) {
			return refuse("BOT_COMMAND_INVALID")
		}
	}
	if len(commands) == 0 {
		delete(s.presence.commands, key)
	} else {
		s.presence.commands[key] = commands
	}
	return true, nil
}

func (s *Server) getMyCommands(c *call) (any, *apiError) {
	key, e := s.menu(c)
	if e != nil {
		return nil, e
	}
	return append([]Command{}, s.presence.commands[key]...), nil
}

func (s *Server) deleteMyCommands(c *call) (any, *apiError) {
	key, e := s.menu(c)
	if e != nil {
		return nil, e
	}
	delete(s.presence.commands, key)
	return true, nil
}

func (s *Server) setMyName(c *call) (any, *apiError) { return s.set(c, s.presence.names, "name") }

func (s *Server) getMyName(c *call) (any, *apiError) {
	return s.get(c, s.presence.names, "name", s.options.Name)
}

func (s *Server) setMyDescription(c *call) (any, *apiError) {
	return s.set(c, s.presence.descriptions, "description")
}

func (s *Server) getMyDescription(c *call) (any, *apiError) {
	return s.get(c, s.presence.descriptions, "description", "")
}

func (s *Server) setMyShortDescription(c *call) (any, *apiError) {
	return s.set(c, s.presence.about, "short_description")
}

func (s *Server) getMyShortDescription(c *call) (any, *apiError) {
	return s.get(c, s.presence.about, "short_description", "")
}

// set writes one, or takes it away when it is empty. How long it may be the table
// says.
func (s *Server) set(c *call, of map[string]string, parameter string) (any, *apiError) {
	if e := s.language(c); e != nil {
		return nil, e
	}
	if of[c.values["language_code"]] = c.values[parameter]; c.values[parameter] == "" {
		delete(of, c.values["language_code"])
	}
	return true, nil
}

// get falls back to what is for all.
func (s *Server) get(c *call, of map[string]string, parameter, otherwise string) (any, *apiError) {
	if e := s.language(c); e != nil {
		return nil, e
	}
	for _, language := range []string{c.values["language_code"], ""} {
		if text, ok := of[language]; ok {
			return map[string]string{parameter: text}, nil
		}
	}
	return map[string]string{parameter: otherwise}, nil
}
