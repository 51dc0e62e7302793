package slacktest_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"ella/adapters/slack/slacktest"
)

// TestLibrary drives the server with a client that nobody here wrote.
func TestLibrary(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	ctx := t.Context()
	api := slack.New(c.token, slack.OptionAPIURL(c.s.APIURL()), slack.OptionAppLevelToken(c.s.AppToken()))
	maryam := c.s.AddUser(slacktest.User{Name: "Maryam", Locale: "ar"})
	ok := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	who, err := api.AuthTestContext(ctx)
	ok("auth.test", err)
	if who.TeamID != c.s.Team() {
		t.Errorf("it is %+v", who)
	}
	u, err := api.GetUserInfoContext(ctx, maryam)
	ok("users.info", err)
	if u.Locale != "ar" || u.RealName != "Maryam" {
		t.Errorf("the user is %+v", u)
	}
	users, err := api.GetUsersContext(ctx)
	ok("users.list", err)
	if len(users) != 2 {
		t.Errorf("%d users", len(users))
	}
	dm, _, _, err := api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{maryam}})
	ok("conversations.open", err)
	block := slack.NewActionBlock("b", slack.NewButtonBlockElement("a", "v", slack.NewTextBlockObject(slack.PlainTextType, "Yes", false, false)))
	quiet := []slack.MsgOption{slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	channel, ts, err := api.PostMessageContext(ctx, dm.ID, append(quiet, slack.MsgOptionText("Choose & go", true), slack.MsgOptionBlocks(block))...)
	ok("chat.postMessage", err)
	_, _, _, err = api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText("Chosen", true), slack.MsgOptionBlocks(), slack.MsgOptionParse(false))
	ok("chat.update", err)
	if m := c.s.Shown(channel)[0]; m.Text != "Chosen" || len(m.Buttons) != 0 {
		t.Errorf("there stands %+v", m)
	}
	_, err = api.UploadFileContext(ctx, slack.UploadFileParameters{Filename: "a.ics", FileSize: 5, Reader: bytes.NewReader([]byte("hello")), Channel: channel})
	ok("the upload", err)
	if m := c.s.Shown(channel)[1]; len(m.Files) != 1 || string(m.Files[0].Bytes) != "hello" || m.Files[0].Name != "a.ics" {
		t.Errorf("there stands %+v", m)
	}
	_, _, err = api.DeleteMessageContext(ctx, channel, ts)
	ok("chat.delete", err)
	_, err = api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: maryam, View: slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}},
	}})
	ok("views.publish", err)

	// What the library is known to get wrong.
	c.s.Next("chat.postMessage", slacktest.Throttled(30*time.Second))
	_, _, err = api.PostMessageContext(ctx, dm.ID, append(quiet, slack.MsgOptionText("x", true))...)
	if limited := (*slack.RateLimitedError)(nil); !errors.As(err, &limited) || limited.RetryAfter != 30*time.Second {
		t.Errorf("throttled, it is %v", err)
	}
	c.broke()

	sm := socketmode.New(api)
	run, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- sm.RunContext(run) }()
	did := c.s.Say(maryam, "hello")
	for evt := range sm.Events {
		if evt.Type == socketmode.EventTypeEventsAPI {
			ok("the ack", sm.AckCtx(ctx, evt.Request.EnvelopeID, nil))
			break
		}
	}
	if !c.settled(did.ID) {
		t.Error("the message is not acknowledged")
	}
	cancel()
	<-ended
}
