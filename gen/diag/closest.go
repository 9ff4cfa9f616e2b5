package diag

// Closest returns the candidate that a reader most likely meant by a word: the one with the smallest [Distance], if that is
// at most a third of the word's length (and at least 1). It returns "" if there is none. The first of several wins.
func Closest(word string, candidates []string) string {
	best, limit := "", max(1, len([]rune(word))/3)+1
	for _, c := range candidates {
		if d := Distance(word, c); d < limit {
			best, limit = c, d
		}
	}
	return best
}

// Distance returns how many insertions, deletions, replacements and swaps of neighbouring letters turn a into b
// (optimal string alignment).
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
