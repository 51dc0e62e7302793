package bot

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"sync"
	"time"
)

// Ids are made by the program, opaque, and 16 characters long, so that two of
// them fit a button. Nobody but Ella sees a MemberID.
type (
	// MemberID names a member.
	MemberID string
	// AddressID names a place where a member is reached.
	AddressID string
	// AccountID names a bot token, a workspace, or the try page.
	AccountID string
	// OrganisationID names an organisation.
	OrganisationID string
	// GroupID names a group of the directory.
	GroupID string
	// AlertID names an alert.
	AlertID string
	// ActionID names an action.
	ActionID string
	// RoleID names a member's role in an organisation.
	RoleID string
	// GroupChatID names a group chat in which Ella writes for a group.
	GroupChatID string
	// LetterID names what a member wrote to somebody who answers for something.
	LetterID string
)

// Clock tells the time. The program uses the real one, tests a frozen one.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the machine's time.
func (SystemClock) Now() time.Time { return time.Now() }

// IDs makes ids: 44 bits of milliseconds, so that a day's rows lie together in
// an index, and 36 random bits. Ids of one source rise from each to the next,
// within a millisecond too, so that the order of ids is the order of making.
// Copies share the source; it is safe for concurrent use. Make it with NewIDs.
type IDs struct{ source *idSource }

type idSource struct {
	clock  Clock
	random io.Reader

	mu     sync.Mutex
	millis uint64
	low    uint64 // 36 bits
}

// NewIDs makes ids from a clock and a source of randomness: SystemClock and
// crypto/rand in the program, frozen and seeded ones in tests.
func NewIDs(clock Clock, random io.Reader) IDs {
	return IDs{source: &idSource{clock: clock, random: random}}
}

// FirstID is the smallest id that can be made at a time: ids below it are older.
func FirstID(t time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<20)
	return idAlphabet.EncodeToString(b[:10])
}

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New makes an id. It may be called by many at once.
func (g IDs) New() string {
	s := g.source
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := uint64(s.clock.Now().UnixMilli()); now > s.millis {
		var r [8]byte
		// A random source that fails leaves nothing safe to go on with; crypto/rand
		// itself ends the program in that case, seeded sources never fail.
		if _, err := io.ReadFull(s.random, r[:]); err != nil {
			panic("bot: random source failed")
		}
		// The highest bit stays free for counting up within the millisecond.
		s.millis, s.low = now, binary.BigEndian.Uint64(r[:])>>29
	} else {
		s.low++
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.millis<<20|s.low>>16)
	binary.BigEndian.PutUint16(b[8:10], uint16(s.low))
	return idAlphabet.EncodeToString(b[:10])
}
