package telegramtest_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"mime/multipart"
	"slices"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

// picture is a PNG of that many pixels.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload calls a method with files, by field and name.
func (b *bot) upload(method string, p set, field, name string, body []byte) reply {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for key, v := range p {
		text, ok := v.(string)
		if !ok {
			raw, err := json.Marshal(v)
			if err != nil {
				b.t.Fatal(err)
			}
			text = string(raw)
		}
		if err := w.WriteField(key, text); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(body)
	w.Close()
	return b.post(b.t.Context(), method, w.FormDataContentType(), &form)
}

func TestPhoto(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	body := picture(t, 40, 30)
	if got := b.upload("sendPhoto", set{"chat_id": user, "caption": "<i>Look</i>", "parse_mode": "HTML"}, "photo", "poster.png", body); got.said() != "ok" {
		t.Fatal(got.said())
	}
	m := s.Shown(user)[0]
	if m.Kind != telegramtest.Photo || m.Text != "Look" || m.Marked("italic") != "Look" || !bytes.Equal(m.File.Bytes, body) || m.File.Width != 40 || m.File.Height != 30 {
		t.Errorf("there stands %+v", m)
	}
	b.want("ok", "sendPhoto", set{"chat_id": user, "photo": m.File.ID})
	if got := b.upload("sendPhoto", set{"chat_id": user, "photo": "attach://p"}, "p", "poster.png", body); got.said() != "ok" {
		t.Error(got.said())
	}
	if s.Uploads() != 2 || len(s.Shown(user)) != 3 {
		t.Errorf("%d uploads, %d photos", s.Uploads(), len(s.Shown(user)))
	}
	b.want("ok", "editMessageCaption", set{"chat_id": user, "message_id": m.ID, "caption": "Changed"})
	b.want(notModified, "editMessageCaption", set{"chat_id": user, "message_id": m.ID, "caption": "Changed"})
	b.want("Bad Request: there is no text in the message to edit", "editMessageText", set{"chat_id": user, "message_id": m.ID, "text": "x"})
	media := set{"chat_id": user, "message_id": m.ID, "media": set{"type": "photo", "media": "attach://q", "caption": "<b>New</b>" + strings.Repeat("&amp;", 1021), "parse_mode": "HTML"}}
	if got := b.upload("editMessageMedia", media, "q", "q.png", picture(t, 20, 20)); got.said() != "ok" {
		t.Error(got.said())
	}
	if m := s.Shown(user)[0]; m.Text != "New"+strings.Repeat("&", 1021) || m.Marked("bold") != "New" || m.File.Width != 20 || s.Uploads() != 3 {
		t.Errorf("there stands %+v", m)
	}
	b.breaches()
	refuse := func(want, name string, body []byte) {
		t.Helper()
		if got := b.upload("sendPhoto", set{"chat_id": user}, "photo", name, body); got.said() != want {
			t.Errorf("it is answered with %q, want %q", got.said(), want)
		}
	}
	refuse("Bad Request: IMAGE_PROCESS_FAILED", "a.png", []byte("no picture"))
	refuse("Bad Request: IMAGE_PROCESS_FAILED", "a.png", body[:len(body)-20])
	refuse("Bad Request: PHOTO_INVALID_DIMENSIONS", "a.png", picture(t, 210, 10))
	refuse("Bad Request: PHOTO_INVALID_DIMENSIONS", "a.png", picture(t, 9000, 1001))
	refuse("Bad Request: file must be non-empty", "a.png", nil)
	refuse("Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes", "a.png", make([]byte, 10<<20+1))
	b.want("Bad Request: wrong file identifier/HTTP URL specified", "sendPhoto", set{"chat_id": user, "photo": "AgAC-of-another-bot"})
	b.want("Bad Request: there is no photo in the request", "sendPhoto", set{"chat_id": user, "photo": "attach://nothing"})
	b.breaches(slices.Repeat([]telegramtest.Rule{telegramtest.RuleFile}, 8)...)
	b.want("Bad Request: there is no photo in the request", "sendPhoto", set{"chat_id": user})
}

func TestDocument(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	body := []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
	if got := b.upload("sendDocument", set{"chat_id": user, "caption": "The date"}, "document", "action.ics", body); got.said() != "ok" || !strings.Contains(string(got.Result), `"file_name":"action.ics"`) {
		t.Fatalf("%s: %s", got.said(), got.Result)
	}
	m := s.Shown(user)[0]
	if m.Kind != telegramtest.Document || m.Text != "The date" || m.File.Name != "action.ics" || !bytes.Equal(m.File.Bytes, body) || m.File.MediaType != "text/calendar" {
		t.Errorf("there stands %+v", m.File)
	}
	b.want("ok", "sendDocument", set{"chat_id": user, "document": m.File.ID})
	b.breaches()
	b.want("Bad Request: can't use file of type Document as Photo", "sendPhoto", set{"chat_id": user, "photo": m.File.ID})
	b.breaches(telegramtest.RuleFile)
	if got := b.upload("sendDocument", set{"chat_id": user}, "document", "a.bin", make([]byte, 50<<20+1)); got.OK {
		t.Error("more than 50 MB were taken")
	}
	if got := b.upload("sendDocument", set{"chat_id": user}, "document", "a.bin", make([]byte, 52<<20)); got.status != 413 && got.err == nil {
		t.Errorf("far more than 50 MB are answered with %d", got.status)
	}
	if s.Uploads() != 1 {
		t.Errorf("%d uploads", s.Uploads())
	}
}
