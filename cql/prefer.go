package cql

import "context"

// preferredKey finds the hosts that a context's requests prefer.
type preferredKey struct{}

// PreferHosts makes requests under the context that it returns go to the first of these hosts, named by their
// [Host.ID], that the driver has a connection to; if there is none, to where the driver's policy sends them. No ids at
// all undo the preference of an outer context. A request that fails is not sent to the next host by itself: whoever
// retries it may prefer another one.
//
// It is for requests whose replicas the driver cannot tell, such as those for a range of tokens. It has no effect on a
// session made by [Wrap], whose driver was given its policy before.
func PreferHosts(ctx context.Context, ids ...string) context.Context {
	return context.WithValue(ctx, preferredKey{}, ids)
}

func preferredHosts(ctx context.Context) []string {
	ids, _ := ctx.Value(preferredKey{}).([]string)
	return ids
}
