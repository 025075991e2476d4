"""How a call flows: what each side's browser sends, gets, repairs and shows, over a stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .people import Person

#: A camera whose picture costs bits: a browser's own made-up one is nearly still, and a bitrate
#: that nothing asks for can't be seen to fall. The grain is soft enough for an encoder to blur.
GRAINY_CAMERA = """
  if (navigator.mediaDevices) {
    const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
      const stream = audio ? await given({ audio }) : new MediaStream();
      if (!video) return stream;
      const [width, height, rate] = [240, 180, 15];
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const pen = canvas.getContext('2d');
      const grain = Object.assign(document.createElement('canvas'), { width: 512, height: 512 });
      const ink = grain.getContext('2d');
      const dots = ink.createImageData(512, 512);
      for (let at = 0; at < dots.data.length; at += 4) {
        dots.data.fill(Math.random() * 255, at, at + 3);
        dots.data[at + 3] = 30;
      }
      ink.putImageData(dots, 0, 0);
      let turn = 0;
      setInterval(() => {
        turn += 1;
        pen.fillStyle = `hsl(${turn % 360} 40% 50%)`;
        pen.fillRect(0, 0, width, height);
        pen.drawImage(grain, -(turn * 97) % 256, -(turn * 61) % 256);
      }, 1000 / rate);
      for (const track of canvas.captureStream(rate).getTracks()) stream.addTrack(track);
      return stream;
    };
  }
"""

_NUMBERS = """async () => {
  const peer = window.__peers.findLast(({ connectionState }) => connectionState === 'connected');
  const flow = { at: performance.now() / 1000 };
  for (const stat of (await peer.getStats()).values()) {
    if (stat.kind !== 'video') continue;
    // Of a screen there is none while nobody shares one.
    if (stat.type === 'media-source' && stat.frames) flow.taken = stat.frames;
    if (stat.type === 'outbound-rtp') {
      flow.sent = stat.bytesSent - (stat.retransmittedBytesSent ?? 0);
      flow.frames_sent = stat.framesEncoded;
    }
    if (stat.type === 'inbound-rtp') {
      flow.lost = stat.packetsLost;
      flow.asked_again = stat.nackCount;
      flow.asked_whole = stat.pliCount;
      flow.frames = stat.framesDecoded;
    }
  }
  // Firefox does not count what the camera takes.
  flow.taken ??= flow.frames_sent;
  return flow;
}"""

#: Looks ten times a second, and remembers the longest time without a frame sent, without a frame
#: got, and between two looks: how long the machine itself stood still.
_WATCH = f"""async () => {{
  const numbers = {_NUMBERS};
  const first = await numbers();
  let last = first, sentAt = first.at, gotAt = first.at;
  const watch = window.__watch = {{ first, unsent: 0, ungot: 0, unseen: 0 }};
  const look = async () => {{
    const now = await numbers();
    watch.unseen = Math.max(watch.unseen, now.at - last.at);
    if (now.frames_sent > last.frames_sent) sentAt = now.at;
    if (now.frames > last.frames) gotAt = now.at;
    watch.unsent = Math.max(watch.unsent, now.at - sentAt);
    watch.ungot = Math.max(watch.ungot, now.at - gotAt);
    last = now;
    if (window.__watch === watch) setTimeout(look, 100);
  }};
  setTimeout(look, 100);
}}"""

_SEEN = f"""async () => {{
  const watch = window.__watch;
  window.__watch = null;
  return {{ ...watch, last: await ({_NUMBERS})() }};
}}"""


@dataclass(frozen=True)
class Flow:
    """One person's video over a stretch: what her browser sent, and what it got."""

    #: Octets of new pictures: what is sent again says nothing of their quality.
    sent: float
    frames_sent: float
    #: Frames that the camera took, of which an encoder with too few bits leaves some out.
    taken: float
    #: Packets that did not come the first time, and those that were asked for again.
    lost: float
    asked_again: float
    #: Pictures that had to be asked for whole, because a part of one was lost for good.
    asked_whole: float
    frames: float
    #: The longest times, in seconds: without a frame sent, without one got, between two looks.
    unsent: float
    ungot: float
    unseen: float

    @property
    def worth(self) -> float:
        """Octets for each frame that the camera took: the bitrate, at a frame rate that stays.

        A busy machine's camera takes fewer frames; only the network makes them small, or leaves
        them out.
        """
        return self.sent / max(self.taken, 1)


def flows(persons: Sequence[Person], milliseconds: float) -> list[Flow]:
    """What happens during the next while, for each of them."""
    for person in persons:
        person.page.evaluate(_WATCH)
    persons[0].page.wait_for_timeout(milliseconds)
    found = []
    for person in persons:
        seen = person.page.evaluate(_SEEN)
        first, last = seen.pop("first"), seen.pop("last")
        changed = {key: last[key] - first[key] for key in first if key != "at"}
        found.append(Flow(**changed, **seen))
    return found


def frozen(sender: Flow, receiver: Flow) -> float:
    """The longest that the receiver's picture stood still by the network's fault, in seconds.

    A browser that gets no time from its machine sends nothing for a while, or sees nothing come.
    """
    own = max(0.0, sender.unsent - 0.2) + max(0.0, receiver.unseen - 0.2)
    return max(0.0, receiver.ungot - own)
