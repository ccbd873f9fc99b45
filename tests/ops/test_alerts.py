"""What Prometheus is to watch and Grafana to show: whatever they ask for is there on a running stack."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus/alerts.yaml"
OPERATIONS = DEPLOY.parent / "docs/operations.md"
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/casewright.json").read_text())
PROMTOOL = shutil.which("promtool")

_SERIES = re.compile(r"\b((?:casewright|temporal)_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*[=!]")


def _expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


async def test_every_figure_that_is_watched_or_shown_exists(stack: RunningStack, people: People) -> None:
    asked = [found for each in _expressions() for found in _SERIES.findall(each)]
    assert len({name for name, _ in asked}) > 12
    client, agent = [await people.log_in(f"{name}@acme.example") for name in ("client", "agent")]
    ticket = (await client.post("tickets", json={"subject": "Figures", "body": "Are there any?"})).json()
    assert (await agent.post(f"tickets/{ticket['id']}/messages", json={"body": "There are."})).status_code == 201

    labels: dict[str, set[str]] = {}

    async def all_are_there() -> bool:
        labels.update(await _figures(stack))
        return {name for name, _ in asked} <= labels.keys()

    await eventually(all_are_there, "every figure is there")
    for name, matchers in asked:
        assert not labels[name] or set(_LABEL.findall(matchers)) <= labels[name], name


async def _figures(stack: RunningStack) -> dict[str, set[str]]:
    """The labels of each figure of API and worker, by its name."""
    labels: dict[str, set[str]] = {}
    async with httpx2.AsyncClient() as http:
        for port in (stack.ports["API"], stack.ports["WORKER_METRICS"]):
            told = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
            for family in text_string_to_metric_families(told):
                labels.setdefault(family.name, set())
                for sample in family.samples:
                    labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"].keys() == {"summary", "action"}
    assert f"`{rule['alert']}`" in OPERATIONS.read_text()


def test_panels_neither_overlap_nor_share_an_id() -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


@pytest.mark.skipif(PROMTOOL is None, reason="Prometheus is not installed here")
def test_the_alerts_fire_as_their_own_tests_say() -> None:
    for words in (["check", "rules", str(ALERTS)], ["test", "rules", str(ALERTS.with_name("alerts.test.yaml"))]):
        checked = subprocess.run([str(PROMTOOL), *words], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
