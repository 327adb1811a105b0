package source

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"time"
)

// Keys seal and sign tokens; make them with [NewKeys].
type Keys struct{ all []tokenKey }

// tokenKey is what is derived from one secret (HKDF with SHA-256). Functions hold the keys, so that no format verb
// prints them.
type tokenKey struct {
	id  []byte
	mac func() hash.Hash
	key func(salt []byte) []byte // and nonce, for one token
}

const minSecret = 32 // bytes

var errNoKeys = errors.New("source: Tokens without Keys; make them with NewKeys")

// NewKeys makes keys out of secrets of at least 32 random bytes each. The first seals and signs new tokens, all open
// those that were made before. To change the secret, put the new one in front, on all servers that open tokens at
// least as early as on those that make them; drop the old one when the last token made with it has expired. Dropping a
// secret that has become known makes all its tokens bad: whoever has it can read and make tokens.
func NewKeys(secret []byte, older ...[]byte) (Keys, error) {
	var k Keys
	for i, s := range slices.Concat([][]byte{secret}, older) {
		if len(s) < minSecret {
			return Keys{}, fmt.Errorf("source: secret %d has %d bytes; at least %d random ones are needed", i+1, len(s), minSecret)
		}
		prk, err := hkdf.Extract(sha256.New, s, nil)
		if err != nil {
			return Keys{}, fmt.Errorf("source: secret %d: %w", i+1, err)
		}
		signing := derive(prk, "rxcql token signing", sha256.Size)
		k.all = append(k.all, tokenKey{
			id:  derive(prk, "rxcql token key id", idSize),
			mac: func() hash.Hash { return hmac.New(sha256.New, signing) },
			key: func(salt []byte) []byte { return derive(prk, "rxcql token sealing"+string(salt), keySize+nonceSize) },
		})
	}
	return k, nil
}

func derive(prk []byte, info string, size int) []byte {
	key, err := hkdf.Expand(sha256.New, prk, info, size)
	if err != nil {
		panic(err) // of sizes that are not ours
	}
	return key
}

// A token is version, id of the key, time of expiry in ms since 1970, salt; the sealed state; the signature.
const (
	tokenVersion = 1
	idSize       = 8
	saltSize     = 16
	expiryAt     = 1 + idSize
	saltAt       = expiryAt + 8
	headSize     = saltAt + saltSize
	macSize      = sha256.Size
	keySize      = 32
	nonceSize    = 12
)

// signed is what a token is signed with and does not hold.
type signed struct {
	statement string
	arguments []byte
	tenant    string
}

// seal makes a token.
func (k tokenKey) seal(state []byte, expires time.Time, with signed) []byte {
	b := append([]byte{tokenVersion}, k.id...)
	b = binary.BigEndian.AppendUint64(b, uint64(expires.UnixMilli()))
	b = append(b, make([]byte, saltSize)...)
	rand.Read(b[saltAt:]) // never fails
	aead, nonce := k.cipher(b[saltAt:])
	b = aead.Seal(b, nonce, state, nil)
	return append(b, k.sign(b, with)...)
}

// open gives the state that is sealed in a token.
func (k Keys) open(b []byte, with signed) ([]byte, error) {
	if len(b) < headSize+macSize || b[0] != tokenVersion {
		return nil, ErrBadToken
	}
	i := slices.IndexFunc(k.all, func(k tokenKey) bool { return hmac.Equal(k.id, b[1:expiryAt]) })
	if i < 0 {
		return nil, ErrBadToken
	}
	key := k.all[i]
	body, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, key.sign(body, with)) {
		return nil, ErrBadToken
	}
	if time.Now().UnixMilli() >= int64(binary.BigEndian.Uint64(body[expiryAt:])) {
		return nil, ErrTokenExpired
	}
	aead, nonce := key.cipher(body[saltAt:headSize])
	state, err := aead.Open(nil, nonce, body[headSize:], nil)
	if err != nil {
		return nil, ErrBadToken
	}
	return state, nil
}

// sign signs the body of a token and what it is for. Lengths go first, so that nothing can move from one to the next.
func (k tokenKey) sign(body []byte, with signed) []byte {
	mac := k.mac()
	for _, part := range [][]byte{body, []byte(with.statement), with.arguments, []byte(with.tenant)} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// cipher gives a key and a nonce of the token's own, so there is no number of tokens after which a nonce may repeat.
func (k tokenKey) cipher(salt []byte) (cipher.AEAD, []byte) {
	key := k.key(salt)
	block, err := aes.NewCipher(key[:keySize])
	if err != nil {
		panic(err) // of a size that is not ours
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead, key[keySize:]
}
