// Package weak has a weaker rule.
package weak

// Open is a switch.
var Open = true
