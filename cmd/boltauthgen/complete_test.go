package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree writes empty files and returns the folder that they are in.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o644))
	}
	return root
}

func TestCompletePackages(t *testing.T) {
	root := tree(t, "main.go", "blog/blog.go", "blog/api/v1/api.go", "blog/testdata/x/x.go", "books/README.md", "lib/a/a.go",
		".git/x.go", "_old/x.go", "vendor/v/v.go", "testdata/t.go")
	for word, want := range map[string]string{
		"":             "./... ./blog ./blog/... ./lib/...",
		".":            "./... ./blog ./blog/... ./lib/...",
		"./":           "./... ./blog ./blog/... ./lib/...",
		"./.":          "./...",
		"./b":          "./blog ./blog/...",
		"./blog/":      "./blog/... ./blog/api/...",
		"./blog/api/v": "./blog/api/v1",
		"./nope/":      "",
		"./blog/../l":  "./blog/../lib/...",
		"../nope":      "",
		"example.com/": "",
	} {
		for _, command := range []string{"", "check"} {
			t.Run(command+" "+word, func(t *testing.T) {
				c := call{dir: root}
				c.run(t.Context(), append(append([]string{"__complete"}, strings.Fields(command)...), word)...)
				require.Equal(t, 0, c.code, c.stderr)
				assert.Equal(t, want, patterns(c.stdout))
			})
		}
	}
	t.Run("absolute", func(t *testing.T) {
		assert.Equal(t, []string{root + "/lib/..."}, packagePatterns("/", root+"/l"))
	})
	t.Run("-C", func(t *testing.T) {
		c := call{dir: filepath.Dir(root)}
		c.run(t.Context(), "__complete", "check", "-C", filepath.Base(root), "./b")
		assert.Equal(t, "./blog ./blog/...", patterns(c.stdout))
		c.run(t.Context(), "__complete", "check", "-C", "nope", "./b")
		assert.Equal(t, "", patterns(c.stdout))
	})
}

// patterns returns what of a completion's output are package patterns, not names of commands.
func patterns(output string) string {
	var list []string
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, ".") {
			list = append(list, line)
		}
	}
	return strings.Join(list, " ")
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		c := call{}
		c.run(t.Context(), "completion", shell)
		assert.Equal(t, 0, c.code)
		assert.Contains(t, c.stdout, "__complete", shell)
		assert.Empty(t, c.stderr)
	}
	c := call{}
	c.run(t.Context(), "__complete", "che")
	assert.True(t, strings.HasPrefix(c.stdout, "check\t"), c.stdout)
	c.run(t.Context(), "__complete", "check", "--ta")
	assert.Equal(t, "--tags\tbuild tags, as a comma-separated LIST\n:4\n", c.stdout, "as help shows it")
	c.run(t.Context(), "__complete", "check", "--tags", "")
	assert.Equal(t, ":4\n", c.stdout, "tags are no files")
	c.run(t.Context(), "__complete", "completion", "")
	assert.Equal(t, "bash\nfish\npowershell\nzsh\n:4\n", c.stdout)
}
