package bot

import "context"

// Home is the room that answers what nobody else does. It never leaves a person
// in silence.
type Home interface {
	Room
	// Lost answers a person whose words or button fit nothing, and says why.
	Lost(ctx context.Context, t Turn, why Lostness) (Outcome, error)
}

// Lostness is why something fits nothing. The set is closed.
type Lostness string

// Why a person's update fits nothing.
const (
	NoLanguage  Lostness = "no-language"   // nothing chosen yet: the language comes first
	NoConsent   Lostness = "no-consent"    // not said yes to what is stored
	NoCommand   Lostness = "no-command"    // words that are no command and no answer
	OldButton   Lostness = "old-button"    // a button of an earlier version, or forged
	OldStep     Lostness = "old-step"      // a conversation that an upgrade ended
	NotText     Lostness = "not-text"      // a sticker, a file
	Voice       Lostness = "voice"         // a voice note
	Changed     Lostness = "changed"       // a message that was changed after it was sent
	Brought     Lostness = "brought"       // one of Ella's own messages, sent to her
	TooLong     Lostness = "too-long"      // more words than anyone can read in a chat
	Broken      Lostness = "broken"        // a fault of ours; the update is kept for a human
	NoSuchRight Lostness = "no-such-right" // meant for somebody else, or no longer open
)
