package storage

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/headcount"
)

// steady keeps what was counted when a number of people was last shown anew. The
// store of a room that shows such numbers embeds it.
type steady struct{ of *DB }

// recalledAtOnce is how many questions one statement looks up.
const recalledAtOnce = 32

// recallCounts is that statement, always the same, so that it is prepared once.
func recallCounts() string {
	places := make([]string, recalledAtOnce)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return `SELECT question_index, people FROM shown_counts WHERE question_index IN (` + strings.Join(places, ", ") + `)`
}

func (s steady) question(c *headcount.Count) []byte { return s.of.index("shown_counts", c.Question...) }

// Recall fills in what was counted when each number was last shown anew.
func (s steady) Recall(ctx context.Context, counts ...*headcount.Count) error {
	for part := range slices.Chunk(counts, recalledAtOnce) {
		asked := make([]any, recalledAtOnce)
		byIndex := map[string][]*headcount.Count{}
		for i := range asked {
			c := part[min(i, len(part)-1)]
			index := s.question(c)
			asked[i] = index
			if i < len(part) {
				byIndex[string(index)] = append(byIndex[string(index)], c)
			}
		}
		_, err := collect(func(r *rows) (struct{}, error) {
			var index []byte
			var people int
			err := r.Scan(&index, &people)
			for _, c := range byIndex[string(index)] {
				c.Base, c.Known = people, true
			}
			return struct{}{}, err
		})(s.of.read().query(ctx, recallCounts(), asked...))
		if err != nil {
			return err
		}
	}
	return nil
}

// Keep notes the numbers that are shown anew, as they were counted. It is
// bot.ErrConflict when somebody else was shown another number meanwhile: then that is
// what counts.
func (s steady) Keep(ctx context.Context, tx bot.Tx, counts []*headcount.Count, now time.Time) error {
	// Always in one order, so that two who keep the same never wait for each other.
	ordered := slices.SortedFunc(slices.Values(counts), func(a, b *headcount.Count) int {
		return bytes.Compare(s.question(a), s.question(b))
	})
	for _, c := range ordered {
		var err error
		if c.Known {
			err = conflictUnless(own(tx).exec(ctx, `UPDATE shown_counts SET people = $2, shown_at = $3 WHERE question_index = $1 AND (people = $4 OR people = $2)`,
				s.question(c), c.Now, now.UnixMilli(), c.Base))
		} else {
			err = conflictUnless(own(tx).exec(ctx, `
				INSERT INTO shown_counts (question_index, people, shown_at) VALUES ($1, $2, $3)
				ON CONFLICT (question_index) DO UPDATE SET shown_at = excluded.shown_at WHERE shown_counts.people = excluded.people`,
				s.question(c), c.Now, now.UnixMilli()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
