package storage

import "context"

// Checkup is what the doctor looks at. Counts only.
type Checkup struct {
	Members, Organisations, Groups int
	// Waiting are updates not acted on yet; Parked those set aside, by reason.
	Waiting int
	Parked  map[string]int
	// UnknownReplies and UnknownCopies may or may not have arrived.
	UnknownReplies, UnknownCopies int
	RunningAlerts, Drafts         int
}

// Checkup counts. It reads whole tables: for the doctor only.
func (db *DB) Checkup(ctx context.Context) (Checkup, error) {
	c := Checkup{Parked: map[string]int{}}
	err := db.view(ctx, func(from source) error {
		for _, q := range []struct {
			into  *int
			query string
		}{
			{&c.Members, `SELECT count(*) FROM members`},
			{&c.Organisations, `SELECT count(*) FROM organisations`},
			{&c.Groups, `SELECT count(*) FROM groups`},
			{&c.Waiting, `SELECT count(*) FROM inbox WHERE state = 'waiting'`},
			{&c.UnknownReplies, `SELECT count(*) FROM outbox WHERE state = 'unknown'`},
			{&c.UnknownCopies, `SELECT count(*) FROM deliveries WHERE state = 'unknown'`},
			{&c.Drafts, `SELECT count(*) FROM alerts WHERE state = 'draft'`},
			{&c.RunningAlerts, `SELECT count(*) FROM alerts WHERE state IN ('freezing', 'sending')`},
		} {
			if err := from.queryRow(ctx, q.query).Scan(q.into); err != nil {
				return err
			}
		}
		_, err := collect(func(r *rows) (struct{}, error) {
			var reason string
			var n int
			err := r.Scan(&reason, &n)
			c.Parked[reason] = n
			return struct{}{}, err
		})(from.query(ctx, `SELECT reason, count(*) FROM inbox WHERE state = 'parked' GROUP BY reason`))
		return err
	})
	return c, err
}
