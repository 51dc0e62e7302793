package web_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ella/adapters/web"
	"ella/bot"
)

// TestDecodeCorpus reads updates as every version ever wrote them.
func TestDecodeCorpus(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1795500000000 + int64(ms)).UTC() }
	for name, want := range map[string]bot.Update{
		"text":      {Kind: bot.TextSent, Sender: "member", Chat: "member", Text: "/start سلام\nB11 1AA", LocaleHint: "ar-SY", At: at(0)},
		"press":     {Kind: bot.ButtonPressed, Sender: "member-2", Chat: "member-2", Data: "v1:action.rsvp:01jd3k5m7n9p2q4r:yes", Message: "17", Press: "3b1f8f0a-9d0e-4c59-8f0e-1d2c3b4a5f61", LocaleHint: "pl", At: at(1)},
		"location":  {Kind: bot.LocationShared, Sender: "leader", Chat: "leader", Lat: 51.624, Lng: -3.9411, At: at(2)},
		"blocked":   {Kind: bot.ChatBlocked, Sender: "organiser", Chat: "organiser", At: at(3)},
		"unblocked": {Kind: bot.ChatUnblocked, Sender: "organiser", Chat: "organiser", At: at(3)},
		"file":      {Kind: bot.Unsupported, Sender: "organiser", Chat: "organiser", At: at(3)},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "corpus", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := web.New(web.Options{}).Decode(raw)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	head := `{"v":1,"phone":"member","key":"12345678","at":1,`
	for name, raw := range map[string]string{
		"nothing":            ``,
		"no JSON":            `hello`,
		"null":               `null`,
		"a list":             `[]`,
		"two values":         head + `"kind":"text","text":"a"} {}`,
		"invalid UTF-8":      head + `"kind":"text","text":"a` + "\xff" + `"}`,
		"NUL":                head + `"kind":"text","text":"a\u0000b"}`,
		"empty text":         head + `"kind":"text","text":""}`,
		"no text":            head + `"kind":"text"}`,
		"text of wrong type": head + `"kind":"text","text":7}`,
		"unknown kind":       head + `"kind":"telepathy"}`,
		"no kind":            head + `"text":"a"}`,
		"version 0":          `{"phone":"member","key":"12345678","kind":"text","text":"a"}`,
		"a later version":    `{"v":2,"phone":"member","key":"12345678","kind":"text","text":"a"}`,
		"no phone":           `{"v":1,"key":"12345678","kind":"text","text":"a"}`,
		"a bad phone":        `{"v":1,"phone":"../x","key":"12345678","kind":"text","text":"a"}`,
		"the crowd":          `{"v":1,"phone":"crowd-7","key":"12345678","kind":"text","text":"a"}`,
		"a short key":        `{"v":1,"phone":"member","key":"1","kind":"text","text":"a"}`,
		"negative time":      `{"v":1,"phone":"member","key":"12345678","at":-1,"kind":"text","text":"a"}`,
		"press without data": head + `"kind":"press","message":1}`,
		"press of nothing":   head + `"kind":"press","data":"x"}`,
		"press too long":     head + `"kind":"press","message":1,"data":"` + strings.Repeat("x", 65) + `"}`,
		"press with NUL":     head + `"kind":"press","message":1,"data":"\u0000"}`,
		"no latitude":        head + `"kind":"location","lng":1}`,
		"north of the pole":  head + `"kind":"location","lat":91,"lng":1}`,
		"infinite":           head + `"kind":"location","lat":1e999,"lng":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			u, err := web.New(web.Options{}).Decode([]byte(raw))
			if !errors.Is(err, bot.ErrUnreadable) || !reflect.DeepEqual(u, bot.Update{}) {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

func TestDecodeDropsBadHint(t *testing.T) {
	u, err := web.New(web.Options{}).Decode([]byte(`{"v":1,"phone":"member","key":"12345678","at":1,"kind":"text","text":"a","hint":"<b>"}`))
	if err != nil || u.LocaleHint != "" {
		t.Errorf("hint %q, %v", u.LocaleHint, err)
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no corpus: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"v":1,"kind":"text","phone":"member","key":"12345678","at":1,"text":"\ud800"}`))
	adapter := web.New(web.Options{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := adapter.Decode(raw)
		if err != nil {
			if !errors.Is(err, bot.ErrUnreadable) || err.Error() != bot.ErrUnreadable.Error() {
				t.Fatalf("error %v", err)
			}
			return
		}
		for _, s := range []string{u.Text, u.Data, u.Sender, u.Chat, u.Press, u.LocaleHint} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("unreadable text got through: %q", s)
			}
		}
		if u.Chat == "" || u.Chat != u.Sender || u.Lat < -90 || u.Lat > 90 || u.Lng < -180 || u.Lng > 180 {
			t.Fatalf("update %+v", u)
		}
	})
}
