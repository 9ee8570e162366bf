SHELL := bash
.DEFAULT_GOAL := help

# How long make test and make fuzz run each fuzz target.
FUZZTIME ?= 5s
# Flags of the bench, such as -short.
BENCH ?=
# The revision that make bench-compare compares with.
BASE ?= HEAD
# Flags of the interop matrix, such as -only '^go/' or -update.
INTEROP ?=
# Flags of the cluster, such as -only 'frozen' or -keep DIR.
CLUSTER ?=

tool := go tool -modfile=tools/go.mod

.PHONY: help build test interop cluster cluster-long bench bench-keys bench-compare lint fmt fuzz

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static binary build/grantd
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o build/grantd ./cmd/grantd

test: ## install what the tests need, run all of them, count them
	@FUZZTIME=$(FUZZTIME) tools/test.sh

interop: ## run published clients and verifiers, compare docs/interop.md (INTEROP=-update writes it)
	go run ./test/interop run $(INTEROP)

cluster: build ## break nodes, PostgreSQL and the network under load, check what clients saw (CLUSTER=-only REGEX)
	test/setup.sh
	test/cluster/setup.sh
	test/cluster/base.sh
	go build -o build/cluster-run ./test/cluster
	build/cluster-run run $(CLUSTER)

cluster-long: ## the same with longer faults, more rounds and all figures
	@$(MAKE) cluster CLUSTER='-long $(CLUSTER)'

bench: build build/bench-fasthttp ## measure against limit servers and peers, write docs/performance.md (BENCH=-short for a quick look)
	go build -o build/bench ./bench
	build/bench run $(BENCH)

bench-keys: build ## measure with ten million keys, write that part of docs/performance.md
	go build -o build/bench ./bench
	build/bench keys $(BENCH)

# In a module of its own, so that nothing else depends on it.
build/bench-fasthttp: $(wildcard bench/fasthttp/*)
	cd bench/fasthttp && go build -o ../../$@ .

# The base is a copy without a .git: nothing is left behind in this one, whatever happens.
bench-compare: build ## compare with the revision BASE in turn, fail when a main row is slower
	rm -rf build/compare && mkdir -p build/compare/tree
	set -o pipefail; git archive $(BASE) | tar -x -C build/compare/tree
	cd build/compare/tree && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o ../grantd ./cmd/grantd
	rm -rf build/compare/tree
	go build -o build/bench ./bench
	build/bench compare $(BENCH)

lint: ## run the linters and check the formatting
	$(tool) golangci-lint run

fmt: ## format all Go files
	$(tool) golangci-lint fmt

fuzz: build/tally ## run every fuzz target (FUZZTIME=5m for longer)
	@set -o pipefail; tools/fuzz.sh $(FUZZTIME) 2>&1 | build/tally

build/tally: $(wildcard test/tally/*.go)
	go build -o $@ ./test/tally
