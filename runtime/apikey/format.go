package apikey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"strings"
)

// Pattern is a regular expression for keys that [Generate] makes, in the syntax
// that RE2, PCRE and scanners for secrets have in common. Put your own prefix in
// place of [a-z0-9]{2,12}, and let the checksum decide where a scanner can: see
// [Parse].
const Pattern = `\b[a-z0-9]{2,12}_[0-9A-Za-z]{16}_[0-9A-Za-z]{36}\b`

const (
	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

	minPrefix      = 2
	maxPrefix      = 12
	idLength       = 16 // 95 bits
	secretLength   = 30 // 178 bits
	checksumLength = 6  // 62 to that power is more than 2 to the 32nd

	// behindPrefix is the length of all that follows a prefix.
	behindPrefix = 1 + idLength + 1 + secretLength + checksumLength
)

var (
	errForm     = errors.New("not a key of the form prefix_id_secret")
	errChecksum = errors.New("the key's checksum is wrong: a character is missing, or not the right one")
	errPrefix   = fmt.Errorf("the prefix is not %d to %d of a-z and 0-9", minPrefix, maxPrefix)
	errID       = fmt.Errorf("the id is not %d of 0-9, A-Z and a-z", idLength)
)

// Generated is a new key. It is for whoever will send it, once, and for nobody
// else: keep the digest and let go of the text. However a Generated is printed,
// logged or encoded as JSON, the text is left out.
type Generated struct {
	Text   string `json:"-"` // the key
	Prefix string
	ID     string // not a secret
	SHA256 Digest // of Text
}

// Generate makes a key with a new id. It fails only for a prefix that is not of
// two to twelve of a-z and 0-9.
func Generate(prefix string) (Generated, error) {
	if !isPrefix(prefix) {
		return Generated{}, fmt.Errorf("generate key: %w", errPrefix)
	}
	return generate(prefix, random(idLength)), nil
}

// Regenerate makes a key with another secret for an id that there is already, to
// rotate it. It fails only for a prefix or an id that [Generate] does not make.
func Regenerate(prefix, id string) (Generated, error) {
	if !isPrefix(prefix) {
		return Generated{}, fmt.Errorf("generate key: %w", errPrefix)
	}
	if !isID(id) {
		return Generated{}, fmt.Errorf("generate key: %w", errID)
	}
	return generate(prefix, id), nil
}

func generate(prefix, id string) Generated {
	text := prefix + "_" + id + "_" + random(secretLength)
	sum := checksum(text)
	text += string(sum[:])
	return Generated{Text: text, Prefix: prefix, ID: id, SHA256: DigestOf(text)}
}

// String returns the id.
func (g Generated) String() string { return "API key " + g.ID }

// GoString is String, for the verb %#v.
func (g Generated) GoString() string { return "apikey.Generated(" + g.ID + ")" }

// LogValue logs the id.
func (g Generated) LogValue() slog.Value { return slog.StringValue(g.ID) }

// Parse returns the public parts of a key that [Generate] can have made. It does
// not say that there is such a key. An error holds nothing of the text.
func Parse(text string) (prefix, id string, err error) {
	n := len(text) - behindPrefix
	if n < minPrefix || n > maxPrefix {
		return "", "", errForm
	}
	prefix, id = text[:n], text[n+1:n+1+idLength]
	secret := text[n+1+idLength+1:]
	if !isPrefix(prefix) || text[n] != '_' || !isID(id) || text[n+1+idLength] != '_' || !isBase62(secret) {
		return "", "", errForm
	}
	body := len(text) - checksumLength
	if sum := checksum(text[:body]); string(sum[:]) != text[body:] {
		return "", "", errChecksum
	}
	return prefix, id, nil
}

// checksum returns the CRC-32 (IEEE 802.3) in base 62, the most significant
// digit first.
func checksum(body string) (sum [checksumLength]byte) {
	var bytes [maxPrefix + behindPrefix]byte
	crc := crc32.ChecksumIEEE(bytes[:copy(bytes[:], body)])
	for i := len(sum) - 1; i >= 0; i-- {
		sum[i] = digits[crc%62]
		crc /= 62
	}
	return sum
}

// random returns characters that are each one of 62 with the same probability.
func random(length int) string {
	const fair = 256 / 62 * 62 // bytes from there on would make the first digits more frequent
	text := make([]byte, 0, length)
	var bytes [64]byte
	for {
		rand.Read(bytes[:]) // never fails
		for _, b := range bytes {
			if b >= fair {
				continue
			}
			if text = append(text, digits[b%62]); len(text) == length {
				return string(text)
			}
		}
	}
}

func isPrefix(text string) bool {
	return len(text) >= minPrefix && len(text) <= maxPrefix && strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

func isID(text string) bool { return len(text) == idLength && isBase62(text) }

func isBase62(text string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
