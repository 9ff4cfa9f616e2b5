//go:build race

package main

// manyGuesses are fewer under the race detector, with which each takes about six times as long.
const manyGuesses = 20_000
