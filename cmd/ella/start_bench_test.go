package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/storage"
)

// BenchmarkStart measures how long a process takes from its start until it can
// take updates, and how much memory it holds then, with an empty database and
// with many members.
func BenchmarkStart(b *testing.B) {
	for _, members := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("%d-members", members), func(b *testing.B) {
			dir := b.TempDir()
			populate(b, dir, members)
			settings := childSettings{Dir: dir, Platform: "http://127.0.0.1:1"}
			var took time.Duration
			var held int
			b.ResetTimer()
			for range b.N {
				settings.Listen = freeAddress(b)
				begun := time.Now()
				c := startChild(b, settings)
				took += time.Since(begun)
				held += residentMB(b, c.cmd.Process.Pid)
				c.kill()
			}
			b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms-to-ready")
			b.ReportMetric(float64(held)/float64(b.N), "MB-resident")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// populate makes a database with members who agreed to hear from an organisation.
func populate(b *testing.B, dir string, members int) {
	b.Helper()
	ctx := b.Context()
	db, err := storage.Open(ctx, childDatabase(dir, false))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}()
	account, err := db.Account(ctx, "relay", "test")
	if err != nil {
		b.Fatal(err)
	}
	people := samplePeople{db: db, ids: newIDs(), clock: bot.SystemClock{}, account: account, zone: "Europe/London"}
	o := bot.Organisation{ID: bot.OrganisationID(people.ids.New()), Name: sampleOrganisation, Zone: "Europe/London"}
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return db.Members().AddOrganisation(ctx, tx, o) })
	for done := 0; err == nil && done < members; done += 1000 {
		err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			for i := range 1000 {
				chat := "crowd-" + strconv.Itoa(done+i)
				if err := people.join(ctx, tx, people.person(chat, "en", ""), chat, o.ID, time.Now()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
}

// residentMB is how much memory a process holds, as the kernel counts it.
func residentMB(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("the kernel does not say here")
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}
