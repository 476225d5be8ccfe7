#!/bin/sh
# The ledger's tests also run on a PostgreSQL server of their own. Where it is missing and can be installed, install it.
for folder in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [ -x "$folder/initdb" ] && exit 0
done
command -v initdb >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing PostgreSQL for the ledger's tests"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null && exit 0
fi
echo "PostgreSQL's tests are left out: 'apt-get install postgresql' as root, or on macOS 'brew install postgresql'." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
