package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxDays is as far as days are counted.
const maxDays = 36500

var (
	errTooFar = fmt.Errorf("too far: %dd are the most", maxDays)
	span      = regexp.MustCompile(`^[0-9]+[dhms]$`)
)

// ParseDuration reads days, as in 90d, or what [time.ParseDuration] does. It is not negative.
func ParseDuration(text string) (time.Duration, error) {
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if days, err := strconv.Atoi(number); err == nil && 0 <= days && days <= maxDays {
			return time.Duration(days) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	if span.MatchString(text) { // of a form that is known
		return 0, errTooFar
	}
	return 0, errors.New("not a time span, as 90d, 12h or 30m")
}

// ParseInstant reads a day, which begins in UTC, or an instant, or a time span from now on.
func ParseInstant(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	d, err := ParseDuration(text)
	if errors.Is(err, errTooFar) {
		return time.Time{}, err
	}
	if err != nil {
		return time.Time{}, errors.New("neither a time span, as 90d or 12h, nor a day, as 2027-01-31, nor an instant, as 2027-01-31T12:00:00Z")
	}
	return now.Add(d), nil
}

// ParseExpiry reads when something ends: an instant in the future, or the word never, which is the zero time. Its errors name
// the flag --expires.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	if text == "never" {
		return time.Time{}, nil
	}
	t, err := ParseInstant(text, now)
	switch {
	case errors.Is(err, errTooFar):
		return t, fmt.Errorf("--expires %s: %w, and there is the word never", text, err)
	case err != nil:
		return t, fmt.Errorf("--expires %s: %w, nor the word never", text, err)
	case !t.After(now):
		return t, fmt.Errorf("--expires %s: that is not in the future", text)
	}
	return t, nil
}

// Shown returns an instant as people read it, in minutes; the zero time is never.
func Shown(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
