package cli

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersion(t *testing.T) {
	revision := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "abc123"}}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"released", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: revision}, "v1.2.3"},
		{"a working tree", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "(devel)"},
		{"a working tree with its revision", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: revision}, "(devel) abc123"},
		{"replaced by a folder", &debug.BuildInfo{}, "(devel)"},
		{"no information", nil, "(unknown)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, Version(tt.info, tt.info != nil))
		})
	}
}
