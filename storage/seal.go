package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errSeal reports a sealed field that doesn't open: another key, another row,
// another column, or damage. It says no more on purpose.
var errSeal = errors.New("storage: a sealed field does not open")

// indexSize is how many bytes an index has: 128 bits, so that a million rows
// meet by chance once in 10^26.
const indexSize = 16

// seal encrypts one field. table and column are the names under which the field
// was first written: they are part of what is authenticated, so they stay the
// same when a later migration moves it. row is the row's id; a row that has no
// single id passes all its key's parts through rowKey. A ciphertext copied to
// another row, column or table does not open there.
//
// nil and empty plaintexts are both sealed as empty: whether there is a value
// at all is what NULL says.
func (db *DB) seal(table, column, row string, plaintext []byte) ([]byte, error) {
	sealed, err := db.keys.sealing.Encrypt(plaintext, encode("seal/1", table, column, row))
	if err != nil {
		return nil, fmt.Errorf("storage: seal %s.%s: the key can't encrypt", table, column)
	}
	return sealed, nil
}

// open decrypts what seal made with the same names. Its error names the column
// and nothing else.
func (db *DB) open(table, column, row string, sealed []byte) ([]byte, error) {
	plaintext, err := db.keys.sealing.Decrypt(sealed, encode("seal/1", table, column, row))
	if err != nil {
		return nil, fmt.Errorf("%w: %s.%s", errSeal, table, column)
	}
	return plaintext, nil
}

// index makes the keyed look-up value of some parts, the same for the same
// purpose and parts as long as the index key stays. The purpose keeps equal
// values in different columns from being recognised as equal.
func (db *DB) index(purpose string, parts ...string) []byte {
	return db.keys.index(purpose, parts...)
}

func (k *Keys) index(purpose string, parts ...string) []byte {
	sum, err := k.indexing.ComputePrimaryPRF(encode(append([]string{"index/1", purpose}, parts...)...), indexSize)
	if err != nil {
		// Only a length that the PRF doesn't have fails, and the length is a constant.
		panic("storage: index key refused a constant length")
	}
	return sum
}

// rowKey is the row name of a row whose key has several parts.
func rowKey(parts ...string) string { return string(encode(parts...)) }

// encode joins parts so that no two lists give the same bytes: each is preceded
// by its length, so ("ab", "c") and ("a", "bc") differ.
func encode(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += len(p) + 4
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}
