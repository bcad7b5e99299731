# make build | test | lint | bench-small | search | fuzz | soak. CI=true makes a missing tool a failure.

export CGO_ENABLED = 0
# A clone in another folder then needs no new compilation of what is compiled already.
export GOFLAGS := $(GOFLAGS) -trimpath
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The S3 server of the tests (internal/blob/s3test).
VERSITYGW = github.com/versity/versitygw/cmd/versitygw@v1.8.0
TESTFLAGS ?=
# Packages with goroutines of their own, as far as they exist.
RACE = $(sort $(dir $(wildcard $(foreach p,importer store jobs app notify blob,./internal/$(p)/*_test.go))))

.PHONY: build test lint unit race postgres postgres-all bench-small search fuzz soak deploy

build:
	go build -o leadport ./cmd/leadport

test: lint unit postgres race

lint:
	@scripts/need git
	@bad=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go' | grep -v /testdata/)); \
	  test -z "$$bad" || { echo "gofmt is due for:"; echo "$$bad"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

# -count=1: the tests that kill a built program would count as run already. Those
# that take longest go first. lint vets, so the tests need not.
unit:
	@scripts/need postgres postgresql || test $$? = 1
	@scripts/need pgbouncer || test $$? = 1
	@scripts/need strace || test $$? = 1
	@scripts/need versitygw $(VERSITYGW) || test $$? = 1
	@scripts/need systemd-analyze systemd || test $$? = 1
	go test -vet=off -count=1 -timeout 25m $(TESTFLAGS) ./internal/faults ./internal/web/e2e ./...

# The tests of unit that take either database, on the other one. Those of the
# store run on both anyway. Of the browser's it is the import by mouse; those of the
# faults that need PostgreSQL use it in unit. CI has 15 minutes; postgres-all has all.
postgres:
	@scripts/need postgres postgresql; found=$$?; \
	if [ $$found = 0 ]; then echo "go test on PostgreSQL"; \
	  LEADPORT_TEST_DATABASE=postgres go test -vet=off -timeout 25m $(TESTFLAGS) ./internal/importer ./internal/jobs ./internal/app ./internal/api ./internal/cli && \
	  LEADPORT_TEST_DATABASE=postgres SCENES=mouse go test -vet=off -count=1 -timeout 25m $(TESTFLAGS) -run 'TestImport$$' ./internal/web/e2e; \
	else test $$found = 1; fi

# All of the tests that take either database, the browser's and faults included,
# on PostgreSQL: a quarter of an hour. make postgres has what a change must pass.
postgres-all:
	CI=true scripts/need postgres postgresql && CI=true scripts/need pgbouncer
	LEADPORT_TEST_DATABASE=postgres go test -count=1 -timeout 30m $(TESTFLAGS) ./internal/store ./internal/importer ./internal/jobs ./internal/app ./internal/api ./internal/cli ./internal/faults ./internal/web/e2e

# The race detector needs a C compiler; nothing else does. It makes a test ten
# times slower, so it leaves out those in which one goroutine copies everything.
ONE = ^(TestBackupRestore|TestMove|TestTransferGoesOn)$$
race:
	@if [ -z "$(RACE)" ]; then exit 0; fi; \
	scripts/need gcc gcc libc6-dev; found=$$?; \
	if [ $$found = 0 ]; then echo "go test -race $(RACE)"; CGO_ENABLED=1 go test -vet=off -race -short -skip "$(ONE)" -timeout 25m $(TESTFLAGS) $(RACE); \
	else test $$found = 1; fi

bench-small:
	go test -run '^$$' -bench . -benchtime 1x ./...

# Random inputs for each fuzz target in turn; make unit runs their seeds.
FUZZTIME ?= 1m
fuzz:
	@set -e; for p in $$(grep -rl --include=*_test.go '^func Fuzz' internal | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$p/*_test.go | cut -c6-); do \
	    echo "$$p $$f"; go test ./$$p -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME); \
	  done; \
	done

# New cases for the properties that make unit checks with the same ones at every
# run; make search SEED=… draws those of an earlier run again.
SEED ?= $(shell date +%s)
CHECKS ?= 2000
search:
	@echo "make search SEED=$(SEED) CHECKS=$(CHECKS)"
	LEADPORT_SEED=$(SEED) LEADPORT_RAPID=$$(($(CHECKS)/10)) go test -count=1 -timeout 60m -rapid.seed=$(SEED) -rapid.checks=$(CHECKS) \
	  $$(grep -rl --include=*_test.go 'proptest\.Check' internal | xargs -n1 dirname | sort -u | sed 's|^|./|')

# The examples of docs/deploy, by compose's own loader and the types of Kubernetes'
# API, which make unit has not: a minute to build it.
deploy:
	cd scripts/deploy && go run . ../../docs/deploy

# An hour and a quarter: 300 kills on each database, nodes frozen for a minute.
soak:
	LEADPORT_KILLS=300 LEADPORT_FREEZE=60s go test -count=1 -timeout 6h -v -run 'Kill|Node|Database|WriteError' ./internal/faults
	LEADPORT_TEST_DATABASE=postgres LEADPORT_KILLS=300 go test -count=1 -timeout 6h -v -run TestKill ./internal/faults
