package session

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// forwarding are header fields by which proxies say that a request is not from
// where it seems to be.
var forwarding = []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// isLoopback reports whether a request came over the machine's loopback interface
// and means it, and no proxy says that it comes from farther away. What is not
// known counts against it.
func isLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || !isLoopbackHost(local.String()) || !isLoopbackHost(r.Host) {
		return false
	}
	for _, name := range forwarding {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	return true
}

// isLoopbackHost reports whether a host, with or without port, is this machine
// under a name or address that others cannot take (RFC 6761 section 6.3).
func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
