#!/usr/bin/env bash
# Makes .venv with everything of requirements.lock and the project itself; quick when nothing changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1
venv=.venv
stamp=$venv/.installed

say() { printf '%s\n' "$*" >&2; }

is_current() {
    [[ -e $stamp && $stamp -nt requirements.lock && $stamp -nt pyproject.toml && $stamp -nt scripts/setup.sh ]] &&
        "$venv/bin/python" -c 'import click, psycopg, pipeline_defs' >/dev/null 2>&1 &&
        [[ $(cat "$stamp") == "$PWD" && -x $venv/bin/pipeline ]]
}

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    local name
    for name in "${PYTHON:-}" python3.12 python3.13 python3.11 python3 python /usr/local/bin/python3 /usr/bin/python3; do
        if [[ -n $name ]] && command -v "$name" >/dev/null && suits "$name"; then
            command -v "$name"
            return
        fi
    done
    say "No Python 3.11, 3.12 or 3.13 found. Install one, or name it: make setup PYTHON=/path/to/python3.12"
    exit 1
}

has_venv() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

make_venv() {
    local python=$1 version
    if ! has_venv "$python"; then
        version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
            say "installing $version"
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$version"; } >&2 || true
        fi
    fi
    if ! has_venv "$python"; then
        say "$python cannot make virtual environments: install the package $version (Debian, Ubuntu), or"
        say "name another Python: make setup PYTHON=/path/to/python3.12"
        exit 1
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

if is_current; then
    exit 0
fi

# one setup at a time in this copy
exec 9>.setup.lock
if command -v flock >/dev/null; then
    flock 9
    is_current && exit 0
fi

if ! "$venv/bin/python" -c 'import sys, pip' >/dev/null 2>&1 || ! suits "$venv/bin/python"; then
    make_venv "$(find_python)"
fi
if ! "$venv/bin/uv" --version >/dev/null 2>&1; then
    say "installing uv"
    "$venv/bin/python" -m pip install --quiet uv
fi
eval "$("$venv/bin/python" scripts/uv_environment.py)"
export UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=${UV_NO_CONFIG:-}
[[ -n $UV_NO_CONFIG ]] || unset UV_NO_CONFIG
[[ -n ${HOME:-} && -w ${HOME:-/nonexistent} ]] || export UV_CACHE_DIR=${UV_CACHE_DIR:-$PWD/.venv/.uv-cache}
say "installing requirements.lock"
"$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --require-hashes --compile-bytecode requirements.lock
# setuptools is in the lock, so building the project needs nothing from outside
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --offline --editable .
"$venv/bin/python" -m compileall -q pipeline_defs
printf '%s\n' "$PWD" >"$stamp"
say "ready: $venv"
