#!/bin/sh
# What `portal headers nginx` prints is tried in a real nginx. Where it is missing and can be installed, install it.
for program in nginx /usr/sbin/nginx /opt/homebrew/bin/nginx; do
    command -v "$program" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing nginx for the hosts' tests (it is not started)"
    # RUNLEVEL=1: Debian's packages start nothing then.
    apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends nginx-light >/dev/null && exit 0
fi
echo "nginx's tests are left out: 'apt-get install nginx-light' as root, or on macOS 'brew install nginx'." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
