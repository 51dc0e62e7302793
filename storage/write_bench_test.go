package storage

import (
	"context"
	"testing"

	"ella/bot"
	"ella/storage/internal/engines"
)

func TestFirst(t *testing.T) {
	keys, err := CreateKeys(t.TempDir() + "/k")
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), Options{URL: engines.SQLite(t), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		n, err := own(tx).exec(ctx, `INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ($1,$2,$3,$4,$5,$6)`, "a", "b", "UTC", true, "active", 1)
		t.Log(n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var sample bool
	if err := db.read().queryRow(t.Context(), `SELECT sample FROM organisations WHERE id = $1`, "a").Scan(&sample); err != nil || !sample {
		t.Fatal(err, sample)
	}
	if err := db.read().queryRow(t.Context(), `SELECT sample FROM organisations WHERE id = $1`, "x").Scan(&sample); err != bot.ErrNotFound {
		t.Fatal(err, sample)
	}
	if _, err := db.read().query(t.Context(), `DELETE FROM organisations RETURNING id`); err == nil {
		t.Fatal(err, sample)
	} else {
		t.Log(err)
	}
}

func BenchmarkWriteSingle(b *testing.B) {
	keys, err := CreateKeys(b.TempDir() + "/k")
	if err != nil {
		b.Fatal(err)
	}
	db, err := Open(b.Context(), Options{URL: engines.SQLite(b), Keys: keys})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for b.Loop() {
		err = db.Write(b.Context(), func(ctx context.Context, tx bot.Tx) error {
			_, err := own(tx).exec(ctx, `INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ($1,$2,$3,$4,$5,$6)`, db.ids.New(), "b", "UTC", true, "active", 1)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
func BenchmarkWriteGrouped(b *testing.B) {
	keys, err := CreateKeys(b.TempDir() + "/k")
	if err != nil {
		b.Fatal(err)
	}
	db, err := Open(b.Context(), Options{URL: engines.SQLite(b), Keys: keys})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := db.Write(b.Context(), func(ctx context.Context, tx bot.Tx) error {
				_, err := own(tx).exec(ctx, `INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ($1,$2,$3,$4,$5,$6)`, db.ids.New(), "b", "UTC", true, "active", 1)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
