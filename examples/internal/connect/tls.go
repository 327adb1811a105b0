package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/gocql/gocql"
)

// tlsFlags is how the connection is encrypted. The server's certificate is always verified: for one that is signed by
// nobody known there is -ca, for one that does not hold the node's address -server-name.
type tlsFlags struct {
	on                        bool
	ca, cert, key, serverName string
}

func (t *tlsFlags) bind(flags *flag.FlagSet) {
	flags.BoolVar(&t.on, "tls", false, "encrypt; -ca, -cert and -server-name imply it")
	flags.StringVar(&t.ca, "ca", "", "PEM `file` of who signed the nodes' certificates; without it, the system's authorities")
	flags.StringVar(&t.cert, "cert", "", "PEM `file` of the client's own certificate; takes -key")
	flags.StringVar(&t.key, "key", "", "PEM `file` of the key of -cert")
	flags.StringVar(&t.serverName, "server-name", "", "`name` in the nodes' certificates, where that is not their address")
}

// options is nil without TLS.
func (t *tlsFlags) options() (*gocql.SslOptions, error) {
	if !t.on && t.ca == "" && t.cert == "" && t.key == "" && t.serverName == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.serverName}
	if t.ca != "" {
		pem, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, fmt.Errorf("-ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("-ca: %s holds no certificate in PEM", t.ca)
		}
	}
	if (t.cert == "") != (t.key == "") {
		return nil, errors.New("-cert and -key belong together")
	}
	if t.cert != "" {
		own, err := tls.LoadX509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, fmt.Errorf("-cert and -key: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return &gocql.SslOptions{Config: config, EnableHostVerification: true}, nil
}
