package password

import (
	"encoding/base64"
	"fmt"
)

// Weak is what Check reports of a hash whose password was right.
func Weak(hash string) bool {
	h, usable := parse(hash)
	return usable && h.weak()
}

// Rewritten returns a usable hash as it is written from what was read.
func Rewritten(hash string) string {
	h, _ := parse(hash)
	switch h := h.(type) {
	case argon2id:
		return h.String()
	case pbkdf2Hash:
		return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", h.iterations, h.salt, base64.StdEncoding.EncodeToString(h.sum))
	}
	return hash
}
