package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/leadport/leadport/internal/lead"
)

// Cost of a password hash: argon2id, 19 MiB, two passes (OWASP Password
// Storage Cheat Sheet). About 30 ms on one core.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonKey    = 32 // bytes
	argonSalt   = 16 // bytes
)

// Length of a password in characters (NIST SP 800-63B 3.1.1.2). The most is
// there so that nobody makes the server hash a megabyte.
const (
	PasswordLeast = 10
	PasswordMost  = 256
)

// HashPassword returns the password's argon2id hash in PHC string format. A
// password that is too short or too long is lead.ErrInvalid.
func HashPassword(password string) (string, error) {
	if n := utf8.RuneCountInString(password); n < PasswordLeast || n > PasswordMost {
		return "", fmt.Errorf("a password has %d to %d characters: %w", PasswordLeast, PasswordMost, lead.ErrInvalid)
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails (crypto/rand)
	return encodeHash(salt, derive(password, salt)), nil
}

// NoPassword is a hash that no password has: checking against it takes as long
// as checking against a person's own, so that nobody learns who has an account.
func NoPassword() string { return encodeHash(make([]byte, argonSalt), make([]byte, argonKey)) }

// CheckPassword reports whether a password has this hash. A hash of another
// kind or cost is an error.
func CheckPassword(hash, password string) (bool, error) {
	head, rest, ok := strings.Cut(hash, phcHead())
	salt, key, parted := strings.Cut(rest, "$")
	if !ok || head != "" || !parted {
		return false, errors.New("the password's hash is not of this program")
	}
	if len(password) > 4*PasswordMost {
		return false, nil
	}
	b64 := base64.RawStdEncoding
	s, err := b64.DecodeString(salt)
	if err != nil {
		return false, fmt.Errorf("password hash: %w", err)
	}
	want, err := b64.DecodeString(key)
	if err != nil {
		return false, fmt.Errorf("password hash: %w", err)
	}
	return subtle.ConstantTimeCompare(derive(password, s), want) == 1, nil
}

// phcHead names algorithm and cost (PHC string format).
func phcHead() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$", argon2.Version, argonMemory, argonTime)
}

func encodeHash(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return phcHead() + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func derive(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, 1, argonKey)
}
