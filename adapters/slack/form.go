package slack

import (
	"slices"

	library "github.com/slack-go/slack"

	"ella/adapters/wording"
	"ella/bot"
	"ella/bot/message"
)

// formCallback is what Ella's windows are called: only those come back as forms.
const formCallback = "form"

// LowerForm turns a form into what Slack takes for a window, and holds it against Slack's
// limits (https://docs.slack.dev/reference/views/modal-views). It does no I/O. Its error
// is a *bot.SendError of kind Invalid whose code is one of Lower's, or field, option,
// data, submit.
func LowerForm(f message.Form, command string) (library.ModalViewRequest, error) {
	l := windowLowering{lowering: lowering{rtl: f.Direction == message.RightToLeft, command: command}, form: f, names: map[string]bool{}}
	l.say(f.Blocks...)
	for _, field := range f.Fields {
		l.field(field)
	}
	view := library.ModalViewRequest{
		Type: library.VTModal, Title: l.short(f.Title), Close: l.short(f.Close), CallbackID: formCallback, PrivateMetadata: f.Data,
		Blocks: library.Blocks{BlockSet: numbered(l.blocks)},
	}
	if view.Title == nil {
		view.Title = plainText(untitled)
	}
	if len(f.Fields) > 0 {
		if view.Submit = l.short(f.Submit); view.Submit == nil {
			l.refuse("submit")
		}
	}
	if len(f.Data) > maxData || f.Data != "" && !wording.IsValid(f.Data) {
		l.refuse("data")
	}
	if len(l.blocks) == 0 {
		l.refuse("empty")
	}
	if l.fault == "" {
		if fault := checkView(view.Blocks.BlockSet, view); fault != "" {
			l.fault = "limit-" + fault
		}
	}
	if l.fault != "" {
		return library.ModalViewRequest{}, sendError(bot.Invalid, l.fault)
	}
	return view, nil
}

// untitled is the title of a window where there are no other words.
const untitled = "Ella"

// windowLowering is a form that is being lowered.
type windowLowering struct {
	lowering

	form   message.Form
	blocks []library.Block
	names  map[string]bool
}

// say is words and buttons above the fields.
func (l *windowLowering) say(blocks ...message.Block) {
	groups, code := viewBlocks(message.Message{Locale: l.form.Locale, Direction: l.form.Direction, Blocks: blocks}, l.command)
	if code != "" {
		l.refuse(code)
	}
	l.blocks = append(l.blocks, slices.Concat(groups...)...)
}

// field is one input, and above it what was wrong with it: Slack itself shows that only
// in the three seconds in which a form is acknowledged, and before anybody looked at it.
func (l *windowLowering) field(f message.Field) {
	if !isField(f.Name) || l.names[f.Name] || wording.IsBlank(f.Label) {
		l.refuse("field")
		return
	}
	l.names[f.Name] = true
	if !wording.IsBlank(f.Problem) {
		l.say(message.Paragraph{Spans: []message.Span{{Kind: message.Text, Text: "⚠️ " + f.Problem}}})
	}
	b := library.NewInputBlock(f.Name, plainText(shortened(l.line(f.Label), maxFieldText)), nil, nil)
	if !wording.IsBlank(f.Hint) {
		b.Hint = plainText(shortened(l.line(f.Hint), maxFieldText))
	}
	b.Optional = f.Optional
	switch f.Kind {
	case message.Line, message.Lines:
		most := maxFilled
		if f.Most > 0 && f.Most < most {
			most = f.Most
		}
		b.Element = &library.PlainTextInputBlockElement{
			Type: library.METPlainTextInput, ActionID: f.Name, Multiline: f.Kind == message.Lines, MaxLength: most, InitialValue: firstOf(f.Value, most),
		}
	case message.Choice:
		b.Element = l.choice(f)
	default:
		l.refuse("field")
		return
	}
	l.blocks = append(l.blocks, b)
}

func (l *windowLowering) choice(f message.Field) library.BlockElement {
	choice := &library.SelectBlockElement{Type: library.OptTypeStatic, ActionID: f.Name}
	for _, o := range f.Options {
		if wording.IsBlank(o.Label) || o.Value == "" {
			l.refuse("option")
			continue
		}
		option := library.NewOptionBlockObject(o.Value, plainText(shortened(l.line(o.Label), maxOption)), nil)
		choice.Options = append(choice.Options, option)
		if o.Value == f.Value {
			choice.InitialOption = option
		}
	}
	return choice
}

// short is a title or one of a window's own two buttons; nil where there is none.
func (l *windowLowering) short(s string) *library.TextBlockObject {
	if wording.IsBlank(s) {
		return nil
	}
	return plainText(shortened(l.line(s), maxTitle))
}

// line is one line of text, which reads from right to left where the form does.
func (l *windowLowering) line(s string) string { return l.label(s) }
