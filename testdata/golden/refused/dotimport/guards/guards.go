// Package guards has guards.
package guards

// IsStaff holds for everyone.
func IsStaff() bool { return true }

// AllowAny holds for nobody.
func AllowAny() bool { return false }
