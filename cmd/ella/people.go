package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ella/adapters/web"
	"ella/bot"
	"ella/bot/group"
	"ella/bot/language"
	"ella/bot/member"
	"ella/bot/place"
	"ella/storage"
)

// samplePeople makes what a try-out needs, once: an organisation, the sample
// directory, a leader and an organiser who have not said a word yet, and a
// crowd, so that numbers mean something. What they say in the page is up to
// whoever tries.
type samplePeople struct {
	db       *storage.DB
	ids      bot.IDs
	clock    bot.Clock
	account  bot.AccountID
	zone     string
	places   *place.Gazetteer
	language *language.Bundle
}

// sampleOrganisation is who writes in a try-out.
const sampleOrganisation = "Common Ground"

// leaderOf is the sample group that the leader's phone answers for.
const leaderOf = "crmc"

// crowd is how many sample people read which language, and where they live.
// Speaks is set for those whose language has no catalogue.
type crowd struct {
	locale, speaks string
	count          int
	places         []string
}

func sampleCrowd() []crowd {
	return []crowd{
		{locale: "en", count: 14, places: []string{"CV1", "B11", "LU1", "NG1", "E8"}},
		{locale: "ar", count: 17, places: []string{"CV1", "CV6", "B11", "SA1"}},
		{locale: "pl", count: 11, places: []string{"PE1", "LU1", "CV6"}},
		{locale: "uk", count: 8, places: []string{"B11", "CV1", "NG1"}},
		{locale: "en", speaks: "ti", count: 6, places: []string{"CV1", "B11", "BD21"}},
		{locale: "en", speaks: "so", count: 3, places: []string{"SA1", "E8"}},
	}
}

// make does what is still missing: a try-out that was killed half way is
// finished by the next one. The people come last, all in one unit.
func (s samplePeople) make(ctx context.Context) error {
	_, _, err := s.db.Engine("").Person(ctx, s.account, web.RoleOrganiser)
	if !errors.Is(err, bot.ErrNotFound) {
		return err
	}
	organisation, err := s.organisation(ctx)
	if err != nil {
		return err
	}
	importer := group.Importer{Store: s.db.Groups(), Places: s.places, Language: s.language, IDs: s.ids, Clock: s.clock}
	report, err := importer.Run(ctx, group.Import{File: group.Sample(), Organisation: organisation.ID, Source: "sample", Sample: true})
	if err != nil {
		return err
	}
	if !report.Done {
		return errors.New("the sample directory is faulty")
	}
	leads, err := s.groupID(ctx, leaderOf)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		roles := []struct {
			phone string
			role  bot.Role
		}{
			{web.RoleLeader, bot.Role{Kind: bot.Leader, Organisation: organisation.ID, Group: leads}},
			{web.RoleOrganiser, bot.Role{Kind: bot.Organiser, Organisation: organisation.ID}},
		}
		for _, r := range roles {
			p := s.person(r.phone, "", "")
			if err := s.join(ctx, tx, p, r.phone, organisation.ID, now); err != nil {
				return err
			}
			if err := s.db.Roles().Grant(ctx, tx, p.Member.ID, r.role, now); err != nil {
				return err
			}
		}
		return s.makeCrowd(ctx, tx, organisation.ID, leads, now)
	})
}

func (s samplePeople) organisation(ctx context.Context) (bot.Organisation, error) {
	members := s.db.Members()
	existing, err := members.Organisations(ctx)
	if err != nil {
		return bot.Organisation{}, err
	}
	if len(existing) > 0 {
		return existing[0], nil
	}
	o := bot.Organisation{ID: bot.OrganisationID(s.ids.New()), Name: sampleOrganisation, Zone: s.zone, Sample: true}
	err = s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return members.AddOrganisation(ctx, tx, o) })
	return o, err
}

func (s samplePeople) person(chat, locale, speaks string) bot.Person {
	id := bot.MemberID(s.ids.New())
	consent := 0
	if locale != "" {
		consent = member.ConsentVersion
	}
	return bot.Person{
		Member:  bot.Member{ID: id, State: bot.Active, Locale: locale, Speaks: speaks, Zone: s.zone, Consent: consent},
		Address: bot.Address{ID: bot.AddressID(s.ids.New()), Account: s.account, Member: id, Chat: chat},
	}
}

func (s samplePeople) join(ctx context.Context, tx bot.Tx, p bot.Person, sender string, organisation bot.OrganisationID, now time.Time) error {
	if err := s.db.Engine("").Join(ctx, tx, p, sender); err != nil {
		return err
	}
	return s.db.Members().Agree(ctx, tx, p.Member.ID, organisation, now)
}

func (s samplePeople) makeCrowd(ctx context.Context, tx bot.Tx, organisation bot.OrganisationID, with bot.GroupID, now time.Time) error {
	number := 0
	for _, c := range sampleCrowd() {
		for i := range c.count {
			number++
			chat := fmt.Sprintf("%s%03d", web.CrowdPrefix, number)
			p := s.person(chat, c.locale, c.speaks)
			if err := s.join(ctx, tx, p, chat, organisation, now); err != nil {
				return err
			}
			found, ok := s.places.Sector(c.places[i%len(c.places)])
			if !ok {
				return errors.New("a sample place is not in the gazetteer")
			}
			if err := s.db.Groups().Settle(ctx, tx, p.Member.ID, found.Sector, found.Outcode); err != nil {
				return err
			}
			if found.Outcode == "CV1" {
				if err := s.db.Groups().With(ctx, tx, p.Member.ID, group.Group{ID: with, Organisation: organisation}, now); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s samplePeople) groupID(ctx context.Context, foreignID string) (bot.GroupID, error) {
	all, err := s.db.Groups().All(ctx)
	if err != nil {
		return "", err
	}
	for _, g := range all {
		if g.ForeignID == foreignID {
			return g.ID, nil
		}
	}
	return "", errors.New("the sample directory lacks the leader's group")
}
