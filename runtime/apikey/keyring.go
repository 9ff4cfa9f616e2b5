package apikey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A keyring checks keys of a configuration, one by one and against each other.
type keyring struct {
	ids     map[string]int // index of the key that has it
	digests map[[sha256.Size]byte]int
}

// add returns the digest of the key, or an error that names the index and the
// fields that are wrong.
func (r keyring) add(i int, key Key) ([sha256.Size]byte, error) {
	digest, err := digestOf(key)
	problems := []error{err, checkID(key.ID), checkPermissions(key.Permissions)}
	if first, taken := r.ids[key.ID]; taken && key.ID != "" {
		problems = append(problems, fmt.Errorf("ID is that of Keys[%d], too", first))
	}
	if first, taken := r.digests[digest]; taken && err == nil {
		problems = append(problems, fmt.Errorf("the key is that of Keys[%d], too", first))
	}
	if err == nil {
		r.digests[digest] = i
	}
	r.ids[key.ID] = i
	for j, problem := range problems {
		if problem != nil {
			problems[j] = fmt.Errorf("Keys[%d]: %w", i, problem)
		}
	}
	return digest, errors.Join(problems...)
}

func digestOf(key Key) (digest [sha256.Size]byte, err error) {
	switch {
	case key.Secret == "" && key.SHA256 == "":
		return digest, errors.New("Secret and SHA256 are both empty")
	case key.Secret != "" && key.SHA256 != "":
		return digest, errors.New("Secret and SHA256 are both set")
	case key.Secret != "":
		return digestOfSecret(key.Secret)
	}
	raw, err := hex.DecodeString(key.SHA256)
	if err != nil || len(raw) != len(digest) {
		return digest, errors.New("SHA256 is not 64 hexadecimal digits") // err would quote what may be a key
	}
	copy(digest[:], raw)
	if digest == sha256.Sum256(nil) {
		return digest, errors.New("SHA256 is the digest of an empty key")
	}
	return digest, nil
}

func digestOfSecret(secret string) (digest [sha256.Size]byte, err error) {
	if !visible(secret) {
		return digest, errors.New("Secret has a character that is not visible ASCII, a line end or a space, say")
	}
	if len(secret) > maxKey {
		return digest, fmt.Errorf("Secret is longer than %d bytes", maxKey)
	}
	return sha256.Sum256([]byte(secret)), nil
}

func checkID(id string) error {
	if id == "" {
		return errors.New("ID is empty")
	}
	if !visible(id) || len(id) > 255 {
		return errors.New("ID is not made of at most 255 visible ASCII characters")
	}
	return nil
}

func checkPermissions(permissions []string) error {
	for i, permission := range permissions {
		if strings.TrimSpace(permission) != permission || permission == "" {
			return fmt.Errorf("Permissions[%d] is empty, or has white space around it", i)
		}
	}
	return nil
}
