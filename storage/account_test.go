package storage

import (
	"slices"
	"testing"
)

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		var want []NamedAccount
		for _, name := range []string{"one", "two", "one"} {
			id, err := db.Account(t.Context(), "first", name)
			if err != nil {
				t.Fatal(err)
			}
			if a := (NamedAccount{id, name}); !slices.Contains(want, a) {
				want = append(want, a)
			}
		}
		if _, err := db.Account(t.Context(), "second", "one"); err != nil {
			t.Fatal(err)
		}
		got, err := db.Accounts(t.Context(), "first")
		if err != nil || len(want) != 2 || len(got) != 2 || !slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
			t.Errorf("there are %v (%v), want %v", got, err, want)
		}
		if got, err := db.Accounts(t.Context(), "third"); err != nil || len(got) != 0 {
			t.Errorf("of another platform there are %v, %v", got, err)
		}
	})
}
