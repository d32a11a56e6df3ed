#!/bin/sh
# Check the versions of the tools on this machine before anything is installed.
# Usage: check_tools.sh python|node. Exits with 1 and one line if a tool is missing or too old.
# PYTHON names the Python to check (default: python3).
set -eu

fail() {
    echo "$1" >&2
    exit 1
}

check_python() {
    python=${PYTHON:-python3}
    needed="Python 3.11 or newer is required"
    command -v "$python" >/dev/null || fail "$needed; '$python' was not found. Install it or set PYTHON=/path/to/python3."
    version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])') ||
        fail "$needed; '$python' does not run. Set PYTHON=/path/to/python3."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$needed; '$python' is $version. Install a newer one or set PYTHON=/path/to/python3."
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "'$python' cannot create virtual environments. Install its venv module (Debian: python3-venv)."
}

check_node() {
    needed="Node.js 20 or newer with npm is required"
    command -v node >/dev/null || fail "$needed; 'node' was not found. Install it (running the service without the console does not need it)."
    version=$(node --version) || fail "$needed; 'node' does not run."
    major=${version#v}
    major=${major%%.*}
    [ "$major" -ge 20 ] 2>/dev/null || fail "$needed; 'node' is $version. Install a newer one."
    command -v npm >/dev/null || fail "$needed; 'npm' was not found. Install it."
}

case ${1:-} in
    python) check_python ;;
    node) check_node ;;
    *) fail "Usage: check_tools.sh python|node" ;;
esac
