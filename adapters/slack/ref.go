package slack

import (
	"strings"

	"ella/bot"
)

// standing is where one message of ours stands: a channel, and in it the names of
// Slack's messages, which are instants, or of files.
type standing struct {
	channel string
	names   []string
}

// ref is a standing as one text, such as
// "D024BE91L:1405895017.000506,1405895018.000100,F0TD00400".
func (s standing) ref() bot.Ref {
	return bot.Ref(s.channel + ":" + strings.Join(s.names, ","))
}

// parseRef reads a Ref. It reports false for any that is none of ours.
func parseRef(ref bot.Ref) (standing, bool) {
	channel, rest, ok := strings.Cut(string(ref), ":")
	if !ok || !isID(channel) || len(rest) > maxParts*maxName {
		return standing{}, false
	}
	s := standing{channel, strings.Split(rest, ",")}
	for _, name := range s.names {
		if !stamp(name).isSound() && !isFile(name) {
			return standing{}, false
		}
	}
	return s, len(s.names) <= maxParts
}

// maxName is how long the name of a message or a file is at most, with a comma.
const maxName = 42

// isFile reports whether a name is that of a file.
func isFile(name string) bool { return isID(name) && name[0] == 'F' }
