package group

import (
	"context"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// poster is the link of a group's poster, with its picture, and with the languages in
// which a poster can have one of its own: whoever follows that needs no picker. Nothing
// where the platform has no links.
func (r *Room) poster(p language.Printer, can bot.Capabilities, g Group) ([]message.Block, error) {
	link := can.Link(bot.Arrival{Group: g.ID})
	if link == "" {
		return nil, nil
	}
	blocks := []message.Block{p.Paragraph("mygroup.link", language.URL("Link", link))}
	var k message.Keyboard
	addPicture(&k, p, can, g, "")
	spoken := r.spoken(g)
	if len(spoken) > 0 {
		blocks = append(blocks, p.Paragraph("mygroup.in-language"))
	}
	k.Break()
	for i, l := range spoken {
		if i > 0 && i%3 == 0 {
			k.Break()
		}
		k.Add(l.Endonym, verbPoster, string(g.ID), l.Tag)
	}
	if k.Empty() {
		return blocks, nil
	}
	choices, err := k.Choices()
	return append(blocks, choices), err
}

// spoken are those of a group's languages that Ella speaks.
func (r *Room) spoken(g Group) []language.Locale {
	return slices.DeleteFunc(r.Language.Locales(), func(l language.Locale) bool { return !slices.Contains(g.Languages, l.Tag) })
}

func addPicture(k *message.Keyboard, p language.Printer, can bot.Capabilities, g Group, locale string) {
	if can.Pictures {
		k.Add(p.Text("link.picture"), verbPicture, string(g.ID), locale)
	}
}

// posterIn shows a leader the link of a poster in one language, or one without, in words
// or as a picture.
func (r *Room) posterIn(ctx context.Context, t bot.Turn, id bot.GroupID, locale string, asPicture bool) (bot.Outcome, error) {
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	leads := slices.ContainsFunc(t.Person.Roles, func(role bot.Role) bool { return role.Kind == bot.Leader && role.Group == id })
	g, ok := dir.byID[id]
	of := slices.IndexFunc(r.spoken(g), func(l language.Locale) bool { return l.Tag == locale })
	link := t.Can.Link(bot.Arrival{Locale: locale, Group: id})
	if !ok || !leads || link == "" || locale != "" && of < 0 {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	said := p.Paragraph("mygroup.link", language.URL("Link", link))
	alt := p.Text("mygroup.picture", language.Words("Group", g.Name), language.URL("Link", link))
	if locale != "" {
		in := language.Words("Language", r.spoken(g)[of].Endonym)
		said = p.Paragraph("mygroup.link-in", in, language.URL("Link", link))
		alt = p.Text("mygroup.picture-in", language.Words("Group", g.Name), in, language.URL("Link", link))
	}
	if asPicture {
		code, err := picture.QR(link, alt)
		out.Say(p.Message(code))
		return out, err
	}
	blocks := []message.Block{said}
	var k message.Keyboard
	addPicture(&k, p, t.Can, g, locale)
	if !k.Empty() {
		choices, err := k.Choices()
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, choices)
	}
	out.Say(p.Message(blocks...))
	return out, nil
}
