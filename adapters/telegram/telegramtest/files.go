package telegramtest

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // formats that a photo may have
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"mime"
	"net/http"
	"path"
	"strings"
)

// How large files may be, in bytes [doc: sendPhoto, sendDocument].
const (
	maxPhoto    = 10 << 20
	maxDocument = 50 << 20
	// maxSides is of width and height together, maxRatio of one to the other.
	maxSides = 10_000
	maxRatio = 20
)

// File is a file that the bot uploaded.
type File struct {
	ID, Name, MediaType string
	Kind                Kind
	Bytes               []byte
	Width, Height       int // of photos
	unique              string
}

// Uploads counts the files that the bot uploaded; what it sent again by its
// file_id is not among them.
func (s *Server) Uploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uploads
}

// file finds the file of a request: an upload, or the id of one from before; s.mu
// is held.
func (s *Server) file(c *call, parameter string, kind Kind) (*File, *apiError) {
	return s.fileNamed(c, c.values[parameter], c.files[parameter], kind)
}

func (s *Server) fileNamed(c *call, value string, up *upload, kind Kind) (*File, *apiError) {
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		if up = c.files[name]; up == nil {
			s.breach(c, RuleFile, "nothing is attached under %s", name)
			return nil, badRequest("there is no " + string(kind) + " in the request")
		}
	}
	if up == nil {
		known := s.files[value]
		switch {
		case known == nil:
			s.breach(c, RuleFile, "a file_id that is none of this bot's")
			return nil, badRequest("wrong file identifier/HTTP URL specified")
		case known.Kind != kind:
			s.breach(c, RuleFile, "the file_id of a %s in the place of a %s", known.Kind, kind)
			return nil, badRequest(fmt.Sprintf("can't use file of type %s as %s", title(known.Kind), title(kind)))
		}
		return known, nil
	}
	return s.upload(c, up, kind)
}

func (s *Server) upload(c *call, up *upload, kind Kind) (*File, *apiError) {
	refuse := func(text string) (*File, *apiError) {
		s.breach(c, RuleFile, "%s", text)
		return nil, badRequest(text)
	}
	f := &File{Name: up.name, Kind: kind, Bytes: up.bytes, MediaType: mime.TypeByExtension(path.Ext(up.name))}
	if f.MediaType == "" {
		f.MediaType = http.DetectContentType(up.bytes)
	}
	f.MediaType, _, _ = strings.Cut(f.MediaType, ";")
	switch {
	case len(up.bytes) == 0:
		return refuse("file must be non-empty")
	case kind == Photo && len(up.bytes) > maxPhoto:
		return refuse(fmt.Sprintf("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(up.bytes), maxPhoto))
	case len(up.bytes) > maxDocument:
		return refuse("file is too big")
	case kind == Photo:
		picture, _, err := image.Decode(bytes.NewReader(up.bytes))
		if err != nil {
			return refuse("IMAGE_PROCESS_FAILED")
		}
		f.Width, f.Height = picture.Bounds().Dx(), picture.Bounds().Dy()
		if f.Width+f.Height > maxSides || max(f.Width, f.Height) > maxRatio*min(f.Width, f.Height) {
			return refuse("PHOTO_INVALID_DIMENSIONS")
		}
	}
	s.uploads++
	f.ID = fmt.Sprintf("AgACAgQAAxkDAAM%06d%s", s.uploads, kind)
	f.unique = fmt.Sprintf("AQAD%06d", s.uploads)
	s.files[f.ID] = f
	return f, nil
}

// title is a kind as the server names it in errors.
func title(k Kind) string { return strings.ToUpper(string(k[:1])) + string(k[1:]) }
