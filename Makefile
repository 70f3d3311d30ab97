# Every recipe is one plain command; nothing has to be installed first but Rust and a C compiler.
# `make test` needs PostgreSQL's programs too: tests/postgres.sh finds them, or installs them on Debian as root.
.PHONY: check test test-unit test-sqlite test-postgres accept openapi run demo bench

check: # format, lints, and the rules that a test reads from the files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test -p tests --test it tidy::

test: test-unit test-sqlite test-postgres # everything, on both databases

test-unit: # what needs no server: the engine's golden files, parsers, laws
	cargo test -p entity -p migration -p schema -p api

test-sqlite: # the black-box suite on SQLite
	TEST_DATABASE=sqlite cargo test -p tests

test-postgres: # the same suite on a throw-away PostgreSQL
	TEST_DATABASE=postgres tests/postgres.sh run cargo test -p tests

accept: # take over changed snapshots; read every difference before committing
	INSTA_UPDATE=always TEST_DATABASE=sqlite cargo test -p schema -p tests

openapi: # the contract of a fresh installation and the error codes; tests fail when they are stale
	cargo run --quiet -- openapi > openapi.json
	cargo run --quiet -- errors > docs/errors.md

run: # the server on http://127.0.0.1:8080
	cargo run --release

demo: # the server with Northwind in it
	cargo run --release -- demo

bench: # Relata beside a hand-written server, on a scratch PostgreSQL
	RELATA_PG_OPTIONS="$${RELATA_PG_OPTIONS-shared_buffers=1GB max_wal_size=4GB}" tests/postgres.sh run cargo run --release -p bench
