package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/boltauthgen/boltauthgen/gen"
)

// TestRules holds every rule to what SARIF's readers and configuration files rely on.
func TestRules(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range append(gen.Rules(), staleOutput) {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, r.ID)
		assert.Regexp(t, `^[A-Z/].*\.$`, r.Summary, "%s: one sentence", r.ID)
		assert.NotRegexp(t, `\.$`, r.Format, "%s: a message has no full stop", r.ID)
		assert.NotEmpty(t, r.Format, r.ID)
		ids[r.ID] = true
	}
	assert.Greater(t, len(ids), 30)
}
