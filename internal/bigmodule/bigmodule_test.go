package bigmodule

import (
	"os/exec"
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
