# Everything here needs Go and nothing else. `make` lists what there is.

.DEFAULT_GOAL := help

LINTER_VERSION := 2.15.0
# The version is in the name, so that a new one is built and an old one never used.
LINTER := bin/golangci-lint-$(LINTER_VERSION)

.PHONY: help run build test bench histories soak lint generate cover clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Try Ella on this machine, in the browser (make run ARGS=--fresh starts over)
	bin/ella try $(ARGS)

build: ## Build bin/ella
	CGO_ENABLED=0 go build -trimpath -o bin/ella ./cmd/ella

# Packages say in the file $ELLA_TEST_SKIPPED what they could not test here: go test
# hides what a package prints when it passes.
test: ## Test everything; the last lines say what was not tested
	@skipped=$$(mktemp); trap 'rm -f "$$skipped"' EXIT; export ELLA_TEST_SKIPPED="$$skipped"; \
	go test -timeout 10m ./...; code=$$?; \
	if [ $$code -eq 0 ]; then \
		if command -v "$$(go env CC)" >/dev/null; then \
			echo 'and once more for data races:'; \
			CGO_ENABLED=1 go test -race -timeout 10m ./bot/...; code=$$?; \
		else \
			echo 'not tested: data races (no C compiler here)' >>"$$skipped"; \
		fi; \
	fi; \
	sort -u "$$skipped"; exit $$code

bench: ## Run every benchmark
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...

HISTORIES := 100000

histories: ## Play many random histories in which nobody may learn of another (HISTORIES=number)
	go test ./cmd/ella -run TestNobodyLearnsOfAnother -v -timeout 6h -histories $(HISTORIES) -histories-seed "$$(date +%s)"

soak: ## Alerts to 10,000 on Telegram and 5,000 on Slack at their pace, and 70,000 updates delivered again and again (40 minutes)
	go test ./cmd/ella -run 'TestTelegramAlert|TestTelegramRedelivered|TestSlackAlert|TestSlackRedelivered' -v -timeout 2h \
		-telegram-recipients 10000 -telegram-updates 50000 -slack-recipients 5000 -slack-envelopes 20000

lint: $(LINTER) ## Check form, imports and common mistakes
	@unformatted=$$(gofmt -l adapters bot cmd locales storage); \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(LINTER) run
	go mod tidy -diff

$(LINTER):
	@echo 'building golangci-lint $(LINTER_VERSION), once: this takes some minutes'
	GOBIN="$(CURDIR)/bin" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINTER_VERSION)
	mv bin/golangci-lint $@

generate: ## Write the generated files anew (needs npm; PLACES=folder for the tables of places)
	go generate ./...

cover: ## Measure what the tests reach, in bin/cover.html
	@mkdir -p bin
	go test -timeout 10m -coverpkg ./... -coverprofile bin/cover.out ./...
	go tool cover -html bin/cover.out -o bin/cover.html
	@go tool cover -func bin/cover.out | tail -n 1

clean: ## Delete what was built, but for the linter
	rm -f bin/ella bin/cover.out bin/cover.html
