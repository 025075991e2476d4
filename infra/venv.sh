#!/bin/sh
# Makes or refreshes .venv from a hash-pinned lock: `infra/venv.sh run` or `infra/venv.sh dev`.
# The stamp holds the lock's digest, so that a second call costs nothing.
set -eu
cd "$(dirname "$0")/.."
kind="$1"
lock="requirements/$kind.txt"

python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Vårdrum needs Python 3.11 or newer; $python is $("$python" --version)." >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  if ! "$python" -m venv .venv; then
    echo "Could not make .venv. On Debian: apt-get install python3-venv" >&2
    rm -rf .venv
    exit 1
  fi
fi
stamp_of() { echo ".venv/.$1-$(sha256sum "requirements/$1.txt" | cut -c1-16)"; }
stamp=$(stamp_of "$kind")
[ -e "$stamp" ] && exit 0
# What is installed for the tests also serves to run: it holds the same and more.
[ "$kind" = run ] && [ -e "$(stamp_of dev)" ] && exit 0
echo "Installing what $lock lists …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
rm -f ".venv/.$kind-"*
touch "$stamp"
