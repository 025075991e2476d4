"""What a person cannot see and a test must: connections, packets, requests, pulled-out plugs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Request, expect

from .people import PATIENCE, Person

Kind = Literal["audio", "video"]

#: Makes `window.__devices`: a camera or a microphone can be pulled out, taken away by the browser,
#: and given back. A track that a script stops does not tell of its end, one that loses its device
#: does (Media Capture and Streams, section 4.3.1), hence the event by hand; and by calling those
#: who listen, because tracks in Firefox tell them of no event that a script has made.
_PLUGS = """
(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  const list = media.enumerateDevices.bind(media);
  const lacking = { audio: null, video: null };
  const tracks = [];
  const listening = new WeakMap();
  const those = (target, type) => {
    const all = listening.get(target) ?? {};
    listening.set(target, all);
    return (all[type] ??= new Set());
  };
  for (const { prototype } of [MediaStreamTrack, MediaDevices]) {
    const { addEventListener: add, removeEventListener: remove } = prototype;
    prototype.addEventListener = function (type, listener, how) {
      those(this, type).add(listener);
      add.call(this, type, listener, how);
    };
    prototype.removeEventListener = function (type, listener, how) {
      those(this, type).delete(listener);
      remove.call(this, type, listener, how);
    };
  }
  const tell = (target, type) => {
    for (const listener of [...those(target, type)]) listener.call(target, new Event(type));
  };
  media.getUserMedia = async (wanted) => {
    for (const kind of ['audio', 'video'])
      if (wanted[kind] && lacking[kind]) throw new DOMException('', lacking[kind]);
    const stream = await ask(wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
  media.enumerateDevices = async () =>
    (await list()).filter(({ kind }) => !lacking[kind.replace('input', '')]);
  window.__devices = {
    take(kinds, why) {
      for (const kind of kinds) lacking[kind] = why;
      for (const track of tracks) {
        if (!kinds.includes(track.kind) || track.readyState === 'ended') continue;
        track.stop();
        tell(track, 'ended');
      }
      if (why === 'NotFoundError') tell(media, 'devicechange');
    },
    give(kinds) {
      for (const kind of kinds) lacking[kind] = null;
    },
    changed: () => tell(media, 'devicechange'),
    live: (kind) =>
      tracks.filter((track) => track.kind === kind && track.readyState === 'live').length,
  };
})();
"""


def with_plugs(person: Person) -> None:
    """Let `unplug` and `plug_in` work on every page that this person opens from now on."""
    person.context.add_init_script(_PLUGS)


def unplug(person: Person, *kinds: Kind) -> None:
    """Pull the plug of these devices."""
    person.page.evaluate("(kinds) => window.__devices.take(kinds, 'NotFoundError')", list(kinds))


def revoke(person: Person, *kinds: Kind) -> None:
    """Take the permission back in the browser's own settings."""
    person.page.evaluate("(kinds) => window.__devices.take(kinds, 'NotAllowedError')", list(kinds))


def allow(person: Person, *kinds: Kind) -> None:
    """Give the permission again. No page is told of that by itself."""
    person.page.evaluate("(kinds) => window.__devices.give(kinds)", list(kinds))


def plug_in(person: Person, *kinds: Kind) -> None:
    """Put the plug back in."""
    allow(person, *kinds)
    person.page.evaluate("() => window.__devices.changed()")


def open_devices(person: Person, kind: Kind) -> int:
    """How many devices of a kind the page holds open: more than one is a light that stays on."""
    count: int = person.page.evaluate("(kind) => window.__devices.live(kind)", kind)
    return count


def connections(person: Person) -> int:
    """How many peer connections the page has made since it was loaded."""
    count: int = person.page.evaluate("() => window.__peers.length")
    return count


def comes_true(person: Person, script: str, arg: object = None, timeout: float = PATIENCE) -> None:
    """Wait until an asynchronous script in the page answers with yes.

    Playwright's `wait_for_function` takes the promise itself for a yes, and waits for nothing.
    """
    deadline = time.monotonic() + timeout / 1000
    while not person.page.evaluate(script, arg):
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came true for {person.username}, with {arg}: {script}")
        person.page.wait_for_timeout(100)


#: Packets of sound or pictures on the connection that the page uses now, by one kind of report.
_PACKETS = """async ([kind, type, count]) => {
  let packets = 0;
  for (const report of (await window.__peers.at(-1)?.getStats())?.values() ?? [])
    if (report.type === type && report.kind === kind) packets += report[count] ?? 0;
  return packets;
}"""
_RECEIVED = ("inbound-rtp", "packetsReceived")
_SENT = ("outbound-rtp", "packetsSent")


def received(person: Person, kind: Kind) -> int:
    """Packets of the other's sound or picture on the connection that the page uses now."""
    packets: int = person.page.evaluate(_PACKETS, [kind, *_RECEIVED])
    return packets


def receives(person: Person, kind: Kind, packets: int, timeout: float = PATIENCE) -> None:
    """So many packets have come on the connection that the page uses now."""
    comes_true(
        person,
        f"async ([least, ...wanted]) => await ({_PACKETS})(wanted) >= least",
        [packets, kind, *_RECEIVED],
        timeout,
    )


def hears(person: Person, timeout: float = PATIENCE) -> None:
    """The other's sound goes on arriving: a second's worth from now."""
    receives(person, "audio", received(person, "audio") + 50, timeout)


def ceases(person: Person, kind: Kind, timeout: float = PATIENCE, *, out: bool = False) -> None:
    """The others' sound or pictures come no longer, or one's own leave no longer, for 2 s."""
    person.page.evaluate("() => { window.__came = null; }")
    comes_true(
        person,
        f"""async (wanted) => {{
          const packets = await ({_PACKETS})(wanted);
          const now = performance.now();
          if (window.__came?.packets !== packets) window.__came = {{ packets, at: now }};
          return now - window.__came.at > 2_000;
        }}""",
        [kind, *(_SENT if out else _RECEIVED)],
        timeout,
    )


#: The server's addresses that carry the last call, as the browser counts what it sends and gets.
_REACHED = """async () => {
  const report = await window.__peers.at(-1).getStats();
  const all = [...report.values()];
  // Chromium names the pair in use; Firefox marks it.
  const inUse = all.find((each) => each.type === 'transport')?.selectedCandidatePairId;
  return all
    .filter(({ type }) => type === 'candidate-pair')
    .filter((pair) => (inUse ? pair.id === inUse : pair.selected))
    .map((pair) => report.get(pair.remoteCandidateId).address);
}"""


def reached(person: Person) -> list[str]:
    """The server's address that the person's browser uses now."""
    used: list[str] = person.page.evaluate(_REACHED)
    return used


def comes_to_reach(person: Person, address: str, timeout: float = 90_000) -> None:
    """Wait until her browser uses that address."""
    comes_true(
        person, f"async (address) => (await ({_REACHED})()).includes(address)", address, timeout
    )


def sees_anew(*people: Person, timeout: float = 60_000) -> None:
    """Everybody sees pictures that are decoded from now on."""
    for person in people:
        person.forget_pictures()
    for person in people:
        person.sees_picture(timeout)


def code_of(person: Person) -> str:
    """The digits that she would read aloud so that all know that nobody stands between them."""
    person.button("visit.private.on").click()
    dialog = person.page.get_by_role("dialog")
    digits = dialog.get_by_role("status").locator(".visually-hidden")
    expect(digits).to_be_attached(timeout=PATIENCE)
    code = digits.inner_text()
    dialog.get_by_role("button", name=person.t("common.close")).last.click()
    return code


def not_told(person: Person, *keys: str) -> None:
    """None of these texts stands on the page, now."""
    for key in keys:
        expect(person.page.get_by_text(person.t(key)).locator("visible=true"), key).to_have_count(0)


def still_by_video(person: Person) -> None:
    """The room is the video's: chat has not taken over, and no browser is wrongly suspected."""
    expect(person.page.locator("[data-room]")).to_have_attribute("data-room", "video")
    not_told(person, "visit.private.did_not.title")


@contextmanager
def counting(person: Person) -> Iterator[list[str]]:
    """The API requests that the page makes meanwhile, as `GET /api/v1/…`."""
    seen: list[str] = []

    def note(request: Request) -> None:
        path = request.url.removeprefix(person.base)
        if path.startswith(("/api/", "/health/")):
            seen.append(f"{request.method} {path}")

    person.page.on("request", note)
    try:
        yield seen
    finally:
        person.page.remove_listener("request", note)
