"""How soon somebody who joins sees the other: a real Chromium at our relay.

One page is in the visit already and sends. The other, its camera open, joins again and again: from
asking for the offer to the first picture on its screen. The offer comes from the relay itself, so
that what a server asks of its database is not in the figure.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from playwright.async_api import Page, Route, async_playwright

from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
)
#: A page of localhost may open a camera. Nothing is fetched from anywhere.
_PAGE = "http://localhost/"

_JOIN = """async () => {
  window.camera ??= await navigator.mediaDevices.getUserMedia({
    audio: true, video: { width: 1280, height: 720, frameRate: 30 },
  });
  window.peer?.close();
  const began = performance.now();
  const { leg, sdp } = await window.askOffer();
  const peer = window.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const seen = new Promise((see) => {
    peer.ontrack = ({ track }) => {
      if (track.kind !== 'video') return;
      const picture = document.createElement('video');
      Object.assign(picture, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
      document.body.replaceChildren(...document.body.children, picture);
      picture.requestVideoFrameCallback(() => see(performance.now() - began));
    };
  });
  await peer.setRemoteDescription({ type: 'offer', sdp });
  const sections = peer.getTransceivers();
  for (const track of window.camera.getTracks()) {
    const section = sections.find(({ receiver }) => receiver.track.kind === track.kind);
    section.direction = 'sendrecv';
    await section.sender.replaceTrack(track);
  }
  await peer.setLocalDescription();
  await window.giveAnswer(leg, peer.localDescription.sdp);
  return window.alone ? 0 : await seen;
}"""


async def first_frames(address: str, joins: int) -> Sequence[float]:
    """Milliseconds from each join to its first picture."""
    supervisor = Supervisor(Place([address]))
    await supervisor.start()
    numbers = itertools.count()
    try:
        async with async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
            there, joining = await browser.new_page(), await browser.new_page()
            for who, page in (("there", there), ("joining", joining)):
                await _prepare(page, supervisor, who, numbers)
            await there.evaluate("() => { window.alone = true; }")
            await there.evaluate(_JOIN)
            took = []
            for number in range(joins + 1):
                spent = await joining.evaluate(_JOIN)
                # The first of all opens the camera and warms the codecs up.
                if number:
                    took.append(float(spent))
                await joining.wait_for_timeout(300)
            await browser.close()
            return took
    finally:
        await supervisor.stop()


async def _prepare(
    page: Page, supervisor: Supervisor, who: str, numbers: itertools.count[int]
) -> None:
    legs: list[str] = []

    async def ask_offer() -> dict[str, str]:
        if legs:
            await supervisor.close_leg(legs.pop())
        leg = f"leg-{next(numbers)}"
        legs.append(leg)
        return {"leg": leg, "sdp": await supervisor.open_leg("visit", leg, who)}

    async def give_answer(leg: str, sdp: str) -> None:
        await supervisor.answer(leg, sdp)

    async def empty(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html><title>visit</title>")

    await page.route(f"{_PAGE}**", empty)
    await page.expose_function("askOffer", ask_offer)
    await page.expose_function("giveAnswer", give_answer)
    await page.goto(_PAGE)
