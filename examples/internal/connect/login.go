package connect

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/gocql/gocql"
)

// passwordVariable is the environment variable for the password.
const passwordVariable = "RXCQL_PASSWORD"

// login is who connects.
type login struct {
	user, password, passwordFile string
}

func (l *login) bind(flags *flag.FlagSet) {
	flags.StringVar(&l.user, "user", "", "user `name`; the password is best given by -password-file or "+passwordVariable)
	flags.StringVar(&l.password, "password", "", "`password`; everybody on this machine can see it in the list of processes")
	flags.StringVar(&l.passwordFile, "password-file", "", "`file` whose first line is the password")
}

// authenticator is nil, an interface without a value, if no user was named.
func (l *login) authenticator() (gocql.Authenticator, error) {
	if l.user == "" {
		if l.password != "" || l.passwordFile != "" {
			return nil, errors.New("a password needs a -user")
		}
		return nil, nil
	}
	password := cmp.Or(l.password, os.Getenv(passwordVariable))
	if l.passwordFile != "" {
		if l.password != "" {
			return nil, errors.New("give -password or -password-file, not both")
		}
		content, err := os.ReadFile(l.passwordFile)
		if err != nil {
			return nil, fmt.Errorf("-password-file: %w", err)
		}
		line, _, _ := strings.Cut(string(content), "\n")
		password = strings.TrimSuffix(line, "\r")
	}
	if password == "" {
		return nil, fmt.Errorf("-user %s has no password; set %s, or -password-file", l.user, passwordVariable)
	}
	return gocql.PasswordAuthenticator{Username: l.user, Password: password}, nil
}
