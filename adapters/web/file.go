package web

import (
	"context"
	"crypto/subtle"
	"mime"
	"net/http"
	"strconv"

	"ella/bot/message"
)

func (l *lowering) file(f message.File) Block {
	l.files++
	if l.files > 1 || f.Check() != nil {
		l.refuse("file")
		return Block{}
	}
	return Block{Type: "file", Name: l.text(f.Name), Size: len(f.Data), Label: l.text(f.About)}
}

// fileOf is the file of a message, if it has one.
func fileOf(m message.Message) (message.File, bool) {
	for _, b := range m.Blocks {
		if f, ok := b.(message.File); ok {
			return f, true
		}
	}
	return message.File{}, false
}

// serveFile answers with the file of an item, for the browser to keep and never
// to show: it is for whoever the message was for.
func (a *Adapter) serveFile(w http.ResponseWriter, r *http.Request) {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || seq < 1 || !isPhone(r.PathValue("id")) {
		errGone.write(w)
		return
	}
	f, ok, err := a.storedFile(r.Context(), r.PathValue("id"), seq, r.PathValue("file"))
	switch {
	case err != nil:
		a.log.Warn("web: a file can't be read", "err", err)
		errBusy.write(w)
	case !ok:
		errGone.write(w)
	default:
		kind := string(f.MediaType)
		if f.MediaType.IsText() {
			kind += "; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Data)))
		// A reader who left can't be told.
		_, _ = w.Write(f.Data)
	}
}

// storedFile reads the file of an item from the shelf. It reports false where
// there is none, or none of that name.
func (a *Adapter) storedFile(ctx context.Context, phone string, seq int64, name string) (message.File, bool, error) {
	m, known, err := a.message(ctx, phone, seq)
	if err != nil || known == "" || subtle.ConstantTimeCompare([]byte(known), []byte(name)) != 1 {
		return message.File{}, false, err
	}
	f, ok := fileOf(m)
	return f, ok, nil
}
