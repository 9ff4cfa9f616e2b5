package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]string{
		"90d": "2027-02-24 12:00 UTC", "0d": "2026-11-26 12:00 UTC", "12h": "2026-11-27 00:00 UTC", "1h30m": "2026-11-26 13:30 UTC",
		"2027-01-31": "2027-01-31 00:00 UTC", "2027-01-31T12:00:00+02:00": "2027-01-31 10:00 UTC", "36500d": "2126-11-02 12:00 UTC",
	} {
		got, err := ParseInstant(text, noon)
		require.NoError(t, err, text)
		assert.Equal(t, want, Shown(got), text)
	}
	for _, text := range []string{"", "d", "-1d", "1.5d", "36501d", "9999999999999999999d", "90", "-1h", "x", "2027-13-01", "never", "1y"} {
		_, err := ParseInstant(text, noon)
		assert.Error(t, err, text)
	}
}

func TestParseExpiry(t *testing.T) {
	got, err := ParseExpiry("90d", noon)
	require.NoError(t, err)
	assert.Equal(t, noon.Add(90*24*time.Hour), got)
	got, err = ParseExpiry("never", noon)
	require.NoError(t, err)
	assert.Zero(t, got)
	assert.Equal(t, "never", Shown(got))
	for text, want := range map[string]string{
		"": "nor the word never", "soon": "--expires soon: neither a time span", "Never": "nor the word never",
		"0d": "--expires 0d: that is not in the future", "2026-11-26": "that is not in the future", "2026-11-26T12:00:00Z": "that is not in the future",
		"36501d": "--expires 36501d: too far: 36500d are the most, and there is the word never", "99999999d": "too far",
		"99999999999999999999d": "too far", "9999999999h": "too far", "-1d": "neither a time span", "d": "neither a time span",
	} {
		_, err := ParseExpiry(text, noon)
		assert.ErrorContains(t, err, want, text)
	}
}
