//go:build !race

package bench

const poolLosses = 0
