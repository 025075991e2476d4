#!/bin/sh
# What the tests need of the system, beside Python: two real browsers, fonts for them, PostgreSQL,
# Redis, haproxy, the checkers of systemd's units and of Prometheus' rules, and a TURN server; with the
# word `cluster` only what `make cluster` needs.
# Installs only what is missing, and only where it may; otherwise it says what to type.
set -eu

missing=""
what="${1:-tests}"
if [ "$what" = tests ]; then
  if ! command -v chromium >/dev/null 2>&1; then missing="$missing chromium"; fi
  if ! command -v firefox-esr >/dev/null 2>&1; then missing="$missing firefox-esr"; fi
  if ! command -v turnserver >/dev/null 2>&1 && ! [ -x /usr/bin/turnserver ]; then missing="$missing coturn"; fi
  if ! command -v promtool >/dev/null 2>&1; then missing="$missing prometheus"; fi
  if ! command -v systemd-analyze >/dev/null 2>&1; then missing="$missing systemd"; fi
  if ! fc-list 2>/dev/null | grep -q . ; then missing="$missing fonts-dejavu-core fontconfig"; fi
fi
# Its server programs are off PATH on Debian and Ubuntu.
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
then missing="$missing postgresql"; fi
if ! command -v redis-server >/dev/null 2>&1; then missing="$missing redis-server"; fi
if ! command -v haproxy >/dev/null 2>&1 && ! [ -x /usr/sbin/haproxy ]; then missing="$missing haproxy"; fi
[ -n "$missing" ] || exit 0

line="apt-get install -y$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "These programs are needed, and this system does not have them:$missing" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo"
else
  echo "More of the system is needed. As root, run:" >&2
  echo "  apt-get update && $line" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
# shellcheck disable=SC2086 # a list of words on purpose
$sudo apt-get install -y -q --no-install-recommends $missing
