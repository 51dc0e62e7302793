package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// createPrivate makes sure that the database file exists and that only its
// owner can read it. SQLite would create it with the process's umask, usually
// readable by everyone; -wal and -shm take the mode of the database file.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(path))
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if exposed(info) {
			// Chmod, not open: closing any descriptor of the file would drop the
			// POSIX locks that SQLite holds on it elsewhere in this process.
			if err := os.Chmod(p, info.Mode().Perm()&0o700); err != nil {
				return err
			}
		}
	}
	return nil
}

// exposed reports whether others than the owner can read or write the file.
// Windows keeps no such bits.
func exposed(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// syncFolder makes a new file's name durable.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder can't be opened for that there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// realPath resolves links, so that one database has one name, and with it one
// lock. The file itself need not exist yet.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		return resolved, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}
