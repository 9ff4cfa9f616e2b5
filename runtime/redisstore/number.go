package redisstore

import (
	"fmt"
	"strconv"
)

// digits is the length of a number in a text. With as many digits for all, and the smallest number counting as zero,
// texts compare as their numbers do: numbers in Lua and in sorted sets have 53 bits.
const digits = 20

func padded(n int64) string { return fmt.Sprintf("%0*d", digits, uint64(n)^1<<63) }

// parsePadded is the inverse of padded.
func parsePadded(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || len(text) != digits {
		return 0, errData // the other error would have the text
	}
	return int64(n ^ 1<<63), nil
}
