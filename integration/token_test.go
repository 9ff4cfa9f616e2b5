package integration

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

// What a caller of the store does with tokens.

func newToken() string { return "refresh-" + rand.Text() + rand.Text() }

func digest(token string) refresh.Digest { return sha256.Sum256([]byte(token)) }

// sealing returns the cipher for the successor of a token. Its key serves once,
// so that the nonce may be the same always.
func sealing(token string) (aead cipher.AEAD, nonce []byte) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "successor", 32)
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	if aead, err = cipher.NewGCM(block); err != nil {
		panic(err)
	}
	return aead, make([]byte, aead.NonceSize())
}

func seal(token, successor string) []byte {
	aead, nonce := sealing(token)
	return aead.Seal(nil, nonce, []byte(successor), nil)
}

func unseal(token string, sealed []byte) (string, error) {
	aead, nonce := sealing(token)
	successor, err := aead.Open(nil, nonce, sealed, nil)
	return string(successor), err
}
