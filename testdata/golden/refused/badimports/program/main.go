// Package main is a program.
package main

func main() {}
