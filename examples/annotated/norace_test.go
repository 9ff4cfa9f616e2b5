//go:build !race

package main

const manyGuesses = 100_000
