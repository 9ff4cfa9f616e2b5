package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// A stored is a hash within the bounds.
type stored interface {
	// matches reports whether the hash is that of the password. How long it takes
	// does not depend on the answer.
	matches(text string) bool

	// cost is what matches takes.
	cost() params

	// weak reports whether Hash makes a better one.
	weak() bool
}

// maxHash is the length of the longest hash that is looked at.
const maxHash = 512

// parse returns a hash if it is in one of the formats and within the bounds.
func parse(hash string) (stored, bool) {
	if len(hash) > maxHash {
		return nil, false
	}
	switch scheme, _, _ := strings.Cut(strings.TrimPrefix(hash, "$"), "$"); scheme {
	case "argon2id":
		return parseArgon2id(hash)
	case "2a", "2b", "2y":
		return parseBcrypt(hash)
	case "pbkdf2_sha256":
		return parsePBKDF2(hash)
	}
	return nil, false
}

// params are the parameters of argon2id.
type params struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// advised are the parameters of new hashes, from OWASP's Password Storage Cheat
// Sheet.
var advised = params{memory: 19 << 10, passes: 2, lanes: 1}

const (
	saltSize = 16 // of new hashes, and what RFC 9106 section 3.1 recommends
	sumSize  = 32

	minSalt = 8 // RFC 9106 section 3.1
	maxSalt = 64
	minSum  = 16
	maxSum  = 64

	maxMemory = 128 << 10 // KiB
	maxPasses = 64
	maxWork   = 1 << 20 // KiB, memory times passes
	maxLanes  = 16
)

func (p params) sum(text string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(text), salt, p.passes, p.memory, p.lanes, uint32(size))
}

func (p params) work() uint64 { return uint64(p.memory) * uint64(p.passes) }

// bounded reports whether parameters that are each within their bounds are
// together, too (RFC 9106 section 3.1).
func (p params) bounded() bool {
	return p.memory >= 8*uint32(p.lanes) && p.work() <= maxWork
}

// An argon2id is a hash of argon2id.
type argon2id struct {
	params    params
	salt, sum []byte
}

func (h argon2id) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.params.memory, h.params.passes, h.params.lanes, encode(h.salt), encode(h.sum))
}

func parseArgon2id(hash string) (stored, bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, false
	}
	var h argon2id
	list := strings.Split(parts[3], ",")
	if len(list) != 3 {
		return nil, false
	}
	memory, okMemory := setting(list[0], "m=", maxMemory)
	passes, okPasses := setting(list[1], "t=", maxPasses)
	lanes, okLanes := setting(list[2], "p=", maxLanes)
	h.params = params{memory: memory, passes: passes, lanes: uint8(lanes)}
	var okSalt, okSum bool
	h.salt, okSalt = decode(base64.RawStdEncoding, parts[4], minSalt, maxSalt)
	h.sum, okSum = decode(base64.RawStdEncoding, parts[5], minSum, maxSum)
	return h, okMemory && okPasses && okLanes && okSalt && okSum && h.params.bounded()
}

// setting returns the number behind a prefix.
func setting(text, prefix string, most uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(text, prefix)
	n, okNumber := number(digits, most)
	return n, ok && okNumber
}

// number returns a number from 1 on in its only notation.
func number(text string, most uint32) (uint32, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err == nil && n >= 1 && n <= uint64(most) && text[0] != '0'
}

// decode returns the bytes of a text that is their only encoding.
func decode(encoding *base64.Encoding, text string, least, most int) ([]byte, bool) {
	bytes, err := encoding.Strict().DecodeString(text)
	return bytes, err == nil && len(bytes) >= least && len(bytes) <= most && !strings.ContainsAny(text, "\r\n")
}

func (h argon2id) matches(text string) bool {
	return subtle.ConstantTimeCompare(h.params.sum(text, h.salt, len(h.sum)), h.sum) == 1
}

func (h argon2id) cost() params { return h.params }

func (h argon2id) weak() bool {
	return h.params.work() < advised.work() || len(h.salt) < saltSize || len(h.sum) < sumSize
}

const (
	bcryptLength  = 60 // of a hash
	bcryptCost    = 14 // the highest
	bcryptMinimum = 4
	bcryptBytes   = 72 // of a password that bcrypt sees

	bcryptDigits = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// A bcryptHash is a hash of bcrypt.
type bcryptHash string

func parseBcrypt(hash string) (stored, bool) {
	if len(hash) != bcryptLength || hash[0] != '$' || hash[6] != '$' || strings.Trim(hash[7:], bcryptDigits) != "" {
		return nil, false
	}
	cost, err := strconv.ParseUint(hash[4:6], 10, 8)
	return bcryptHash(hash), err == nil && cost >= bcryptMinimum && cost <= bcryptCost
}

func (h bcryptHash) matches(text string) bool {
	seen := text[:min(len(text), bcryptBytes)]
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(seen)) == nil && seen == text
}

func (h bcryptHash) cost() params { return params{lanes: 1} }

func (h bcryptHash) weak() bool { return true }

// maxIterations is what PBKDF2 may take at most. Django's own number was
// 1,500,000 in 2026, and grows.
const maxIterations = 4_000_000

// A pbkdf2Hash is a hash of PBKDF2 with SHA-256.
type pbkdf2Hash struct {
	iterations int
	salt       string
	sum        []byte
}

func parsePBKDF2(hash string) (stored, bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 4 || parts[2] == "" {
		return nil, false
	}
	iterations, ok := number(parts[1], maxIterations)
	sum, okSum := decode(base64.StdEncoding, parts[3], sha256.Size, sha256.Size)
	return pbkdf2Hash{iterations: int(iterations), salt: parts[2], sum: sum}, ok && okSum
}

func (h pbkdf2Hash) matches(text string) bool {
	sum, err := pbkdf2.Key(sha256.New, text, []byte(h.salt), h.iterations, len(h.sum))
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1
}

func (h pbkdf2Hash) cost() params { return params{lanes: 1} }

func (h pbkdf2Hash) weak() bool { return true }
