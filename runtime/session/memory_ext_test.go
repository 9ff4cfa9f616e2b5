package session_test

import (
	"testing"

	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.Run(t, func(*testing.T) session.Store { return session.NewMemory() })
}
