package bot

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"io"
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
)

// Clock tells the time. The program uses the real one, tests a frozen one.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the machine's time.
func (SystemClock) Now() time.Time { return time.Now() }

// IDs makes ids: 44 bits of milliseconds, so that a day's rows lie together in
// an index, and 36 random bits. It is safe for concurrent use when Random is.
type IDs struct {
	Clock  Clock
	Random io.Reader
}

// NewIDs makes ids from the machine's clock and randomness.
func NewIDs() IDs { return IDs{Clock: SystemClock{}, Random: rand.Reader} }

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New makes an id. It may be called by many at once.
func (g IDs) New() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(g.Clock.Now().UnixMilli())<<20)
	var r [5]byte
	// A random source that fails leaves nothing safe to go on with; crypto/rand
	// itself ends the program in that case, seeded sources never fail.
	if _, err := io.ReadFull(g.Random, r[:]); err != nil {
		panic("bot: random source failed")
	}
	b[5] |= r[0] & 0x0f
	copy(b[6:10], r[1:])
	return idAlphabet.EncodeToString(b[:10])
}
