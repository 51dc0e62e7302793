package storage

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"ella/bot"
	"ella/storage/internal/engines"
)

// crashFile names the database of the child process that TestKill kills.
const crashFile = "ELLA_TEST_CRASH_FILE"

const crashUnits = 1000

// A process is killed in the middle of 1,000 units: everything that it
// acknowledged is there, and of no unit is there half. The next process serves at
// once.
func TestKill(t *testing.T) {
	for _, after := range []int{1, 137, 600} {
		t.Run(strconv.Itoa(after), func(t *testing.T) {
			path := engines.SQLite(t)
			child := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
			child.Env = append(os.Environ(), crashFile+"="+path)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			var acknowledged []string
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if _, err := strconv.Atoi(lines.Text()); err != nil {
					continue // the test framework's own lines
				}
				acknowledged = append(acknowledged, lines.Text())
				if len(acknowledged) != after {
					continue
				}
				if _, err := Open(t.Context(), Options{URL: path, Keys: testKeys(t), Exclusive: true}); KindOf(err) != AlreadyServing {
					t.Errorf("Open beside the child = %v", err)
				}
				if err := child.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
			if err := child.Wait(); err == nil && len(acknowledged) < crashUnits {
				t.Error("the child ended by itself")
			}
			db := openTest(t, path, func(o *Options) { o.Exclusive = true })
			there := make(map[string]bool)
			for _, name := range notes(t, db) {
				there[name] = true
			}
			for _, n := range acknowledged {
				if !there["a"+n] {
					t.Errorf("unit %s was acknowledged and is not there", n)
				}
			}
			for i := range crashUnits {
				if there[fmt.Sprintf("a%d", i)] != there[fmt.Sprintf("b%d", i)] {
					t.Errorf("half of unit %d is there", i)
				}
			}
			t.Logf("%d acknowledged, %d there", len(acknowledged), len(there)/2)
		})
	}
}

// TestKillChild is the process that TestKill kills.
func TestKillChild(t *testing.T) {
	path := os.Getenv(crashFile)
	if path == "" {
		t.Skip("only in a child process of TestKill")
	}
	db := openTest(t, path, func(o *Options) { o.Exclusive = true })
	var next atomic.Int64
	var out sync.Mutex
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for {
				n := next.Add(1) - 1
				if n >= crashUnits {
					return
				}
				err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
					if err := addNote(fmt.Sprintf("a%d", n))(ctx, tx); err != nil {
						return err
					}
					return addNote(fmt.Sprintf("b%d", n))(ctx, tx)
				})
				if err != nil {
					t.Error(err)
					return
				}
				out.Lock()
				fmt.Println(n)
				out.Unlock()
			}
		})
	}
	wg.Wait()
}
