package cli

import (
	"cmp"
	"runtime/debug"
)

// Version returns the version of the module that the program was built from.
func Version(info *debug.BuildInfo, ok bool) string {
	if !ok {
		return "(unknown)"
	}
	v := cmp.Or(info.Main.Version, "(devel)")
	if v == "(devel)" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	return v
}
