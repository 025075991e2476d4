"""The browsers that people use here, how each is started, and what its driver can't do.

Both are the system's own: Chromium over the DevTools protocol, Firefox ESR over WebDriver BiDi.
Every journey runs in both. A test that needs what one of them lacks says so by
`@pytest.mark.needs("…")` with a name from `LACKS`, and is then not made for that browser. What
is long and about the server or about our markup, not about the browser, is marked
`@pytest.mark.once("why")` and runs in Chromium alone, unless `make e2e EVERYWHERE=1` asks for all.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Final, Literal, get_args

from playwright.sync_api import Browser, Playwright

Kind = Literal["chromium", "firefox"]
#: What the browser finds when the page asks for camera and microphone. `unasked`: a person whom
#: the browser never asked, so that it also hides her addresses (mDNS, RFC 8828).
Devices = Literal["allowed", "denied", "absent", "unasked"]
Scheme = Literal["light", "dark"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: Set (to anything), what `@pytest.mark.once` keeps to one browser runs in every one as well.
EVERYWHERE: Final = "VARDRUM_E2E_EVERYWHERE"

#: What a driver can't do, and why. Nothing else is left out for a browser.
LACKS: Final[dict[Kind, dict[str, str]]] = {
    "chromium": {},
    "firefox": {
        "changing a permission": (
            "BiDi's permissions.setPermission knows no camera in Firefox 153 (\"descriptor.name "
            '"camera" is currently unsupported"), so the answer is a preference for the whole '
            "run of the browser."
        ),
        "being asked": (
            "With that preference the page knows of the refusal before it asks, and has nothing to "
            "explain: the lobby is left out."
        ),
        "a process of its own": (
            "BiDi does not say which process a page is in, and people share one in Firefox."
        ),
        "a loudspeaker": (
            "Headless and without a sound device, it starts no AudioContext that plays."
        ),
        "a person's keys": (
            "Tab and Enter over BiDi now and then go to Firefox's own bars instead of the page, "
            "whose activeElement stays as if nothing had happened: no journey by keyboard holds."
        ),
    },
}

_CHROMIUM = "/usr/bin/chromium"
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
_FAKE_DEVICES = "--use-fake-device-for-media-stream"

_FIREFOX = "/usr/bin/firefox-esr"
_FIREFOX_PREFS: dict[str, str | float | bool] = {
    # Without it Firefox never sends to 127.0.0.1 or ::1, and finds no candidate where there is
    # no other interface.
    "media.peerconnection.ice.loopback": True,
    # Headless, it says that it has no pointer at all; a desk has a mouse (2 fine, 4 hovers).
    "ui.primaryPointerCapabilities": 6,
    "ui.allPointerCapabilities": 6,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # Nothing calls home.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-manager.url": "",
    "media.gmp-provider.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
# `permissions.default.*`: 0 asks, 1 allows, 2 denies; a page that queries is told the same.
_FIREFOX_ANSWERS: dict[Devices, int] = {"allowed": 1, "absent": 1, "denied": 2, "unasked": 0}

#: Playwright's `fill` and letters outside the American layout go in as a value with an untrusted
#: `input` event here, and React takes no notice of a value that it has seen being set.
FIREFOX_TYPES = """
  window.addEventListener('input', ({ target }) => target._valueTracker?.setValue(''), true);
"""

#: Whatever size the page wishes for: a visit is encoded and decoded in software here, by both, and
#: several at a time. A thumbnail shows as well that pictures come.
SMALL_PICTURES = """
  const devices = navigator.mediaDevices; // none on about:blank, where every page begins
  const given = devices?.getUserMedia.bind(devices);
  if (devices) devices.getUserMedia = ({ audio, video }) => {
    window.__asked = video; // what the page itself would have
    return given({
      audio,
      video: video && { ...video, width: 320, height: 180, frameRate: { ideal: 15, max: 15 } },
    });
  };
"""

#: A picture and a tone that the page makes itself, so that the browser grants nothing.
MADE_UP_DEVICES = """
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const stream = new MediaStream();
    if (video) {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
      const pen = canvas.getContext('2d');
      let hue = 0;
      setInterval(() => {
        pen.fillStyle = `hsl(${(hue += 5)} 80% 50%)`;
        pen.fillRect(0, 0, 320, 240);
      }, 50);
      for (const track of canvas.captureStream(20).getTracks()) stream.addTrack(track);
    }
    if (audio) {
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      for (const track of out.stream.getTracks()) stream.addTrack(track);
    }
    return stream;
  };
"""


def the_other(kind: Kind) -> Kind:
    """The browser that this one is not."""
    return next(each for each in KINDS if each != kind)


def able(needed: set[str], *, once: bool) -> list[Kind]:
    """The browsers that a test is made for: all whose driver can, or the first of them."""
    kinds = [kind for kind in KINDS if not needed & LACKS[kind].keys()]
    return kinds[:1] if once and EVERYWHERE not in os.environ else kinds


class Browsers:
    """The browsers of one test process, each started when it is first wanted."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._running: dict[tuple[Kind, str], Browser] = {}

    def get(self, kind: Kind, devices: Devices, scheme: Scheme) -> Browser:
        """A browser whose pages find these devices and, in Firefox, this colour scheme.

        Chromium takes the permission and the scheme for each context, and Firefox none of them.
        """
        if kind == "chromium":
            variant = "bare" if devices == "absent" else ""
        else:
            variant = "" if (devices, scheme) == ("allowed", "light") else f"{devices} {scheme}"
        if (kind, variant) not in self._running:
            self._running[kind, variant] = (
                self._chromium(devices) if kind == "chromium" else self._firefox(devices, scheme)
            )
        return self._running[kind, variant]

    def _chromium(self, devices: Devices) -> Browser:
        flags = [] if devices == "absent" else [_FAKE_DEVICES]
        return self._playwright.chromium.launch(
            executable_path=_CHROMIUM, args=[*_CHROMIUM_FLAGS, *flags], headless=True
        )

    def _firefox(self, devices: Devices, scheme: Scheme) -> Browser:
        answer = _FIREFOX_ANSWERS[devices]
        return self._playwright.firefox.launch(
            channel="moz-firefox",
            executable_path=_FIREFOX,
            headless=True,
            firefox_user_prefs={
                **_FIREFOX_PREFS,
                "media.navigator.streams.fake": devices != "absent",
                # People sit in windows of one Firefox, and only one of them has the focus; even a
                # page that is allowed to gets no camera in another, unless nothing is checked.
                "media.navigator.permission.disabled": devices in ("allowed", "absent"),
                "permissions.default.camera": answer,
                "permissions.default.microphone": answer,
                # Its own name for `prefers-color-scheme`: 0 dark, 1 light.
                "layout.css.prefers-color-scheme.content-override": 0 if scheme == "dark" else 1,
            },
        )

    def close_variants(self) -> None:
        """End all but the two that nearly every test uses: each costs half a gigabyte."""
        for key in [key for key in self._running if key[1]]:
            self._running.pop(key).close()

    def close(self) -> None:
        """End them all."""
        for browser in self._running.values():
            browser.close()
        self._running.clear()


@contextlib.contextmanager
def running(playwright: Playwright) -> Iterator[Browsers]:
    """Browsers that end with the block."""
    browsers = Browsers(playwright)
    try:
        yield browsers
    finally:
        browsers.close()
