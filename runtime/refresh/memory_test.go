package refresh

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Unix(1_750_000_000, 0)

// size is the number of families, those included that are over but not dropped.
func (m *Memory) size() (n int) {
	for i := range m.shards {
		n += len(m.shards[i].families)
	}
	return n
}

func startMany(t *testing.T, s Store, n int, name string, started time.Time, lifetime time.Duration) {
	t.Helper()
	for i := range n {
		require.NoError(t, s.Start(t.Context(), Family{
			ID: fmt.Sprint(name, i), UserID: "7", Started: started, Expires: started.Add(lifetime), Current: Digest{1},
		}))
	}
}

func TestMemoryIsBoundedByWhatIsAlive(t *testing.T) {
	m := NewMemory()
	const perHour = 4_000
	for hour := range 24 {
		startMany(t, m, perHour, fmt.Sprint(hour, "-"), noon.Add(time.Duration(hour)*time.Hour), 15*time.Minute)
	}
	// Families stay for 75 minutes, so two hours' worth are there at most.
	assert.Less(t, m.size(), 2*2*perHour+shardCount*sweepSize)
}

func TestMemoryNeverDropsWhatIsAlive(t *testing.T) {
	m := NewMemory()
	const n = 20_000
	startMany(t, m, n, "", noon, time.Hour)
	startMany(t, m, n, "an hour later, by a clock that is an hour fast: ", noon.Add(2*time.Hour-time.Microsecond), time.Hour)
	for i := range n {
		result, err := m.Rotate(t.Context(), Rotation{
			Family: fmt.Sprint(i), Old: Digest{1}, New: Digest{2}, Now: noon.Add(time.Hour - time.Microsecond), Expires: noon.Add(2 * time.Hour),
		})
		require.NoError(t, err)
		require.Equal(t, Rotated, result.Outcome, i)
	}
}

func TestMemoryDropsWhatIsOver(t *testing.T) {
	m := NewMemory()
	startMany(t, m, shardCount*sweepSize, "", noon, time.Hour)
	rotated := Rotation{Family: "0", Old: Digest{1}, New: Digest{2}, Now: noon, Expires: noon.Add(24 * time.Hour)}
	_, err := m.Rotate(t.Context(), rotated)
	require.NoError(t, err)

	startMany(t, m, shardCount*sweepSize*4, "later ", noon.Add(2*time.Hour), time.Hour)
	assert.Equal(t, shardCount*sweepSize*4+1, m.size(), "all of the first ones but the one that was rotated")
	rotated.Old, rotated.New, rotated.Now = Digest{2}, Digest{3}, noon.Add(23*time.Hour)
	result, err := m.Rotate(t.Context(), rotated)
	require.NoError(t, err)
	assert.Equal(t, Rotated, result.Outcome)
}

func TestMemoryDoesNotKeepTheCallersText(t *testing.T) {
	m := NewMemory()
	text := strings.Repeat("x", 100) + "id"
	require.NoError(t, m.Start(t.Context(), Family{ID: text[100:], UserID: text[100:], Expires: noon, Current: Digest{1}}))
	for k, f := range m.shard(key{"", "id"}).families {
		assert.Equal(t, "id", k.family)
		assert.NotSame(t, unsafe.StringData(text[100:]), unsafe.StringData(k.family))
		assert.NotSame(t, unsafe.StringData(text[100:]), unsafe.StringData(f.userID))
	}
}

// Without grace a store must not hold what could be opened with the old token.
func TestMemoryKeepsNothingSealedWithoutGrace(t *testing.T) {
	m := NewMemory()
	startMany(t, m, 1, "", noon, time.Hour)
	_, err := m.Rotate(t.Context(), Rotation{
		Family: "0", Old: Digest{1}, New: Digest{2}, Sealed: []byte("sealed"), Now: noon, Expires: noon.Add(time.Hour),
	})
	require.NoError(t, err)
	assert.Empty(t, m.shard(key{"", "0"}).families[key{"", "0"}].sealed)
}

func TestStoresThatWereNotMade(t *testing.T) {
	rotation := Rotation{Family: "f", Old: Digest{1}, New: Digest{2}, Now: noon, Expires: noon.Add(time.Hour)}
	for name, s := range map[string]Store{
		"zero Memory": &Memory{}, "nil Memory": (*Memory)(nil), "zero SQL": &SQL{}, "nil SQL": (*SQL)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			assert.ErrorIs(t, s.Start(ctx, Family{ID: "f", UserID: "u", Expires: noon, Current: Digest{1}}), errNotMade)
			result, err := s.Rotate(ctx, rotation)
			assert.ErrorIs(t, err, errNotMade)
			assert.Zero(t, result)
			assert.ErrorIs(t, s.End(ctx, "", "f"), errNotMade)
			assert.ErrorIs(t, s.EndUser(ctx, "", "u", noon), errNotMade)
		})
	}
}

func TestMicros(t *testing.T) {
	for _, c := range []struct {
		time time.Time
		want int64
	}{
		{time.Unix(0, 0), 0},
		{time.Unix(1, 999), 1_000_000},
		{time.Unix(-1, 999_999_999), -1},
		{noon.Add(time.Microsecond), 1_750_000_000_000_001},
		{time.Time{}, firstSecond * 1e6},
		{time.Time{}.Add(-time.Second), firstSecond * 1e6},
		{time.Date(9999, 12, 31, 23, 59, 58, 999_999_999, time.UTC), lastSecond*1e6 - 1},
		{time.Date(9999, 12, 31, 23, 59, 59, 1, time.UTC), lastSecond * 1e6},
		{time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC), lastSecond * 1e6},
		{time.Unix(math.MaxInt64, 0), lastSecond * 1e6},
		{time.Unix(math.MinInt64, 0), firstSecond * 1e6},
	} {
		assert.Equal(t, c.want, micros(c.time), c.time)
	}
}

func TestInstantsFarAway(t *testing.T) {
	m := NewMemory()
	end := time.Unix(math.MaxInt64, 0)
	require.NoError(t, m.Start(t.Context(), Family{ID: "f", UserID: "u", Expires: end, Current: Digest{1}}))
	rotate := func(from, to byte, now time.Time) Outcome {
		result, err := m.Rotate(t.Context(), Rotation{
			Family: "f", Old: Digest{from}, New: Digest{to}, Sealed: []byte("sealed"), Now: now, Grace: time.Second, Expires: end,
		})
		require.NoError(t, err)
		return result.Outcome
	}
	assert.Equal(t, Rotated, rotate(1, 2, time.Date(9990, 1, 1, 0, 0, 0, 0, time.UTC)))
	assert.Equal(t, Repeated, rotate(1, 3, time.Unix(math.MinInt64, 0)))
	require.NoError(t, m.EndUser(t.Context(), "", "u", end))
	assert.Equal(t, Unknown, rotate(2, 3, noon))
}

func TestTableNames(t *testing.T) {
	schemas := map[string]func(string) (string, error){`"`: SQLiteSchema, ` "`: PostgreSQLSchema, "`": MySQLSchema} // by quotes
	for _, name := range []string{" ", "1a", `a"`, "a;b", "{table}"} {
		_, err := NewSQL(t.Context(), SQLConfig{Table: name})
		assert.ErrorContains(t, err, "name", "%q", name)
		for _, schema := range schemas {
			_, err = schema(name)
			assert.Error(t, err, "%q", name)
		}
	}
	_, err := NewSQL(t.Context(), SQLConfig{})
	assert.ErrorContains(t, err, "DB is nil")
	for quote, schema := range schemas {
		quote = strings.TrimSpace(quote)
		for name, want := range map[string]string{"": defaultTable, "order": "order"} {
			text, err := schema(name)
			require.NoError(t, err)
			assert.Contains(t, text, "CREATE TABLE IF NOT EXISTS "+quote+want+quote+" (")
		}
	}
	for length, fits := range map[int]bool{55: true, 56: false} {
		_, err = PostgreSQLSchema(strings.Repeat("a", length))
		assert.Equal(t, fits, err == nil, length)
	}
}

func TestOutcomesByName(t *testing.T) {
	for outcome, name := range map[Outcome]string{Rotated: "Rotated", Repeated: "Repeated", Reused: "Reused", Unknown: "Unknown", 0: "no outcome", 5: "no outcome"} {
		assert.Equal(t, name, outcome.String())
	}
}
