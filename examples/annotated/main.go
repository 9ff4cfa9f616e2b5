package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err := run(ctx, os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "annotated:", err)
		os.Exit(1)
	}
}

// run serves until the context is done. It writes to out where it listens, and what to try.
func run(ctx context.Context, env environment, out io.Writer) error {
	s, err := readSettings(env)
	if err != nil {
		return err
	}
	if err := s.fetchKeys(ctx); err != nil {
		return err
	}
	db, err := openDatabase(ctx, s.database)
	if err != nil {
		return fmt.Errorf("DATABASE: %w", err)
	}
	defer db.Close()
	revocations, closeRevocations, err := openRevocations(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = closeRevocations() }() // nothing is written any more
	server, err := newServer(ctx, s, db, revocations)
	if err != nil {
		return err
	}
	handler, err := newHandler(server)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("ADDR: %w", err)
	}
	if s.madeSecret {
		slog.Warn("SECRET_KEY is not set: tokens are good for as long as this process runs")
	}
	tour{base: "http://" + listener.Addr().String(), header: s.header, issues: !s.foreign(), apiKey: s.madeKey}.print(out)
	return errors.Join(serve(ctx, listener, handler), flush(ctx, server))
}

// newHandler puts the handlers behind their guards. What is refused is kept in the log, besides what went wrong.
func newHandler(server *Server) (http.Handler, error) {
	return NewGuardedServer(server, runtime.WithErrorHandler(answerError),
		runtime.WithObserver(runtime.NewLogObserver(nil)), runtime.WithObserver(audit{slog.Default().With("log", "audit")}))
}

// flush saves which API keys were used lately.
func flush(ctx context.Context, server *Server) error {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Keys.Flush(grace); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// serve serves until the context is done, and then gives requests on their way some time to end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnContext:       withAddress,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	slog.Info("serving", "addr", listener.Addr().String())
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	slog.Info("stopping")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("stop: %w", errors.Join(err, server.Close()))
	}
	return nil
}
