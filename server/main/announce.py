"""What a person reads when the server is up: where to go, and as whom."""

import io
from collections.abc import Sequence

import segno

from server.app import DEMO_LOGINS, DemoLogin
from server.kit.settings import Settings
from server.main.addresses import urls
from server.main.serve import Running


def _about(login: DemoLogin) -> str:
    if login.profession is not None:
        return login.profession.replace("_", " ")
    if login.administrator:
        return "administrator"
    return f"born {login.birth_year}"


def people(logins: Sequence[DemoLogin]) -> list[str]:
    """The demo's logins as lines; none when there are none."""
    if not logins:
        return []
    widths = [max(len(getattr(each, name)) for each in logins) for name in ("username", "name")]
    return [
        "",
        f"Demo logins, all with the password {logins[0].password}:",
        *(
            f"  {each.audience:<8} {each.username:<{widths[0]}}  {each.name:<{widths[1]}}  "
            f"{_about(each)}"
            for each in logins
        ),
    ]


def announcement(settings: Settings, server: Running) -> str:
    """The addresses, the demo's logins, and for a phone a QR code."""
    (patients, staff), away = urls(server.hosts, server.port, tls=settings.tls)
    lines = ["", "Vårdrum is running.", f"  Patients:  {patients}", f"  Staff:     {staff}"]
    lines += [f"  Network:   {each}" for each in away]
    if server.metrics_port is not None:
        lines.append(f"  Metrics:   http://127.0.0.1:{server.metrics_port}/metrics")
    logins = server.app[DEMO_LOGINS]
    lines += people(logins)
    if settings.tls and away:
        code = io.StringIO()
        segno.make(away[0], error="l").terminal(code, compact=True)
        lines += [
            "",
            f"For a phone on the same network, {away[0]}",
            "(the browser warns once, because the certificate was made on this machine):",
            "",
            code.getvalue().rstrip("\n"),
        ]
    lines += ["", "Ctrl-C stops it.", ""]
    return "\n".join(lines)
