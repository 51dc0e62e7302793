package slacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
)

// upload is a file on its way: announced, then posted, then completed and shared
// [doc: files.getUploadURLExternal].
type upload struct {
	file     File
	team     *team
	length   int
	posted   bool
	complete bool
	shared   []place
}

// place is where a file stands.
type place struct{ channel, ts string }

// maxUpload is the largest file that the server takes; Slack's is 1 GB.
const maxUpload = 32 << 20

func (s *Server) getUploadURL(c *call) (obj, *apiError) {
	length := c.number("length", 0)
	switch {
	case length <= 0:
		s.breach(c, RuleFile, "a file of no length")
		return nil, refusal("invalid_arguments")
	case length > maxUpload:
		return nil, refusal("file_upload_size_restricted")
	case len([]rune(c.args["alt_txt"])) > 1000:
		return nil, refusal("alt_txt_too_large")
	}
	u := &upload{team: c.team, length: length, file: File{ID: s.id("F"), Name: c.args["filename"], AltText: c.args["alt_txt"]}}
	s.uploads[u.file.ID] = u
	return obj{"upload_url": s.http.URL + "/upload/" + u.file.ID, "file_id": u.file.ID}, nil
}

// serveUpload takes the bytes of a file, as a form or as they are.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, id string) {
	c := &call{method: Uploading}
	f := s.enter(c)
	if s.before(f, w, r) {
		return
	}
	if status := s.takeBytes(c, r, id); status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	if s.after(f, c, nil, w, r) {
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, "OK")
}

func (s *Server) takeBytes(c *call, r *http.Request, id string) (status int) {
	body := io.Reader(http.MaxBytesReader(nil, r.Body, maxUpload+1<<20))
	r.Body = io.NopCloser(body)
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	if form, err := r.MultipartReader(); err == nil {
		part, err := form.NextPart()
		for err == nil && part.FileName() == "" {
			part, err = form.NextPart()
		}
		if err != nil {
			return http.StatusBadRequest
		}
		body = part
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return http.StatusBadRequest
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.complete {
		return http.StatusNotFound
	}
	if len(raw) != u.length {
		s.breach(c, RuleFile, "%d bytes where %d were announced", len(raw), u.length)
		return http.StatusBadRequest
	}
	u.file.Bytes, u.posted = raw, true
	return http.StatusOK
}

func (s *Server) completeUpload(c *call) (obj, *apiError) {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.args["files"]), &wanted) != nil || len(wanted) == 0 {
		s.breach(c, RuleArgument, "files is no list")
		return nil, refusal("invalid_arguments")
	}
	var shared []File
	for _, one := range wanted {
		u := s.uploads[one.ID]
		if u == nil || u.team != c.team || u.complete || !u.posted {
			return nil, refusal("file_not_found")
		}
		u.file.Title = one.Title
		if one.Title == "" {
			u.file.Title = u.file.Name
		}
		shared = append(shared, u.file)
	}
	var ch *channel
	if id := c.args["channel_id"]; id != "" {
		var e *apiError
		// Here a user's id will not do [doc].
		if s.users[id] != nil {
			return nil, refusal("invalid_channel")
		}
		if ch, e = s.writable(c, id); e != nil {
			return nil, e
		}
	}
	m := &Message{User: c.team.botUser, ThreadTS: c.args["thread_ts"], Written: c.args["initial_comment"], Files: shared}
	if m.Written != "" {
		s.checkMarkup(c, "initial_comment", m.Written)
	}
	if raw := c.args["blocks"]; raw != "" {
		if m.Written != "" {
			return nil, refusal("invalid_arguments") // one or the other [doc]
		}
		blocks, e := s.checkBlocks(c, raw, "message")
		if e != nil {
			return nil, e
		}
		m.Blocks, m.Text, m.Buttons = blocks.raw, blocks.read.text(), blocks.read.buttons
	}
	files := []obj{}
	for _, f := range shared {
		u := s.uploads[f.ID]
		u.complete, s.files[f.ID] = true, u
		files = append(files, obj{"id": f.ID, "title": f.Title, "name": f.Name, "size": len(f.Bytes)})
	}
	if ch != nil {
		m.Fallback = render(m.Written)
		if m.Blocks == nil {
			m.Text = m.Fallback
		}
		s.add(ch, m)
		for _, f := range shared {
			s.files[f.ID].shared = append(s.files[f.ID].shared, place{ch.id, m.TS})
		}
		s.accept(c, m)
		s.echo(ch, m)
	}
	return obj{"files": slices.Clone(files)}, nil
}

// filesInfo says in which messages a file stands: completing an upload tells no
// message's name [doc].
func (s *Server) filesInfo(c *call) (obj, *apiError) {
	u := s.files[c.args["file"]]
	if u == nil || u.team != c.team {
		return nil, refusal("file_not_found")
	}
	shares := map[string]obj{}
	for _, at := range u.shared {
		family := "public"
		if ch := s.channels[at.channel]; ch.Private || ch.isDM() {
			family = "private"
		}
		if shares[family] == nil {
			shares[family] = obj{}
		}
		shares[family][at.channel] = []obj{{"ts": at.ts}}
	}
	return obj{"file": obj{"id": u.file.ID, "name": u.file.Name, "title": u.file.Title, "size": len(u.file.Bytes), "shares": shares}}, nil
}

// deleteFile takes a file away, and with it the messages that are nothing but it.
func (s *Server) deleteFile(c *call) (obj, *apiError) {
	u := s.files[c.args["file"]]
	if u == nil || u.team != c.team {
		return nil, refusal("file_not_found")
	}
	delete(s.files, u.file.ID)
	delete(s.uploads, u.file.ID)
	for _, at := range u.shared {
		m := s.channels[at.channel].messages[at.ts]
		m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return f.ID == u.file.ID })
		if len(m.Files) == 0 && m.Text == "" && m.Deleted.IsZero() {
			m.Deleted = s.now()
		}
	}
	return obj{}, nil
}

// File is a file that was completed, shared or not; false where there is none.
func (s *Server) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.files[id]; u != nil {
		return u.file, true
	}
	return File{}, false
}
