package apikey

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// A keyring checks keys of a configuration, one by one and against each other.
type keyring struct {
	ids     map[string]int // index of the key that has it
	digests map[Digest]int
}

// add returns the digest of the key, or an error that names the index and the
// fields that are wrong.
func (r keyring) add(i int, key Key) (Digest, error) {
	digest, err := digestOf(key)
	problems := []error{
		err, checkID(key.ID), checkText("Owner", key.Owner),
		checkPermissions(key.Permissions), checkScopes(key.Scopes), span{key.NotBefore, key.Expires}.validate(),
	}
	if first, taken := r.ids[key.ID]; taken && key.ID != "" {
		problems = append(problems, wrong("ID", "that of Keys[%d], too", first))
	}
	if first, taken := r.digests[digest]; taken && err == nil {
		problems = append(problems, fmt.Errorf("the key is that of Keys[%d], too", first))
	}
	r.digests[digest], r.ids[key.ID] = i, i
	for j, problem := range problems {
		if problem != nil {
			problems[j] = wrong(fmt.Sprintf("Keys[%d]", i), "%w", problem)
		}
	}
	return digest, errors.Join(problems...)
}

func digestOf(key Key) (digest Digest, err error) {
	switch {
	case key.Secret == "" && key.SHA256 == "":
		return digest, wrong("Secret", "empty, and so is SHA256")
	case key.Secret != "" && key.SHA256 != "":
		return digest, wrong("Secret", "set beside SHA256")
	case key.Secret != "":
		return digestOfSecret(key.Secret)
	}
	raw, err := hex.DecodeString(key.SHA256)
	if err != nil || len(raw) != len(digest) {
		return digest, wrong("SHA256", "not 64 hexadecimal digits") // err would quote what may be a key
	}
	copy(digest[:], raw)
	if digest == DigestOf("") {
		return digest, wrong("SHA256", "the digest of an empty key")
	}
	return digest, nil
}

func digestOfSecret(secret string) (digest Digest, err error) {
	if !visible(secret) {
		return digest, wrong("Secret", "a character that is not visible ASCII, a line end or a space, say")
	}
	if len(secret) > maxKey {
		return digest, wrong("Secret", "longer than %d bytes", maxKey)
	}
	return DigestOf(secret), nil
}

func checkID(id string) error {
	if id == "" {
		return wrong("ID", "empty")
	}
	if !visible(id) || len(id) > 255 {
		return wrong("ID", "not made of at most 255 visible ASCII characters")
	}
	return nil
}
