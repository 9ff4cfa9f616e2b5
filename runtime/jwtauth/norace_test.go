//go:build !race

package jwtauth

const poolLosses = 0
