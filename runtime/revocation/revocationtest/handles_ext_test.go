package revocationtest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

// mistakes are made by who calls, each with what is said about it.
var mistakes = map[string]struct {
	open func(t *testing.T) (one, other revocation.Store)
	says string
}{
	"nothing shared": {
		func(*testing.T) (one, other revocation.Store) { return revocation.NewMemory(), revocation.NewMemory() },
		"the other handle does not see what the first handle wrote: both must be of the same store",
	},
	"shared one way": {
		func(*testing.T) (one, other revocation.Store) {
			m, n := revocation.NewMemory(), revocation.NewMemory()
			return both{m, n}, n
		},
		"the first handle does not see what the other handle wrote: both must be of the same store",
	},
	"nil": {
		func(*testing.T) (one, other revocation.Store) { return nil, nil },
		"open returned no store: the first handle is nil",
	},
	"nil in a variable": {
		func(*testing.T) (one, other revocation.Store) {
			return revocation.NewMemory(), (*revocation.Memory)(nil)
		},
		"open returned no store: the other handle is nil",
	},
	"a Fleet and its feed": {
		func(t *testing.T) (one, other revocation.Store) {
			feed := newNaiveFeed("none", newBoard())
			fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: feed})
			require.NoError(t, err)
			return feed, fleet
		},
		"a Fleet learns within its Staleness what another handle has written, not at once: test its Feed alone, or give the same Fleet as both",
	},
}

// both writes to two.
type both struct {
	*revocation.Memory
	second *revocation.Memory
}

func (b both) Revoke(ctx context.Context, t revocation.Token) error {
	_ = b.second.Revoke(ctx, t)
	return b.Memory.Revoke(ctx, t)
}

// TestMistakes makes mistakes, and therefore fails; see [TestMistakesAreNamed].
func TestMistakes(t *testing.T) {
	if os.Getenv(defectsVariable) == "" {
		return // this is the process in which TestMistakesAreNamed looks on
	}
	for name, mistake := range mistakes {
		t.Run(name, func(t *testing.T) { revocationtest.Run(t, mistake.open) })
	}
	t.Run("no feed", func(t *testing.T) {
		revocationtest.RunFeed(t, func(*testing.T) (one, other revocation.Feed) { return nil, nil })
	})
	t.Run("no pointer", func(t *testing.T) {
		revocationtest.Run(t, func(*testing.T) (one, other revocation.Store) {
			return newNaive("joins names", new(storage)), (*naive)(nil)
		})
	})
}

// What is wrong with the call is said once, and nothing else.
func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	output := failing["TestMistakes"](t)
	for name, mistake := range mistakes {
		assert.Contains(t, output, mistake.says, name)
	}
	assert.Equal(t, len(mistakes)+2, strings.Count(output, "Error Trace:"), output)
	assert.Equal(t, len(mistakes)+2, strings.Count(output, "    --- FAIL: TestMistakes/")-strings.Count(output, "        --- FAIL: TestMistakes/"), output)
	assert.NotContains(t, output, "panic")
	assert.NotContains(t, output, "expected:")
}

// What a test says tells what was expected, of which promise.
func TestFailuresSayWhatIsPromised(t *testing.T) {
	t.Parallel()
	stores, feeds := failing["TestDefects"](t), failing["TestFeedDefects"](t)
	for _, cryptic := range []string{"expected: true", "Should be true", "Should be false"} {
		assert.False(t, strings.Contains(stores, cryptic) || strings.Contains(feeds, cryptic), cryptic)
	}
	for _, said := range []string{
		"that a token is not revoked, which it is", "that a token is revoked, which it is not",
		"Revoke: the entry is kept until the token's end plus Grace: it ",
		"RevokeUser ends what was issued at or before the instant, to the microsecond: this was ",
		"RevokeFamily ends one family: asked for is a token of the same name",
	} {
		assert.True(t, strings.Contains(stores, said), said)
	}
	for _, said := range []string{
		"must not return more than the limit", "Changes tells another instant than what is stored",
		"a change must have exactly one of ID, Family and UserID", "Notify calls changed once it listens",
	} {
		assert.True(t, strings.Contains(feeds, said), said)
	}
}
