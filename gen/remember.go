package gen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A memory keeps, in the user's cache directory, which model gave which generated file, so that [Generate] need not render
// and verify what did not change. It holds digests only, it is no proof of anything: [Check] never asks it. What cannot be
// read or written there is as if it had never been.
type memory struct {
	dir       string // "" remembers nothing
	generator string // of this program, so that another one starts over
}

func newMemory() memory {
	cache, err := os.UserCacheDir()
	if err != nil {
		return memory{}
	}
	program, err := os.Executable()
	if err != nil {
		return memory{}
	}
	info, err := os.Stat(program)
	if err != nil {
		return memory{}
	}
	return memory{
		dir:       filepath.Join(cache, "boltauthgen"),
		generator: fmt.Sprint(program, info.Size(), info.ModTime().UnixNano()),
	}
}

// unchanged reports whether the package's generated file is what this model gave when it was written.
func (m memory) unchanged(pkg *load.Package, modelDigest string) bool {
	if m.dir == "" || modelDigest == "" || pkg.Generated == nil {
		return false
	}
	known, err := os.ReadFile(m.file(pkg))
	return err == nil && bytes.Equal(known, record(modelDigest, pkg.Generated.Source))
}

// remember notes which generated source a model gave.
func (m memory) remember(pkg *load.Package, modelDigest string, source []byte) {
	if m.dir == "" || modelDigest == "" || os.MkdirAll(m.dir, 0o755) != nil {
		return
	}
	_ = replaceFile(m.file(pkg), record(modelDigest, source))
}

func (m memory) file(pkg *load.Package) string {
	return filepath.Join(m.dir, digest([]byte(pkg.Dir)))
}

// digestModel returns a digest of everything that the generated file depends on.
func (m memory) digestModel(p *model.Package) string {
	if m.dir == "" {
		return ""
	}
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return digest(append(b, m.generator...))
}

func record(modelDigest string, source []byte) []byte {
	return []byte(modelDigest + "\n" + digest(source) + "\n")
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
