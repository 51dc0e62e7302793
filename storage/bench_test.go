package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"ella/bot"
	"ella/storage/internal/engines"
)

// benchWrite measures units of three statements each, about what an update
// costs: one row in, one changed, one out.
func benchWrite(b *testing.B, db *DB, parallel bool) {
	b.Helper()
	var n atomic.Int64
	unit := func(ctx context.Context, tx bot.Tx) error {
		id := fmt.Sprintf("%016d", n.Add(1))
		t := own(tx)
		if _, err := t.exec(ctx, `INSERT INTO leases (name, owner, expires_at) VALUES ($1, $2, $3)`, id, "bench", 1); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE leases SET expires_at = $2 WHERE name = $1`, id, 2); err != nil {
			return err
		}
		_, err := t.exec(ctx, `INSERT INTO counters (name, value) VALUES ($1, $2)`, id, 1)
		return err
	}
	ctx := context.Background()
	b.ReportAllocs()
	if !parallel {
		for b.Loop() {
			if err := db.Write(ctx, unit); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	for range connections {
		// PostgreSQL's connections are made before the clock runs.
		if err := db.Write(ctx, unit); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	b.SetParallelism(100)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := db.Write(ctx, unit); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "units/s")
}

func BenchmarkWriteSingle(b *testing.B) { benchWrite(b, openTest(b, engines.SQLite(b)), false) }

func BenchmarkWriteGrouped(b *testing.B) { benchWrite(b, openTest(b, engines.SQLite(b)), true) }

func BenchmarkWritePostgres(b *testing.B) { benchWrite(b, openTest(b, engines.Postgres(b)), true) }

func BenchmarkRead(b *testing.B) {
	db := openTest(b, engines.SQLite(b))
	if err := db.Write(b.Context(), addNote("one")); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		var value []byte
		if err := db.read().queryRow(ctx, `SELECT value FROM meta WHERE name = $1`, "one").Scan(&value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	db := &DB{keys: testKeys(b)}
	plaintext := []byte("telegram:1234567890")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.seal("addresses", "chat_sealed", "0123456789abcdef", plaintext); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	db := &DB{keys: testKeys(b)}
	sealed, err := db.seal("addresses", "chat_sealed", "0123456789abcdef", []byte("telegram:1234567890"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.open("addresses", "chat_sealed", "0123456789abcdef", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	db := &DB{keys: testKeys(b)}
	b.ReportAllocs()
	for b.Loop() {
		db.index("addresses.sender_index", "0123456789abcdef", "1234567890")
	}
}

// BenchmarkOpenEmpty opens a new file each time, with all migrations.
func BenchmarkOpenEmpty(b *testing.B) {
	keys, dir := testKeys(b), b.TempDir()
	n := 0
	for b.Loop() {
		n++
		db, err := Open(b.Context(), Options{URL: filepath.Join(dir, fmt.Sprintf("%d.db", n)), Keys: keys})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens a file that has all its tables.
func BenchmarkOpen(b *testing.B) {
	o := Options{URL: engines.SQLite(b), Keys: testKeys(b)}
	for b.Loop() {
		db, err := Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
