#!/bin/sh
# Browser tests drive the system's Chromium. Where it is missing and can be installed, install it; else say how.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && exit 0
[ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "Browser tests need Chromium: 'apt-get install chromium' as root, or on macOS 'brew install --cask chromium'." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
