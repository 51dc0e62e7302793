package web

// The names of the events of a stream.
const (
	EventSnapshot = "snapshot" // Snapshot: all phones with what they show; replaces everything
	EventItem     = "item"     // Item: new, or in place of the one with its phone and number
	EventPhone    = "phone"    // PhoneState without items: a new phone, or one that changed
	EventTyping   = "typing"   // Typing
	EventNotice   = "notice"   // Notice
)

// From says who an item is from.
const (
	FromElla = "ella"
	FromMe   = "me"
)

// What a person sent, in an Item from them.
const (
	OwnText     = "text"
	OwnLocation = "location" // where is never kept
	OwnFile     = "file"     // only that there was one
)

// Snapshot is all that the page shows.
type Snapshot struct {
	Phones []PhoneState `json:"phones"`
	// Limit is how many phones there may be.
	Limit int `json:"limit"`
}

// PhoneState is one phone as the page draws it.
type PhoneState struct {
	Phone
	// Number tells phones of the same role apart, from 1.
	Number  int    `json:"number"`
	Blocked bool   `json:"blocked"`
	Items   []Item `json:"items,omitempty"`
}

// Item is one message on a phone, Ella's or the person's own.
type Item struct {
	Phone string `json:"phone"`
	// Seq orders the items of a phone and names them; Ella's have it as their Ref.
	Seq  int64  `json:"seq"`
	From string `json:"from"`
	// At is when it came, in milliseconds since 1970.
	At int64 `json:"at"`

	// Of Ella's: the message, whether it was changed in place, whether it makes
	// no sound, and the data of the button that was pressed last on it.
	Message *Lowered `json:"message,omitempty"`
	Edited  bool     `json:"edited,omitempty"`
	Silent  bool     `json:"silent,omitempty"`
	Pressed string   `json:"pressed,omitempty"`
	// File is the unguessable part of the address of its file, where it has one:
	// phones/{phone}/files/{seq}/{file}.
	File string `json:"file,omitempty"`

	// Of the person's own: what it is, its text, and the key of its POST.
	Own  string `json:"own,omitempty"`
	Text string `json:"text,omitempty"`
	Key  string `json:"key,omitempty"`
}

// Typing says that an answer is on its way to a phone.
type Typing struct {
	Phone string `json:"phone"`
}

// Notice answers a button press; its text may be empty.
type Notice struct {
	Phone string `json:"phone"`
	// Press is the key of the POST that it answers.
	Press string `json:"press"`
	Text  string `json:"text,omitempty"`
}

// Taken is the answer to a POST that was taken in. Seq is the number of the
// item that it made, or 0.
type Taken struct {
	Seq int64 `json:"seq,omitempty"`
}
