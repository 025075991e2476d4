"""What is measured in the page itself: each is a script whose answer is a list of faults."""

from __future__ import annotations

#: Words that are fading in have no contrast worth measuring: wait until what moves has arrived.
SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
  await frame();
  await frame();
  await Promise.all(
    document.getAnimations()
      .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
      .map((each) => each.finished.catch(() => undefined)));
}"""

#: What is wider than the screen makes the whole page slide sideways (WCAG 1.4.10).
OVERHANG = """() => {
  const root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over <= 0) return [];
  const wide = [...document.querySelectorAll('body *')]
    .filter((it) => it.checkVisibility())
    .filter((it) => it.getBoundingClientRect().right > root.clientWidth + 0.5)
    .slice(-3)
    .map((it) => `${it.tagName.toLowerCase()}.${it.className?.baseVal ?? it.className}`);
  return [`${over} px wider than the screen: ${wide}`];
}"""

#: A dialog that is open and has no box holds the page, and nobody knows why.
UNSEEN = """() => [...document.querySelectorAll('dialog:modal')]
  .filter((it) => !it.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((it) => `a dialog is open and not seen: ${it.textContent.trim().slice(0, 60)}`)
"""

_REACHABLE = """
  const all = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const inert = (it) => it.closest('[inert]') !== null;
  const top = [...document.querySelectorAll('dialog:modal')].at(-1);
  const hidden = (it) => {
    // Inherited, and taken back by a dialog that is asked from a closed panel.
    if (getComputedStyle(it).visibility !== 'visible') return true;
    for (let at = it; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath !== 'none' || style.opacity === '0') return true;
    }
    return it.disabled === true;
  };
  const reachable = [...(top ?? document).querySelectorAll(all)]
    .filter((it) => it.checkVisibility() && !inert(it) && !hidden(it));
  const nameOf = (it) =>
    `${it.tagName.toLowerCase()} "${(it.getAttribute('aria-label') ?? it.innerText ?? it.name ?? '')
      .trim().replace(/\\s+/g, ' ').slice(0, 40)}"`;
"""

#: What can be used must be possible to bring onto the screen, whole (WCAG 1.4.4, 1.4.10).
CUT = f"""() => {{ {_REACHABLE}
  const faults = [];
  for (const it of reachable) {{
    const box = it.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    let {{ left, right, top, bottom }} = box;
    let scrolls = false;
    for (let at = it.parentElement; at !== null; at = at.parentElement) {{
      const style = getComputedStyle(at);
      const frame = at.getBoundingClientRect();
      if (style.overflowY === 'auto' || style.overflowY === 'scroll') {{
        // It can be scrolled into its frame: from there on the frame is what must be seen.
        ({{ top, bottom }} = frame);
        scrolls = true;
      }} else if (style.overflowY === 'hidden' || style.overflowY === 'clip') {{
        top = Math.max(top, frame.top); bottom = Math.min(bottom, frame.bottom);
      }}
      if (style.overflowX === 'hidden' || style.overflowX === 'clip') {{
        left = Math.max(left, frame.left); right = Math.min(right, frame.right);
      }}
      if (style.position === 'fixed') break;
    }}
    const wanted = scrolls ? Math.min(box.height, 24) : box.height;
    if (right - left < box.width - 2 || bottom - top < wanted - 2)
      faults.push(`cut off: ${{nameOf(it)}}`);
  }}
  return faults;
}}"""

#: At least 24 by 24 for all that is not a link among words (WCAG 2.5.8), and 44 high for what
#: leads on, which is what a patient's page consists of.
SMALL = f"""() => {{ {_REACHABLE}
  const faults = [];
  const dense = document.querySelector('[data-density="dense"]') !== null;
  for (const it of reachable) {{
    const style = getComputedStyle(it);
    if (style.display === 'inline' || it.type === 'radio' || it.type === 'checkbox') continue;
    const {{ width, height }} = it.getBoundingClientRect();
    const least = dense || it.tagName !== 'BUTTON' ? 24 : 44;
    if (width < 24 || height < least - 0.5)
      faults.push(`too small, ${{Math.round(width)}} x ${{Math.round(height)}}: ${{nameOf(it)}}`);
  }}
  return faults;
}}"""

#: Where axe can't tell the contrast: text on a gradient or over a picture, or a single figure. The
#: worst of the colours that may lie behind it counts; behind video that is black, or white.
CONTRAST = """(selectors) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (it) => {
    const box = it.getBoundingClientRect();
    const under = [...document.querySelectorAll('video')].some((video) => {
      const frame = video.getBoundingClientRect();
      return video.checkVisibility() && frame.left < box.right && frame.right > box.left
        && frame.top < box.bottom && frame.bottom > box.top;
    });
    const layers = [];
    for (let at = it; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      const stops = style.backgroundImage.match(/(rgba?|color|oklab)\\([^()]*\\)/g) ?? [];
      if (stops.length > 0) layers.push(stops.map(read));
      const flat = read(style.backgroundColor);
      if (flat.a > 0) layers.push([flat]);
      if (flat.a === 1 || (stops.length > 0 && stops.every((stop) => read(stop).a === 1))) break;
      if (under && at.querySelector('video') !== null) break;
    }
    const white = { r: 255, g: 255, b: 255, a: 1 };
    const black = { r: 0, g: 0, b: 0, a: 1 };
    let colours = under ? [white, black] : [white];
    for (const layer of layers.reverse())
      colours = layer.flatMap((top) => colours.map((below) => over(top, below)));
    return colours;
  };
  return selectors.flatMap((selector) => {
    const it = document.querySelector(selector);
    if (it === null || !it.checkVisibility()) return [];
    const style = getComputedStyle(it);
    const text = read(style.color);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
    const worst = Math.min(...behind(it).map((below) => {
      const [a, b] = [light(over(text, below)), light(below)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }));
    if (worst >= (large ? 3 : 4.5)) return [];
    return [`contrast ${worst.toFixed(2)}: ${selector}`];
  });
}"""
