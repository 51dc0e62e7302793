package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ella/storage"
)

// databaseFlags say which database, and with which key.
type databaseFlags struct {
	Database string `env:"ELLA_DATABASE" default:"ella.db" help:"SQLite file, or a postgres:// URL. Default: ${default}." placeholder:"FILE|URL"`
	KeyFile  string `env:"ELLA_KEY_FILE" help:"The key set; made for an empty SQLite database. Default: ella.key in your configuration folder." placeholder:"FILE"`
}

// commonFlags are those of every command that does something.
type commonFlags struct {
	Timezone string `env:"ELLA_TIMEZONE" default:"Europe/London" help:"The organisation's time zone. Default: ${default}." placeholder:"ZONE"`
	Log      string `env:"ELLA_LOG" default:"text" help:"text or json, and a level after a comma: debug, info, warn or error. Default: ${default}." placeholder:"FORMAT[,LEVEL]"`
}

// isPostgres reports whether the database is a server's.
func (f databaseFlags) isPostgres() bool {
	return strings.HasPrefix(f.Database, "postgres://") || strings.HasPrefix(f.Database, "postgresql://")
}

// fault says what is wrong with the flags, if anything.
func (f databaseFlags) fault() error {
	scheme, _, isURL := strings.Cut(f.Database, "://")
	switch {
	case f.Database == "":
		return errors.New("ELLA_DATABASE is empty: name a file, such as ella.db, or a postgres:// URL")
	case isURL && !f.isPostgres():
		return fmt.Errorf("ELLA_DATABASE begins with %s://, which is no database that Ella knows: name a file, such as ella.db, or a postgres:// URL", scheme)
	case f.isPostgres() && f.KeyFile == "":
		return errors.New("ELLA_KEY_FILE is not set: with PostgreSQL say where the key is, so that it never lies beside a copy of the data by accident")
	}
	return nil
}

// options turns flags that were checked into what storage opens.
func (f databaseFlags) options(log *slog.Logger) (storage.Options, error) {
	o := storage.Options{URL: f.Database, KeyFile: f.KeyFile, Log: log}
	if f.KeyFile == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return o, usageError{fmt.Errorf("ELLA_KEY_FILE is not set and this user has no configuration folder (%w): set ELLA_KEY_FILE to a file that only Ella may read", err)}
		}
		o.KeyFile = filepath.Join(folder, "ella", "ella.key")
		if err := os.MkdirAll(filepath.Dir(o.KeyFile), 0o700); err != nil {
			return o, fmt.Errorf("the folder of the key can't be made (%w): name another place with ELLA_KEY_FILE", err)
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
func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("ELLA_LISTEN=%q is no address: use host:port, such as 127.0.0.1:8080", address)
	}
	return nil
}

// listenError says what to do about an address that can't be listened on.
func listenError(address string, err error) error {
	if system, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("ELLA_LISTEN=%s can't be used (%w): end the program that uses it, or name another", address, system.Err)
	}
	// The name of a package says nothing to whoever starts Ella.
	return usageError{errors.New(strings.TrimPrefix(err.Error(), "web: "))}
}

// openBeside opens the database for a command that does one thing and ends,
// beside a running Ella.
func openBeside(env *environment, d databaseFlags, c commonFlags, faults ...error) (*storage.DB, error) {
	options, err := c.check(append(faults, d.fault())...)
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
