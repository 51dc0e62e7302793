package telegramtest

import (
	"fmt"
	"slices"
	"time"
)

// Rule is what a bot can break.
type Rule string

// The rules.
const (
	RuleLimit     Rule = "limit"     // more was sent than Limits allow
	RuleWait      Rule = "wait"      // something was sent while a retry_after ran
	RuleParameter Rule = "parameter" // unknown, missing, of the wrong type or out of bounds
	RuleText      Rule = "text"      // markup that does not parse, too long, empty
	RuleKeyboard  Rule = "keyboard"  // buttons that are none, too many, or have two actions
	RuleFile      Rule = "file"      // too large, no picture, not there
	RuleAnswer    Rule = "answer"    // a press answered twice, or with a link that is not allowed
	RulePresence  Rule = "presence"  // names, descriptions and commands that can't be
)

// Breach is a rule broken by the bot.
type Breach struct {
	Rule   Rule
	Method string
	Chat   int64 // 0 where the request names none
	At     time.Time
	What   string
}

func (b Breach) String() string {
	return fmt.Sprintf("%s: %s in chat %d: %s", b.Rule, b.Method, b.Chat, b.What)
}

// Breaches lists every rule that the bot broke, of the given kinds or of all,
// oldest first. A test of a careful bot wants none.
func (s *Server) Breaches(of ...Rule) (all []Breach) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.breaches {
		if len(of) == 0 || slices.Contains(of, b.Rule) {
			all = append(all, b)
		}
	}
	return all
}

// breach records one; s.mu is held.
func (s *Server) breach(c *call, r Rule, format string, args ...any) {
	s.breaches = append(s.breaches, Breach{r, c.method, c.integer("chat_id"), s.now(), fmt.Sprintf(format, args...)})
}
