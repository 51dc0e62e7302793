package privacy

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Bereft is somebody whom it concerns that a member with a role goes.
type Bereft struct {
	Member bot.MemberID
	Locale string
	// Kind and Number are of the role that ends with it, and Organisation says where.
	Kind         bot.RoleKind
	Number       int
	Organisation string
	// Own: it is a role that they had been invited to by who goes, and nobody has
	// confirmed it. Otherwise it is the role of who goes, and they are an organiser.
	Own bool
}

// farewell tells the other organisers which role nobody has any more, and those who
// waited for it that an invitation is void. Of who goes they learn nothing else, and
// not why.
func (r *Room) farewell(ctx context.Context, id bot.MemberID) ([]bot.Reply, error) {
	all, err := r.Store.Bereft(ctx, id)
	if err != nil {
		return nil, err
	}
	var replies []bot.Reply
	for _, b := range all {
		p := r.Language.For(b.Locale)
		key := "resign.others"
		if b.Own {
			key = "confirm.void-you"
		}
		replies = append(replies, bot.Reply{To: b.Member, Message: p.Message(
			message.Heading{Spans: p.Spans("role."+string(b.Kind), language.Count("Number", b.Number))},
			p.Paragraph("role.of", language.Words("Organisation", b.Organisation)), p.Paragraph(key),
		)})
	}
	return replies, nil
}
