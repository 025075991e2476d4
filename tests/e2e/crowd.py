"""Those who make a queue long: patients whose own pages do not matter, and who come quickly."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from .meeting import CLINIC, Enter
from .people import PASSWORD, Patient

_ASK = """async ({ method, path, body }) => {
  const headers = {
    'X-Vardrum': '1', 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(),
  };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}"""


class Bystander(Patient):
    """Says to the API what her page would say, from a page that is none of the product's."""

    ticket: str

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer to a request of her browser, with her cookie."""
        return self.page.evaluate(_ASK, {"method": method, "path": f"/api/v1{path}", "body": body})

    @override
    def arrive(self) -> None:
        # The queue's address is a page of the same origin, and this one is only text.
        self.page.goto(f"{self.base}/licences.txt")
        login = {"username": self.username, "password": PASSWORD}
        self.ask("POST", "/patient/session", login)

    @override
    def ask_for(
        self,
        clinic: str,
        profession: str,
        reason: str,
        channel: str = "chat",
        communication: str = "speech",
    ) -> None:
        found = self.ask("GET", "/clinics")["clinics"]
        (place,) = [each["id"] for each in found if each["name"] == clinic]
        wish = {"clinic_id": place, "profession": profession, "reason": reason, "channel": channel}
        wish |= {"communication": communication}
        self.ticket = self.ask("POST", "/patient/queue-tickets", wish)["id"]

    def leave_queue(self) -> None:
        """Give the place up."""
        self.ask("POST", f"/patient/queue-tickets/{self.ticket}/leave", {})

    @override
    def go_in(self) -> None:
        (visit,) = self.ask("GET", "/patient/overview")["visits"]
        self.ask("POST", f"/patient/visits/{visit['id']}/join", {})


def joins(enter: Enter, username: str, reason: str) -> Bystander:
    """One more waits for a doctor, by chat."""
    patient: Bystander = enter(Bystander, username)
    patient.arrive()
    patient.ask_for(CLINIC, "doctor", reason)
    return patient
