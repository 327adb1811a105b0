package cassandra

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
)

// freePorts finds n ports that are free on all of the addresses. It looks below the ports that systems give to
// outgoing connections, so that none of those takes a port while its node starts, or is down.
func freePorts(n int, addresses ...string) ([]int, error) {
	const low, high, tries = 10_000, 32_000, 200
	var ports []int
	var lastErr error
	for range tries {
		port := low + rand.IntN(high-low)
		if slices.Contains(ports, port) {
			continue
		}
		if lastErr = isFree(port, addresses); lastErr != nil {
			continue
		}
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no free ports on %v (on macOS, `sudo ifconfig lo0 alias ADDRESS` adds one): %w", addresses, lastErr)
}

func isFree(port int, addresses []string) error {
	for _, address := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}
