// Package digest has what stores find things by.
package digest

import (
	"crypto/sha256"
	"encoding/binary"
)

// Of returns the SHA-256 digest of a kind, an issuer and a name. The length of the
// issuer keeps it apart from the name, whatever bytes are in them.
func Of(kind byte, issuer, name string) [sha256.Size]byte {
	b := make([]byte, 0, 9+len(issuer)+len(name))
	b = append(b, kind)
	b = binary.BigEndian.AppendUint64(b, uint64(len(issuer)))
	b = append(b, issuer...)
	b = append(b, name...)
	return sha256.Sum256(b)
}
