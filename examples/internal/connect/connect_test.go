package connect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

func address(s *cqltest.Server) string {
	config := s.Cluster()
	return net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))
}

// open connects as the flags say, and closes again.
func open(t *testing.T, args ...string) error {
	t.Helper()
	cluster, config, err := parse(t, args...)
	require.NoError(t, err)
	// Else the driver goes on to fill its pool, in the background, while it is closed.
	config.NumConns = 1
	config.ReconnectionPolicy = &gocql.ConstantReconnectionPolicy{MaxRetries: 3, Interval: 10 * time.Millisecond}
	session, err := cluster.Connect(context.Background(), config)
	if err == nil {
		session.Close()
	}
	return err
}

func TestConnect(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	hosts := "-hosts=" + address(server)
	require.NoError(t, open(t, hosts))
	require.NoError(t, open(t, hosts, "-dc=datacenter1"))
	require.EqualError(t, open(t, hosts, "-dc=west"), `-dc: no node is in data centre "west"; there is datacenter1`)
}

func TestTheServersCertificateIsVerified(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	certificate, ca := selfSigned(t, "node.example")
	hosts := "-hosts=" + encrypt(t, address(server), certificate)

	require.NoError(t, open(t, hosts, "-ca="+ca, "-server-name=node.example"))
	require.ErrorContains(t, open(t, hosts, "-tls"), "certificate")
	require.ErrorContains(t, open(t, hosts, "-ca="+ca), "127.0.0.1", "the certificate is for a name")
	_, other := selfSigned(t, "node.example")
	require.ErrorContains(t, open(t, hosts, "-ca="+other, "-server-name=node.example"), "unknown authority")
}

// selfSigned makes a certificate, and a file with it.
func selfSigned(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file(t, string(ca))
}

// encrypt puts TLS before a server; it gives the address of the encrypted port.
func encrypt(t *testing.T, server string, certificate tls.Certificate) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	require.NoError(t, err)
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			node, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				return
			}
			for _, way := range [][2]net.Conn{{client, node}, {node, client}} {
				wg.Go(func() {
					_, _ = io.Copy(way[0], way[1]) // ends with either of the connections
					_ = way[0].Close()
				})
			}
		}
	})
	return listener.Addr().String()
}
