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
	server, err := newServer(ctx, s, db)
	if err != nil {
		return err
	}
	handler, err := NewGuardedServer(server)
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
	return serve(ctx, listener, handler)
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
