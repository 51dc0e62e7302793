package storage_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/member"
)

func (w *world) grant(p bot.Person, r bot.Role) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Members().Grant(ctx, tx, p.Member.ID, r, w.now()) }
}

func (w *world) invite(code string, r bot.Role, life time.Duration) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Members().AddInvite(ctx, tx, code, r, w.now(), w.now().Add(life))
	}
}

func (w *world) redeem(code string, p bot.Person) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Members().Redeem(ctx, tx, code, p.Member.ID, w.now())
	}
}

func TestOrganisations(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.clock.Advance(time.Second)
		second := w.organisation("Luton Roma Trust")
		paused := w.organisation("Paused")
		w.Exec(t, `UPDATE organisations SET state = 'paused' WHERE id = $1`, string(paused.ID))
		got, err := w.Members().Organisations(t.Context())
		if want := []bot.Organisation{w.home, second}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("organisations: %+v, %v", got, err)
		}
	})
}

func TestAgreeAndLeave(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, other := w.member("amina"), w.organisation("Luton Roma Trust")
		leave := func(ctx context.Context, tx bot.Tx) error {
			return w.Members().Leave(ctx, tx, p.Member.ID, w.home.ID)
		}
		w.do(leave) // before any yes
		w.do(w.agree(p, w.home), w.agree(p, other))
		since := w.Ask(t, 1, `SELECT since FROM memberships ORDER BY organisation_id`)
		w.clock.Advance(time.Hour)
		w.do(w.agree(p, w.home))
		w.rows("agreeing again keeps the first time", 1, `SELECT since FROM memberships ORDER BY organisation_id`, nil, since...)
		w.do(leave, leave)
		if got := w.person("amina").Organisations; len(got) != 1 || got[0] != other.ID {
			t.Errorf("after leaving one: %v", got)
		}
		w.do(w.agree(p, w.home))
		if !w.person("amina").Belongs(w.home.ID) {
			t.Error("nobody may come back")
		}
	})
}

// Of a code only an index is kept; wrong, used and expired codes look the same.
func TestInvite(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		g, p := w.group("crmc"), w.member("amina")
		w.do(
			w.invite("ORGANISER", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, 15*time.Minute),
			w.invite("LEADER", bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}, time.Hour),
		)
		find := func(code string, want member.Invite, wantErr error) {
			t.Helper()
			got, err := w.Members().Invite(t.Context(), code, w.now())
			if !errors.Is(err, wantErr) || err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, %v", code, got, err)
			}
		}
		organiser := member.Invite{Organisation: w.home, Kind: bot.Organiser}
		leader := member.Invite{Organisation: w.home, Kind: bot.Leader, GroupName: "crmc"}
		find("ORGANISER", organiser, nil)
		find("LEADER", leader, nil)
		find("WRONG", member.Invite{}, bot.ErrNotFound)
		find("organiser", member.Invite{}, bot.ErrNotFound)
		w.clock.Advance(15*time.Minute - time.Millisecond)
		find("ORGANISER", organiser, nil)
		w.clock.Advance(time.Millisecond)
		find("ORGANISER", member.Invite{}, bot.ErrNotFound)
		w.conflicts("an expired code", w.redeem("ORGANISER", p))
		w.do(w.redeem("LEADER", p))
		find("LEADER", member.Invite{}, bot.ErrNotFound)
		w.conflicts("a used code", w.redeem("LEADER", p))
		w.conflicts("a wrong code", w.redeem("WRONG", p))
		if got, want := w.person("amina").Roles, []bot.Role{{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}}; !reflect.DeepEqual(got, want) {
			t.Errorf("roles: %+v", got)
		}
		w.Exec(t, `UPDATE organisations SET state = 'paused'`)
		w.do(w.invite("PAUSED", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		find("PAUSED", member.Invite{}, bot.ErrNotFound)
	})
}

// A code is used up once, by however many at once.
func TestRedeemAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const many = 100
		w.do(w.invite("CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		people := make([]bot.Person, many)
		for i := range people {
			people[i] = w.stranger(fmt.Sprint(i))
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			for i, p := range people {
				if err := w.join(p, fmt.Sprint(i))(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		errs := make([]error, many)
		start := make(chan struct{})
		var race sync.WaitGroup
		for i, p := range people {
			race.Go(func() {
				<-start
				errs[i] = w.try(w.redeem("CODE", p))
			})
		}
		close(start)
		race.Wait()
		winner := ""
		for i, err := range errs {
			switch {
			case err == nil && winner == "":
				winner = string(people[i].Member.ID)
			case err == nil:
				t.Error("a second one succeeded")
			case !errors.Is(err, bot.ErrConflict):
				t.Errorf("a slower one gets %v", err)
			}
		}
		w.rows("roles", 2, `SELECT member_id, kind FROM roles`, nil, winner+" organiser")
		w.rows("invites", 1, `SELECT used_by FROM invites`, nil, winner)
	})
}

func TestGrantTwice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p, g, h := w.member("amina"), w.group("crmc"), w.group("lrt")
		roles := []bot.Role{
			{Kind: bot.Organiser, Organisation: w.home.ID},
			{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID},
			{Kind: bot.Leader, Organisation: w.home.ID, Group: h.ID},
		}
		for range 2 {
			for _, r := range roles {
				w.do(w.grant(p, r))
			}
		}
		w.do(w.grant(p, roles[1]), w.grant(p, roles[1]))
		if got := w.person("amina"); len(got.Roles) != 3 || !got.Organises(w.home.ID) || !got.Has(bot.Leader) {
			t.Errorf("roles: %+v", got.Roles)
		}
		// Suspended and given again, it is there once more.
		w.Exec(t, `UPDATE roles SET state = 'suspended' WHERE kind = 'organiser'`)
		w.do(w.grant(p, roles[0]))
		if got := w.person("amina"); len(got.Roles) != 3 {
			t.Errorf("roles: %+v", got.Roles)
		}
	})
}

func TestSpeakersWithoutCatalogue(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for name, tag := range map[string]string{"a": "ti", "b": "ti", "c": "ku", "d": ""} {
			p := w.member(name)
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Members().SetLanguage(ctx, tx, p.Member.ID, "en", tag)
			})
		}
		got, err := w.Members().SpeakersWithoutCatalogue(t.Context())
		if want := map[string]int{"ti": 2, "ku": 1}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %v", got, err)
		}
	})
}
