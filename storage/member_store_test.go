package storage_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"ella/bot"
)

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
