package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"sync"
	"time"

	library "github.com/slack-go/slack"

	"ella/adapters/wire"
	"ella/adapters/wording"
	"ella/bot"
	"ella/bot/message"
)

// uploads knows which pictures Slack has, so that each is uploaded once however many
// people get it. They belong to Ella alone, and whoever gets a message with one sees it.
type uploads struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]*picture
}

// picture is one that Slack has, or that somebody is uploading.
type picture struct {
	done chan struct{}
	id   string
	err  *bot.SendError
	at   time.Time
}

const (
	// maxKnown is how many pictures are remembered, and knownFor how long each is: an
	// administrator may have deleted it.
	maxKnown = 512
	knownFor = 24 * time.Hour
)

func newUploads() *uploads { return &uploads{known: map[[sha256.Size]byte]*picture{}} }

// claim is a picture that is there or under way; or a new one, and then the caller
// uploads it.
func (u *uploads) claim(sum [sha256.Size]byte) (p *picture, mine bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if p := u.known[sum]; p != nil && time.Since(p.at) < knownFor {
		return p, false
	}
	if len(u.known) >= maxKnown {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(u.known)), func(a, b [sha256.Size]byte) int { return u.known[a].at.Compare(u.known[b].at) })
		delete(u.known, oldest)
	}
	p = &picture{done: make(chan struct{}), at: time.Now()}
	u.known[sum] = p
	return p, true
}

// forget drops a picture that could not be uploaded, or shown.
func (u *uploads) forget(sum [sha256.Size]byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, sum)
}

// prepare uploads what the parts bring along, before any of them stands in a chat.
func (s *sender) prepare(ctx context.Context, d delivery, parts []Part) *bot.SendError {
	for i := range parts {
		p := &parts[i]
		if p.Kind == FilePart {
			id, err := s.uploadBytes(ctx, p.Name, "", p.Data, d.bulk)
			if err != nil {
				return err
			}
			p.File = id
		}
		for at, picture := range p.Pictures {
			id, err := s.pictureID(ctx, picture, d.bulk)
			switch {
			case err == nil:
			case err.Kind.Passing(), err.Kind.Hopeless():
				return err
			default:
				// The words below it say the same, and its reader must have them.
				s.log.Error("slack: a picture was refused; its words were sent alone", "account", string(s.account), "code", err.Code)
			}
			p.Blocks[at].(*library.ImageBlock).SlackFile = &library.SlackFileObject{ID: id}
		}
	}
	return nil
}

// pictureID has a picture uploaded, if it is not there yet. Of many at once one uploads,
// and the others wait for it.
func (s *sender) pictureID(ctx context.Context, m message.Picture, bulk bool) (string, *bot.SendError) {
	sum := sha256.Sum256(m.PNG)
	for {
		p, mine := s.uploads.claim(sum)
		if mine {
			p.id, p.err = s.uploadPicture(ctx, m, bulk)
			if p.err != nil {
				s.uploads.forget(sum)
			}
			close(p.done)
			return p.id, p.err
		}
		select {
		case <-p.done:
		case <-ctx.Done():
			return "", sendError(bot.NotSent, "waiting")
		}
		if p.err == nil {
			return p.id, nil
		}
		// The next one tries.
	}
}

func (s *sender) uploadPicture(ctx context.Context, m message.Picture, bulk bool) (string, *bot.SendError) {
	id, err := s.uploadBytes(ctx, "picture.png", shortened(wording.OneLine(m.Alt), maxFileAlt), m.PNG, bulk)
	if err != nil {
		return "", err
	}
	if err := s.share(ctx, delivery{bulk: bulk}, "", Part{Name: "picture.png", File: id}); err != nil {
		return "", err
	}
	return id, nil
}

// maxFileAlt is how long the words for a picture are that stand with the file
// (https://docs.slack.dev/reference/methods/files.getUploadURLExternal).
const maxFileAlt = 1000

// uploadBytes makes the first two of the three steps of an upload: nobody sees anything
// of it yet, so that a failure is not one of a message that may stand there.
func (s *sender) uploadBytes(ctx context.Context, name, alt string, data []byte, bulk bool) (string, *bot.SendError) {
	a, _, err := s.call(ctx, s.pace.upload, "", bulk, func(ctx context.Context) {
		_, _ = s.library.GetUploadURLExternalContext(ctx, library.GetUploadURLExternalParameters{FileName: name, FileSize: len(data), AltTxt: alt})
	})
	switch {
	case err != nil:
		return "", unseen(err)
	case !isFile(a.file):
		return "", sendError(bot.NotSent, "odd-result")
	}
	ctx, o := wire.Observe(ctx)
	// The library sends nothing, and the token least of all, but to Slack.
	_ = s.library.UploadToURL(ctx, library.UploadToURLParameters{UploadURL: a.uploadURL, Reader: bytes.NewReader(data), Filename: name})
	if !o.Answered || o.Status < 200 || o.Status > 299 {
		return "", sendError(bot.NotSent, "upload")
	}
	return a.file, nil
}

// share makes the last step: the file stands in a channel, or without one belongs to
// Ella alone.
func (s *sender) share(ctx context.Context, d delivery, channel string, p Part) *bot.SendError {
	_, _, err := s.call(ctx, s.pace.share, channel, d.bulk, func(ctx context.Context) {
		_, _ = s.library.CompleteUploadExternalContext(ctx, library.CompleteUploadExternalParameters{
			Files: []library.FileSummary{{ID: p.File, Title: p.Name}}, Channel: channel,
		})
	})
	if channel == "" {
		return unseen(err)
	}
	return scopeless(err)
}

// unseen is the failure of a step that shows nobody anything: it may be made again.
func unseen(err *bot.SendError) *bot.SendError {
	if err != nil && err.Kind == bot.Unclear {
		return sendError(bot.NotSent, err.Code)
	}
	return scopeless(err)
}

// scopeless keeps a token that may not handle files from being taken for one that does
// not work: all else still goes.
func scopeless(err *bot.SendError) *bot.SendError {
	if err != nil && err.Code == codeScope {
		return sendError(bot.Invalid, codeScope)
	}
	return err
}

const (
	// readyTries and readyAfter are how often, and how long after each other, a message is
	// tried whose picture Slack is still looking at: until it has, no block may show it.
	readyTries = 4
	readyAfter = 700 * time.Millisecond
)

// withPictures writes blocks, and if Slack refuses them with their pictures, without:
// the words below each say the same.
func (s *sender) withPictures(ctx context.Context, p Part, write func(blocks []library.Block) (answer, *bot.SendError)) (answer, *bot.SendError) {
	blocks := slices.DeleteFunc(slices.Clone(p.Blocks), func(b library.Block) bool {
		i, ok := b.(*library.ImageBlock)
		return ok && (i.SlackFile == nil || i.SlackFile.ID == "")
	})
	for try := 0; ; try++ {
		a, err := write(blocks)
		if len(p.Pictures) == 0 || err == nil || err.Code != codeBlocks {
			return a, err
		}
		if try < readyTries {
			wait := time.NewTimer(readyAfter)
			select {
			case <-wait.C:
				continue
			case <-ctx.Done():
				wait.Stop()
				return answer{}, sendError(bot.NotSent, "waiting")
			}
		}
		break
	}
	s.log.Error("slack: a picture was refused; its words were sent alone", "account", string(s.account), "code", codeBlocks)
	for _, picture := range p.Pictures {
		s.uploads.forget(sha256.Sum256(picture.PNG))
	}
	return write(slices.DeleteFunc(blocks, func(b library.Block) bool { _, ok := b.(*library.ImageBlock); return ok }))
}
