package cassandra

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// envRole makes the test binary play another process, for the tests about processes that race or are killed.
const envRole = "RXCQL_CASSANDRA_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role := os.Getenv(envRole); role {
	case "":
		os.Exit(Main(m))
	case "downloader":
		os.Exit(playDownloader())
	case "owner":
		os.Exit(playOwner(os.Args[1]))
	default:
		fmt.Fprintln(os.Stderr, "no such role:", role)
		os.Exit(2)
	}
}

// playDownloader asks for the jars and prints where they are.
func playDownloader() int {
	dir, err := cacheDir()
	if err == nil {
		var lib string
		if lib, err = jars(context.Background(), dir, tools{mvn: "mvn"}); err == nil {
			fmt.Println(lib)
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// playOwner starts a program that runs for ever, prints its process id, and does nothing more.
func playOwner(scratch string) int {
	p, err := startProcess(scratch, "sleep", "1000000")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(p.cmd.Process.Pid)
	<-p.ended
	return 0
}
