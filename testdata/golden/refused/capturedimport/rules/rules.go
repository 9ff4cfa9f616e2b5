// Package rules has a rule.
package rules

// Open is a switch.
var Open bool
