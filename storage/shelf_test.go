package storage

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"ella/bot"
)

func addAccount(t *testing.T, db *DB, id bot.AccountID) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `INSERT INTO accounts (id, platform, name, state, created_at) VALUES ($1, 'try', $1, 'on', 0)`, string(id))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestShelf(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		addAccount(t, db, "one")
		addAccount(t, db, "two")
		shelf := db.Shelf()
		put := func(account bot.AccountID, values map[string][]byte) {
			t.Helper()
			if err := shelf.Put(t.Context(), account, values); err != nil {
				t.Fatal(err)
			}
		}
		put("one", map[string][]byte{"file:b": []byte("2"), "file:a": []byte("1"), "FILE:c": []byte("3"), "file%": {}, "offset": []byte("old")})
		put("one", map[string][]byte{"offset": []byte("new")})
		put("two", map[string][]byte{"file:a": []byte("other")})
		put("one", nil)
		for prefix, want := range map[string][]bot.ShelfItem{
			"file:":  {{Key: "file:a", Value: []byte("1")}, {Key: "file:b", Value: []byte("2")}},
			"offset": {{Key: "offset", Value: []byte("new")}},
			"none":   nil,
			"file%":  {{Key: "file%"}},
		} {
			got, err := shelf.List(t.Context(), "one", prefix)
			for i := range got {
				if len(got[i].Value) == 0 {
					got[i].Value = nil
				}
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("List(%q) = %q, %v; want %q", prefix, got, err, want)
			}
		}
		all, err := shelf.List(t.Context(), "one", "")
		if err != nil || len(all) != 5 || all[0].Key != "FILE:c" {
			t.Errorf("List of everything = %q, %v", all, err)
		}
		if err := shelf.Put(t.Context(), "three", map[string][]byte{"a": nil}); err == nil {
			t.Error("an account that does not exist has a shelf")
		}
	})
}

func TestShelfIsSealed(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		addAccount(t, db, "one")
		if err := db.Shelf().Put(t.Context(), "one", map[string][]byte{"a": []byte("canary"), "b": []byte("x")}); err != nil {
			t.Fatal(err)
		}
		var sealed []byte
		if err := db.read().queryRow(t.Context(), `SELECT value_sealed FROM shelf WHERE key = 'a'`).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(sealed), "canary") {
			t.Error("the value is stored readable")
		}
		if _, err := db.writes.ExecContext(t.Context(), `UPDATE shelf SET value_sealed = (SELECT value_sealed FROM shelf WHERE key = 'a') WHERE key = 'b'`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Shelf().List(t.Context(), "one", "b"); !errors.Is(err, errSeal) {
			t.Errorf("a value moved to another key opens: %v", err)
		}
	})
}
