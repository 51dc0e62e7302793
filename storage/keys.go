package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys are the two secrets of a database: one keyset encrypts fields, the other
// makes look-up indexes. Each may hold several keys: the primary one is used
// for what is written, all of them read. Keys are safe for concurrent use.
//
// The index key can't simply rotate: an index made with the old key is not found
// with the new one, so changing it means re-indexing every row, offline.
type Keys struct {
	sealing  tink.AEAD
	indexing *prf.Set
	path     string // where they were read, for messages
	exposed  bool   // others than the owner may read the file
}

// keyFile is the file's shape. The keysets are in clear: the file's mode and its
// place outside the database protect them.
type keyFile struct {
	Version int             `json:"version"`
	Seal    json.RawMessage `json:"seal"`
	Index   json.RawMessage `json:"index"`
}

const keyFileVersion = 1

// LoadKeys reads a key file. It blocks on the disk. A missing file is
// fs.ErrNotExist, a file that can't be used a Fault of kind BadKey.
func LoadKeys(path string) (*Keys, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, fault("read the key file", path, err)
	}
	keys, err := parseKeys(raw)
	if err != nil {
		return nil, &Fault{
			Kind: BadKey,
			What: "key file " + path + ": it is damaged, or no key file",
			Fix:  "restore it from the copy you keep elsewhere; without it nobody in the database can be named again",
			Err:  err,
		}
	}
	keys.path = path
	if info, err := os.Stat(path); err == nil {
		keys.exposed = exposed(info)
	}
	return keys, nil
}

// CreateKeys makes new keys and writes them to a file that only its owner can
// read. It returns when the file is durable, and never overwrites: a file that
// is already there is fs.ErrExist.
func CreateKeys(path string) (*Keys, error) {
	raw, err := newKeyFile()
	if err != nil {
		return nil, err
	}
	if err := writeNewFile(path, raw); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		return nil, fault("write the key file", path, err)
	}
	keys, err := parseKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("read back new keys: %w", err)
	}
	keys.path = path
	return keys, nil
}

func newKeyFile() ([]byte, error) {
	seal, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a sealing key: %w", err)
	}
	index, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make an index key: %w", err)
	}
	return encodeKeys(seal, index)
}

func encodeKeys(seal, index *keyset.Handle) ([]byte, error) {
	file := keyFile{Version: keyFileVersion}
	for _, part := range []struct {
		handle *keyset.Handle
		to     *json.RawMessage
	}{{seal, &file.Seal}, {index, &file.Index}} {
		var b bytes.Buffer
		if err := insecurecleartextkeyset.Write(part.handle, keyset.NewJSONWriter(&b)); err != nil {
			return nil, fmt.Errorf("write a keyset: %w", err)
		}
		*part.to = b.Bytes()
	}
	raw, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the key file: %w", err)
	}
	return append(raw, '\n'), nil
}

// parseKeys reads a key file's content. Its errors name the part and carry
// nothing else: the text of a JSON error may quote what it stumbled over.
func parseKeys(raw []byte) (*Keys, error) {
	var file keyFile
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, errors.New("not JSON, or cut off")
	}
	if file.Version != keyFileVersion {
		return nil, fmt.Errorf("version %d, and this program knows %d", file.Version, keyFileVersion)
	}
	seal, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(file.Seal)))
	if err != nil {
		return nil, errors.New("no sealing keyset in it")
	}
	index, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(file.Index)))
	if err != nil {
		return nil, errors.New("no index keyset in it")
	}
	var keys Keys
	if keys.sealing, err = aead.New(seal); err != nil {
		return nil, errors.New("the sealing keyset is of another kind")
	}
	if keys.indexing, err = prf.NewPRFSet(index); err != nil {
		return nil, errors.New("the index keyset is of another kind")
	}
	return &keys, nil
}

// writeNewFile writes a file of mode 0600 that did not exist, and returns when
// both it and its name are durable.
func writeNewFile(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// Half a key is worse than none: the next start would take it for a damaged one.
			err = errors.Join(err, os.Remove(path))
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
