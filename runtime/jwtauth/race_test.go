//go:build race

package jwtauth

// The race detector makes each sync.Pool lose a part of what it is given. A
// scratch or the state of a MAC is then made anew.
const poolLosses = 6
