package integration

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A proxy passes bytes on to a server, and can end connections in mid-answer.
type proxy struct {
	net.Listener
	to  atomic.Int64 // the port of the server, for connections to come
	cut atomic.Int64 // after so many bytes of answers; negative: never

	ended atomic.Int64 // connections that were cut
}

func newProxy(t *testing.T, port int) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: listener}
	p.to.Store(int64(port))
	p.cut.Store(-1)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// port is where the proxy listens.
func (p *proxy) port() int { return p.Addr().(*net.TCPAddr).Port }

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", p.to.Load()))
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		pass(server, client, func(n int) int { return n })
	}()
	pass(client, server, p.rest)
}

// pass copies until one of the two ends, or fewer bytes may pass than there are.
func pass(to, from net.Conn, rest func(n int) int) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		may := rest(n)
		if _, failed := to.Write(buffer[:may]); failed != nil || err != nil || may < n {
			return
		}
	}
}

// rest returns how many of n bytes may pass.
func (p *proxy) rest(n int) int {
	for {
		left := p.cut.Load()
		if left < 0 {
			return n
		}
		may := min(left, int64(n))
		if !p.cut.CompareAndSwap(left, left-may) {
			continue
		}
		if int(may) < n {
			p.ended.Add(1)
		}
		return int(may)
	}
}
