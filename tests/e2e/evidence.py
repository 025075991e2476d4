"""What is kept in `build/e2e/` of a test that failed: each screen, its peers' numbers, the log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import BrowserContext, Error

FOLDER = Path(__file__).resolve().parents[2] / "build/e2e"

_PEERS = """async () => {
  const soon = new Promise((resolve) => setTimeout(resolve, 3000, 'no answer within 3 s'));
  const numbers = async (peer) => {
    // Firefox refuses to tell of a peer that is closed.
    try { return Object.fromEntries(await peer.getStats()); } catch (error) { return `${error}`; }
  };
  return Promise.all((window.__peers ?? []).map(async (peer) => ({
    connection: peer.connectionState,
    ice: peer.iceConnectionState,
    local: peer.localDescription?.sdp,
    remote: peer.remoteDescription?.sdp,
    stats: await Promise.race([numbers(peer), soon]),
  })));
}"""


def keep_screens(test: str, contexts: Iterable[BrowserContext]) -> None:
    """Every page of everybody: as it looks, and what `getStats()` says of its connections."""
    for person, context in enumerate(contexts):
        for number, page in enumerate(context.pages):
            path = _folder(test) / f"person-{person}-page-{number}"
            # A page may have crashed, and that must not hide why the test failed.
            try:
                page.screenshot(path=path.with_suffix(".png"), timeout=5_000)
                seen = {"url": page.url, "peers": page.evaluate(_PEERS)}
            except Error as error:
                seen = {"url": page.url, "error": str(error)}
            path.with_suffix(".json").write_text(json.dumps(seen, indent=1, ensure_ascii=False))


def keep_log(test: str, log: Path) -> None:
    """What the product wrote."""
    shutil.copy(log, _folder(test) / "product.log")


def _folder(test: str) -> Path:
    folder = FOLDER / re.sub(r"\W+", "-", test).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
