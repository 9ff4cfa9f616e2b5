package refresh_test

import (
	"testing"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
)

func TestMemory(t *testing.T) {
	refreshtest.Run(t, func(*testing.T) refresh.Store { return refresh.NewMemory() })
}
