package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/boltauthgen/boltauthgen/bench"
)

// A client is a connection that is kept alive. It reads no more of an answer than it must, so that the machine's time is the server's.
type client struct {
	conn     net.Conn
	in       *bufio.Reader
	requests [][]byte // sent in turn
	next     int
}

func dial(ctx context.Context, address string, requests [][]byte) (*client, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return &client{conn: conn, in: bufio.NewReader(conn), requests: requests}, nil
}

// do sends a number of requests, one after the other. An answer other than 200 is an error.
func (c *client) do(ctx context.Context, number int) error {
	for range number {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := c.conn.Write(c.requests[c.next]); err != nil {
			return err
		}
		if c.next++; c.next == len(c.requests) {
			c.next = 0
		}
		if err := c.readAnswer(); err != nil {
			return err
		}
	}
	return nil
}

var contentLength = []byte("Content-Length: ")

// readAnswer reads an answer of net/http, which spells its fields in one way.
func (c *client) readAnswer() error {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("read status: %w", err)
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("the answer is %q", line)
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read header: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return fmt.Errorf("read length: %w", err)
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("the answer has no length")
	}
	_, err = c.in.Discard(length)
	return err
}

// A target is a server with connections to it.
type target struct {
	process *process
	clients []*client
}

// A measurement is what one round of requests to a server took.
type measurement struct{ elapsed, processor time.Duration }

// newTarget starts the server of a row and connects to it.
func newTarget(ctx context.Context, s settings, row bench.Row) (*target, error) {
	requests, err := requestsFor(row, s.tokens)
	if err != nil {
		return nil, err
	}
	p, err := startProcess(ctx, row, s.procs)
	if err != nil {
		return nil, err
	}
	t := &target{process: p}
	for i := range s.connections {
		c, err := dial(ctx, p.address, requests)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("connect: %w", err), t.stop())
		}
		c.next = i * len(requests) / s.connections
		t.clients = append(t.clients, c)
	}
	return t, nil
}

// requestsFor returns the bytes of requests with so many different tokens, which every row gets, the bare one, too.
func requestsFor(row bench.Row, tokens int) ([][]byte, error) {
	requests := make([][]byte, tokens)
	for i := range requests {
		token, err := row.Token(bench.NewClaims(1 + i))
		if err != nil {
			return nil, fmt.Errorf("make token: %w", err)
		}
		requests[i] = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench.example\r\nAccept: application/json\r\nAuthorization: Bearer %s\r\n\r\n", bench.Path, token)
	}
	return requests, nil
}

// load sends a number of requests over all connections at once.
func (t *target) load(ctx context.Context, number int) (m measurement, err error) {
	before, err := t.process.processorTime()
	if err != nil {
		return m, err
	}
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for i, c := range t.clients {
		share := number / len(t.clients)
		if i < number%len(t.clients) {
			share++
		}
		group.Go(func() error { return c.do(ctx, share) })
	}
	if err := group.Wait(); err != nil {
		return m, err
	}
	m.elapsed = time.Since(start)
	after, err := t.process.processorTime()
	m.processor = after - before
	return m, err
}

// stop closes the connections and ends the server.
func (t *target) stop() error {
	for _, c := range t.clients {
		_ = c.conn.Close() // nothing was left to read or write
	}
	return t.process.stop()
}
