package slacktest_test

import (
	"bytes"
	"mime/multipart"
	"testing"

	"ella/adapters/slack/slacktest"
)

func TestFiles(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	maryam := c.s.AddUser(slacktest.User{})
	dm := c.s.DM(maryam)
	announce := func(length string) (to, id string) {
		a := c.must(c.form("files.getUploadURLExternal", "filename", "action.ics", "length", length, "alt_txt", "a date"))
		return a.str("upload_url"), a.str("file_id")
	}
	complete := func(id string, more ...string) answer {
		return c.form("files.completeUploadExternal", append([]string{"files", compact([]fields{{"id": id, "title": "Action"}})}, more...)...)
	}
	to, id := announce("5")
	c.refused(complete(id), "file_not_found") // not posted yet
	if a := c.do(c.request(to, "application/octet-stream", "hello")); a.status != 200 {
		t.Fatalf("posting the bytes is %d", a.status)
	}
	c.refused(complete(id, "channel_id", maryam), "invalid_channel")
	c.must(complete(id, "channel_id", dm))
	c.refused(complete(id, "channel_id", dm), "file_not_found")
	m := c.s.Shown(dm)[0]
	if len(m.Files) != 1 || m.Files[0].Name != "action.ics" || string(m.Files[0].Bytes) != "hello" || m.Files[0].Title != "Action" || m.Files[0].AltText != "a date" {
		t.Errorf("there stands %+v", m)
	}
	if info := c.must(c.form("files.info", "file", id)); !bytes.Contains([]byte(info.body), []byte(m.TS)) {
		t.Errorf("files.info says %s", info.body)
	}
	c.broke()

	// As a form, and shown by a block.
	to, id = announce("3")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "x.png")
	_, _ = part.Write([]byte("png"))
	_ = form.Close()
	if a := c.do(c.request(to, form.FormDataContentType(), body.String())); a.status != 200 {
		t.Fatalf("posting a form is %d", a.status)
	}
	c.must(complete(id))
	if f, ok := c.s.File(id); !ok || string(f.Bytes) != "png" {
		t.Errorf("the file is %+v", f)
	}
	c.must(c.post(dm, "x", "blocks", compact([]any{fields{"type": "image", "slack_file": fields{"id": id}, "alt_text": "a map"}})))
	if m := c.s.Shown(dm)[1]; len(m.Files) != 1 || m.Files[0].ID != id || m.Text != "a map" {
		t.Errorf("there stands %+v", m)
	}
	c.broke()

	to, _ = announce("4")
	if a := c.do(c.request(to, "application/octet-stream", "hello")); a.status != 400 {
		t.Errorf("more bytes than announced are %d", a.status)
	}
	if a := c.do(c.request(c.s.URL()+"/upload/F0NONE", "application/octet-stream", "x")); a.status != 404 {
		t.Errorf("a file that nobody announced is %d", a.status)
	}
	c.refused(c.form("files.getUploadURLExternal", "filename", "x", "length", "0"), "invalid_arguments")
	c.refused(c.form("files.completeUploadExternal", "files", "x"), "invalid_arguments")
	c.broke(slacktest.RuleFile, slacktest.RuleFile, slacktest.RuleArgument)
}

func TestDeleteFile(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	dm := c.s.DM(c.s.AddUser(slacktest.User{}))
	a := c.must(c.form("files.getUploadURLExternal", "filename", "action.ics", "length", "5"))
	id := a.str("file_id")
	c.do(c.request(a.str("upload_url"), "application/octet-stream", "hello"))
	c.must(c.form("files.completeUploadExternal", "files", compact([]fields{{"id": id}}), "channel_id", dm))
	c.refused(c.form("files.delete", "file", "F0NOBODY"), "file_not_found")
	c.must(c.form("files.delete", "file", id))
	if _, there := c.s.File(id); there || len(c.s.Shown(dm)) != 0 {
		t.Error("it stands there")
	}
	c.refused(c.form("files.delete", "file", id), "file_not_found")
	c.broke()
}
