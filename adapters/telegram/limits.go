package telegram

import "time"

// The limits of the Bot API, or those of ours below them. What is written nowhere is
// known from the server's source (github.com/tdlib/td, MessageContent.cpp) or from
// what the other libraries found out.
const (
	// maxUnits is how many UTF-16 units of visible text one message holds. Telegram
	// takes 4096 characters (https://core.telegram.org/bots/api#sendmessage).
	maxUnits = 4000
	// maxCaption is how many units stand under a picture or a file; the rest is text
	// of its own. Telegram takes 1024 characters.
	maxCaption = 1000
	// maxEntities is how many stretches of one message are bold, a link or code: of
	// more than 100 Telegram forgets the rest, and says nothing.
	maxEntities = 90
	// maxTexts is how many messages of Telegram one message of ours may become:
	// whatever is longer belongs into a file.
	maxTexts = 10

	// buttonRow is how many buttons stand side by side, maxButtons how many one
	// message holds. Telegram takes 8 and 100.
	buttonRow  = 3
	maxButtons = 40
	// rowUnits is how many units of labels fit side by side on a narrow phone: one
	// button less is a long label's room.
	rowUnits = 36
	// maxLabel is how many units a label may have before it is cut: no phone shows
	// more, and the size of a whole keyboard is limited.
	maxLabel = 100

	// maxNotice is how many units answer a press
	// (https://core.telegram.org/bots/api#answercallbackquery).
	maxNotice = 200
	// maxTaken is how many messages are taken away in one call
	// (https://core.telegram.org/bots/api#deletemessages).
	maxTaken = 100
	// maxMenu is how many commands a list holds, maxCommandName how many letters one
	// has, maxAbout how many characters say what it does
	// (https://core.telegram.org/bots/api#botcommand).
	maxMenu        = 100
	maxCommandName = 32
	maxAbout       = 256
	// maxName, maxShort and maxDescription are how many characters the texts of the bot
	// have (https://core.telegram.org/bots/api#setmyname and what follows it).
	maxName        = 64
	maxShort       = 120
	maxDescription = 512

	// maxPhoto is how many bytes a picture may have, maxSides how many pixels its
	// width and height together, maxRatio how much longer than wide it may be
	// (https://core.telegram.org/bots/api#sendphoto).
	maxPhoto = 10 << 20
	maxSides = 10000
	maxRatio = 20

	// sendFor bounds one call. Near its limits Telegram holds a request for many
	// seconds and delivers all the same; the caller gives a send 30 s.
	sendFor = 25 * time.Second
	// answerFor bounds the answer to a press, which Telegram forgets soon.
	answerFor = 10 * time.Second
)

// units is how long a text is, in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
