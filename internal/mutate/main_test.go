package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of mutants fits the code, so that nobody finds out years later that it does not.
func TestTable(t *testing.T) {
	root, err := moduleRoot(t.Context())
	require.NoError(t, err)
	assert.NoError(t, checkTable(root, allMutants()))
	assert.Error(t, checkTable(root, slices.Concat(allMutants(), []mutant{{"another", fleet, "no such code", ""}})))
}
