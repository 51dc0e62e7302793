package message

// Form is a window with fields that a platform shows over the conversation, for what
// would be five questions. It is never stored.
type Form struct {
	// Locale and Direction are as in Message.
	Locale    string
	Direction Direction
	// Title stands above it: at most 24 characters, as Slack has it. Submit is the button
	// that sends what is filled in, Close the one that leaves without; both at most 24.
	Title, Submit, Close string
	// Data comes back with what was filled in, like a button's: at most MaxActionData
	// bytes, made by NewAction. Like a button's it holds no authority.
	Data string
	// Command is the one with which the same is done in the conversation, for whoever the
	// window never opened for; empty where there is none.
	Command string
	// Blocks stand above the fields.
	Blocks []Block
	// Fields are what is asked. A form without fields tells something, and can only be
	// closed.
	Fields []Field
}

// Field is one thing that a form asks for.
type Field struct {
	// Name is what the answer is known by: unique in the form, ASCII letters.
	Name string
	// Label says what is asked, Hint how to answer it; at most 150 characters each.
	Label, Hint string
	Kind        FieldKind
	// Options are what can be chosen, of a Choice: 1 to 100.
	Options []Option
	// Value is what stands there to begin with: a text, or the Value of an option.
	Value string
	// Most is how many characters can be written; 0 means 3,000.
	Most int
	// Optional: it may be left empty.
	Optional bool
	// Problem is what was wrong with what stands there.
	Problem string
}

// FieldKind is how a field is filled in. The set is closed.
type FieldKind string

// The kinds of fields.
const (
	Line   FieldKind = "line"  // a few words
	Lines  FieldKind = "lines" // a text
	Choice FieldKind = "choice"
)

// Option is one of several: Label at most 75 characters, Value at most 75 bytes.
type Option struct{ Label, Value string }
