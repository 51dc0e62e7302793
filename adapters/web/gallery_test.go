package web_test

import (
	"bytes"
	"strings"
	"testing"

	"ella/bot/message"
)

func testFile() message.File {
	return message.File{Name: "all-about-me.txt", MediaType: message.PlainText, Data: []byte("أمينة <b>Leeds</b>\n"), About: "All about you"}
}

func text(s string) message.Span { return message.Span{Kind: message.Text, Text: s} }

func bold(s string) message.Span { return message.Span{Kind: message.Text, Text: s, Bold: true} }

func value(k message.Kind, s string) message.Span { return message.Span{Kind: k, Text: s} }

func para(spans ...message.Span) message.Paragraph { return message.Paragraph{Spans: spans} }

func act(label, data string, style message.Style) message.Action {
	return message.Action{Label: label, Data: "v1:test.press::" + data, Style: style}
}

// gallery is one message of every kind, in scripts that a page gets wrong first.
func gallery(t testing.TB) map[string][]message.Message {
	t.Helper()
	return map[string][]message.Message{
		"member":    {arabicWelcome(), arabicAlert()},
		"leader":    {polishGroups(), tigrinyaNote()},
		"organiser": {ukrainianResults(t), englishAlert()},
	}
}

func arabicWelcome() message.Message {
	return message.Message{Locale: "ar", Direction: message.RightToLeft, Blocks: []message.Block{
		message.Heading{Spans: []message.Span{text("أهلًا بك!")}},
		para(text("أنا إيلا. أعرف المجموعات القريبة منك، وأخبرك بما يحدث. هل تسكن قرب "), value(message.Place, "Birmingham B11"), text("؟")),
		message.LocationRequest{Label: "مشاركة موقعي"},
		message.Choices{Rows: [][]message.Action{
			{act("المجموعات", "groups", message.Primary), act("التحركات", "actions", "")},
			{act("English", "en", ""), act("Polski", "pl", ""), act("Українська", "uk", "")},
		}},
	}}
}

func arabicAlert() message.Message {
	return message.Message{Locale: "ar", Direction: message.RightToLeft, Blocks: []message.Block{
		para(value(message.Words, "نلتقي يوم السبت أمام البلدية، ضد ترحيل جيراننا. أحضروا أطفالكم!")),
		message.Facts{Rows: []message.Fact{
			{Label: "متى", Value: []message.Span{value(message.Time, "14:00–16:30"), text("، السبت ٥ ديسمبر")}},
			{Label: "أين", Value: []message.Span{value(message.Place, "Victoria Square, Birmingham B1 1BB")}},
			{Label: "هاتف", Value: []message.Span{value(message.Phone, "+44 121 496 0000")}},
		}},
		message.File{Name: "Vigil_2026-12-05.ics", MediaType: message.Calendar, Data: bytes.Repeat([]byte("x"), 1480), About: "الموعد لتقويمكم"},
		para(text("لإيقاف الرسائل اكتب "), value(message.Command, "/stop"), text(".")),
		message.Choices{Rows: [][]message.Action{{act("نعم", "yes", message.Primary), act("ربما", "maybe", ""), act("لا", "no", "")}}},
	}}
}

func polishGroups() message.Message {
	return message.Message{Locale: "pl", Blocks: []message.Block{
		para(text("Najbliżej "), value(message.Place, "Peterborough"), text(" są dwie grupy:")),
		message.Card{
			Title: []message.Span{value(message.Words, "Compas")},
			Text:  []message.Span{value(message.Words, "Romskie dzieci uczą się angielskiego i świętują swoją kulturę; grupa buduje zaufanie z lokalną policją.")},
			Rows: []message.Fact{
				{Label: "Odległość", Value: []message.Span{value(message.Count, "1,4 km")}},
				{Label: "Języki", Value: []message.Span{text("polski, romski, słowacki")}},
				{Label: "Spotkania", Value: []message.Span{text("środa, "), value(message.Time, "18:30")}},
			},
			Actions: []message.Action{act("Jak dołączyć", "join", message.Primary), act("Zapytaj", "ask", "")},
			Link:    &message.Link{Label: "Strona grupy", URL: "https://example.org/compas"},
		},
		message.List{Items: [][]message.Span{
			{text("Żółty dom przy ulicy "), value(message.Place, "Lincoln Road")},
			{text("Wejście od podwórza, proszę dzwonić")},
		}},
	}}
}

func tigrinyaNote() message.Message {
	return message.Message{Locale: "ti", Blocks: []message.Block{
		para(text("ሰላም! ኣነ ኤላ እየ። ኣብ ጥቓኹም ዘለዉ ጉጅለታት ክሕብረኩም እኽእል እየ፤ ብቋንቋኹም።")),
		para(bold("ቀዳም፣ ሰዓት 14፡00"), text("፦ ኣብ "), value(message.Place, "Swansea"), text(" ኣኼባ ኣሎ።")),
		message.Choices{Rows: [][]message.Action{{act("እወ", "yes", ""), act("ኣይፋል", "no", message.Danger)}}},
	}}
}

func ukrainianResults(t testing.TB) message.Message {
	t.Helper()
	return message.Message{Locale: "uk", Blocks: []message.Block{
		message.Heading{Spans: []message.Span{text("Заклик надсилається")}},
		message.Progress{Label: []message.Span{text("Надіслано "), value(message.Count, "1 204"), text(" з "), value(message.Count, "1 870")}, Done: 1204, Total: 1870},
		message.Picture{PNG: testPicture(t, 640, 260), Width: 640, Height: 260, Alt: "Відповіді: 312 так, 58 можливо, 41 ні"},
		message.Facts{Rows: []message.Fact{
			{Label: "Так", Value: []message.Span{value(message.Count, "312")}},
			{Label: "Можливо", Value: []message.Span{value(message.Count, "58")}},
			{Label: "Ні", Value: []message.Span{value(message.Count, "41")}},
		}},
		message.File{Name: "results-" + strings.Repeat("x", 48) + ".csv", MediaType: message.CommaTable, Data: bytes.Repeat([]byte("x"), 2_340_000), About: "Відповіді як таблиця"},
		message.LinkButton{Link: message.Link{Label: "Усі результати", URL: "https://example.org/results"}},
		message.Choices{Rows: [][]message.Action{{act("Зупинити надсилання", "halt", message.Danger)}}},
	}}
}

func englishAlert() message.Message {
	return message.Message{Locale: "en", Blocks: []message.Block{
		para(text("Your call in "), bold("3 languages"), text(" is ready. This is what "), value(message.Person, "مريم"), text(" wrote:")),
		para(value(message.Words, "نلتقي يوم السبت أمام البلدية، ضد ترحيل جيراننا. أحضروا أطفالكم!\n<b>Everyone</b> is welcome & nobody is asked for papers.")),
		message.List{Ordered: true, Items: [][]message.Span{
			{text("Arabic: "), value(message.Count, "412"), text(" people")},
			{text("Polish: "), value(message.Count, "96"), text(" people")},
			{text("Ukrainian: fewer than "), value(message.Count, "5")},
		}},
		message.Progress{Label: []message.Span{text("Looking for people in range")}},
		para(text("More at "), message.Span{Kind: message.URL, Text: "our page", URL: "https://example.org/"}, text(" or "), value(message.URL, "https://example.org/call"), text(".")),
		message.Choices{Rows: [][]message.Action{
			{act("Send now", "send", message.Primary), act("Change the text", "edit", "")},
			{act("Throw away", "drop", message.Danger)},
		}},
	}}
}
