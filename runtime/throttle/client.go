package throttle

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clients finds out where requests come from.
type clients struct {
	proxies []netip.Prefix
	header  string
}

func newClients(proxies []netip.Prefix, header string) (clients, error) {
	c := clients{proxies: slices.Clone(proxies), header: "X-Forwarded-For"}
	var problems []error
	for i, proxy := range proxies {
		if err := checkProxy(proxy); err != nil {
			problems = append(problems, fmt.Errorf("TrustedProxies[%d]: %w", i, err))
		}
	}
	if header != "" {
		c.header = http.CanonicalHeaderKey(header)
		switch {
		case len(proxies) == 0:
			problems = append(problems, errors.New("ForwardedFor: set without TrustedProxies"))
		case c.header == "Forwarded":
			problems = append(problems, errors.New("ForwardedFor: Forwarded is not a list of addresses"))
		case strings.ContainsAny(header, " \t\r\n:,"):
			problems = append(problems, errors.New("ForwardedFor: not a name of a header field"))
		}
	}
	return c, errors.Join(problems...)
}

func checkProxy(proxy netip.Prefix) error {
	switch {
	case !proxy.IsValid():
		return errors.New("not a prefix")
	case proxy.Bits() == 0:
		return errors.New("trusts everybody")
	case proxy.Addr().Is4In6():
		return errors.New("an address of IPv4 in IPv6; write it as one of IPv4")
	case proxy.Addr().Zone() != "":
		return errors.New("has a zone")
	}
	return nil
}

// address returns the client's address as it is counted. It is the zero Addr if
// there is none.
func (c *clients) address(r *http.Request) netip.Addr {
	client := parseAddress(r.RemoteAddr)
	lines := r.Header[c.header]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more && c.trusts(client); {
			var element string
			element, rest, more = cutLast(rest)
			next := parseAddress(strings.Trim(element, " \t"))
			if !next.IsValid() {
				return counted(client)
			}
			client = next
		}
	}
	return counted(client)
}

func (c *clients) trusts(address netip.Addr) bool {
	for _, proxy := range c.proxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}

// cutLast cuts the last element off a list.
func cutLast(list string) (element, rest string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return list, "", false
	}
	return list[i+1:], list[:i], true
}

// parseAddress returns an address that may have a port, and the zero Addr if it
// is none.
func parseAddress(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		pair, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}
		}
		address = pair.Addr()
	}
	return address.Unmap().WithZone("")
}

// networkOf returns the address that stands for all that can be had together with
// it for little.
func networkOf(address netip.Addr) netip.Addr {
	if !address.Is6() {
		return address
	}
	network, err := address.Prefix(48)
	if err != nil {
		return address
	}
	return network.Addr()
}

// counted returns the address that stands for all that one client has.
func counted(address netip.Addr) netip.Addr {
	if !address.Is6() {
		return address
	}
	network, err := address.Prefix(64)
	if err != nil {
		return address
	}
	return network.Addr()
}
