package jwtauth

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// RSA keys below the one are too weak (RFC 7518 section 3.3), keys above the
// other only cost time.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// ParsePEM returns the public keys of PEM texts, each of one or more blocks:
// PUBLIC KEY (PKIX), RSA PUBLIC KEY (PKCS #1) or CERTIFICATE. It accepts RSA
// keys of 2048 to 8192 bits, ECDSA keys on P-256, P-384 and P-521, and Ed25519
// keys, at most eight for one algorithm.
//
// A certificate is only the envelope of its key: names, dates and signatures
// are not judged. The certificate of an authority is an error nevertheless,
// since such a key signs certificates, not tokens. So is a private key: a
// verifier must not have it.
func ParsePEM(texts ...[]byte) (KeySet, error) {
	var keys []Key
	for i, text := range texts {
		found, err := parsePEM(text)
		if err != nil {
			return nil, fmt.Errorf("jwtauth.ParsePEM: text %d: %w", i, err)
		}
		for _, public := range found {
			keys = append(keys, Key{Public: public})
		}
	}
	set, err := newFixedKeys(keys)
	if err != nil {
		return nil, fmt.Errorf("jwtauth.ParsePEM: %w", err)
	}
	return set, nil
}

func parsePEM(text []byte) (keys []any, err error) {
	rest := text
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := parseBlock(block)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", len(keys), err)
		}
		keys = append(keys, key)
	}
	// pem.Decode skips what it does not understand, a damaged key included.
	if blocks := bytes.Count(text, []byte("-----BEGIN")); blocks != len(keys) {
		return nil, fmt.Errorf("%d of %d blocks cannot be read", blocks-len(keys), blocks)
	}
	if len(keys) == 0 {
		return nil, errors.New("no PEM block")
	}
	return keys, nil
}

func parseBlock(block *pem.Block) (key any, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		key, err = certifiedKey(block.Bytes)
	default:
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return nil, errors.New("a private key, where only its public half belongs")
		}
		return nil, fmt.Errorf("%q is neither a public key nor a certificate", block.Type)
	}
	return key, err
}

func certifiedKey(der []byte) (any, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if certificate.IsCA {
		return nil, errors.New("the certificate of an authority: its key signs certificates, not tokens")
	}
	return certificate.PublicKey, nil
}

func checkRSA(key *rsa.PublicKey) error {
	if key.N == nil {
		return errors.New("an RSA key without a modulus")
	}
	if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("an RSA key of %d bits: %d to %d are accepted", bits, minRSABits, maxRSABits)
	}
	if key.N.Bit(0) == 0 {
		return errors.New("an RSA key whose modulus is even")
	}
	if key.E < 3 || key.E%2 == 0 {
		return errors.New("an RSA key whose exponent is not an odd number above 1")
	}
	return nil
}
