#!/bin/sh
# Pages are checked by html-validate (Node) and by the W3C's vnu (Java). Where they are missing and can be installed,
# install them at the versions of markup/package-lock.json; else say how.
cd "$(dirname "$0")/markup" || exit 1
missing=""
command -v npm >/dev/null 2>&1 || missing="nodejs npm"
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
if [ -n "$missing" ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing what the page validators run on:$missing"
    # shellcheck disable=SC2086  several packages
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
if command -v npm >/dev/null 2>&1; then
    echo "Installing the page validators (once)"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && exit 0
fi
echo "Pages are validated with Node 20 and Java 17: on Debian 'apt-get install nodejs npm default-jre-headless'." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
