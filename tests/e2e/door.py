"""How people come in: each with a browser context and a network of her own."""

from __future__ import annotations

from typing import TypeVar

from playwright.sync_api import BrowserContext

from . import browsers as kinds
from .browsers import Browsers, Devices, Kind, Scheme
from .network import Link, Network
from .people import Person
from .product import Product

P = TypeVar("P", bound=Person)

#: How long whatever is not a picture may take, in milliseconds: three products and six browsers
#: share the machine, and a page that gets no time is no fault.
STEP = 30_000


class Door:
    """`door(Patient, "astrid")` opens a browser context for one person over her own network."""

    def __init__(
        self, product: Product, browsers: Browsers, network: Network, kind: Kind = "chromium"
    ) -> None:
        self._product = product
        self._browsers = browsers
        self._network = network
        self._kind = kind
        self._links: list[Link] = []
        self.contexts: list[BrowserContext] = []

    def __call__(
        self,
        role: type[P],
        username: str,
        *,
        browser: Kind | None = None,
        devices: Devices = "allowed",
        locale: str = "sv-SE",
        width: int = 1280,
        scheme: Scheme = "light",
    ) -> P:
        """`browser`: another than the others'; `devices`: what it finds."""
        browser = browser or self._kind
        product = self._product
        link = self._network.link(product.web, *product.media, tcp=product.media_tcp)
        self._links.append(link)
        context = self._browsers.get(browser, devices, scheme).new_context(
            viewport={"width": width, "height": 900 if width > 600 else 844},
            locale=locale,
            color_scheme=scheme,
        )
        self.contexts.append(context)
        context.set_default_timeout(STEP)
        if browser == "firefox":
            context.add_init_script(kinds.FIREFOX_TYPES)
        elif devices in ("allowed", "absent"):
            context.grant_permissions(["camera", "microphone"], origin=role.origin(link))
        context.add_init_script(
            kinds.MADE_UP_DEVICES if devices == "unasked" else kinds.SMALL_PICTURES
        )
        context.add_init_script(_through_proxy(link))
        return role(username, context, link)

    def close(self) -> None:
        """Everybody goes."""
        for context in self.contexts:
            context.close()
        for link in self._links:
            link.close()


def _through_proxy(link: Link) -> str:
    """Sends the page's media through the person's own link instead of straight to the worker."""
    instead = "".join(
        f".replaceAll(' {host} {port} ', ' {host} {own} ')"
        for (host, port), own in link.media_ports.items()
    )
    return f"""
      const real = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (description) {{
        const sdp = description.sdp{instead};
        return real.call(this, {{ type: description.type, sdp }});
      }};
      const Peer = RTCPeerConnection;
      window.__peers = [];
      window.RTCPeerConnection = class extends Peer {{
        constructor(...settings) {{ super(...settings); window.__peers.push(this); }}
      }};
    """
