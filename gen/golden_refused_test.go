package gen

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/load"
)

const (
	refusedDir = "testdata/golden/refused"
	wantName   = "want.txt"
)

// TestGoldenRefused takes every folder of testdata/golden/refused through the generator. What is said of it is in its
// want.txt: each diagnostic as it is printed, with the name of the broken rule behind the message. Nothing is written.
//
// All cases are one run, so that a case that keeps others from being reported is found, too.
func TestGoldenRefused(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join("..", refusedDir))
	require.NoError(t, err)
	before := readTree(t, dir)

	got := refusals(t, dir, Check)
	assert.Equal(t, got, refusals(t, dir, Check), "two runs say the same")
	t.Cleanup(func() { restoreGenerated(t, dir, before) }) // a bug must not leave code behind that other runs find
	assert.Equal(t, got, refusals(t, dir, Generate), "Generate says what Check says")
	assert.Equal(t, before, readTree(t, dir), "nothing is written")

	cases, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, c := range cases {
		name, path := c.Name(), filepath.Join(dir, c.Name(), wantName)
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, got[name], "the case is refused")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got[name]), 0o644))
				return
			}
			assert.Equal(t, before[path], got[name], "to accept it: go test ./gen -run GoldenRefused -update")
		})
		delete(got, name)
	}
	assert.Empty(t, got, "what is said belongs to a case")
}

// TestGoldenRefusedCoversEveryRule wants each rule of the generator to be broken by at least one case.
func TestGoldenRefusedCoversEveryRule(t *testing.T) {
	wants, err := filepath.Glob(filepath.Join("..", refusedDir, "*", wantName))
	require.NoError(t, err)
	broken := map[string]bool{}
	for _, path := range wants {
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^\S+:.* \[([a-z-]+)\]$`).FindAllSubmatch(want, -1) {
			broken[string(m[1])] = true
		}
	}
	for _, rule := range Rules() {
		assert.True(t, broken[rule.ID], "no case in %s breaks the rule %s", refusedDir, rule.ID)
	}
	for _, rule := range Rules() { // several rules share a name
		delete(broken, rule.ID)
	}
	assert.Empty(t, slices.Collect(maps.Keys(broken)), "what is reported is in Rules")
}

// refusals returns what is said of each case.
func refusals(t *testing.T, dir string, run func(context.Context, Config) (*Result, error)) map[string]string {
	result, err := run(t.Context(), Config{Dir: dir, Patterns: []string{"./..."}})
	require.NoError(t, err)
	assert.Empty(t, result.Outputs)
	said := map[string]string{}
	for _, d := range result.Diagnostics {
		rel, err := filepath.Rel(dir, d.Pos.Filename)
		require.NoError(t, err)
		name, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		d.Message += " [" + d.Rule + "]"
		var out bytes.Buffer
		text := diag.Text{Dir: filepath.Join(dir, name), Source: result.Source}
		require.NoError(t, text.Print(&out, []diag.Diagnostic{d}))
		said[name] += out.String()
	}
	return said
}

// readTree returns the contents of the files below a folder by their paths.
func readTree(t *testing.T, dir string) map[string]string {
	tree := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		contents, err := os.ReadFile(path)
		tree[path] = string(contents)
		return err
	}))
	return tree
}

// restoreGenerated makes the generated files below a folder what they were; no other file is touched.
func restoreGenerated(t *testing.T, dir string, before map[string]string) {
	now := readTree(t, dir)
	for path := range now {
		if _, ok := before[path]; !ok && filepath.Base(path) == load.GeneratedName {
			assert.NoError(t, os.Remove(path))
		}
	}
	for path, contents := range before {
		if filepath.Base(path) == load.GeneratedName && now[path] != contents {
			assert.NoError(t, os.WriteFile(path, []byte(contents), 0o644))
		}
	}
}
