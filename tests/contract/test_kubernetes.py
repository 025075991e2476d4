"""The Kubernetes manifests: valid by its schemas, and all that is named is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from server.app.health import PATHS
from server.main.cli import parser
from server.main.node import DRAIN_WITHIN
from server.main.serve import LAST_RESORT_SECONDS
from tests.cluster.environment import checked

FOLDER = Path(__file__).resolve().parents[2] / "infra/kubernetes"
yaml: Any = importlib.import_module("yaml")
schemas: Any = importlib.import_module("kubernetes_validate")

# The oldest release that its makers still mend, about, and the newest that the schemas know.
_RELEASES = ("1.33", "1.37")
# What the Secret `vardrum` holds, by kustomization.yaml.
_SECRET = {
    "VARDRUM_DATABASE_URL": "postgresql://vardrum:x@db.example/vardrum",
    "VARDRUM_MEDIA_TOKEN": "0" * 64,
}


def resources() -> dict[tuple[str, str], dict[str, Any]]:
    """All of them by kind and name."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    assert set(listed) == {path.name for path in FOLDER.iterdir()} - {"kustomization.yaml"}
    read = [each for name in listed for each in yaml.safe_load_all((FOLDER / name).read_text())]
    found = {(each["kind"], each["metadata"]["name"]): each for each in read}
    assert len(found) == len(read)
    return found


def workloads() -> list[dict[str, Any]]:
    return [each for (kind, _), each in resources().items() if kind in ("Deployment", "DaemonSet")]


def environment(container: dict[str, Any]) -> dict[str, str]:
    """What a process sees, as Kubernetes puts it together."""
    seen: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if "secretRef" in source:
            assert source == {"secretRef": {"name": "vardrum"}}
            seen |= _SECRET
        else:
            seen |= resources()["ConfigMap", source["configMapRef"]["name"]]["data"]
    for each in container.get("env", ()):
        value = each.get("value")
        if value is None:
            assert each["valueFrom"] == {"fieldRef": {"fieldPath": "status.hostIP"}}
            value = "10.1.2.3"
        # Only what stands before it is put in.
        seen[each["name"]] = re.sub(r"\$\((\w+)\)", lambda match: seen[match[1]], value)
    return seen


@pytest.mark.parametrize("release", _RELEASES)
def test_kubernetes_knows_every_word(release: str) -> None:
    """By the schemas that Kubernetes publishes, and strictly: a word too many is an error."""
    for (kind, _), each in resources().items():
        schemas.validate(each, release, strict=True)
        if kind != "Namespace":
            assert each["metadata"]["namespace"] == "vardrum"


@pytest.mark.parametrize("words", [{"replica": 3}, {"replicas": "three"}])
def test_a_word_that_it_does_not_know_is_found(words: dict[str, object]) -> None:
    server = resources()["Deployment", "server"]
    with pytest.raises(schemas.ValidationError):
        schemas.validate({**server, "spec": {**server["spec"], **words}}, "1.37", strict=True)


def test_what_is_named_is_there() -> None:
    found = resources()
    labels = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in workloads()
    }
    assert labels.keys() == {"server", "media", "redis"}
    ports: dict[str, dict[str, int]] = {}
    for each in workloads():
        name = each["metadata"]["name"]
        (container,) = each["spec"]["template"]["spec"]["containers"]
        ports[name] = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert each["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = container.get(probe, {})
            where = asked.get("httpGet") or asked.get("tcpSocket")
            assert where is None or where["port"] in ports[name]
            assert where is None or where.get("path", "/health/live") in PATHS
        volumes = {each["name"] for each in each["spec"]["template"]["spec"].get("volumes", ())}
        assert {mount["name"] for mount in container.get("volumeMounts", ())} == volumes
    for name in ("server", "redis"):
        service = found["Service", name]["spec"]
        assert service["selector"].items() <= labels[name].items()
        assert {port["targetPort"] for port in service["ports"]} <= ports[name].keys()
    (rule,) = found["Ingress", "vardrum"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    backend = path["backend"]["service"]
    served = {port["name"] for port in found["Service", backend["name"]]["spec"]["ports"]}
    assert backend["port"]["name"] in served
    assert [rule["host"]] == found["Ingress", "vardrum"]["spec"]["tls"][0]["hosts"]
    for name in ("server", "redis"):
        policy = found["NetworkPolicy", name]["spec"]
        assert policy["podSelector"]["matchLabels"].items() <= labels[name].items()
        let_in = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
        assert let_in == set(ports[name].values())
    out = found["NetworkPolicy", "server"]["spec"]["egress"]
    reached = {port["port"] for rule in out for port in rule["ports"]}
    assert reached == {53, 5432, ports["redis"]["redis"], ports["media"]["control"]}


def test_what_is_started_would_start(monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = {each["metadata"]["name"]: each["spec"] for each in workloads()}
    for name, command in (("server", "serve"), ("media", "media")):
        (container,) = by_name[name]["template"]["spec"]["containers"]
        assert container["args"] == [command]
        assert parser().parse_args(container["args"]).command
        settings = checked(environment(container), monkeypatch)
        assert settings.postgres is not None
        if name == "server":
            assert [port["containerPort"] for port in container["ports"]] == [settings.port]
            assert settings.media_nodes
            assert settings.redis_url.get_secret_value() == "redis://redis:6379"
        else:
            assert settings.control_place == ("10.1.2.3", 9470)
            assert settings.media_address == ("10.1.2.3",)
            assert settings.media_workers == 0


def test_pods_may_little_and_have_time_to_end() -> None:
    for each in workloads():
        spec = each["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
    by_name = {each["metadata"]["name"]: each["spec"] for each in workloads()}
    server = by_name["server"]["template"]["spec"]
    command, pause = server["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert command == "sleep"
    assert server["terminationGracePeriodSeconds"] > int(pause) + LAST_RESORT_SECONDS + 2
    assert by_name["server"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    media = by_name["media"]["template"]["spec"]
    assert media["terminationGracePeriodSeconds"] > DRAIN_WITHIN + 5
    # One on each node, with the node's own address.
    assert media["hostNetwork"] is True
    budget = resources()["PodDisruptionBudget", "server"]["spec"]
    assert 0 < budget["minAvailable"] < by_name["server"]["replicas"]
    # Nobody speaks to anybody but for what is said.
    nobody = resources()["NetworkPolicy", "nobody"]["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
