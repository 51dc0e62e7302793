package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
	"ella/bot/group"
)

// TestLongListsGoOn: an organisation or a group that is far down in a list is
// reached with a button, and after the last ones come the first again.
func TestLongListsGoOn(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "lee")
	ctx, now := t.Context(), s.app.clock.Now()
	p := s.meet(t, "grace", "role organiser")
	leeds, ok := s.app.places.Sector("LS1 5")
	if !ok {
		t.Fatal("there is no LS1 5")
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		for i := range 14 {
			if i < 9 {
				o := bot.Organisation{ID: bot.OrganisationID(s.app.ids.New()), Name: fmt.Sprintf("Organisation %c", 'A'+i), Zone: "Europe/London"}
				if err := s.db.Members().AddOrganisation(ctx, tx, o); err != nil {
					return err
				}
			}
			g := group.Group{
				ID: bot.GroupID(s.app.ids.New()), Organisation: s.organisation.ID, Source: "list", ForeignID: fmt.Sprint(i),
				Name: fmt.Sprintf("Group %c", 'A'+i), Place: "LS1 5", Point: leeds.Point,
			}
			if err := errors.Join(s.db.Groups().Save(ctx, tx, []group.Group{g}, now), s.db.Groups().With(ctx, tx, p.Member.ID, g, now)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shows := func(h heard, labels ...string) {
		t.Helper()
		for _, label := range labels {
			if !strings.Contains(h.text(), "["+label+"]") {
				t.Errorf("there is no button %s:\n%s", label, h.text())
			}
		}
	}
	s.press(t, "lee", "v1:member.language::en")
	shows(s.press(t, "lee", "v1:member.consent::yes"), sampleOrganisation, "Organisation A", "Organisation G")
	shows(s.presses(t, "lee", "Show more"), "Organisation H", "Organisation I", "No, thank you")
	shows(s.presses(t, "lee", "Show more"), sampleOrganisation)
	s.presses(t, "lee", "Show more")
	if h := s.presses(t, "lee", "Organisation I"); !strings.Contains(h.text(), "You will hear from ⟨Organisation I⟩") {
		t.Errorf("answered with\n%s", h.text())
	}

	s.say(t, "grace", "/alert Come on Sunday.")
	s.presses(t, "grace", "English")
	s.presses(t, "grace", "👥 Who gets it")
	// With those of the sample directory, whether or not anybody is with them.
	shows(s.presses(t, "grace", "A group"), "Citizens UK", "Group A", "Group H", "Back")
	shows(s.presses(t, "grace", "Show more"), "Group I", "Group N", "Right to Remain", "Back")
	shows(s.presses(t, "grace", "Show more"), "Women's Cultural Exchange", "Back")
	shows(s.presses(t, "grace", "Show more"), "Citizens UK")
	s.presses(t, "grace", "Show more")
	if h := s.presses(t, "grace", "Group N"); !strings.Contains(h.text(), "People with ⟨Group N⟩") {
		t.Errorf("answered with\n%s", h.text())
	}
	for _, data := range []string{"v1:member.whom::x", "v1:member.whom::"} {
		if h := s.press(t, "lee", data); !h.says(s, "lost.old-button") {
			t.Errorf("%s is answered with\n%s", data, h.text())
		}
	}
	for _, from := range []string{"-3", "99"} {
		shows(s.press(t, "lee", "v1:member.whom::"+from), sampleOrganisation)
	}
	s.allWell(t)
}

// TestUnderWayIsFound: an organiser who did not write it finds what is being sent
// above everything newer. Once the call has ended nobody can answer it any more.
func TestUnderWayIsFound(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	grace := s.meet(t, "grace", "role organiser")
	omar := s.meet(t, "omar", "role organiser")
	now := s.app.clock.Now()
	a := alert.Alert{
		ID: corpusAlert, Organisation: s.organisation.ID, Author: grace.Member.ID, Action: corpusAction,
		State: alert.Draft, Expires: now, Variants: []alert.Variant{inEnglish},
	}
	room := &action.Room{Store: s.db.Actions(), Language: s.app.language}
	happens := func(e bot.Event) []bot.Change {
		out, err := room.On(t.Context(), bot.Turn{Person: omar, Now: now}, e)
		if err != nil || len(out.Changes) != 1 {
			t.Fatalf("%T causes %d changes, %v", e, len(out.Changes), err)
		}
		return out.Changes
	}
	write := func(changes ...bot.Change) {
		t.Helper()
		err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
			for _, change := range changes {
				if err := change(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(
		func(ctx context.Context, tx bot.Tx) error { return s.db.Alerts().Create(ctx, tx, a, now) },
		func(ctx context.Context, tx bot.Tx) error { return s.db.Alerts().Submit(ctx, tx, a, now) },
		func(ctx context.Context, tx bot.Tx) error {
			return s.db.Alerts().Freeze(ctx, tx, a.ID, []bot.MemberID{omar.Member.ID}, omar.Member.ID, now)
		},
	)
	write(happens(bot.CallMade{Action: a.Action, Organisation: a.Organisation, Alert: a.ID, Titles: map[string]string{"en": "Come"}, Original: "en"})...)
	for i := range 7 {
		s.say(t, "grace", fmt.Sprintf("/alert Draft %d.", i))
	}
	h := s.say(t, "omar", "/alert")
	lines := strings.Split(h.text(), "\n")
	if len(lines) != 7 || lines[2] != "[⟨Come on Sunday.⟩ (Getting ready…)]" || lines[3] != "[⟨Draft 6.⟩ (Not sent yet)]" {
		t.Errorf("the list is\n%s", h.text())
	}
	s.presses(t, "omar", "⟨Come on Sunday.⟩ (Getting ready…)")
	behind, err := sql.Open("sqlite", s.file)
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	if _, err := behind.ExecContext(t.Context(), `UPDATE deliveries SET state = 'sent'`); err != nil {
		t.Fatal(err)
	}
	rsvp := "v1:action.rsvp:" + string(a.Action) + ":yes"
	if h := s.press(t, "omar", rsvp); !h.says(s, "rsvp.you.yes") {
		t.Errorf("while it is asked, answered with\n%s", h.text())
	}
	if h := s.presses(t, "omar", "Stop sending"); !h.says(s, "alert.cancelled") {
		t.Errorf("stopped with\n%s", h.text())
	}
	if h := s.press(t, "omar", rsvp); !h.says(s, "rsvp.over") {
		t.Errorf("once it has ended, answered with\n%s", h.text())
	}
	s.allWell(t)
}
