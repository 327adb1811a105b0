package lex

import "strings"

// Shown is a statement as errors show it: without comments, without literal strings, which may hold what is not for
// logs, such as a role's password, on one line, and not endless. Nothing is shown from a quote on that is not closed.
func Shown(statement string) string { return Cut(Bare(statement)) }

// Cut cuts off what is too long to be shown.
func Cut(shown string) string {
	const most = 200
	if runes := []rune(shown); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return shown
}

// Bare is [Shown] of whatever length.
func Bare(statement string) string {
	var b strings.Builder
	for s := statement; s != ""; {
		if n := Space(s); n > 0 {
			b.WriteByte(' ')
			s = s[n:]
			continue
		}
		n, closed := Quoted(s)
		switch {
		case n == 0:
			n = max(Word(s), 1)
			b.WriteString(s[:n])
		case !closed:
			b.WriteString(s[:1] + "…")
			n = len(s)
		case s[0] == '"':
			b.WriteString(s[:n])
		default:
			b.WriteString("'…'")
		}
		s = s[n:]
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
