package privacy

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// page is how many buttons of leaving are shown at a time.
const page = 6

// argStopped marks a button that undoes leaving an organisation of which no
// messages were wanted: they are not wanted afterwards either.
const argStopped = "stopped"

// mine says in a few lines what is stored, with the ways to see all of it, to
// leave and to be forgotten. from is the number of the first button of leaving.
func (r *Room) mine(ctx context.Context, t bot.Turn, from int) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	s, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	var k message.Keyboard
	var blocks []message.Block
	if blank {
		blocks = []message.Block{p.Paragraph("mydata.nothing")}
	} else {
		blocks = []message.Block{p.Heading("mydata.title"), message.Facts{Rows: r.facts(p, t.Person, s)}}
		k.Add(p.Text("mydata.file"), verbFile, "", "").Break()
		if len(s.Chats) > 1 {
			k.Add(p.Text("mydata.where"), bot.VerbWhere, "", "").Break()
		}
		leaving(p, &k, s, from)
		discreetButton(p, &k, t.Person.Member)
	}
	k.Break().Add(p.Text("mydata.how-long"), bot.VerbCommand, "", "privacy")
	k.Add(p.Text("mydata.complain"), bot.VerbCommand, "", "complain")
	k.Break().Add(p.Text("command.forgetme.button"), bot.VerbCommand, "", "forgetme")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(append(blocks, choices)...))
	return out, err
}

// leaving adds a button for every organisation and group, and one for the next
// of them where there are more than a page.
func leaving(p language.Printer, k *message.Keyboard, s Summary, from int) {
	type way struct{ verb, id, name, label string }
	var ways []way
	for _, o := range s.Organisations {
		ways = append(ways, way{verbLeaveOrganisation, string(o.ID), o.Name, "mydata.leave"})
	}
	for _, g := range s.Groups {
		ways = append(ways, way{verbLeaveGroup, string(g.ID), g.Name, "mydata.leave"})
	}
	for _, c := range s.OptIns {
		ways = append(ways, way{verbUndoChat, string(c.ID), c.Group, "mydata.undo-chat"})
	}
	if from < 0 || from >= len(ways) {
		from = 0
	}
	to := min(from+page, len(ways))
	for _, w := range ways[from:to] {
		k.Break().Add(p.Text(w.label, language.Words("Name", w.name)), w.verb, w.id, "")
	}
	if len(ways) > page {
		k.Break().Add(p.Text("mydata.more"), verbMine, "", strconv.Itoa(to%len(ways)))
	}
}

// more shows the next buttons in place.
func (r *Room) more(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	out, err := r.mine(ctx, t, from)
	for i := range out.Replies {
		out.Replies[i].Edit = t.Update.Message
	}
	return out, err
}

// facts are the few lines. The most exact place in them is the sector.
func (r *Room) facts(p language.Printer, person bot.Person, s Summary) []message.Fact {
	m := person.Member
	var rows []message.Fact
	add := func(key string, value ...message.Span) {
		if len(value) > 0 {
			rows = append(rows, message.Fact{Label: p.Text(key), Value: value})
		}
	}
	words := func(text string) message.Span { return message.Span{Kind: message.Words, Text: text} }
	if m.Locale != "" {
		add("mydata.language", words(r.Language.Endonym(m.Locale)))
	}
	if m.Speaks != "" {
		add("mydata.asked-for", words(r.Language.Endonym(m.Speaks)))
	}
	if where := max(m.Sector, m.Outcode); where != "" {
		add("mydata.area", message.Span{Kind: message.Place, Text: where})
	}
	if m.Discreet {
		add("mydata.discreet", p.Spans("mydata.discreet-on")...)
	}
	add("mydata.hears-from", listed(p, s.Organisations, func(o Organisation) []message.Span {
		if o.Stopped || m.State == bot.Stopped {
			return p.Spans("mydata.stopped", language.Words("Name", o.Name))
		}
		return []message.Span{words(o.Name)}
	})...)
	add("mydata.groups", listed(p, s.Groups, func(g Group) []message.Span { return []message.Span{words(g.Name)} })...)
	add("mydata.opted-in", listed(p, s.OptIns, func(c OptIn) []message.Span { return []message.Span{words(c.Group)} })...)
	add("mydata.roles", listed(p, s.Roles, func(held Role) []message.Span { return roleSpans(p, held) })...)
	if len(s.Chats) > 1 {
		add("mydata.chats", p.ListSpans(r.chats(p, s.Chats))...)
	}
	if s.Answers > 0 {
		add("mydata.answers", message.Span{Kind: message.Count, Text: p.Number(s.Answers)})
	}
	if s.Letters > 0 {
		add("mydata.letters", message.Span{Kind: message.Count, Text: p.Number(s.Letters)})
	}
	if !s.Since.IsZero() {
		add("mydata.since", message.Span{Kind: message.Time, Text: p.Month(in(s.Since, m.Zone))})
	}
	if m.Consent > 0 {
		add("mydata.consent", p.Spans("mydata.consent-on", language.Time("Day", p.DateYear(in(s.Consented, m.Zone))), language.Count("Version", m.Consent))...)
	}
	return rows
}

// listed are the things of a list, each in words; nothing where there is none.
func listed[T any](p language.Printer, all []T, words func(T) []message.Span) []message.Span {
	if len(all) == 0 {
		return nil
	}
	items := make([][]message.Span, len(all))
	for i, one := range all {
		items[i] = words(one)
	}
	return p.ListSpans(items)
}

// chats are where somebody is reached who is in several places: by their platforms, and
// by a number where several are on one.
func (r *Room) chats(p language.Printer, all []Chat) [][]message.Span {
	items := make([][]message.Span, len(all))
	names, alike, number := make([]string, len(all)), map[string]int{}, map[string]int{}
	for i, c := range all {
		names[i] = cmp.Or(r.Platform(c.Account), p.Text("address.somewhere"))
		alike[names[i]]++
	}
	for i, c := range all {
		called := names[i]
		number[called]++
		if alike[called] > 1 {
			called += " " + p.Number(number[called])
		}
		key := "address.chat"
		if c.Preferred {
			key = "address.chat-preferred"
		}
		items[i] = p.Spans(key, language.Words("Chat", called))
	}
	return items
}

func roleSpans(p language.Printer, role Role) []message.Span {
	where := role.Organisation
	if role.Group != "" {
		where = role.Group
	}
	return p.Spans("mydata.role."+string(role.Kind), language.Count("Number", role.Number), language.Words("Name", where))
}

// in shows an instant in a zone, and in UTC where the zone is not known.
func in(at time.Time, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	return at.In(place)
}

// organisation leaves one, or undoes that.
func (r *Room) organisation(ctx context.Context, t bot.Turn, id bot.OrganisationID, join, stopped bool) (bot.Outcome, error) {
	if t.Person.Member.Consent == 0 && join {
		return bot.Outcome{}, bot.ErrNotFound // forged: the first yes is to what is stored
	}
	o, open, err := r.Store.Organisation(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if join && !open {
		return bot.Outcome{}, bot.ErrNotFound
	}
	member := t.Person.Member.ID
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if join {
		out.Do(func(ctx context.Context, tx bot.Tx) error {
			return r.Store.JoinOrganisation(ctx, tx, member, id, stopped, t.Now)
		})
		return out, answer(&out, p, string(id), p.Paragraph("mydata.joined", language.Words("Name", o.Name)), true,
			p.Text("mydata.leave", language.Words("Name", o.Name)), verbLeaveOrganisation, "")
	}
	arg := ""
	for _, muted := range t.Person.Muted {
		if muted == id {
			arg = argStopped
		}
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.LeaveOrganisation(ctx, tx, member, id) })
	return out, answer(&out, p, string(id), p.Paragraph("mydata.left", language.Words("Name", o.Name)), open,
		p.Text("mydata.join-again"), verbJoinOrganisation, arg)
}

// group leaves one, or undoes that.
func (r *Room) group(ctx context.Context, t bot.Turn, id bot.GroupID, join bool) (bot.Outcome, error) {
	if t.Person.Member.Consent == 0 && join {
		return bot.Outcome{}, bot.ErrNotFound
	}
	g, open, err := r.Store.Group(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if join && !open {
		return bot.Outcome{}, bot.ErrNotFound
	}
	member := t.Person.Member.ID
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if join {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.JoinGroup(ctx, tx, member, g, t.Now) })
		return out, answer(&out, p, string(id), p.Paragraph("mydata.joined-group", language.Words("Name", g.Name)), true,
			p.Text("mydata.leave", language.Words("Name", g.Name)), verbLeaveGroup, "")
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.LeaveGroup(ctx, tx, member, g) })
	return out, answer(&out, p, string(id), p.Paragraph("mydata.left-group", language.Words("Name", g.Name)), open,
		p.Text("mydata.join-again"), verbJoinGroup, "")
}

// undoChat takes back that somebody opted in from a group chat.
func (r *Room) undoChat(ctx context.Context, t bot.Turn, id bot.GroupChatID) (bot.Outcome, error) {
	s, err := r.Store.Summary(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	for _, c := range s.OptIns {
		if c.ID == id {
			p := r.Language.For(t.Locale)
			var out bot.Outcome
			out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.UndoChat(ctx, tx, t.Person.Member.ID, id) })
			return out, answer(&out, p, string(id), p.Paragraph("mydata.undone-chat", language.Words("Name", c.Group)), false, "", "", "")
		}
	}
	return bot.Outcome{}, bot.ErrNotFound
}

// answer says what was done, with the one button that undoes it where that can be
// undone, in place of what was said of the same thing before.
func answer(out *bot.Outcome, p language.Printer, id string, said message.Paragraph, undo bool, label, verb, arg string) error {
	blocks := []message.Block{said}
	if undo {
		var k message.Keyboard
		choices, err := k.Add(label, verb, id, arg).Choices()
		if err != nil {
			return err
		}
		blocks = append(blocks, choices)
	}
	out.Notice = p.Text("notice.saved")
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(blocks...), Topic: "privacy-with:" + id, Replace: true})
	return nil
}
