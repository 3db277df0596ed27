"""The wires of the certificate: behind each edit the scenario is computed from scratch and compared, bit for bit."""

from __future__ import annotations

import secrets
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import ids, siting_ids
from callbacks.asked import question
from callbacks.jobs import Cancelled, Jobs, Standing, Tell
from callbacks.siting_edit import base_city
from geodata.assemble import CitySource
from geodata.city import City
from layers.live.certificate import Certificate, certified

Row = dict[str, Any]
CERTIFY = "certify"
SHORT: dict[str, str] = {"waiting": "等待核验…", "running": "核验中…", "cancelled": "核验已中止。"}
CLEAN, BUSY, WRONG = "siting-certificate clean", "siting-certificate busy", "siting-certificate wrong"
MOST_NAMED = 5


def begin(jobs: Jobs, city: City, base: City, *, visitor: str) -> Standing:
    """Start the computation from scratch behind a city under a scenario, or join it; older ones of the visitor stop."""

    def work(own: City, tell: Tell, cancelled: Cancelled) -> Certificate:
        return certified(own, base, tell=tell, cancelled=cancelled)

    return jobs.start(city, CERTIFY, work, visitor=visitor)


def shown(standing: Standing, city: City) -> tuple[str, str, str]:
    """Return how the certificate stands: in short, in full, and as the class that colours it."""
    found = standing.answer
    if isinstance(found, Certificate):
        if found.equal:
            return "✓ 已核验：与全量重算逐位一致", found.sentence, CLEAN
        return "✗ 核验未通过", f"{found.sentence}\n{report(found, city)}".rstrip(), WRONG
    if standing.phase == "failed":
        return "✗ 核验未完成", standing.error, WRONG
    part = f"（{standing.share:.0%}）" if standing.total else ""
    return SHORT.get(standing.phase, "") + part, "正在后台从头重算全部要素和步行者，与即时结果逐位比较。", BUSY


def report(found: Certificate, city: City) -> str:
    """Return which walkers and elements differ where, the first few of them."""
    names = {rule.key: rule.name for rule in city.catalogue.elements}
    lines = [
        f"{one.walker} · {names.get(one.element, one.element)}：{one.count:,} 个格点，"
        f"如格点 {one.cells[0]}，即时 {one.live[0]:g} 分钟，重算 {one.scratch[0]:g} 分钟"
        for one in found.differences[:MOST_NAMED]
    ]
    rest = len(found.differences) - MOST_NAMED
    return "\n".join([*lines, *([f"其余 {rest} 组从略。"] if rest > 0 else [])])


def register(app: Dash, source: CitySource, jobs: Jobs) -> None:
    """Tie the certificate to the scenario on the screen and to a clock that runs while it is computed."""

    def look(data: Row | None, _ticks: int | None, visitor: str | None) -> Any:
        found = question(source, data)
        city = None if found is None else found[0]
        if city is None or city.scenario is None or not city.scenario.cursor:
            return "", "", CLEAN, True, visitor or no_update
        visitor = visitor or secrets.token_hex(8)
        base = base_city(source, city.scenario.reference)
        if base is None:
            return (no_update,) * 5
        standing = jobs.look(city, CERTIFY)
        if standing.phase in ("none", "cancelled"):
            standing = begin(jobs, city, base, visitor=visitor)
        words, full, look_of = shown(standing, city)
        return words, full, look_of, standing.over, visitor

    app.callback(
        Output(siting_ids.CERTIFICATE_TEXT, "children"),
        Output(siting_ids.CERTIFICATE, "title"),
        Output(siting_ids.CERTIFICATE, "className"),
        Output(siting_ids.CERTIFICATE_CLOCK, "disabled"),
        Output(siting_ids.VISITOR, "data"),
        Input(ids.QUERY, "data"),
        Input(siting_ids.CERTIFICATE_CLOCK, "n_intervals"),
        State(siting_ids.VISITOR, "data"),
    )(look)
