package telegram

import (
	library "github.com/go-telegram/bot"

	"ella/adapters/wire"
)

// newLibrary makes the library's typed calls, and nothing else of it: it asks nobody
// who the bot is, polls nothing, and writes nothing into a log.
func newLibrary(base, token string, c *wire.Client) (*library.Bot, error) {
	return library.New(token, library.WithSkipGetMe(), library.WithServerURL(base), library.WithHTTPClient(0, c),
		library.WithErrorsHandler(func(error) {}))
}
