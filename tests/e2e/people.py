"""Patient and clinician as they act on the screen: by role and visible name, in either language."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from .network import Link

_CATALOGUES = Path(__file__).resolve().parents[2] / "web-client/src/i18n"
#: Every demo account has this password; `make run` prints it.
PASSWORD = "vardrum"

#: How Firefox numbers a download that was given up (NS_BINDING_ABORTED).
_ABORTED = "status=2152398850"

#: How long a picture may take to come, or to come back, on a slow machine (milliseconds).
PATIENCE = 60_000


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of the client in one language."""
    texts: dict[str, str] = {}
    for file in sorted((_CATALOGUES / language).glob("*.json")):
        texts.update(json.loads(file.read_text()))
    return texts


def text(language: str, key: str, **values: str) -> re.Pattern[str]:
    """A pattern for a text of the catalogue; what is not given in `values` may be anything."""
    wanted = catalogue(language)[key]
    parts = re.split(r"(\{[^{}]*\})", wanted)
    pattern = "".join(
        re.escape(values[part[1:-1]])
        if part[1:-1] in values and part.startswith("{")
        else ".*"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )
    return re.compile(pattern)


class Person:
    """Somebody with a browser and a network of her own."""

    host: ClassVar[str]
    audience: ClassVar[str]

    def __init__(self, username: str, context: BrowserContext, link: Link) -> None:
        self.username = username
        self.context = context
        self.link = link
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("console", self._hear)
        self.language = "sv"

    def _complain(self, text: str) -> None:
        # Firefox calls a font that a reload cut short an error of the page.
        if not (text.startswith("download failed") and _ABORTED in text):
            self.complaints.append(text)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    @classmethod
    def origin(cls, link: Link) -> str:
        """Where she finds the product: by name, or by number over IPv6."""
        host = f"[{link.web_host}]" if ":" in link.web_host else cls.host
        return f"http://{host}:{link.web_port}"

    @property
    def base(self) -> str:
        return self.origin(self.link)

    def t(self, key: str, **values: str) -> re.Pattern[str]:
        """The text in the language that this person reads."""
        return text(self.language, key, **values)

    def button(self, key: str, **values: str) -> Locator:
        return self.page.get_by_role("button", name=self.t(key, **values))

    def link_to(self, key: str, **values: str) -> Locator:
        return self.page.get_by_role("link", name=self.t(key, **values))

    def heading(self, key: str, **values: str) -> Locator:
        return self.page.get_by_role("heading", name=self.t(key, **values))

    def sees(self, key: str, timeout: float = 30_000, **values: str) -> None:
        """Wait until the text stands on the page where a person can see it."""
        expect(
            self.page.get_by_text(self.t(key, **values)).locator("visible=true").first
        ).to_be_visible(timeout=timeout)

    def log_in(self, password: str = PASSWORD) -> None:
        self.page.get_by_label(self.t("help.login.username")).fill(self.username)
        self.page.get_by_label(self.t("help.login.password"), exact=False).first.fill(password)
        self.button("help.login.submit").last.click()

    def choose_password(self, current: str, new: str) -> None:
        """Fill in the form of one's own password, by the keyboard, and send it."""
        self.page.locator('input[name="current"]').fill(current)
        self.page.locator('input[name="new"]').fill(new)
        self.page.keyboard.press("Enter")

    # The visit room, which both use.

    def write(self, message: str) -> None:
        """Write in the chat and send."""
        self._open_chat()
        box = self.page.get_by_label(self.t("visit.chat.label"))
        box.fill(message)
        box.press("Enter")

    def reads(self, message: str, timeout: float = 30_000) -> None:
        """The message stands in the conversation, once."""
        self._open_chat()
        found = self.page.get_by_role("log").get_by_text(message, exact=True)
        expect(found).to_have_count(1, timeout=timeout)

    def conversation(self) -> list[str]:
        """What people wrote, in the order shown."""
        self._open_chat()
        return self.page.get_by_role("log").locator("[data-message]").all_inner_texts()

    def _open_chat(self) -> None:
        box = self.page.get_by_label(self.t("visit.chat.label"))
        log = self.page.get_by_role("log")
        expect(box.or_(log).or_(self.button("visit.control.chat")).first).to_be_attached()
        if not box.is_visible():
            toggle = self.button("visit.control.chat").first
            if toggle.is_visible():
                toggle.click()

    def frames(self) -> int:
        """How many pictures of the other the page's open connections have decoded."""
        decoded: int = self.page.evaluate(
            """async () => {
              let frames = 0;
              for (const peer of window.__peers ?? []) {
                // Firefox tells nothing of a connection that is closed.
                if (peer.connectionState === 'closed') continue;
                for (const report of (await peer.getStats()).values()) {
                  if (report.type === 'inbound-rtp' && report.kind === 'video')
                    frames += report.framesDecoded ?? 0;
                }
              }
              return frames;
            }"""
        )
        return decoded

    def sees_picture(self, timeout: float = PATIENCE) -> None:
        """New pictures of the other are being shown, now."""
        self.page.wait_for_function(
            """() => {
              const other = [...document.querySelectorAll('video')].find(
                (video) => video.srcObject && !('own' in video.dataset) && video.videoWidth > 0);
              if (!other) return false;
              if (window.__watched !== other) {
                window.__watched = other;
                window.__seen = 0;
                const next = () => { window.__seen += 1; other.requestVideoFrameCallback(next); };
                other.requestVideoFrameCallback(next);
                window.__from = 0;
              }
              return window.__seen >= 10;
            }""",
            timeout=timeout,
        )

    def forget_pictures(self) -> None:
        """Let `sees_picture` count anew from now."""
        self.page.evaluate("() => { window.__watched = null; window.__seen = 0; }")


class Clinician(Person):
    """Somebody who takes patients from the queue."""

    host = "personal.localhost"
    audience = "staff"

    def arrive(self) -> None:
        """Open the staff address and log in; without a name of its own, the staff's part of it."""
        self.page.goto(self.base if self.host in self.base else f"{self.base}/personal")
        self.log_in()

    def go_on_duty(self, clinic: str, profession: str) -> None:
        """Choose where, and go on duty."""
        self.page.get_by_role(
            "radio", name=re.compile(f"{profession}.*{clinic}|{clinic}.*{profession}")
        ).check(force=True)
        self.button("staff.duty.go_on").click()
        expect(self.heading("staff.queue.title")).to_be_visible()

    @property
    def note_box(self) -> Locator:
        """Where the note is written; opens the panel on screens that show one thing at a time."""
        box = self.page.get_by_role("textbox", name=self.t("staff.note.label"))
        panel = self.button("visit.control.panel").first
        expect(box.or_(panel).first).to_be_visible()
        if not box.is_visible():
            # On a phone the conversation lies over the buttons.
            self.page.keyboard.press("Escape")
            panel.click()
        return self.page.get_by_role("textbox", name=self.t("staff.note.label"))

    def row(self, reason: str) -> Locator:
        """The queue's row of the patient with this reason."""
        return self.page.get_by_role("row").filter(has_text=reason)

    def take(self, reason: str) -> None:
        """Take the patient with this reason, and be in her visit."""
        self.row(reason).get_by_role("button", name=self.t("staff.take_this")).click()
        self.page.wait_for_url("**/personal/besok/*")

    def end(self) -> None:
        """End the visit: one question."""
        self.button("staff.end.action").first.click()
        self.page.get_by_role("alertdialog").or_(self.page.get_by_role("dialog")).get_by_role(
            "button", name=self.t("staff.end.action")
        ).click()


class Patient(Person):
    """Somebody who needs care."""

    host = "patient.localhost"
    audience = "patient"

    def arrive(self) -> None:
        """Open the patients' address and log in."""
        self.page.goto(f"{self.base}/logga-in")
        self.log_in()
        self.page.wait_for_url(lambda url: "/logga-in" not in url)

    def ask_for(
        self,
        clinic: str,
        profession: str,
        reason: str,
        channel: str = "video",
        communication: str = "speech",
    ) -> None:
        """From the choice of clinic to the queue, with the test of equipment skipped."""
        self.page.goto(f"{self.base}/traffa")
        part = self.page.get_by_role("region", name=self.t(f"common.profession.{profession}"))
        part.get_by_role("link", name=re.compile(re.escape(clinic))).click()
        self.page.get_by_label(self.t("patient.reason.label")).fill(reason)
        self.button("common.continue").click()
        self.page.get_by_role("radio", name=self.t(f"common.channel.{channel}")).check(force=True)
        self.page.get_by_role("radio", name=self.t(f"needs.{communication}")).check(force=True)
        if channel == "video":
            self.button("common.continue").click()
            self.button("patient.check.skip").click()
        else:
            self.button("patient.join").click()
        self.page.wait_for_url("**/ko/*")

    def is_called(self) -> None:
        """The page says that it is her turn."""
        expect(self.heading("patient.turn.title")).to_be_visible()

    def go_in(self) -> None:
        """Answer the call."""
        self.is_called()
        self.button("patient.turn.enter").click()
        self.page.wait_for_url("**/besok/*")

    def leave(self) -> None:
        """Leave the visit: one question."""
        self.button("visit.control.leave").first.click()
        self.button("visit.leave.yes").click()
