"""Which input of a callback decides where several moved at once: a press counts, whatever else came with it."""

from __future__ import annotations

from dash import ctx


def decisive(*buttons: str) -> str:
    """Return the first of ``buttons`` that was pressed, else the id of the first input that moved, "" for none.

    A press while a page is still filled arrives together with what was filled in, in any order.
    """
    values = {one["prop_id"]: one["value"] for one in ctx.triggered}
    moved = [ident for prop, ident in ctx.triggered_prop_ids.items() if values.get(prop)]
    return next((button for button in buttons if button in moved), str(ctx.triggered_id or ""))
