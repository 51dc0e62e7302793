package telegram

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	library "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/bot"
)

// uploads knows which pictures Telegram has, so that each is uploaded once however
// many people get it. It remembers them on the shelf, too, in so many slots as one
// byte counts: a picture that is in the way of a newer one is uploaded again.
type uploads struct {
	account bot.AccountID
	shelf   bot.Shelf

	mu     sync.Mutex
	known  map[pictureSum]*list.Element // of *upload
	recent *list.List                   // the latest used first
	busy   map[pictureSum]chan struct{} // closed when whoever uploads it is done
}

type pictureSum [sha256.Size]byte

type upload struct {
	sum pictureSum
	id  string // file_id, which only this bot can use
}

const (
	maxKnown     = 512
	shelfPicture = "photo/" // and the first byte of the sum, in hex
)

// stored is what stands in a slot.
type stored struct {
	Sum string `json:"sum"`
	ID  string `json:"file_id"`
}

func newUploads(account bot.AccountID, shelf bot.Shelf) *uploads {
	return &uploads{account: account, shelf: shelf, known: map[pictureSum]*list.Element{}, recent: list.New(), busy: map[pictureSum]chan struct{}{}}
}

// claim is a known picture's id; or, without one, a channel to wait for; or neither,
// and then the caller uploads it and calls done.
func (u *uploads) claim(sum pictureSum) (id string, busy <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.known[sum]; e != nil {
		u.recent.MoveToFront(e)
		return e.Value.(*upload).id, nil
	}
	if c := u.busy[sum]; c != nil {
		return "", c
	}
	u.busy[sum] = make(chan struct{})
	return "", nil
}

// done ends a claim, with the picture's id if there is one now.
func (u *uploads) done(sum pictureSum, id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if id != "" && u.known[sum] == nil {
		u.known[sum] = u.recent.PushFront(&upload{sum, id})
		if u.recent.Len() > maxKnown {
			oldest := u.recent.Remove(u.recent.Back()).(*upload)
			delete(u.known, oldest.sum)
		}
	}
	if c := u.busy[sum]; c != nil {
		close(c)
		delete(u.busy, sum)
	}
}

// forget drops an id that Telegram refused.
func (u *uploads) forget(sum pictureSum, id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.known[sum]; e != nil && e.Value.(*upload).id == id {
		u.recent.Remove(e)
		delete(u.known, sum)
	}
}

// remembered looks on the shelf, and keep writes there. A shelf that fails costs one
// more upload.
func (u *uploads) remembered(ctx context.Context, sum pictureSum) string {
	items, err := u.shelf.List(ctx, u.account, slot(sum))
	if err != nil || len(items) != 1 {
		return ""
	}
	var s stored
	if json.Unmarshal(items[0].Value, &s) != nil || s.Sum != hex.EncodeToString(sum[:]) {
		return ""
	}
	return s.ID
}

func (u *uploads) keep(ctx context.Context, sum pictureSum, id string) {
	body, err := json.Marshal(stored{hex.EncodeToString(sum[:]), id})
	if err != nil {
		return
	}
	// The picture was sent: what it is called is worth having, and no more.
	_ = u.shelf.Put(context.WithoutCancel(ctx), u.account, map[string][]byte{slot(sum): body})
}

func slot(sum pictureSum) string { return shelfPicture + hex.EncodeToString(sum[:1]) }

// withPicture has a picture written by its id where Telegram has it, and uploaded
// where it has not, or no longer. Of many at once one uploads, and the others wait
// for the id; if the one fails the next does.
func (s *sender) withPicture(ctx context.Context, png []byte, write func(id string) ([]byte, *bot.SendError)) (sent, *bot.SendError) {
	u, sum := s.uploads, pictureSum(sha256.Sum256(png))
	lost := ""
	for {
		id, busy := u.claim(sum)
		switch {
		case busy != nil:
			select {
			case <-busy:
				continue
			case <-ctx.Done():
				return sent{}, sendError(bot.NotSent, "waiting")
			}
		case id == "":
			return s.upload(ctx, sum, lost, write)
		}
		m, err := s.receive(write(id))
		if !isRefusal(err, codeNoFile) || lost != "" {
			return m, err
		}
		lost = id
		u.forget(sum, id)
	}
}

// upload writes a picture that the caller has claimed, and ends the claim, also when
// the call panics: others wait for it. The id that was lost is of no use.
func (s *sender) upload(ctx context.Context, sum pictureSum, lost string, write func(id string) ([]byte, *bot.SendError)) (m sent, err *bot.SendError) {
	u, known := s.uploads, ""
	defer func() { u.done(sum, known) }()
	id := u.remembered(ctx, sum)
	if id == lost {
		id = ""
	}
	m, err = s.receive(write(id))
	if id != "" && isRefusal(err, codeNoFile) {
		id = ""
		m, err = s.receive(write(id))
	}
	switch n := len(m.Photo); {
	case err != nil:
	case id != "":
		known = id
	case n > 0:
		known = m.Photo[n-1].ID // the largest
		u.keep(ctx, sum, known)
	}
	return m, err
}

func (s *sender) sendPhoto(ctx context.Context, d delivery, p Part, markup models.ReplyMarkup) (sent, *bot.SendError) {
	return s.withPicture(ctx, p.Data, func(id string) ([]byte, *bot.SendError) {
		var photo models.InputFile = &models.InputFileString{Data: id}
		if id == "" {
			photo = &models.InputFileUpload{Filename: "picture.png", Data: bytes.NewReader(p.Data)}
		}
		return s.write(ctx, d, false, func(ctx context.Context) error {
			_, err := s.library.SendPhoto(ctx, &library.SendPhotoParams{
				ChatID: d.to.id, MessageThreadID: d.to.topic, Photo: photo, Caption: p.HTML, ParseMode: models.ParseModeHTML,
				DisableNotification: d.silent, ProtectContent: d.protected, ReplyMarkup: markup,
			})
			return err
		})
	})
}
