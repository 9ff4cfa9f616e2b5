// Package integration tests the run time against real databases. It is a module
// of its own, so that their drivers are no dependency of those who use
// boltauthgen.
package integration
