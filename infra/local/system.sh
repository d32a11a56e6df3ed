#!/bin/sh
# Install the one library of the system that tests load: libical. Does nothing when it is there.
set -eu

has_libical() {
    "${PYTHON:-python3}" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("ical"))'
}

if has_libical; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Tests need libical 3: run 'sudo apt-get install libical3', or your system's like." >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
# Distributions since 2024 name the package for its 64-bit time.
apt-get install --quiet=2 --yes --no-install-recommends libical3 ||
    apt-get install --quiet=2 --yes --no-install-recommends libical3t64
has_libical || {
    echo "libical is installed and the linker does not find it: run ldconfig." >&2
    exit 1
}
