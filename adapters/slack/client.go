package slack

import (
	library "github.com/slack-go/slack"

	"ella/adapters/wire"
)

// newLibrary makes the library's typed calls, and nothing else of it: it tries nothing
// twice and writes nothing into a log. What it makes of an answer is not asked: it calls a
// message posted that was not when the answer gives no reason, and one not posted that was
// when the answer holds a block that it doesn't know.
func newLibrary(base, token string, c *wire.Client) *library.Client {
	return library.New(token, library.OptionAPIURL(base+"/"), library.OptionHTTPClient(c))
}
