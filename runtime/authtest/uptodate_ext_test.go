package authtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/authtest"
)

// A recorder is a test that may fail.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// stopped is what ends a test that is recorded.
const stopped = "stopped"

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(stopped)
}

func TestUpToDate(t *testing.T) {
	const accepted = "../../testdata/golden/accepted/blog"
	r := &recorder{TB: t}
	authtest.UpToDate(r, accepted)
	assert.Empty(t, r.failures)

	for name, change := range map[string]func(file, source string) string{
		"is not what the directives say": func(file, source string) string {
			if filepath.Base(file) == "auth_gen.go" {
				return strings.Replace(source, "call.Deny()", "_ = 0", 1)
			}
			return source
		},
		"has no guard": func(file, source string) string {
			return strings.ReplaceAll(source, "//auth:guard IsAuthenticated()\npackage", "package")
		},
		"no package here has directives": func(file, source string) string {
			if filepath.Base(file) == "auth_gen.go" {
				return ""
			}
			return "package blog\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("../../testdata/golden", "uptodate")
			require.NoError(t, err)
			t.Cleanup(func() { os.RemoveAll(dir) })
			files, err := filepath.Glob(accepted + "/*.go")
			require.NoError(t, err)
			for _, file := range files {
				source, err := os.ReadFile(file)
				require.NoError(t, err)
				if changed := change(file, string(source)); changed != "" {
					require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), []byte(changed), 0o644))
				}
			}
			r := &recorder{TB: t}
			authtest.UpToDate(r, dir)
			require.Len(t, r.failures, 1)
			assert.Contains(t, r.failures[0], name)
		})
	}
}
