SHELL := bash
.DEFAULT_GOAL := help

# How long make test and make fuzz run each fuzz target.
FUZZTIME ?= 5s
# Flags of the bench, such as -short.
BENCH ?=
# Flags of the interop matrix, such as -only '^go/' or -update.
INTEROP ?=

tool := go tool -modfile=tools/go.mod

.PHONY: help build test interop bench lint fmt fuzz

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static binary build/grantd
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o build/grantd ./cmd/grantd

test: ## install what the tests need, run all of them, count them
	@FUZZTIME=$(FUZZTIME) tools/test.sh

interop: ## run published clients and verifiers, compare docs/interop.md (INTEROP=-update writes it)
	go run ./test/interop run $(INTEROP)

bench: build ## measure against the limit servers, write docs/performance.md (BENCH=-short for a quick look)
	go build -o build/bench ./bench
	build/bench run $(BENCH)

lint: ## run the linters and check the formatting
	$(tool) golangci-lint run

fmt: ## format all Go files
	$(tool) golangci-lint fmt

fuzz: build/tally ## run every fuzz target (FUZZTIME=5m for longer)
	@set -o pipefail; tools/fuzz.sh $(FUZZTIME) 2>&1 | build/tally

build/tally: $(wildcard test/tally/*.go)
	go build -o $@ ./test/tally
