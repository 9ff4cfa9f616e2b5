package bigmodule

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlainModuleCompiles(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Write(dir, Config{Packages: 3, Handlers: 25}))
	cmd := exec.Command("go", "vet", "./...")
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

func TestModuleWithDirectivesIsComplete(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, Write(dir, Config{Packages: 12, Handlers: 11, Runtime: root}))
	cmd := exec.Command("go", "list", "-deps", "./cmd/app")
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), Path+"/p011\n")
}
