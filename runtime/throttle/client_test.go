package throttle

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddress(t *testing.T) {
	cases := []struct {
		name  string
		peer  string
		lines []string // of X-Forwarded-For
		want  string   // "": none
	}{
		{"IPv4", "192.0.2.1:4711", nil, "192.0.2.1"},
		{"IPv4 without a port", "192.0.2.1", nil, "192.0.2.1"},
		{"IPv6", "[2001:db8:1:2:3:4:5:6]:4711", nil, "2001:db8:1:2::"},
		{"the same /64", "[2001:db8:1:2:ffff::]:1", nil, "2001:db8:1:2::"},
		{"another /64", "[2001:db8:1:3::]:1", nil, "2001:db8:1:3::"},
		{"a zone", "[fe80::1%eth0]:4711", nil, "fe80::"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.1]:4711", nil, "192.0.2.1"},
		{"a Unix socket", "@", nil, ""},
		{"nothing", "", nil, ""},
		{"a pipe", "pipe", nil, ""},
		{"a Unix socket is no proxy", "@", []string{"192.0.2.9"}, ""},

		{"HOSTILE 21: from who is no proxy", "192.0.2.1:4711", []string{"192.0.2.9"}, "192.0.2.1"},
		{"HOSTILE 21: a proxy's address from who is no proxy", "192.0.2.1:4711", []string{"192.0.2.9, 10.0.0.1"}, "192.0.2.1"},
		{"from a proxy", "10.0.0.1:80", []string{"192.0.2.9"}, "192.0.2.9"},
		{"from a proxy by IPv6", "[2001:db8:f::1]:80", []string{"192.0.2.9"}, "192.0.2.9"},
		{"from a proxy, IPv4 in IPv6", "[::ffff:10.0.0.1]:80", []string{"::ffff:192.0.2.9"}, "192.0.2.9"},
		{"from a proxy with a zone", "[fe80::1%eth0]:80", []string{"192.0.2.9"}, "192.0.2.9"},
		{"IPv6 from a proxy", "10.0.0.1:80", []string{"2001:db8:1:2::9"}, "2001:db8:1:2::"},
		{"with a port", "10.0.0.1:80", []string{"192.0.2.9:5555"}, "192.0.2.9"},
		{"IPv6 with a port", "10.0.0.1:80", []string{"[2001:db8:1:2::9]:5555"}, "2001:db8:1:2::"},
		{"two proxies", "10.0.0.1:80", []string{"192.0.2.9, 10.0.0.2"}, "192.0.2.9"},
		{"two proxies, two lines", "10.0.0.1:80", []string{"192.0.2.9", "10.0.0.2"}, "192.0.2.9"},
		{"without spaces", "10.0.0.1:80", []string{"192.0.2.9,10.0.0.2,10.0.0.3"}, "192.0.2.9"},
		{"HOSTILE 21: spoofed before what the proxy saw", "10.0.0.1:80", []string{"203.0.113.1, 192.0.2.9"}, "192.0.2.9"},
		{"HOSTILE 21: spoofed in a line before", "10.0.0.1:80", []string{"203.0.113.1", "192.0.2.9"}, "192.0.2.9"},
		{"HOSTILE 21: a proxy spoofed", "10.0.0.1:80", []string{"203.0.113.1, 10.0.0.9, 192.0.2.9, 10.0.0.2"}, "192.0.2.9"},
		{"HOSTILE 21: garbage spoofed", "10.0.0.1:80", []string{"\x00, unknown, 192.0.2.9"}, "192.0.2.9"},
		{"only proxies", "10.0.0.1:80", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},

		{"no header", "10.0.0.1:80", nil, "10.0.0.1"},
		{"an empty one", "10.0.0.1:80", []string{""}, "10.0.0.1"},
		{"commas", "10.0.0.1:80", []string{",,"}, "10.0.0.1"},
		{"unknown", "10.0.0.1:80", []string{"unknown"}, "10.0.0.1"},
		{"a name", "10.0.0.1:80", []string{"192.0.2.9, client.example"}, "10.0.0.1"},
		{"malformed by the second proxy", "10.0.0.1:80", []string{"192.0.2.9, x, 10.0.0.2"}, "10.0.0.2"},
		{"leading zeros", "10.0.0.1:80", []string{"192.000.002.009"}, "10.0.0.1"},
		{"a number", "10.0.0.1:80", []string{"3221225985"}, "10.0.0.1"},
		{"quoted", "10.0.0.1:80", []string{`"192.0.2.9"`}, "10.0.0.1"},
		{"Forwarded's syntax", "10.0.0.1:80", []string{"for=192.0.2.9"}, "10.0.0.1"},
		{"HOSTILE 15: long", "10.0.0.1:80", []string{strings.Repeat("x,", 1<<19)}, "10.0.0.1"},
	}
	c, err := newClients([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:f::/48"), netip.MustParsePrefix("fe80::1/128")}, "")
	require.NoError(t, err)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: tc.peer, Header: http.Header{
				"X-Forwarded-For": tc.lines,
				// HOSTILE 21, 22: those that nobody asked for
				"X-Real-Ip":        {"203.0.113.77"},
				"Forwarded":        {"for=203.0.113.77"},
				"X-Client-Ip":      {"203.0.113.77"},
				"Cf-Connecting-Ip": {"203.0.113.77"},
				"X-Remote-User":    {"root"},
			}}
			got := c.address(r)
			if tc.want == "" {
				assert.False(t, got.IsValid(), got)
				return
			}
			assert.Equal(t, tc.want, got.String())
		})
	}
}

func TestAddressOfAnotherHeader(t *testing.T) {
	c, err := newClients([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "x-real-ip")
	require.NoError(t, err)
	r := &http.Request{RemoteAddr: "10.0.0.1:80", Header: http.Header{
		"X-Forwarded-For": {"203.0.113.77"},
		"X-Real-Ip":       {"192.0.2.9"},
	}}
	assert.Equal(t, "192.0.2.9", c.address(r).String())
	r.Header.Del("X-Real-Ip")
	assert.Equal(t, "10.0.0.1", c.address(r).String())
}

func TestProxiesDoNotFollowTheConfiguration(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	c, err := newClients(proxies, "")
	require.NoError(t, err)
	proxies[0] = netip.MustParsePrefix("192.0.2.0/24")
	r := &http.Request{RemoteAddr: "192.0.2.1:80", Header: http.Header{"X-Forwarded-For": {"203.0.113.77"}}}
	assert.Equal(t, "192.0.2.1", c.address(r).String())
}

// The client's address is that of the connection, or one that a trusted proxy
// has written behind all that the client can have written.
func FuzzAddress(f *testing.F) {
	for _, list := range []string{"", ",", "1.2.3.4", "10.0.0.1, 10.0.0.2", "[::1]:80", "::ffff:1.2.3.4%1", "x, 1.2.3.4", "fe80::1%,"} {
		f.Add(list)
	}
	c, err := newClients([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, list string) {
		header := http.Header{"X-Forwarded-For": {list}}
		direct := c.address(&http.Request{RemoteAddr: "192.0.2.1:1", Header: header})
		assert.Equal(t, "192.0.2.1", direct.String())

		header["X-Forwarded-For"] = []string{list + ", 192.0.2.1"}
		proxied := c.address(&http.Request{RemoteAddr: "10.0.0.1:1", Header: header})
		assert.Equal(t, direct, proxied)

		header["X-Forwarded-For"] = []string{list}
		chosen := c.address(&http.Request{RemoteAddr: "10.0.0.1:1", Header: header})
		assert.True(t, chosen.IsValid())
		assert.False(t, chosen.Is4In6())
		assert.Empty(t, chosen.Zone())
	})
}
