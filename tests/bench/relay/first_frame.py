"""How soon somebody who joins sees the other: a real Chromium at our relay.

A robot is in the visit already, sends, and begins with a whole picture when it is asked for one,
as a browser does; it encodes nothing, for the machine's cores are those of the one who joins. A
page, its camera open, joins again and again: from asking for the offer to the first picture on its
screen. The offer comes from the relay itself, so that what a server asks of its database is not in
the figure.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aioice.ice
from playwright.async_api import Page, Route, async_playwright

from server.kit.tasks import cancel, spawn
from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor
from tests.bench.clip import FPS, clip
from tests.bench.robot import MediaRobot

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
  document.body.replaceChildren();
  const began = performance.now();
  const { leg, sdp } = await window.askOffer();
  const peer = window.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const seen = new Promise((see) => {
    peer.ontrack = ({ track }) => {
      if (track.kind !== 'video') return;
      const picture = document.createElement('video');
      Object.assign(picture, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
      document.body.append(picture);
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
  return await seen;
}"""


async def first_frames(address: str, joins: int) -> Sequence[float]:
    """Milliseconds from each join to its first picture."""
    # Only this one address, or the robot would try all that the machine has.
    aioice.ice.get_host_addresses = lambda **_: [address]
    supervisor = Supervisor(Place([address]))
    await supervisor.start()
    numbers = itertools.count()
    try:
        async with _somebody_there(supervisor), async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
            joining = await browser.new_page()
            await _prepare(joining, supervisor, "joining", numbers)
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


@asynccontextmanager
async def _somebody_there(supervisor: Supervisor) -> AsyncIterator[None]:
    """A robot in the visit, who sends 30 pictures a second."""
    robot = MediaRobot(await asyncio.to_thread(clip))
    offer = await supervisor.open_leg("visit", "there", "there")
    await supervisor.answer("there", await robot.answer(offer))
    await robot.connected()
    sending = spawn(_send(robot), name="bench.there")
    try:
        yield
    finally:
        await cancel(sending)
        await robot.close()


async def _send(robot: MediaRobot) -> None:
    number, asked = 0, asyncio.Event()
    robot.on_keyframe_asked = asked.set
    for at in itertools.count():
        if asked.is_set():
            # The clip's only whole picture is its first.
            asked.clear()
            number = 0
        robot.send_frame(number)
        number += 1
        robot.send_audio(2 * at)
        robot.send_audio(2 * at + 1)
        await asyncio.sleep(1 / FPS)


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
