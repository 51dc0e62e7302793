//go:build unix

package engines

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// startCluster makes a PostgreSQL server in a temporary folder that listens on
// a socket in it and nowhere else.
func startCluster() (s postgres, err error) {
	bin, err := findBinaries()
	if err != nil {
		return s, err
	}
	dir, err := os.MkdirTemp("", "ella-postgres-")
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	attr, err := otherUser(dir)
	if err != nil {
		return s, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "ella", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return s, fmt.Errorf("initdb: %w: %s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = attr, dir
	log, err := server.StderrPipe()
	if err != nil {
		return s, err
	}
	if err := server.Start(); err != nil {
		return s, err
	}
	if err := waitReady(log); err != nil {
		return s, errors.Join(err, server.Process.Kill(), server.Wait())
	}
	q := url.Values{"host": {dir}}
	return postgres{
		url: (&url.URL{Scheme: "postgres", User: url.User("ella"), Path: "/postgres", RawQuery: q.Encode()}).String(),
		stop: func() error {
			// PostgreSQL's fast shutdown.
			return errors.Join(server.Process.Signal(syscall.SIGINT), server.Wait(), os.RemoveAll(dir))
		},
	}, nil
}

// waitReady reads the server's log until it takes connections, and goes on
// reading it so that the server never waits for us.
func waitReady(log io.Reader) error {
	lines := bufio.NewScanner(log)
	var seen strings.Builder
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return nil
		}
		seen.WriteString(lines.Text() + "\n")
	}
	return fmt.Errorf("postgres ended: %s", seen.String())
}

// findBinaries finds the folder of initdb. Debian keeps it out of PATH.
func findBinaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("initdb is not installed")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// otherUser gives the folder to another user, and the attributes to run as that
// user, when we are root: PostgreSQL refuses to run as root.
func otherUser(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		credential := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return &syscall.SysProcAttr{Credential: credential}, os.Chown(dir, int(uid), int(gid))
	}
	return nil, errors.New("initdb does not run as root, and there is no user postgres or nobody")
}
