"""Sharing a screen, from both sides of it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .people import PATIENCE, Person

#: A screen with something on it that changes: what a browser would give for a picked window is
#: different in every machine's headless one.
_A_SCREEN = """() => {
  const draw = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 500 });
    const pen = canvas.getContext('2d');
    let turn = 0;
    setInterval(() => {
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, 800, 500);
      pen.fillStyle = '#111';
      pen.font = '40px sans-serif';
      pen.fillText(`Hb 138 g/l, blad ${(turn += 1)}`, 60, 120);
    }, 100);
    return canvas.captureStream(10);
  };
  navigator.mediaDevices.getDisplayMedia = async () => {
    const stream = draw();
    const [track] = stream.getTracks();
    const add = track.addEventListener.bind(track);
    track.addEventListener = (type, listener, how) => {
      if (type === 'ended') window.__ended = listener;
      add(type, listener, how);
    };
    window.__screen = track;
    return stream;
  };
}"""

#: The browser's own bar: the track ends without the page having stopped it, and tells of it. By
#: calling who listens, because tracks in Firefox tell of no event that a script has made.
_STOPPED_IN_THE_BAR = """() => {
  window.__screen.stop();
  window.__ended(new Event('ended'));
}"""

#: Whether the frames of a picture keep coming.
_MOVES = """(video) => {
  const seen = (window.__frames ??= new WeakMap());
  if (!seen.has(video)) {
    seen.set(video, 0);
    const next = () => {
      seen.set(video, seen.get(video) + 1);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
  return seen.get(video) >= 8;
}"""


def share(person: Person) -> None:
    """Press the button, and pick a screen."""
    person.page.evaluate(_A_SCREEN)
    person.button("visit.control.share").first.click()
    person.sees("visit.screen.sharing")


def stop_in_the_bar(person: Person) -> None:
    """End it from the browser's own bar instead of the page."""
    person.page.evaluate(_STOPPED_IN_THE_BAR)


def is_sent(person: Person) -> bool:
    """Whether anything of the picked screen may still leave the browser."""
    sent: bool = person.page.evaluate(
        """() => {
          const mid = ({ mid }) => mid === '2';
          const section = window.__peers.at(-1).getTransceivers().find(mid);
          const tracks = [section?.sender.track, window.__screen];
          return tracks.some((track) => track?.readyState === 'live');
        }"""
    )
    return sent


def screen_of(viewer: Person, name: str) -> Locator:
    """The screen that this person shares, on the viewer's stage."""
    words = viewer.t("people.screen.of", name=name)
    return viewer.page.get_by_role("figure").filter(has_text=words)


def moves(figure: Locator) -> None:
    """Wait until its picture moves."""
    expect(figure).to_be_visible(timeout=PATIENCE)
    video = figure.locator("video").element_handle()
    figure.page.wait_for_function(_MOVES, arg=video, timeout=PATIENCE)


def sees_screen(viewer: Person, name: str) -> Locator:
    """The screen that this person shares is shown, and its picture moves."""
    figure = screen_of(viewer, name)
    moves(figure)
    return figure
