// Package failsafe shows and tests that the limiters and circuit breakers of github.com/failsafe-go/failsafe-go fit
// op.Limited and op.Guarded as they are: there is nothing to import from here. It is a module of its own, so that those
// who use neither do not get failsafe-go's requirements.
package failsafe
