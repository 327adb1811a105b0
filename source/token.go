package source

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rxcql/rxcql/cql"
)

// Tokens makes cursors out of pages and goes on from them: what a service gives to clients that it does not trust, in
// place of a paging state. A state shows key values, can be forged, and used on another query skips or repeats rows
// without an error, or crashes the server.
//
// A token is text for a URL. It holds the state, sealed (AES-256-GCM), and is signed (HMAC-SHA-256) together with the
// statement, its arguments, the tenant and the time at which it expires.
//
// What a client can do: use a token as often as it likes until it expires; pass it on to somebody who is the same
// Tenant; see when it expires, which key it was made with, and the length of the state. What it cannot do: read the
// state; change anything; make a token; use one for another statement, other arguments or another tenant. All of that
// is [ErrBadToken], before anything is sent to the server. A token does not say that its bearer may read: check that
// first, as for the first page.
//
// What a token does not know: that the table was dropped and created again. The server goes on from the old place
// without an error. Where that happens, put a version of the schema into Tenant. An unqualified table name means the
// session's keyspace, of which a token knows nothing either. Arguments are the Go values that they are: a day given as
// the string 2006-01-02 is another one than the same day as a time.Time. So a new release that changes the type of an
// argument, or the statement's text, makes tokens bad that are under way; clients start again.
//
// Tokens is a plain value; make one for each request.
type Tokens struct {
	Keys     Keys
	Tenant   string        // whom the token is for, such as the user that was authenticated; never something the client claims
	Lifetime time.Duration // of a token, from when it is made; zero: a day
}

const (
	defaultLifetime = 24 * time.Hour
	// No token is longer: the keys in a paging state have at most 64 KiB a part.
	maxToken = 256 << 10
)

var (
	// ErrBadToken is what a run from a token gets that was altered, cut off, made up, or made for another statement,
	// other arguments, another tenant, or with a key that is no longer known. Why is not told.
	// Its status is 400.
	ErrBadToken error = badToken{}
	// ErrTokenExpired is a token that was good once. It is an ErrBadToken, too.
	ErrTokenExpired error = expired{}
)

type badToken struct{}

func (badToken) Error() string { return "source: bad token; start again without one" }

// StatusCode is what HTTP has for it, as sink.StatusOf tells.
func (badToken) StatusCode() int { return http.StatusBadRequest }

type expired struct{}

func (expired) Error() string { return "source: the token has expired; start again without one" }
func (expired) Unwrap() error { return ErrBadToken }

// token is one that was given to FromToken.
type token struct {
	tokens Tokens
	text   string
}

// FromToken makes runs start where the token points to, which [Page.Token] made for the same statement, arguments and
// tenant; an empty one is the start. It is looked at when the query runs: a bad one is [ErrBadToken] then, and nothing
// is sent. The page size, and T, may differ from page to page.
func (q Select[T]) FromToken(t Tokens, text string) Select[T] {
	q.state, q.token = nil, &token{t, text}
	return q
}

// Token makes the token for the page that follows; "" if this page is the last. It fails if an argument is of a type
// that cannot be signed: channels, functions, and structs with unexported fields that have neither a Value, as of
// driver.Valuer, nor a text of their own, or that encode themselves as cells.
func (p Page[T]) Token(t Tokens) (string, error) {
	if p.statement == nil {
		return "", errors.New("source: no token for a Page that no query has returned")
	}
	if len(t.Keys.all) == 0 {
		return "", errNoKeys
	}
	if len(p.State) == 0 {
		return "", nil
	}
	arguments, err := canonicalArguments(p.statement.Args)
	if err != nil {
		return "", err
	}
	expires := time.Now().Add(cmp.Or(t.Lifetime, defaultLifetime))
	b := t.Keys.all[0].seal(p.State, expires, signed{p.statement.CQL, arguments, t.Tenant})
	if base64.RawURLEncoding.EncodedLen(len(b)) > maxToken {
		return "", fmt.Errorf("source: a paging state of %d bytes is too long for a token", len(p.State))
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// open gives the state of a token that is good for the statement.
func (t *token) open(s cql.Statement) ([]byte, error) {
	if len(t.tokens.Keys.all) == 0 {
		return nil, errNoKeys
	}
	arguments, err := canonicalArguments(s.Args)
	if err != nil || t.text == "" {
		return nil, err
	}
	if len(t.text) > maxToken {
		return nil, ErrBadToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(t.text)
	// The decoder skips line ends, with which there would be many texts for a token.
	if err != nil || len(b) != base64.RawURLEncoding.DecodedLen(len(t.text)) {
		return nil, ErrBadToken
	}
	return t.tokens.Keys.open(b, signed{s.CQL, arguments, t.tokens.Tenant})
}
