package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

func TestRequestsToAPreferredHost(t *testing.T) {
	onBoth(t, func(t *target) {
		hosts, err := t.session.Hosts(t.Context())
		require.NoError(t, err)
		t.exec("CREATE TABLE KS.t (p int PRIMARY KEY, v int)")
		for _, h := range hosts {
			for range 3 {
				page, err := t.session.Fetch(cql.PreferHosts(t.Context(), h.ID), cql.PageRequest{Statement: cql.Statement{CQL: t.in("SELECT p FROM KS.t")}, Size: 1})
				require.NoError(t, err)
				require.Equal(t, h.Address, page.Host())
			}
		}
	})
}
