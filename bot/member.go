package bot

import "slices"

// Member is a person who talks to Ella. There is no field for a surname, a
// nationality, an immigration status, a date of birth or a street, and none may
// be added.
type Member struct {
	ID MemberID
	// Locale is the catalogue that the member chose; empty until they have.
	Locale string
	// Speaks is the language tag that they asked for when no catalogue has it:
	// they get English, are told so, and are counted.
	Speaks string
	State  MemberState
	// Sector is the postcode sector where they live ("B11 1"), the most exact
	// place that is ever kept. Outcode ("B11") is set with it, and alone where
	// there are no sectors.
	Sector, Outcode string
	// Zone is the IANA time zone that times are shown in.
	Zone string
	// Consent is the version of the words about what is stored that the member
	// said yes to; 0 until they have. Before it they can only read about it, choose
	// a language, write to a person, and go.
	Consent int
	// Discreet: what others cause begins with a line that gives nothing away to
	// whoever else looks at the phone.
	Discreet bool
}

// MemberState says whether a member may be written to unasked.
type MemberState string

// The states of a member.
const (
	Active  MemberState = "active"
	Stopped MemberState = "stopped" // said /stop: gets answers, never alerts
	// Forgotten members are on their way out: what is left of them goes within a
	// minute, and no turn is ever theirs.
	Forgotten MemberState = "forgotten"
)

// Reader is for whom something is written: the catalogue they read, and the
// language that they asked for when no catalogue has it.
type Reader struct{ Locale, Speaks string }

// Address is where a member is reached.
type Address struct {
	ID      AddressID
	Account AccountID
	Member  MemberID
	// Chat is the platform's own name of the conversation. Opaque outside the adapter.
	Chat string
	// Menu names the list of commands that the chat shows; empty for everybody's.
	Menu string
}

// RoleKind is what a member may do in an organisation.
type RoleKind string

// The kinds of roles. A member without a role needs no row.
const (
	Organiser RoleKind = "organiser" // may address the organisation's members
	Leader    RoleKind = "leader"    // answers for one group
	Guardian  RoleKind = "guardian"  // answers complaints, and the young
)

// Role is a member's role in one organisation; Group is set for leaders. By its
// Number others know it: the second organiser is "organiser 2".
type Role struct {
	ID           RoleID
	Number       int
	Kind         RoleKind
	Organisation OrganisationID
	Group        GroupID
}

// Person is a member with what the engine loads beside them before each turn.
type Person struct {
	Member  Member
	Address Address
	Roles   []Role
	// Organisations are those that the member agreed to hear from, Muted those of
	// them that they want no messages from for now.
	Organisations, Muted []OrganisationID
}

// Has reports whether the person holds a role of that kind anywhere.
func (p Person) Has(kind RoleKind) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Kind == kind })
}

// Organises reports whether the person is an organiser of that organisation.
func (p Person) Organises(id OrganisationID) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Kind == Organiser && r.Organisation == id })
}

// Role finds the person's role with that id.
func (p Person) Role(id RoleID) (Role, bool) {
	for _, r := range p.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return Role{}, false
}

// Belongs reports whether the person agreed to hear from that organisation.
func (p Person) Belongs(id OrganisationID) bool { return slices.Contains(p.Organisations, id) }

// Organisation is whoever runs groups and writes to members who agreed to it.
type Organisation struct {
	ID   OrganisationID
	Name string
	// Zone is the IANA time zone of its actions.
	Zone string
	// Sample marks made-up data of the try-out.
	Sample bool
}
