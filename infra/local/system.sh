#!/bin/sh
# Install the system packages that the tests need, if they are missing: libical and curl.
set -eu

has_libical() {
    "${PYTHON:-python3}" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("ical"))'
}

has_curl() {
    command -v curl >/dev/null
}

if has_libical && has_curl; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need libical 3 and curl: run 'sudo apt-get install libical3 curl' or the like." >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
has_curl || apt-get install --quiet=2 --yes --no-install-recommends curl
if has_libical; then
    exit 0
fi
# Distributions since 2024 have the package under the name libical3t64.
apt-get install --quiet=2 --yes --no-install-recommends libical3 ||
    apt-get install --quiet=2 --yes --no-install-recommends libical3t64
has_libical || {
    echo "libical is installed but the linker does not find it: run ldconfig." >&2
    exit 1
}
