"""Asking a dashboard over HTTP as the browser does, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash import Dash
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder


def dependencies(app: Dash) -> list[dict[str, Any]]:
    """Every wire of the app as the browser learns of it."""
    return app.server.test_client().get("/_dash-dependencies").get_json()


def outputs_of(wire: dict[str, Any]) -> list[tuple[str, str]]:
    """The ends (id, property) that a wire writes."""
    text = wire["output"]
    parts = text[2:-2].split("...") if text.startswith("..") else [text]
    ends = [part.split("@")[0].rpartition(".") for part in parts]
    return [(ident, prop) for ident, _, prop in ends]


def ask(app: Dash, output: str, values: dict[str, Any], *, changed: str = "") -> dict[str, Any]:
    """Answer of the wire that writes ``output`` (``id.property``); ``values`` by ``id.property``, None where unsaid."""
    wires = [
        wire
        for wire in dependencies(app)
        if not wire["clientside_function"] and tuple(output.rpartition(".")[::2]) in outputs_of(wire)
    ]
    wire = next(w for w in wires if not changed or any(f"{i['id']}.{i['property']}" == changed for i in w["inputs"]))

    def filled(ends: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [{**end, "value": values.get(f"{end['id']}.{end['property']}")} for end in ends]

    ends = outputs_of(wire)
    single = not wire["output"].startswith("..")
    written = [{"id": ident, "property": prop} for ident, prop in ends]
    body = {
        "output": wire["output"],
        "outputs": written[0] if single else written,
        "inputs": filled(wire["inputs"]),
        "state": filled(wire.get("state", [])),
        "changedPropIds": [changed] if changed else [],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    if reply.status_code == 204:
        return {}
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return reply.get_json()


def sent(component: Component) -> Any:
    """The component as the browser gets it."""
    return json.loads(json.dumps(component, cls=PlotlyJSONEncoder))


def ids_in(component: Component) -> set[str]:
    """Plain ids anywhere in a component, also in properties other than children."""
    return {ident for ident in _ids(sent(component)) if isinstance(ident, str)}


def _ids(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        if "props" in tree and "namespace" in tree:
            yield tree["props"].get("id")
        for part in tree.values():
            yield from _ids(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _ids(part)


def words(tree: Any) -> str:
    """All text of a component tree as sent to the browser."""
    if isinstance(tree, dict):
        props = tree.get("props", {})
        return words(props.get("children")) if "props" in tree else ""
    if isinstance(tree, list):
        return " ".join(filter(None, map(words, tree)))
    return "" if tree is None or isinstance(tree, bool) else str(tree)
