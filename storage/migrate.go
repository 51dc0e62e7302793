package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one file of SQL that runs on both engines.
type migration struct {
	name, text, checksum string
}

// migrations lists the files in the order of their names.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	all := make([]migration, 0, len(names))
	for _, path := range names {
		text, err := migrationFiles.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{
			name:     path[len("migrations/"):],
			text:     string(text),
			checksum: hex.EncodeToString(sum[:]),
		})
	}
	return all, nil
}

// advisoryLock is the key of the PostgreSQL lock under which one process at a
// time migrates: the first bytes of "ella".
const advisoryLock = 0x656c6c61

// migrate brings the tables to this program's version. Each migration, with the
// note that it ran, is committed whole or not at all.
func (db *DB) migrate(ctx context.Context) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	if db.engine == postgres {
		return db.migratePostgres(ctx, all)
	}
	return db.migrateSQLite(ctx, all)
}

// migrateSQLite runs everything in one immediate transaction, which is the lock.
// River's migrations run in it too: the writer has one connection only.
func (db *DB) migrateSQLite(ctx context.Context, all []migration) (err error) {
	tx, err := db.writes.BeginTx(ctx, nil)
	if err != nil {
		return fault("migrate", db.name, err)
	}
	defer func() {
		if back := tx.Rollback(); err == nil && back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = fault("migrate", db.name, back)
		}
	}()
	for _, step := range []func() error{
		func() error { return db.runMigrations(ctx, tx, all) },
		func() error { return db.migrateRiverSQLite(ctx, tx) },
		tx.Commit,
	} {
		if err := step(); err != nil {
			return fault("migrate", db.name, err)
		}
	}
	return nil
}

func (db *DB) runMigrations(ctx context.Context, tx *sql.Tx, all []migration) error {
	_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (
		name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`)
	if err != nil {
		return err
	}
	applied, err := appliedMigrations(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range all {
		sum, ok := applied[m.name]
		delete(applied, m.name)
		if ok && sum != m.checksum {
			return &Fault{
				Kind: OtherSchema,
				What: "database " + db.name + ": migration " + m.name + " is not the one that ran here",
				Fix:  "use the release that made this database, or restore a backup",
			}
		}
		if ok {
			continue
		}
		if err := runScript(ctx, tx, db.engine, m.text); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO migrations (name, checksum, applied_at) VALUES ($1, $2, $3)`,
			m.name, m.checksum, db.now())
		if err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	if len(applied) > 0 {
		return newerSchema(db.name)
	}
	return nil
}

func newerSchema(name string) error {
	return &Fault{
		Kind: NewerSchema,
		What: "database " + name + " was written by a later version of Ella",
		Fix:  "use that version or a later one",
	}
}

func appliedMigrations(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rs, err := tx.QueryContext(ctx, `SELECT name, checksum FROM migrations`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rs.Close() }()
	applied := make(map[string]string)
	for rs.Next() {
		var name, sum string
		if err := rs.Scan(&name, &sum); err != nil {
			return nil, err
		}
		applied[name] = sum
	}
	return applied, rs.Err()
}

// runScript runs several statements at once.
func runScript(ctx context.Context, tx *sql.Tx, on dialect, script string) error {
	var args []any
	if on == postgres {
		// A prepared statement, pgx's default, holds only one.
		args = append(args, pgx.QueryExecModeSimpleProtocol)
	}
	_, err := tx.ExecContext(ctx, script, args...)
	return err
}

// migratePostgres runs each migration in a transaction, all under an advisory
// lock. River's can't share one: a value added to an enum can't be used in the
// transaction that adds it.
func (db *DB) migratePostgres(ctx context.Context, all []migration) (err error) {
	conn, err := db.writes.Conn(ctx)
	if err != nil {
		return fault("migrate", db.name, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, advisoryLock); err != nil {
		return fault("migrate", db.name, err)
	}
	// The lock belongs to the connection, so it goes when the process dies.
	defer func() {
		_, unlock := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, advisoryLock)
		err = errors.Join(err, fault("migrate", db.name, unlock))
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fault("migrate", db.name, err)
	}
	if err := db.runMigrations(ctx, tx, all); err != nil {
		return errors.Join(fault("migrate", db.name, err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fault("migrate", db.name, err)
	}
	m, err := rivermigrate.New(riverdatabasesql.New(db.writes), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	if due, err := db.riverDue(ctx, conn, m); err != nil || !due {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return fault("migrate", db.name, err)
}

// migrateRiverSQLite runs the job queue's own migrations in tx.
func (db *DB) migrateRiverSQLite(ctx context.Context, tx *sql.Tx) error {
	m, err := rivermigrate.New(riversqlite.New(nil), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	if due, err := db.riverDue(ctx, tx, m); err != nil || !due {
		return err
	}
	// River advises against one transaction for migrations that can't be batched;
	// it has none such on SQLite, and a half migrated file is what must not be.
	_, err = m.MigrateTx(ctx, tx, rivermigrate.DirectionUp, nil) //nolint:staticcheck // see above
	return err
}

// riverDue reports whether some of River's migrations have not run, and refuses
// a database where a later River has run: River itself only says that it knows no
// such migration.
func (db *DB) riverDue(ctx context.Context, on querier, m *rivermigrate.Migrator[*sql.Tx]) (bool, error) {
	tables := `SELECT count(*) FROM sqlite_schema WHERE name = 'river_migration'`
	if db.engine == postgres {
		tables = `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'river_migration'`
	}
	var n, version int
	if err := on.QueryRowContext(ctx, tables).Scan(&n); err != nil {
		return false, fault("migrate", db.name, err)
	}
	if n == 0 {
		return true, nil
	}
	if err := on.QueryRowContext(ctx, `SELECT COALESCE(max(version), 0) FROM river_migration`).Scan(&version); err != nil {
		return false, fault("migrate", db.name, err)
	}
	known := m.AllVersions()
	latest := known[len(known)-1].Version
	if version > latest {
		return false, newerSchema(db.name)
	}
	return version < latest, nil
}

// querier is a transaction or a connection.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
