package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/bench"
)

// The test binary serves rows, too, as the command does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	rows, err := bench.Rows()
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-rounds", "2", "-requests", "60", "-connections", "3", "-tokens", "5"}, &out))
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	require.Len(t, lines, len(rows)+2)
	for i, row := range rows {
		assert.Regexp(t, `^\| `+regexp.QuoteMeta(row.Name)+` *\| \d+\.\d\d +\| \d+\.\d\d +\|$`, string(lines[i+2]))
	}
	assert.Contains(t, string(lines[2]), "1.00")
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"-rounds", "0"}, {"-requests", "7"}, {"-rows", "ours"}, {"-serve", "ours"}, {"-tokens", "0"}, {"-procs", "0"},
	} {
		assert.Error(t, run(t.Context(), args, io.Discard), args)
	}
	assert.Error(t, run(t.Context(), []string{"-requests", "1000000", "-timeout", "1s", "-rows", "chi-jwtauth"}, io.Discard), "it stops by itself")
}

// A row that does not serve the requests is not measured.
func TestRefusalsAreErrors(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	c, err := dial(t.Context(), listener.Addr().String(), [][]byte{[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")})
	require.NoError(t, err)
	defer c.conn.Close()
	assert.ErrorContains(t, c.do(t.Context(), 1), "404")
}

func TestReport(t *testing.T) {
	var out bytes.Buffer
	ms := time.Millisecond
	require.NoError(t, report(&out, []result{
		{"bare", []measurement{{100 * ms, 80 * ms}, {200 * ms, 160 * ms}, {100 * ms, 80 * ms}}},
		{"slow", []measurement{{200 * ms, 240 * ms}, {400 * ms, 480 * ms}, {100 * ms, 800 * ms}}},
	}))
	assert.Contains(t, out.String(), "| slow | 3.00                   | 0.50              |")
	assert.Equal(t, 1.5, median([]float64{2, 1}))
}
