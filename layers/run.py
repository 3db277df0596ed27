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


def code_version() -> str:
    """Return the version of the installed program; ``0`` where it is not installed."""
    try:
        return version("yikezhong")
    except PackageNotFoundError:
        return "0"


def run_facts(city: City, query: Query) -> dict[str, Any]:
    """Return everything a result depends on, as plain values: the same facts give the same run, on any machine.

    The walker's figures and the required set are written out, so that editing either makes another run.
    """
    return {
        "data": city.version,
        "code": code_version(),
        "query": {**query.to_dict(), "element": element(city.catalogue, query.element).key},
        "walker": asdict(query.who()),
        "required": [[rule.key, limit] for rule, limit in required(city.catalogue, query)],
    }


def run_id(city: City, query: Query) -> str:
    """Return the id of the run: 12 hexadecimal digits."""
    text = json.dumps(run_facts(city, query), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]
