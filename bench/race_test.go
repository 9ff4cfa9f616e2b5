//go:build race

package bench

// The race detector makes each sync.Pool lose a part of what it is given. What comes from one is then made anew.
const poolLosses = 6
