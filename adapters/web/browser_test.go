package web_test

import (
	"testing"

	"ella/adapters/web"
	"ella/bot"
)

func TestGalleryInBrowser(t *testing.T) {
	chromium := browser(t)
	s := play(t, func(o *web.Options) { o.Strings = testWords })
	for phone, messages := range gallery(t) {
		for _, m := range messages {
			send(t, s, bot.Outgoing{Chat: phone, Message: m})
		}
	}
	p := s.open(t)
	p.Phone("member").Say("quiet: متى نلتقي؟ At 14:00?")
	p.Phone("leader").Say("quiet: ile osób?")
	for name, l := range map[string]look{
		"light-1440":  {width: 1440, height: 900},
		"dark-1440":   {width: 1440, height: 900, dark: true},
		"light-390":   {width: 390, height: 844},
		"dark-390":    {width: 390, height: 844, dark: true},
		"arabic-1440": {width: 1440, height: 900, languages: "ar"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, chromium, s.url, l)
			w.until("all messages", `document.querySelectorAll(".item").length === 8`)
			w.until("the picture", `document.querySelector(".bubble img").complete`)
			w.shoot(name)
		})
	}
}
