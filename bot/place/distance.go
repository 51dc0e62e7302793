package place

// longestName is the number of runes beyond which a name is not compared for slips.
const longestName = 48

// distance returns the number of slips between two names of at most longestName
// runes: a rune left out, added or replaced, or two neighbours swapped (Damerau and
// Levenshtein, in the form that edits nothing twice). It gives up with limit+1.
func distance(a, b []rune, limit int) int {
	var rows [3][longestName + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := range a {
		before, above, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i + 1
		least := row[0]
		for j := range b {
			replaced := above[j]
			if a[i] != b[j] {
				replaced++
			}
			slips := min(replaced, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				slips = min(slips, before[j-1]+1)
			}
			row[j+1] = slips
			least = min(least, slips)
		}
		if least > limit {
			return limit + 1
		}
	}
	return rows[len(a)%3][len(b)]
}
