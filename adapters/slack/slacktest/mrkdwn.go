package slacktest

import (
	"net/url"
	"regexp"
	"strings"
)

// construct is what stands between < and > in mrkdwn: a link, a mention, or a
// command such as !here [doc: Formatting text].
var construct = regexp.MustCompile(`<[^<>\n]*>`)

// escape writes what people type as Slack sends it on, unescape the other way. Only
// these three characters count [doc].
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// noteTyped remembers the markup in what a person typed; s.mu is held.
func (s *Server) noteTyped(text string) {
	for _, one := range construct.FindAllString(text, -1) {
		s.typed[one] = true
	}
}

// checkMarkup looks for markup that a careful app never sends: calls to many,
// mentions, links that look like others, whatever people typed, and characters that
// were left unescaped; s.mu is held.
func (s *Server) checkMarkup(c *call, at, written string) {
	for _, one := range construct.FindAllString(written, -1) {
		inner := strings.Trim(one, "<>")
		address, label, _ := strings.Cut(inner, "|")
		switch {
		case strings.HasPrefix(inner, "!date^"):
			if label == "" {
				s.breach(c, RuleMarkup, "%s has a date without words for old clients", at)
			}
		case strings.HasPrefix(inner, "!"):
			s.breach(c, RuleMarkup, "%s calls everybody", at)
		case strings.HasPrefix(inner, "@"):
			s.breach(c, RuleMarkup, "%s mentions somebody", at)
		case s.typed[one]:
			s.breach(c, RuleMarkup, "%s has markup that a person typed", at)
		case strings.HasPrefix(inner, "#"):
		case disguised(address, unescape(label)):
			s.breach(c, RuleMarkup, "%s has a link that looks like another", at)
		case !strings.Contains(address, ":"):
			s.breach(c, RuleMarkup, "%s has an unescaped <", at)
		}
	}
	rest := construct.ReplaceAllString(written, "")
	if strings.Contains(rest, "<") {
		s.breach(c, RuleMarkup, "%s has an unescaped <", at)
	}
	rest = strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(rest)
	if strings.Contains(rest, "&") {
		s.breach(c, RuleMarkup, "%s has an unescaped &", at)
	}
}

var looksLikeAddress = regexp.MustCompile(`(?i)^\s*(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/:?#\s]|$)`)

// disguised reports whether the label of a link is the address of another place.
func disguised(address, label string) bool {
	found := looksLikeAddress.FindStringSubmatch(label)
	u, err := url.Parse(address)
	return found != nil && err == nil && u.Host != "" && !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), strings.TrimPrefix(found[1], "www."))
}

// styles are pairs of signs that mrkdwn takes for bold and so on, where no letter
// touches them from outside.
var styles = regexp.MustCompile("(^|[^\\pL\\pN])(\\*[^\\s*](?:[^*\n]*[^\\s*])?\\*|_[^\\s_](?:[^_\n]*[^\\s_])?_|~[^\\s~](?:[^~\n]*[^\\s~])?~|`[^`\n]+`)($|[^\\pL\\pN])")

// render is mrkdwn as a person reads it: formatting signs are gone, constructs are
// their labels, entities are characters. It knows less than Slack, but what it takes
// away Slack takes away too.
func render(written string) string {
	for range 8 { // styles can be nested and touch
		next := styles.ReplaceAllStringFunc(written, func(found string) string {
			m := styles.FindStringSubmatch(found)
			return m[1] + m[2][1:len(m[2])-1] + m[3]
		})
		if next == written {
			break
		}
		written = next
	}
	written = construct.ReplaceAllStringFunc(written, func(one string) string {
		inner := strings.Trim(one, "<>")
		address, label, labelled := strings.Cut(inner, "|")
		switch {
		case labelled:
			return label
		case strings.HasPrefix(inner, "!"):
			return "@" + inner[1:]
		}
		return strings.TrimPrefix(address, "mailto:")
	})
	lines := strings.Split(written, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimPrefix(line, "&gt; "), "&gt;")
	}
	return unescape(strings.Join(lines, "\n"))
}
