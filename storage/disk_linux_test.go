package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"ella/bot"
)

// smallDisk mounts a file system of its own, where the test runs as root.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("ella", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A disk fills up while units are written: the units that don't fit fail with a
// fault that says so, everything acknowledged stays, reading goes on, and writing
// does too as soon as there is space again.
func TestDiskFillsUp(t *testing.T) {
	dir := smallDisk(t, 8)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	db := openTest(t, filepath.Join(dir, "ella.db"))
	big := func(name string) bot.Change {
		return func(ctx context.Context, tx bot.Tx) error {
			value := make([]byte, 20_000)
			if _, err := rand.Read(value); err != nil {
				return err
			}
			_, err := own(tx).exec(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2)`, name, value)
			return err
		}
	}
	want := make(map[string]bool)
	failures := 0
	for round := 0; failures == 0 && round < 100; round++ {
		names := make([]string, 10)
		results := runGroup(t, db, len(names), func(i int) bot.Change {
			names[i] = fmt.Sprintf("n%03d-%d", round, i)
			return big(names[i])
		})
		for i, err := range results {
			if err == nil {
				want[names[i]] = true
				continue
			}
			failures++
			if KindOf(err) != DiskFull || !db.unavailable(err) {
				t.Errorf("unit %s = %v", names[i], err)
			}
		}
	}
	if failures == 0 {
		t.Fatal("the disk did not fill up")
	}
	check := func() {
		t.Helper()
		got := notes(t, db)
		if len(got) != len(want) {
			t.Errorf("%d rows, want %d", len(got), len(want))
		}
		for _, name := range got {
			if !want[name] {
				t.Errorf("%s is there and was refused", name)
			}
		}
	}
	check()
	if _, err := Open(t.Context(), Options{URL: filepath.Join(dir, "new.db"), Keys: testKeys(t)}); KindOf(err) != DiskFull {
		t.Errorf("Open of a new database on a full disk = %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), big("space again")); err != nil {
		t.Error(err)
	}
	want["space again"] = true
	check()
}

func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, 16)
	path := filepath.Join(dir, "ella.db")
	db, err := Open(t.Context(), Options{URL: path, Keys: testKeys(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Write(t.Context(), addNote("one")), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("it can't be made read-only: %v", err)
	}
	for _, name := range []string{path, filepath.Join(dir, "new.db")} {
		for _, exclusive := range []bool{false, true} {
			_, err := Open(t.Context(), Options{URL: name, Keys: testKeys(t), Exclusive: exclusive})
			if KindOf(err) != ReadOnly {
				t.Errorf("Open of %s = %v", filepath.Base(name), err)
			}
		}
	}
	if _, err := CreateKeys(filepath.Join(dir, "ella.key")); KindOf(err) != ReadOnly {
		t.Errorf("CreateKeys = %v", err)
	}
}

// The same by the file's mode, for those who are not root.
func TestReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write every file")
	}
	path := filepath.Join(t.TempDir(), "ella.db")
	if err := errors.Join(openTest(t, path).Close(), os.Chmod(path, 0o400)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{URL: path, Keys: testKeys(t)}); KindOf(err) != ReadOnly {
		t.Errorf("Open = %v", err)
	}
}
