# make test        everything that must hold, with the integration tests on a real Cassandra
# make lint        gofmt, go vet, staticcheck
# make fuzz        every fuzz target of the repository, one after the other, FUZZTIME=5m each
#
# The integration tests bring Cassandra up by themselves: that takes a JDK 11 or 17 and Maven, or a cluster named in
# RXCQL_CASSANDRA_HOSTS. RXCQL_SKIP_INTEGRATION=1 skips them and says how many were skipped. The tests of the live page want a
# Chromium; without one they are skipped, which the last line says.

# Every module of the repository but the one that only names tools.
MODULES := $(filter-out ./internal/tools,$(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path './.git/*' | sort)))
# Of these, those that only look at what others make: the race detector would cost another build of all that they need.
LOOKING := ./contrib/prometheus/checks ./internal/browser
SERVE := go run ./internal/cassandra/serve
STATICCHECK := go tool -modfile=$(CURDIR)/internal/tools/go.mod staticcheck

# Runs $(1) in every module, in all of them even if one fails.
in-modules = failed=; for m in $(MODULES); do (cd "$$m" && $(1)) || failed="$$failed $$m"; done; \
	test -z "$$failed" || { echo "failed in modules:$$failed"; exit 1; }

.PHONY: test lint gofmt vet staticcheck can-integrate fuzz

# One Cassandra for the packages of all modules; `go test` alone has each package with integration tests start its own.
test: can-integrate lint
	@echo "tests of all modules with the race detector, on a real Cassandra unless that is skipped: about 15 minutes on two cores …"
	@$(SERVE) -- sh -c '$(call in-modules,race=-race; if echo " $(LOOKING) " | grep -qF " $$m "; then race=; fi; go test $$race -timeout 20m ./...)'
	@echo "every fuzz target for a moment …"
	@$(MAKE) --no-print-directory fuzz FUZZTIME=2000x
	@cd internal/browser && go run ./check

# Before anything that takes long.
can-integrate:
	@echo "what the integration tests need …"
	@$(SERVE) -check

lint: gofmt vet staticcheck

gofmt:
	@echo "gofmt …"
	@bad=$$(gofmt -l .); test -z "$$bad" || { echo "not gofmt-ed:"; echo "$$bad"; exit 1; }

vet:
	@echo "go vet …"
	@$(call in-modules,go vet -tags screenshots ./...)

staticcheck:
	@echo "staticcheck …"
	@$(call in-modules,$(STATICCHECK) -tags screenshots ./...)

FUZZTIME ?= 5m

fuzz:
	@$(call in-modules,sh $(CURDIR)/internal/tools/fuzz.sh $(FUZZTIME))
