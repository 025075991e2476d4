#!/bin/sh
# What the tests need of the system, beside Python: two real browsers, fonts for them, PostgreSQL,
# Redis, haproxy and a TURN server.
# Installs only what is missing, and only where it may; otherwise it says what to type.
set -eu

missing=""
if ! command -v chromium >/dev/null 2>&1; then missing="$missing chromium"; fi
if ! command -v firefox-esr >/dev/null 2>&1; then missing="$missing firefox-esr"; fi
# Its server programs are off PATH on Debian and Ubuntu.
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
then missing="$missing postgresql"; fi
if ! command -v turnserver >/dev/null 2>&1 && ! [ -x /usr/bin/turnserver ]; then missing="$missing coturn"; fi
if ! command -v redis-server >/dev/null 2>&1; then missing="$missing redis-server"; fi
if ! command -v haproxy >/dev/null 2>&1 && ! [ -x /usr/sbin/haproxy ]; then missing="$missing haproxy"; fi
if ! fc-list 2>/dev/null | grep -q . ; then missing="$missing fonts-dejavu-core fontconfig"; fi
[ -n "$missing" ] || exit 0

line="apt-get install -y$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests need these programs, which this system does not have:$missing" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo"
else
  echo "The tests need more of the system. As root, run:" >&2
  echo "  apt-get update && $line" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
# shellcheck disable=SC2086 # a list of words on purpose
$sudo apt-get install -y -q --no-install-recommends $missing
