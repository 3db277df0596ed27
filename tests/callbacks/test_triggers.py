from __future__ import annotations

from contextvars import copy_context

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict

from callbacks.triggers import decisive


def decided(*triggered: tuple[str, object]) -> str:
    """What decides between the buttons ``start`` and ``stop`` when these properties moved, in this order."""

    def ask() -> str:
        context_value.set(
            AttributeDict(triggered_inputs=[{"prop_id": prop, "value": value} for prop, value in triggered])
        )
        return decisive("start", "stop")

    return copy_context().run(ask)


@pytest.mark.parametrize(
    ("triggered", "answer"),
    [
        ([("form.data", {}), ("start.n_clicks", 1)], "start"),
        ([("clock.n_intervals", 3), ("stop.n_clicks", 1), ("form.data", {})], "stop"),
        ([("form.data", {}), ("start.n_clicks", None)], "form"),
        ([("form.data", {})], "form"),
        ([], ""),
    ],
)
def test_a_press_decides_whatever_came_with_it(triggered: list[tuple[str, object]], answer: str) -> None:
    assert decided(*triggered) == answer
