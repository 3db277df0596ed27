"""The run: data version, parameters and code version behind every result, as one short id that goes on every export."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from geodata.city import City
from geodata.elements import element
from layers.circle import required
from layers.query import Query

OF_GAPS = ("rule", "edition")
"""The choices on which coverage does not depend."""
TOLD_BY_VERSION = ("scenario",)
"""What the version of the city stands for: equal edits make equal results, whatever their scenario is called."""


def code_version() -> str:
    """Return the version of the installed program; ``0`` where it is not installed."""
    try:
        return version("yikezhong")
    except PackageNotFoundError:
        return "0"


def run_facts(city: City, query: Query) -> dict[str, Any]:
    """Return everything a result of coverage depends on, as plain values: the same facts give the same run, anywhere.

    The walker's figures and the required set are written out, so that editing either makes another run. What only gaps
    depend on (:data:`OF_GAPS`) is left out.
    """
    asked = {name: value for name, value in query.to_dict().items() if name not in (*OF_GAPS, *TOLD_BY_VERSION)}
    return {
        "data": city.version,
        "code": code_version(),
        "query": {**asked, "element": element(city.catalogue, query.element).key},
        "walker": asdict(query.who()),
        "required": [[rule.key, limit] for rule, limit in required(city.catalogue, query)],
    }


def run_id(city: City, query: Query) -> str:
    """Return the id of the run of coverage: 12 hexadecimal digits."""
    return id_of(run_facts(city, query))


def id_of(facts: dict[str, Any]) -> str:
    """Return the id of a run with these facts (plain values): 12 hexadecimal digits."""
    text = json.dumps(facts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]
