// Package telegramtest is a strict Bot API in miniature: a real HTTP server on
// loopback that keeps Telegram's rules, for tests of adapters/telegram.
//
// It speaks the wire format itself and knows nothing of the library that the
// adapter uses. Requests are checked against a table of facts (facts.json, see
// generate) and against the rules that only the documentation or the source of
// Telegram's own server states; where code follows that source, it says so:
//
//	[doc] https://core.telegram.org/bots/api
//	[srv] https://github.com/tdlib/telegram-bot-api, Client.cpp and WebhookActor.cpp
//	[td]  https://github.com/tdlib/td, td/telegram and tddb/td/db/TQueue.cpp
//
// A test makes a Server, lets people do things on it (people.go), and reads what
// stands in their chats (Shown), what the bot sent (Accepted) and which rules it
// broke (Breaches). A request that is merely unlucky, such as one to a member who
// blocked the bot, is answered as the real server does and is no breach; one that
// a careful bot never sends is.
//
//	s := telegramtest.New(t, telegramtest.Options{})
//	maryam := s.AddUser(telegramtest.User{FirstName: "Maryam", Language: "ar"})
//	s.Start(maryam, "")
//	// … the bot, on s.URL() with s.Token(), answers …
//	card := s.Shown(maryam)[0]
//	s.Press(maryam, card, 1)
//
// A Server is safe for concurrent use and ends with its test.
package telegramtest

//go:generate go run ./generate -api $TELEGRAM_API -limits $TELEGRAM_LIMITS -to facts.json
