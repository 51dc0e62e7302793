package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/message"
)

func TestSendKinds(t *testing.T) {
	s := play(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p := s.open(t)
	p.Phone("leader").Block(true)
	for name, c := range map[string]struct {
		ctx  context.Context
		out  bot.Outgoing
		want bot.SendKind
	}{
		"to a phone":          {t.Context(), bot.Outgoing{Chat: "member", Message: say("x", "")}, ""},
		"to nobody":           {t.Context(), bot.Outgoing{Chat: "nobody", Message: say("x", "")}, bot.Gone},
		"to the crowd":        {t.Context(), bot.Outgoing{Chat: "crowd-17", Message: say("x", "")}, ""},
		"nonsense to crowd":   {t.Context(), bot.Outgoing{Chat: "crowd-17"}, bot.Invalid},
		"to who blocks":       {t.Context(), bot.Outgoing{Chat: "leader", Message: say("x", "")}, bot.Blocked},
		"nothing":             {t.Context(), bot.Outgoing{Chat: "member"}, bot.Invalid},
		"too late":            {ended, bot.Outgoing{Chat: "member", Message: say("x", "")}, bot.NotSent},
		"only a notice":       {t.Context(), bot.Outgoing{Chat: "member", Press: "12345678", Notice: "ok"}, ""},
		"a notice to nobody":  {t.Context(), bot.Outgoing{Chat: "nobody", Press: "12345678", Notice: "ok"}, ""},
		"an edit of nothing":  {t.Context(), bot.Outgoing{Chat: "member", Message: say("x", ""), Edit: "4711"}, ""},
		"an edit of nonsense": {t.Context(), bot.Outgoing{Chat: "member", Message: say("x", ""), Edit: "<b>"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ref, err := s.Send(c.ctx, c.out)
			if got := bot.SendKindOf(err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if (ref != "") != (c.want == "" && len(c.out.Message.Blocks) > 0) {
				t.Errorf("ref %q", ref)
			}
		})
	}
	if got := p.Phone("member").Notice(); got != "ok" {
		t.Errorf("notice %q", got)
	}
}

func TestSendAndEdit(t *testing.T) {
	s := play(t)
	p := s.open(t).Phone("member")
	first := send(t, s, bot.Outgoing{Chat: "member", Message: say("one", "")})
	second := send(t, s, bot.Outgoing{Chat: "member", Message: say("two", ""), Silent: true})
	if first == second {
		t.Fatalf("two messages are both %q", first)
	}
	if got := p.Next(); webtest.Text(got) != "one" || got.Edited || got.Silent {
		t.Errorf("got %+v", got)
	}
	if got := p.Next(); webtest.Text(got) != "two" || !got.Silent {
		t.Errorf("got %+v", got)
	}
	if ref := send(t, s, bot.Outgoing{Chat: "member", Message: say("one, changed", ""), Edit: first}); ref != first {
		t.Errorf("an edit of %q is %q", first, ref)
	}
	if got := p.Next(); webtest.Text(got) != "one, changed" || !got.Edited {
		t.Errorf("got %+v", got)
	}
	// My own message is not Ella's to change.
	p.Say("quiet mine")
	own := p.Items()[2]
	if ref := send(t, s, bot.Outgoing{Chat: "member", Message: say("x", ""), Edit: bot.Ref(fmt.Sprint(own.Seq))}); ref == bot.Ref(fmt.Sprint(own.Seq)) {
		t.Error("Ella changed what a member wrote")
	}
	p.Next()
	if items := p.Items(); len(items) != 4 || webtest.Text(items[0]) != "one, changed" || items[2].Text != "quiet mine" {
		t.Errorf("the phone shows %+v", items)
	}
}

func TestRestartContinues(t *testing.T) {
	s := play(t)
	s.echo.mute = true
	page := s.open(t)
	p, added := page.Phone("member"), page.AddMember()
	for _, m := range gallery(t)["organiser"] {
		send(t, s, bot.Outgoing{Chat: "member", Message: m})
	}
	p.Say("quiet hello")
	p.Share(51, -3)
	page.Phone("leader").Block(true)
	before := s.open(t).Phone("member").Items()
	s.stop()
	s.start(t)
	page = s.open(t)
	if after := page.Phone("member").Items(); !reflect.DeepEqual(after, before) || len(after) != 4 {
		for i := range after {
			t.Errorf("before %+v\nafter %+v", before[i], after[i])
		}
	}
	phones := page.Phones()
	if len(phones) != 4 || phones[3].ID != added.ID() || phones[3].Number != 2 || !phones[1].Blocked {
		t.Errorf("phones: %+v", phones)
	}
	if _, err := s.Send(t.Context(), bot.Outgoing{Chat: "leader", Message: say("x", "")}); bot.SendKindOf(err) != bot.Blocked {
		t.Errorf("after a restart the block is forgotten: %v", err)
	}
	// New messages go on after the old ones.
	if ref := send(t, s, bot.Outgoing{Chat: "member", Message: say("x", "")}); ref != "5" {
		t.Errorf("the next message is %q", ref)
	}
}

func TestHistoryIsCapped(t *testing.T) {
	s := play(t)
	for i := range 510 {
		send(t, s, bot.Outgoing{Chat: "member", Message: say(fmt.Sprint(i), "")})
	}
	for _, when := range []string{"before", "after"} {
		items := s.open(t).Phone("member").Items()
		if len(items) != 500 || webtest.Text(items[0]) != "10" {
			t.Errorf("%s the restart: %d items, from %q", when, len(items), webtest.Text(items[0]))
		}
		s.stop()
		s.start(t)
	}
	kept, err := s.shelf.List(t.Context(), "try", "chat/member/")
	if err != nil || len(kept) != 510 {
		t.Errorf("the shelf keeps %d, %v", len(kept), err)
	}
	if ref := send(t, s, bot.Outgoing{Chat: "member", Message: say("x", ""), Edit: "3"}); ref != "511" {
		t.Errorf("an edit of what is no longer shown is %q", ref)
	}
}

func TestUnreadableHistoryIsLeftOut(t *testing.T) {
	s := play(t)
	send(t, s, bot.Outgoing{Chat: "member", Message: say("good", "")})
	err := s.shelf.Put(t.Context(), "try", map[string][]byte{
		"chat/member/000000000002": []byte(`{"v":99}`), "chat/member/000000000003": []byte("\xff"), "chat/member/x": []byte(`{"v":1}`),
		"chat/member/000000000004": []byte(`{"v":1,"from":"ella","message":{"v":99,"blocks":[]}}`),
		"phone/../x":               []byte(`{"v":1,"key":"12345678"}`), "phone/leader": []byte(`{"v":99,"blocked":true}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.stop()
	s.start(t)
	page := s.open(t)
	if items := page.Phone("member").Items(); len(items) != 1 || len(page.Phones()) != 3 {
		t.Errorf("shows %+v", items)
	}
	if ref := send(t, s, bot.Outgoing{Chat: "member", Message: say("x", "")}); ref != "5" {
		t.Errorf("the next message overwrites %q", ref)
	}
}

func TestShelfFails(t *testing.T) {
	s := play(t)
	p := s.open(t).Phone("member")
	s.shelf.Fail(errors.New("disk full"))
	if _, err := s.Send(t.Context(), bot.Outgoing{Chat: "member", Message: say("lost", "")}); bot.SendKindOf(err) != bot.NotSent {
		t.Errorf("got %v", err)
	}
	// The person's own update is in all the same.
	p.Say("quiet hello")
	s.shelf.Fail(nil)
	send(t, s, bot.Outgoing{Chat: "member", Message: say("found", "")})
	if got := p.Next(); webtest.Text(got) != "found" {
		t.Errorf("got %q", webtest.Text(got))
	}
	if items := p.Items(); len(items) != 2 || items[0].Text != "quiet hello" {
		t.Errorf("the phone shows %+v", items)
	}
}

func TestShelfFailsAtFirst(t *testing.T) {
	shelf := &webtest.Shelf{}
	shelf.Fail(errors.New("locked"))
	a := web.New(web.Options{Shelf: shelf})
	out := bot.Outgoing{Chat: "member", Message: say("x", "")}
	if _, err := a.Send(t.Context(), out); bot.SendKindOf(err) != bot.NotSent {
		t.Errorf("got %v", err)
	}
	shelf.Fail(nil)
	if _, err := a.Send(t.Context(), out); err != nil {
		t.Errorf("once the shelf is back: %v", err)
	}
}

func TestPicture(t *testing.T) {
	s := play(t)
	data := testPicture(t, 8, 4)
	m := message.Message{Blocks: []message.Block{message.Picture{PNG: data, Alt: "eight by four"}}}
	send(t, s, bot.Outgoing{Chat: "member", Message: m})
	block := s.open(t).Phone("member").Items()[0].Message.Blocks[0]
	if block.Width != 8 || block.Height != 4 || block.Label != "eight by four" {
		t.Errorf("block %+v", block)
	}
	get := func(path string) (int, []byte) {
		w, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		body, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.StatusCode, body
	}
	if status, body := get("/phones/member/pictures/1/" + block.Sum); status != 200 || !bytes.Equal(body, data) {
		t.Errorf("got %d and %d bytes", status, len(body))
	}
	for _, path := range []string{"member/pictures/1/0000", "member/pictures/2/" + block.Sum, "leader/pictures/1/" + block.Sum, "member/pictures/x/y", "%2e%2e/pictures/1/" + block.Sum} {
		if status, _ := get("/phones/" + path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	s := play(t)
	page := s.open(t)
	var all sync.WaitGroup
	for i := range 40 {
		for _, phone := range []string{"member", "leader", "organiser"} {
			all.Go(func() {
				if _, err := s.Send(t.Context(), bot.Outgoing{Chat: phone, Message: say(fmt.Sprint(i), "")}); err != nil {
					t.Errorf("Send: %v", err)
				}
			})
		}
	}
	all.Wait()
	for _, id := range []string{"member", "leader", "organiser"} {
		p := page.Phone(id)
		for range 40 {
			p.Next()
		}
		for i, it := range p.Items() {
			if it.Seq != int64(i+1) {
				t.Errorf("%s: item %d has number %d", id, i, it.Seq)
			}
		}
	}
}

func TestAddPhones(t *testing.T) {
	var asked []string
	fail := errors.New("not now")
	s := play(t, func(o *web.Options) {
		o.OnNewPhone = func(_ context.Context, p web.Phone) error {
			asked = append(asked, p.ID+" "+p.Role)
			return fail
		}
	})
	if status, told := post(t, s.url+"/phones", `{"key":"12345678"}`); status != 503 || told.Error != "web.error.busy" {
		t.Errorf("when the owner refuses: %d %+v", status, told)
	}
	fail = nil
	page := s.open(t)
	for range 2 { // the same key, the same phone
		if status, _ := post(t, s.url+"/phones", `{"key":"12345678"}`); status != 200 {
			t.Errorf("got %d", status)
		}
	}
	for range web.MaxPhones - 4 {
		page.AddMember()
	}
	if status, told := post(t, s.url+"/phones", `{"key":"abcdefgh"}`); status != 409 || told.Error != "web.error.full" {
		t.Errorf("one too many: %d %+v", status, told)
	}
	if got := strings.Join(asked, ","); got != "member-2 member,member-2 member,member-3 member,member-4 member,member-5 member,member-6 member" {
		t.Errorf("asked for %s", got)
	}
	page.Phone("member-6").Say("/start")
	page.Phone("member-6").WaitText("Welcome")
}
