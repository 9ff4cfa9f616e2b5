// Package badcatalogue has a catalogue of what is no permission.
package badcatalogue

//auth:permissions
const (
	View  = "view"
	Empty = ""
	Blank = "  "
	Space = "view "
	Count = 1
	Flag  = true
	_     = ""
)

//auth:permissions
const Again = "view"

//auth:permissions
var Variable = "view"

//auth:permissions
const Broken = missing
