package web

// StringKey is one of the page's own words: the key of a catalogue entry, what
// it says in English, and where it stands, for whoever translates it.
type StringKey struct {
	Key, English, Note string
}

// StringKeys lists every word of the page's own. None holds a value.
func StringKeys() []StringKey {
	return []StringKey{
		{"web.title", "Ella: a try-out", "title of the browser window"},
		{"web.ella", "Ella", "the name of the bot, in the letters of the language"},
		{"web.tryout", "Try-out", "a label beside the name"},
		{"web.about", "Everything here is sample data and stays on this computer.", "under the name; the first letter decides the page's reading direction"},
		{"web.reconnecting", "Reconnecting…", "shown while the page has lost its program"},
		{"web.phones", "Phones", "label of the list of phones"},
		{"web.add", "Add another member", "button: adds a phone"},

		{"web.role.member", "Member", "role of a phone: anyone who writes to Ella"},
		{"web.role.leader", "Leader", "role of a phone: answers for a local group"},
		{"web.role.organiser", "Organiser", "role of a phone: calls people to action"},
		{"web.role.member-about", "Anyone who writes to Ella", "under the role"},
		{"web.role.leader-about", "Brings a local group along", "under the role"},
		{"web.role.organiser-about", "Calls people to action", "under the role"},

		{"web.chat", "Conversation with Ella", "label of a conversation, for screen readers"},
		{"web.you", "You", "before one's own message, for screen readers"},
		{"web.hello", "Say hello in any language.", "in a conversation that has not begun"},
		{"web.start", "Start", "button: begins the conversation"},
		{"web.message", "Write to Ella", "placeholder and label of the text field"},
		{"web.send", "Send", "button"},
		{"web.typing", "Ella is writing…", "while an answer is on its way"},
		{"web.download", "Download", "button at a file; its name follows, for screen readers"},
		{"web.newest", "Newest messages", "button: scrolls to the end"},
		{"web.news", "New messages", "mark at a phone that is out of sight, for screen readers"},
		{"web.edited", "edited", "mark at a message that Ella changed"},
		{"web.sending", "Sending", "state of one's own message"},
		{"web.received", "Received", "state of one's own message: Ella has it"},
		{"web.unsent", "Not sent", "state of one's own message"},
		{"web.retry", "Try again", "button at a message that was not sent"},

		{"web.location", "Share where I am", "button"},
		{"web.location-device", "Ask this device", "button: uses the browser's location"},
		{"web.location-note", "Your browser may ask its maker where you are. The sample places stay on this computer.", "under the button that asks the device"},
		{"web.location-samples", "Or a sample place", "above a few towns"},
		{"web.location-failed", "This device can't say where it is. Choose a sample place.", ""},
		{"web.location-shared", "Location shared", "in place of one's own message"},
		{"web.file", "File", "in place of one's own message: a file, a picture or a voice note"},

		{"web.link-broken", "This link is damaged, so nothing was sent. Please open it again from where you found it.", "when somebody follows a link to Ella that can't be read"},

		{"web.menu", "More", "button: opens the menu of a phone"},
		{"web.block", "Block Ella", "in the menu"},
		{"web.unblock", "Unblock Ella", "in the menu, and in place of the text field"},
		{"web.blocked", "You blocked Ella. She can't write to you.", "in place of the text field"},
		{"web.close", "Close", "button"},

		{"web.error.long", "This is too long for one message. Please send it in parts.", ""},
		{"web.error.empty", "Please write something first.", ""},
		{"web.error.input", "Ella can't read this. Please write it again.", ""},
		{"web.error.busy", "Ella is not ready. Nothing is lost: please try again in a moment.", ""},
		{"web.error.blocked", "You blocked Ella. Unblock her first.", ""},
		{"web.error.gone", "This is no longer here. Please reload the page.", ""},
		{"web.error.full", "There is no room for another phone.", ""},
		{"web.error.foreign", "The try page answers only on this computer, at its own address.", ""},
	}
}

// english is what an entry says in English.
func english(key string) string {
	for _, k := range StringKeys() {
		if k.Key == key {
			return k.English
		}
	}
	return key
}
