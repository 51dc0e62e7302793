package bottest

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/message"
)

// files are one of every type, the largest that there may be among them.
func files() []message.File {
	binary := append([]byte("%PDF-1.7\n"), make([]byte, 256)...)
	for i := range 256 {
		binary[len(binary)-256+i] = byte(i)
	}
	return []message.File{
		{Name: "all-about-me.txt", MediaType: message.PlainText, Data: []byte("\ufeffأمينة <b>&amp;</b>\r\n\ttab \u202e \x00\n"), About: "كل ما هو محفوظ عنكم <b>&amp;</b>"},
		{Name: "Vigil_2026-11-28.ics", MediaType: message.Calendar, Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), About: "For your calendar"},
		{Name: "results.v2.csv", MediaType: message.CommaTable, Data: []byte("group,yes\n=1+1,5\n"), About: "The answers as a table"},
		{Name: "0.json", MediaType: message.JSON, Data: []byte(`{"a":[1,"</script>"]}`), About: "For a machine"},
		{Name: "card.pdf", MediaType: message.PDFDocument, Data: binary, About: "To print"},
		{Name: strings.Repeat("x", message.MaxFileName-len(".txt")) + ".txt", MediaType: message.PlainText, Data: bytes.Repeat([]byte("0123456789abcde\n"), message.MaxFile/16), About: "Very long"},
	}
}

// handsFilesOver sends files. Where the platform has files each arrives under
// its name, whole, beside its words and the buttons; elsewhere its words do.
func handsFilesOver(t *testing.T, r *rig) {
	chat := r.Chats[0]
	can := r.Adapter.Capabilities().Files
	for _, f := range files() {
		m := say("Look:")
		m.Blocks = append(m.Blocks, f, message.Choices{Rows: [][]message.Action{{{Label: "Thanks", Data: "v1:a::"}}}})
		before := len(r.Shown(chat))
		r.send(t, bot.Outgoing{Chat: chat, Message: m})
		// An adapter may send the file as a message of its own.
		var text strings.Builder
		var buttons []string
		arrived := map[string][]byte{}
		for _, s := range r.Shown(chat)[before:] {
			text.WriteString(s.Text + "\n")
			buttons = append(buttons, s.Buttons...)
			maps.Copy(arrived, s.Files)
		}
		if !strings.Contains(text.String(), "Look:") || !strings.Contains(text.String(), f.About) || len(buttons) != 1 {
			t.Errorf("with %s come the words %q and the buttons %q", f.Name, text.String(), buttons)
		}
		data, ok := arrived[f.Name]
		switch {
		case !can && len(arrived) > 0:
			t.Errorf("%s arrived where no file can be sent", f.Name)
		case !can:
		case !ok || len(arrived) != 1:
			t.Errorf("%s did not arrive under its name, alone", f.Name)
		case !bytes.Equal(data, f.Data):
			t.Errorf("of the %d bytes of %s arrived %d, or others", len(f.Data), f.Name, len(data))
		}
	}
	heavy := files()[0]
	heavy.Data = make([]byte, message.MaxFile+1)
	for what, f := range map[string]message.File{
		"a file that leaves its folder": {Name: "../canary.txt", MediaType: message.PlainText, Data: []byte("x"), About: "x"},
		"a page":                        {Name: "canary.html", MediaType: "text/html", Data: []byte("<script>"), About: "x"},
		"a file too heavy":              heavy,
	} {
		ref, err := r.Adapter.Send(t.Context(), bot.Outgoing{Chat: r.Chats[1], Message: message.Message{Blocks: []message.Block{message.Say("Look:"), f}}})
		r.sound(t, what, err)
		if can && (ref != "" || bot.SendKindOf(err) != bot.Invalid) {
			t.Errorf("%s is %q, %v", what, ref, err)
		}
	}
}
