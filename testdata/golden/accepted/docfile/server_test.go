package docfile

import "testing"

func TestGet(t *testing.T) {
	if (&Server{}).Get() != "x" {
		t.Fail()
	}
}
