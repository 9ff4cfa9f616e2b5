package apikey_test

import (
	"os"
	"testing"

	"github.com/boltauthgen/boltauthgen/internal/leak"
)

// No credential that a test sends comes out of what it tests.
func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
