package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ella/storage"
)

// databaseFlags say which database, and with which key.
type databaseFlags struct {
	Database string `env:"ELLA_DATABASE" default:"ella.db" help:"SQLite file, or a postgres:// URL." placeholder:"FILE|URL"`
	KeyFile  string `env:"ELLA_KEY_FILE" help:"The key set; made for an empty SQLite database. Default: ella.key in your configuration folder." placeholder:"FILE"`
}

// commonFlags are those of every command that does something.
type commonFlags struct {
	Timezone string `env:"ELLA_TIMEZONE" default:"Europe/London" help:"The organisation's time zone." placeholder:"ZONE"`
	Log      string `env:"ELLA_LOG" default:"text" help:"text or json, and a level after a comma: debug, info, warn or error." placeholder:"FORMAT[,LEVEL]"`
}

// isPostgres reports whether the database is a server's.
func (f databaseFlags) isPostgres() bool {
	return strings.HasPrefix(f.Database, "postgres://") || strings.HasPrefix(f.Database, "postgresql://")
}

// options turns the flags into what storage opens, or says all that is wrong.
func (f databaseFlags) options(log *slog.Logger) (storage.Options, error) {
	o := storage.Options{URL: f.Database, KeyFile: f.KeyFile, Log: log}
	if f.KeyFile == "" {
		if f.isPostgres() {
			return o, usageError{errors.New("ELLA_KEY_FILE is not set: with PostgreSQL say where the key is, so that it never lies beside a copy of the data by accident")}
		}
		folder, err := os.UserConfigDir()
		if err != nil {
			return o, usageError{fmt.Errorf("ELLA_KEY_FILE is not set and this user has no configuration folder (%w): set ELLA_KEY_FILE to a file that only Ella may read", err)}
		}
		o.KeyFile = filepath.Join(folder, "ella", "ella.key")
		if err := os.MkdirAll(filepath.Dir(o.KeyFile), 0o700); err != nil {
			return o, fmt.Errorf("make the folder of the key: %w", err)
		}
	}
	return o, nil
}

// check says everything that is wrong with the flags, at once.
func (f commonFlags) check(more ...error) (*slog.HandlerOptions, error) {
	faults := more
	if _, err := time.LoadLocation(f.Timezone); err != nil || f.Timezone == "" || f.Timezone == "Local" {
		faults = append(faults, fmt.Errorf("ELLA_TIMEZONE=%q is no time zone: use a name such as Europe/London", f.Timezone))
	}
	options, err := logOptions(f.Log)
	if err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, usageError{err}
	}
	return options, nil
}

// checkListen reports a listen address that can't be one.
func checkListen(variable, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("%s=%q is no address: use host:port, such as 127.0.0.1:8080", variable, address)
	}
	return nil
}

// openBeside opens the database for a command that does one thing and ends,
// beside a running Ella.
func openBeside(env *environment, d databaseFlags, c commonFlags, faults ...error) (*storage.DB, error) {
	options, err := c.check(faults...)
	if err != nil {
		return nil, err
	}
	open, err := d.options(newLog(env.errout, c.Log, options))
	if err != nil {
		return nil, err
	}
	db, err := storage.Open(env.ctx, open)
	if err != nil {
		return nil, err
	}
	sayNewKey(env, db)
	return db, nil
}
