package runtime

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Hosts as almost all clients send them cost no copy of the request.
func TestPlainHostIsLeftAlone(t *testing.T) {
	for _, host := range []string{"example.com", "example.com:8080", "[::1]:8080", "127.0.0.1", ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		assert.Same(t, r, withPlainHost(r), host)
	}
	for host, plain := range map[string]string{
		"Example.com": "example.com", "example.com.": "example.com", "Example.com.:8080": "example.com:8080", "[FE80::1]:80": "[fe80::1]:80",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		assert.Equal(t, plain, withPlainHost(r).Host)
	}
}
