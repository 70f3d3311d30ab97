#!/usr/bin/env bash
# A throw-away PostgreSQL cluster for the tests and the benchmark.
#
#   tests/postgres.sh run <command…>     runs the command with TEST_POSTGRES_URL set and gives its exit code
#
# RELATA_PG_OPTIONS adds or overrides server settings, blank-separated: "shared_buffers=2GB fsync=on".
# The cluster listens on 127.0.0.1 only, trusts every local user, is not safe against a power
# failure (fsync is off), and is stopped and removed when the command ends or is interrupted.
set -euo pipefail

fail() {
    echo "tests/postgres.sh: $*" >&2
    exit 1
}

# Prints the folder with initdb and postgres, version 15 or later; prints nothing when there is none.
find_binaries() {
    local folder version best="" best_version=14
    local on_path=""
    if command -v initdb >/dev/null && command -v postgres >/dev/null; then
        on_path=$(dirname "$(readlink -f "$(command -v initdb)")")
    fi
    for folder in "$on_path" /usr/lib/postgresql/*/bin; do
        [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] || continue
        version=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if [ "$version" -gt "$best_version" ]; then
            best=$folder
            best_version=$version
        fi
    done
    echo "$best"
}

install_postgres() {
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "tests/postgres.sh: no PostgreSQL here, installing Debian's package postgresql" >&2
        {
            DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql ||
                { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; }
        } >&2 </dev/null || fail "apt-get could not install postgresql; install PostgreSQL 15 or later (initdb, postgres)"
    fi
}

free_port() {
    # A port that nobody listens on; the server itself has the last word, start_server tries again.
    local port
    while :; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# Runs a program of the cluster: as root through an unprivileged user, since PostgreSQL refuses root.
# `exec` keeps the process id that the caller sees, so the server can be stopped by it.
as_owner() {
    cd "$directory"
    if [ "$owner" = "$(id -un)" ]; then
        exec "$@"
    elif command -v setpriv >/dev/null; then
        exec setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
    else
        exec runuser -u "$owner" -- "$@"
    fi
}

start_server() {
    local option attempt
    local -a settings=()
    # shellcheck disable=SC2086  # blank-separated on purpose
    for option in fsync=off synchronous_commit=off full_page_writes=off max_connections=200 ${RELATA_PG_OPTIONS:-}; do
        settings+=(-c "$option")
    done
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        (as_owner "$binaries/postgres" -D "$directory/data" -p "$port" -k "$directory" \
            -c listen_addresses=127.0.0.1 "${settings[@]}") >"$directory/log" 2>&1 </dev/null &
        server=$!
        for _ in $(seq 300); do
            kill -0 "$server" 2>/dev/null || break
            # The last line of postmaster.pid says how far the start is.
            if grep -q '^ready' "$directory/data/postmaster.pid" 2>/dev/null; then
                return 0
            fi
            sleep 0.1
        done
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" || true
        grep -q 'could not bind\|Address already in use' "$directory/log" || break
    done
    cat "$directory/log" >&2
    server=""
    fail "the server did not start"
}

stop() {
    trap '' INT TERM
    if [ -n "$command_pid" ]; then
        kill -TERM -- "-$command_pid" 2>/dev/null || true # its whole group: cargo does not pass the signal on
        wait "$command_pid" 2>/dev/null || true
    fi
    if [ -n "$server" ]; then
        # INT is PostgreSQL's fast shutdown, QUIT its immediate one; nothing here is worth a checkpoint.
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [ -n "$directory" ]; then
        rm -rf "$directory"
    fi
}

[ "${1:-}" = run ] && [ $# -ge 2 ] || fail "usage: tests/postgres.sh run <command…>"
shift

directory="" server="" command_pid="" port=""
set -m # background jobs get process groups of their own: Ctrl-C never reaches the server before the command
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

binaries=$(find_binaries)
if [ -z "$binaries" ]; then
    install_postgres
    binaries=$(find_binaries)
fi
[ -n "$binaries" ] || fail "install PostgreSQL 15 or later (initdb and postgres on the PATH; Debian: apt-get install postgresql)"

owner=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    owner=nobody
    if id postgres >/dev/null 2>&1; then
        owner=postgres
    fi
fi

directory=$(mktemp -d "${TMPDIR:-/tmp}/relata-postgres.XXXXXX")
chmod 755 "$directory"
chown "$owner" "$directory"
(as_owner "$binaries/initdb" -D "$directory/data" -U relata -A trust -E UTF8 --locale=C --no-sync) \
    >"$directory/initdb.log" 2>&1 || { cat "$directory/initdb.log" >&2; fail "initdb failed"; }
start_server

export TEST_POSTGRES_URL="postgres://relata@127.0.0.1:$port/postgres"
code=0
if [ -t 0 ]; then
    # At a terminal the command may read from it, and Ctrl-C reaches the command itself.
    "$@" || code=$?
else
    # Waited for in the background, so that a signal to this script is acted on at once.
    "$@" <&0 &
    command_pid=$!
    wait "$command_pid" || code=$?
    command_pid=""
fi
exit "$code"
