package revocation_test

import (
	"testing"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

func TestMemory(t *testing.T) {
	revocationtest.Run(t, func(*testing.T) (revocation.Store, revocation.Store) {
		m := revocation.NewMemory()
		return m, m
	})
}
