package slacktest

import (
	"fmt"
	"slices"
	"time"
)

// Rule is what an app can break.
type Rule string

// The rules.
const (
	RuleLimit     Rule = "limit"    // more was asked for than Limits allow
	RuleWait      Rule = "wait"     // a method was called while its Retry-After ran
	RuleArgument  Rule = "argument" // unknown, missing or of the wrong type
	RuleEncoding  Rule = "encoding" // the method or the encoding of the request
	RuleBlocks    Rule = "blocks"   // blocks that Slack refuses
	RuleLong      Rule = "long"     // more characters than fit
	RuleText      Rule = "text"     // no text beside blocks: nothing to read aloud
	RuleMarkup    Rule = "markup"   // what people typed reaches mrkdwn unescaped
	RuleUnfurl    Rule = "unfurl"   // link previews or parsing not switched off
	RuleForeign   Rule = "foreign"  // changing or deleting somebody else's message
	RuleView      Rule = "view"     // a trigger used twice, a view that is none
	RuleFile      Rule = "file"     // an upload that does not fit what was announced
	RuleAck       Rule = "ack"      // an ack of nothing, twice, too large, or with an answer nobody asked for
	RuleSocket    Rule = "socket"   // a used ticket, a frame that is none, too many connections
	RuleReply     Rule = "reply"    // a response URL used too often or too late
	RuleAppIsGone Rule = "app gone" // asking on with a token after it was revoked
	RuleScope     Rule = "scope"    // a method that the app was not installed for
)

// Breach is a rule broken by the app.
type Breach struct {
	Rule    Rule
	Method  string
	Team    string
	Channel string // "" where the request names none
	At      time.Time
	What    string
}

func (b Breach) String() string {
	return fmt.Sprintf("%s: %s in %q: %s", b.Rule, b.Method, b.Channel, b.What)
}

// Breaches lists every rule that the app broke, of the given kinds or of all,
// oldest first. A test of a careful app wants none.
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
	b := Breach{Rule: r, Method: c.method, Channel: c.args["channel"], At: s.now(), What: fmt.Sprintf(format, args...)}
	if c.team != nil {
		b.Team = c.team.id
	}
	s.breaches = append(s.breaches, b)
}
