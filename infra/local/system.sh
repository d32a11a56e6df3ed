#!/bin/sh
# Install the system packages that the tests need, if they are missing: libical, curl, and Chromium
# with ChromeDriver.
set -eu

has_libical() {
    "${PYTHON:-python3}" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("ical"))'
}

has() {
    command -v "$1" >/dev/null
}

has_chromium() {
    has chromium && has chromedriver
}

install() {
    apt-get install --quiet=2 --yes --no-install-recommends "$@"
}

if has_libical && has curl && has_chromium; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "The tests need libical 3, curl, chromium and chromedriver: run" >&2
    echo "'sudo apt-get install libical3 curl chromium chromium-driver' or the like." >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
has curl || install curl
has_chromium || install chromium chromium-driver
if has_libical; then
    exit 0
fi
# Distributions since 2024 have the package under the name libical3t64.
install libical3 || install libical3t64
has_libical || {
    echo "libical is installed but the linker does not find it: run ldconfig." >&2
    exit 1
}
