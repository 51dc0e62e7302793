// Package slacktest is a strict Slack in miniature: a real HTTP and WebSocket
// server on loopback that keeps Slack's rules, for tests of adapters/slack.
//
// It speaks the wire format itself and knows nothing of the library that the
// adapter uses. Requests are checked against a table of facts (facts.json, see
// generate) and against rules that only Slack's documentation or its own libraries
// state; where code follows one of them, it says so:
//
//	[doc] https://docs.slack.dev, a page or the source of one of Slack's own SDKs
//	[ran] measured on Slack's or the adapter's library
//	[seen] told in public issues by people who use the service
//	[?]   known from nowhere: the harder case for a bot was taken
//
// A test makes a Server, lets people do things on it (people.go), and reads what
// stands in their conversations (Shown), what the app sent (Accepted) and which
// rules it broke (Breaches). A request that is merely unlucky, such as one to a
// member who was deactivated, is answered as the real service does and is no
// breach; one that a careful app never sends is.
//
//	s := slacktest.New(t, slacktest.Options{})
//	maryam := s.AddUser(slacktest.User{Name: "Maryam", Locale: "en-GB"})
//	s.Say(maryam, "hello")
//	// … the app, on s.APIURL() with s.BotToken() and s.AppToken(), answers …
//	card := s.Shown(s.DM(maryam))[0]
//	s.Press(maryam, card, 1)
//
// Ids are one of a kind on the whole server, so a user's says which workspace they
// are of. A Server is safe for concurrent use and ends with its test.
package slacktest

//go:generate go run ./generate -methods $SLACK_METHODS -limits $SLACK_LIMITS -to facts.json
