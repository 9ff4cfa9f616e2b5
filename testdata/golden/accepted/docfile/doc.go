// Package docfile has its defaults in a file of its own, beside test files and files of other systems.
//
//auth:backend s.Who, who.Backend{Prefix: levels["x"]}
//auth:guard IsAuthenticated() && level(strings.TrimSpace(" x ")) > 0
package docfile
