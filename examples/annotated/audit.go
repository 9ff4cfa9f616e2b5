package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// An audit keeps a record of what was refused: where, why, to whom and from where. It never holds a credential, or a name that somebody
// typed: people type passwords there.
type audit struct{ logger *slog.Logger }

// Observe implements runtime.Observer.
func (a audit) Observe(ctx context.Context, e runtime.Event) {
	if !isRefusal(e) {
		return
	}
	a.logger.LogAttrs(ctx, slog.LevelInfo, "refused",
		slog.String("route", e.Route.Pattern), slog.String("reason", string(e.Reason)), slog.Int("status", e.Status),
		slog.String("user", e.UserID), slog.String("backend", e.Backend), slog.String("from", addressOf(ctx)))
}

// isRefusal reports whether somebody did not get what they asked for since they may not have it. A login that fails is one, too, though
// everybody may try.
func isRefusal(e runtime.Event) bool {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return true
	}
	return e.Outcome == runtime.OutcomeRefused
}

type addressKey struct{}

// withAddress keeps the client's address for what is done on a connection.
func withAddress(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, addressKey{}, connection.RemoteAddr().String())
}

// addressOf returns the client's address without the port, and nothing if it is not known.
func addressOf(ctx context.Context) string {
	text, _ := ctx.Value(addressKey{}).(string)
	address, err := netip.ParseAddrPort(text)
	if err != nil {
		return ""
	}
	return address.Addr().Unmap().String()
}
