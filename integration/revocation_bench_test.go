package integration

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// fillers fill the table with a million revocations of tokens.
var fillers = map[string]string{
	"SQLite": `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO revocations (digest, kind, issuer, name, expires_at, sequence)
		SELECT randomblob(32), 1, CAST('i' AS blob), randomblob(26), 9223372036854775807, i FROM n`,
	"PostgreSQL": `INSERT INTO revocations (digest, kind, issuer, name, expires_at, sequence)
		SELECT sha256(i::text::bytea), 1, 'i', i::text::bytea, 9223372036854775807, i FROM generate_series(1, 1000000) AS i`,
	"MariaDB": `INSERT INTO revocations (digest, kind, issuer, name, expires_at, sequence)
		SELECT unhex(sha2(seq, 256)), 1, 'i', seq, 9223372036854775807, seq FROM seq_1_to_1000000`,
}

// A million entries, and one connection.
func BenchmarkRevoked(b *testing.B) {
	for _, p := range places {
		filler, ok := fillers[p.name]
		if !ok {
			continue
		}
		db := p.create(b)()
		db.SetMaxOpenConns(1)
		run(b, db, p.revocationSchema(b, ""))
		_, err := db.ExecContext(b.Context(), filler)
		require.NoError(b, err)
		if p.name != "SQLite" {
			_, err = db.ExecContext(b.Context(), map[string]string{"PostgreSQL": "VACUUM ANALYZE revocations", "MariaDB": "ANALYZE TABLE revocations"}[p.name])
			require.NoError(b, err)
		}
		s := newRevocations(b, db, "")
		b.Run(p.name+"/not revoked", func(b *testing.B) {
			token := revocation.Token{Issuer: "https://issuer.example", ID: rand.Text(), UserID: "7", Family: rand.Text(), IssuedAt: time.Now()}
			b.ReportAllocs()
			for b.Loop() {
				if revoked, err := s.Revoked(b.Context(), token); revoked || err != nil {
					b.Fatal(revoked, err)
				}
			}
		})
		b.Run(p.name+"/revoke", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				token := revocation.Token{Issuer: "https://issuer.example", ID: fmt.Sprint(i), Expires: time.Now().Add(time.Hour)}
				if err := s.Revoke(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
