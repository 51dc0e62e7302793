package storage

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"ella/storage/internal/engines"
)

func TestCreateKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ella.key")
	made, err := CreateKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	wantPrivate(t, path)
	loaded, err := LoadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made.index("x", "y"), loaded.index("x", "y")) {
		t.Error("the keys that were made are not the ones in the file")
	}
	before := readFile(t, path)
	if _, err := CreateKeys(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("CreateKeys over a file = %v", err)
	}
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("the key file was overwritten")
	}
	if _, err := LoadKeys(path + ".not"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("LoadKeys of a missing file = %v", err)
	}
}

// A damaged key file is refused wherever it is cut or changed, and the error
// shows nothing of it.
func TestDamagedKeys(t *testing.T) {
	whole, err := newKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{nil, []byte("{}"), []byte("null"), []byte("[]"), []byte("hello")}
	for n := 1; n < len(whole)-2; n += 37 {
		damaged = append(damaged, whole[:n])
	}
	for _, swap := range [][2]string{{`"version": 1`, `"version": 2`}, {"AesGcmKey", "HmacPrfKey"}, {"HmacPrfKey", "AesGcmKey"}, {`"seal"`, `"sael"`}, {"ENABLED", "DISABLED"}} {
		damaged = append(damaged, []byte(strings.Replace(string(whole), swap[0], swap[1], 1)))
	}
	secrets := regexp.MustCompile(`"value": "([^"]+)"`).FindAllSubmatch(whole, -1)
	if len(secrets) != 2 {
		t.Fatalf("the key file has %d secrets", len(secrets))
	}
	path := filepath.Join(t.TempDir(), "ella.key")
	for _, content := range damaged {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKeys(path)
		if KindOf(err) != BadKey {
			t.Errorf("LoadKeys of %d bytes = %v", len(content), err)
			continue
		}
		for _, secret := range secrets {
			if raw, _ := base64.StdEncoding.DecodeString(string(secret[1])); strings.Contains(err.Error(), string(secret[1][:8])) || strings.Contains(err.Error(), string(raw[:8])) {
				t.Errorf("the error shows the key: %v", err)
			}
		}
	}
}

func TestKeyOfADatabase(t *testing.T) {
	engines.Each(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		file := filepath.Join(dir, "ella.key")
		open := func(o Options) (*DB, error) {
			o.URL = url
			db, err := Open(t.Context(), o)
			if err == nil {
				t.Cleanup(func() { _ = db.Close() })
			}
			return db, err
		}
		wantKind := func(what string, o Options, kind FaultKind) {
			t.Helper()
			if _, err := open(o); KindOf(err) != kind {
				t.Errorf("%s: Open = %v, want a fault %q", what, err, kind)
			}
		}
		wantKind("no key named", Options{}, NoKey)
		wantKind("folder of the key missing", Options{KeyFile: filepath.Join(dir, "no", "ella.key")}, MissingFolder)

		db, err := open(Options{KeyFile: file})
		if err != nil {
			t.Fatal(err)
		}
		if db.NewKey() != file {
			t.Errorf("NewKey = %q", db.NewKey())
		}
		wantPrivate(t, file)
		if db, err = open(Options{KeyFile: file}); err != nil || db.NewKey() != "" {
			t.Errorf("the second Open = %v", err)
		}

		// Lost: refused, and no new one is made.
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		wantKind("lost key", Options{KeyFile: file}, LostKey)
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Error("a key was made for a database with data")
		}

		other, err := CreateKeys(filepath.Join(dir, "other.key"))
		if err != nil {
			t.Fatal(err)
		}
		wantKind("wrong key", Options{Keys: other}, WrongKey)
		right, err := LoadKeys(file + ".away")
		if err != nil {
			t.Fatal(err)
		}
		wantKind("wrong index key", Options{Keys: &Keys{sealing: right.sealing, indexing: other.indexing}}, WrongKey)
		wantKind("wrong sealing key", Options{Keys: &Keys{sealing: other.sealing, indexing: right.indexing}}, WrongKey)
		if _, err := open(Options{Keys: right}); err != nil {
			t.Errorf("right key: %v", err)
		}

		// Data without a key check is not taken for an empty database.
		for _, statement := range []string{
			`INSERT INTO accounts (id, platform, name, state, created_at) VALUES ('a', 'try', 'try', 'on', 0)`,
			`DELETE FROM meta`,
		} {
			if _, err := db.writes.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		wantKind("key check gone", Options{Keys: other}, WrongKey)
		wantKind("key check and key gone", Options{KeyFile: file}, LostKey)
	})
}

// A keyset with an old and a new key reads what either wrote.
func TestKeyRotation(t *testing.T) {
	file, err := newKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	old := &DB{keys: keys}
	sealed, err := old.seal("t", "c", "r", []byte("words"))
	if err != nil {
		t.Fatal(err)
	}
	var parts keyFile
	if err := json.Unmarshal(file, &parts); err != nil {
		t.Fatal(err)
	}
	seal, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(parts.Seal)))
	if err != nil {
		t.Fatal(err)
	}
	index, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(parts.Index)))
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManagerFromHandle(seal)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	both, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	rotatedFile, err := encodeKeys(both, index)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = parseKeys(rotatedFile); err != nil {
		t.Fatal(err)
	}
	rotated := &DB{keys: keys}
	if got, err := rotated.open("t", "c", "r", sealed); err != nil || string(got) != "words" {
		t.Errorf("the old ciphertext opens as %q, %v", got, err)
	}
	again, err := rotated.seal("t", "c", "r", []byte("words"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.open("t", "c", "r", again); err == nil {
		t.Error("what is written after a rotation still opens with the old key alone")
	}
	if !bytes.Equal(old.index("p", "x"), rotated.index("p", "x")) {
		t.Error("rotating the sealing key changed the index")
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantPrivate fails unless the file exists and is its owner's alone.
func wantPrivate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Error(err)
	} else if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
		t.Errorf("%s has mode %o", filepath.Base(path), mode)
	}
}
