"""Headline figures as cards to press, and the definition card (口径卡) that opens beside them."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import figures as wires
from dashboard.parts import skeletons, status_badge
from layers.definitions import Card
from layers.indicators import INDICATORS

Row = dict[str, Any]


def figures() -> Component:
    """Return the place of the figures with the drawer of their cards; the wires fill it."""
    more = len(INDICATORS) - len(wires.HEADLINE_KEYS)
    first = html.Div(skeletons(len(wires.HEADLINE_KEYS), height="6.5rem"), id=wires.FIGURES, className="figures")
    rest = html.Details(
        [
            html.Summary(f"其余 {more} 项指标", id=wires.MORE_OPEN),
            html.Div(skeletons(more, height="6.5rem"), id=wires.MORE_FIGURES, className="figures"),
        ],
        className="twin",
    )
    drawer = dmc.Drawer(
        html.Div(id=wires.CARD_BODY),
        id=wires.CARD_DRAWER,
        title=html.Span(["口径卡：", html.Span(id=wires.CARD_TITLE)]),
        position="right",
        size="lg",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )
    return html.Div([first, rest, drawer])


def figure_cards(rows: list[Row]) -> list[Component]:
    """Return one card per figure; pressing it opens its definition."""
    return [_figure(row) for row in rows]


def _figure(row: Row) -> Component:
    return html.Button(
        [
            html.Span(row["title"], className="figure-title"),
            html.Span([row["number"], html.Small(row["unit"])], className="figure-value"),
            html.Span(
                [status_badge(status=row["status"]), html.Span("口径", className="figure-more")],
                className="figure-foot",
            ),
        ],
        id={"type": wires.FIGURE, "key": row["key"]},
        className="card figure",
        title=row["sentence"],
        type="button",
    )


def card_body(card: Card) -> list[Component]:
    """Return the rows of a definition card."""
    lines = [item for label, text in card.rows for item in (html.Dt(label), html.Dd(text))]
    return [html.P(card.value, className="definition-value"), html.Dl(lines, className="definition")]


DRAWING = wires.Drawing(figures=figure_cards, card=card_body)
