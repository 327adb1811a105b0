package source

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

func keysOf(t testing.TB, secrets ...string) Keys {
	t.Helper()
	all := make([][]byte, len(secrets))
	for i, s := range secrets {
		all[i] = []byte(strings.Repeat(s, minSecret))
	}
	keys, err := NewKeys(all[0], all[1:]...)
	require.NoError(t, err)
	return keys
}

// after makes the token for the page that follows one of a statement.
func after(t require.TestingT, tokens Tokens, state []byte, s cql.Statement) string {
	text, err := Page[int]{State: state, statement: &s}.Token(tokens)
	require.NoError(t, err)
	return text
}

var (
	someStatement = cql.Statement{CQL: "SELECT n FROM t WHERE p = ?", Args: []any{7}}
	someState     = []byte("the state with a key in it")
)

func TestATokenHoldsAState(t *testing.T) {
	tokens := Tokens{Keys: keysOf(t, "a"), Tenant: "ann"}
	text := after(t, tokens, someState, someStatement)
	require.Regexp(t, "^[A-Za-z0-9_-]+$", text, "fit for a URL")
	require.Less(t, len(text), 160)
	state, err := (&token{tokens, text}).open(someStatement)
	require.NoError(t, err)
	require.Equal(t, someState, state)

	raw, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "key", "a state cannot be read")
	require.NotEqual(t, text, after(t, tokens, someState, someStatement), "nor compared")
}

func TestATokenIsGoodForOneThingOnly(t *testing.T) {
	tokens := Tokens{Keys: keysOf(t, "a"), Tenant: "ann"}
	text := after(t, tokens, someState, someStatement)
	for what, c := range map[string]struct {
		tokens Tokens
		s      cql.Statement
	}{
		"another statement":        {tokens, cql.Statement{CQL: someStatement.CQL + " ", Args: someStatement.Args}},
		"another argument":         {tokens, cql.Statement{CQL: someStatement.CQL, Args: []any{8}}},
		"more arguments":           {tokens, cql.Statement{CQL: someStatement.CQL, Args: []any{7, 7}}},
		"another type of argument": {tokens, cql.Statement{CQL: someStatement.CQL, Args: []any{"7"}}},
		"another tenant":           {Tokens{Keys: tokens.Keys, Tenant: "bob"}, someStatement},
		"no tenant":                {Tokens{Keys: tokens.Keys}, someStatement},
		"another key":              {Tokens{Keys: keysOf(t, "b"), Tenant: "ann"}, someStatement},
	} {
		_, err := (&token{c.tokens, text}).open(c.s)
		require.Equal(t, ErrBadToken, err, what)
	}
	moved := after(t, tokens, someState, cql.Statement{CQL: "SELECT"})
	_, err := (&token{Tokens{Keys: tokens.Keys, Tenant: "ECTann"}, moved}).open(cql.Statement{CQL: "SEL"})
	require.Equal(t, ErrBadToken, err, "the same bytes, cut elsewhere")
	other := someStatement
	other.Consistency, other.Timeout, other.Args = cql.One, time.Second, []any{int64(7)}
	_, err = (&token{tokens, text}).open(other)
	require.NoError(t, err, "how the page is asked for is no part of it")
}

func TestKeysRotate(t *testing.T) {
	before := Tokens{Keys: keysOf(t, "old")}
	during := Tokens{Keys: keysOf(t, "new", "old")}
	afterwards := Tokens{Keys: keysOf(t, "new")}
	old, recent := after(t, before, someState, someStatement), after(t, during, someState, someStatement)
	for _, c := range []struct {
		tokens Tokens
		text   string
		err    error
	}{
		{before, old, nil}, {during, old, nil}, {afterwards, old, ErrBadToken},
		{before, recent, ErrBadToken}, {during, recent, nil}, {afterwards, recent, nil},
	} {
		_, err := (&token{c.tokens, c.text}).open(someStatement)
		require.Equal(t, c.err, err)
	}
}

func TestKeysWantLongSecrets(t *testing.T) {
	long := bytes.Repeat([]byte{1}, minSecret)
	for _, bad := range [][][]byte{{nil}, {long[1:]}, {long, long[1:]}} {
		_, err := NewKeys(bad[0], bad[1:]...)
		require.ErrorContains(t, err, fmt.Sprintf("secret %d has %d bytes; at least 32 random ones are needed", len(bad), len(bad[len(bad)-1])))
	}
	_, err := (&token{Tokens{}, "x"}).open(someStatement)
	require.Equal(t, errNoKeys, err)
	_, err = Page[int]{statement: &someStatement}.Token(Tokens{})
	require.Equal(t, errNoKeys, err)
	_, err = Page[int]{State: someState}.Token(Tokens{Keys: keysOf(t, "a")})
	require.ErrorContains(t, err, "no query has returned")
}

// TestKeysDoNotShow prints keys of two secrets: but for the ids, which tokens show too, they look the same.
func TestKeysDoNotShow(t *testing.T) {
	shown := func(verb, secret string) string {
		config := struct{ keys Keys }{keysOf(t, secret)}
		id := strings.Replace(fmt.Sprintf(verb, config.keys.all[0].id), "[]byte", "[]uint8", 1)
		text := fmt.Sprintf(strings.Repeat(verb+"\n", 3), config, config.keys, Tokens{Keys: config.keys})
		require.Contains(t, text, id)
		return strings.ReplaceAll(text, id, "id")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		require.Equal(t, shown(verb, "a"), shown(verb, "b"), verb)
	}
}

func TestTokensExpire(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		tokens := Tokens{Keys: keysOf(t, "a"), Lifetime: time.Hour}
		text := after(t, tokens, someState, someStatement)
		tokens.Lifetime = 0
		lasting := after(t, tokens, someState, someStatement)
		open := func(text, tenant string) error {
			tokens.Tenant = tenant
			_, err := (&token{tokens, text}).open(someStatement)
			return err
		}
		time.Sleep(time.Hour - time.Millisecond)
		require.NoError(t, open(text, ""))
		time.Sleep(time.Millisecond)
		require.Equal(t, ErrTokenExpired, open(text, ""))
		require.ErrorIs(t, open(text, ""), ErrBadToken)
		require.Equal(t, ErrBadToken, open(text, "bob"), "that it has expired is told only to whom it was for")
		time.Sleep(23*time.Hour - time.Millisecond)
		require.NoError(t, open(lasting, ""), "a day by default")
		time.Sleep(time.Millisecond)
		require.Equal(t, ErrTokenExpired, open(lasting, ""))
	})
}

func TestTheLongestStatesFit(t *testing.T) {
	tokens := Tokens{Keys: keysOf(t, "a")}
	state := bytes.Repeat([]byte{1}, 150<<10)
	got, err := (&token{tokens, after(t, tokens, state, someStatement)}).open(someStatement)
	require.NoError(t, err)
	require.Equal(t, state, got)
	_, err = Page[int]{State: make([]byte, maxToken), statement: &someStatement}.Token(tokens)
	require.ErrorContains(t, err, "262144 bytes is too long")
	b := tokens.Keys.all[0].seal(make([]byte, maxToken), time.Now().Add(time.Hour), signed{statement: someStatement.CQL})
	_, err = (&token{tokens, base64.RawURLEncoding.EncodeToString(b)}).open(cql.Statement{CQL: someStatement.CQL})
	require.Equal(t, ErrBadToken, err, "nothing so long is looked at")
}

func TestATokenOfAnotherVersion(t *testing.T) {
	key := keysOf(t, "a").all[0]
	with := signed{statement: "SELECT"}
	b := key.seal(someState, time.Now().Add(time.Hour), with)
	body := b[:len(b)-macSize]
	body[0]++
	_, err := Keys{[]tokenKey{key}}.open(append(body, key.sign(body, with)...), with)
	require.Equal(t, ErrBadToken, err)
}

// TestAnyChangeMakesATokenBad flips every bit, and cuts and extends everywhere.
func TestAnyChangeMakesATokenBad(t *testing.T) {
	tokens := Tokens{Keys: keysOf(t, "a", "b"), Tenant: "ann"}
	good := after(t, tokens, someState, someStatement)
	bad := func(text string) {
		t.Helper()
		if text == "" {
			return
		}
		_, err := (&token{tokens, text}).open(someStatement)
		require.Equal(t, ErrBadToken, err, "%q", text)
	}
	for i := range len(good) {
		for bit := range 8 {
			b := []byte(good)
			b[i] ^= 1 << bit
			bad(string(b))
		}
		bad(good[:i])
		bad(good[i+1:])
		for _, extra := range []string{"\n", "\r\n", "=", " ", "A", "\x00"} {
			bad(good[:i] + extra + good[i:])
		}
	}
	for _, extra := range []string{"\n", "=", "==", "A", good} {
		bad(good + extra)
	}
	for i := range 64 { // some of which differ only in bits that no byte takes
		if last := base64.RawURLEncoding.EncodeToString([]byte{byte(i << 2)})[:1]; !strings.HasSuffix(good, last) {
			bad(good[:len(good)-1] + last)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(good)
	require.NoError(t, err)
	for i := range raw {
		for bit := range 8 {
			b := bytes.Clone(raw)
			b[i] ^= 1 << bit
			bad(base64.RawURLEncoding.EncodeToString(b))
		}
	}
}

func TestTokensAreExact(t *testing.T) {
	ring := []Keys{keysOf(t, "a"), keysOf(t, "b")}
	type made struct {
		key               int
		tenant, statement string
		args              string
	}
	what := rapid.Custom(func(t *rapid.T) made {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 2, -1)
		return made{rapid.IntRange(0, 1).Draw(t, "key"), text.Draw(t, "tenant"), text.Draw(t, "statement"), text.Draw(t, "args")}
	})
	split := func(m made) (Tokens, cql.Statement) {
		s := cql.Statement{CQL: m.statement}
		for _, r := range m.args {
			s.Args = append(s.Args, string(r))
		}
		return Tokens{Keys: ring[m.key], Tenant: m.tenant}, s
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := what.Draw(t, "made for"), what.Draw(t, "used for")
		state := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "state")
		tokens, s := split(a)
		text := after(t, tokens, state, s)
		tokens, s = split(b)
		got, err := (&token{tokens, text}).open(s)
		if a == b {
			require.NoError(t, err)
			require.Equal(t, state, got)
			return
		}
		require.Equal(t, ErrBadToken, err)
	})
}

func FuzzFromToken(f *testing.F) {
	tokens := Tokens{Keys: keysOf(f, "a", "b"), Tenant: "ann"}
	f.Add(after(f, Tokens{Keys: keysOf(f, "c"), Tenant: "ann"}, someState, someStatement))
	f.Add(after(f, Tokens{Keys: keysOf(f, "a"), Tenant: "bob"}, someState, someStatement))
	f.Add(base64.RawURLEncoding.EncodeToString(append([]byte{tokenVersion}, tokens.Keys.all[0].id...)))
	f.Add("A")
	f.Fuzz(func(t *testing.T, text string) {
		state, err := Query[int](nil, someStatement.CQL, someStatement.Args...).FromToken(tokens, text).start(&marks{statement: &someStatement})
		require.Nil(t, state)
		if text == "" {
			require.NoError(t, err, "the start")
			return
		}
		require.ErrorIs(t, err, ErrBadToken)
		// The same as the bytes of a token.
		_, err = tokens.Keys.open([]byte(text), signed{tenant: "ann"})
		require.ErrorIs(t, err, ErrBadToken)
	})
}
