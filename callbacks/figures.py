"""The wires of the headline figures: their values, and the definition card (口径卡) that each of them opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks import ids
from callbacks.asked import question
from geodata.assemble import CitySource
from geodata.city import City
from layers.definitions import Card, definition_card
from layers.indicators import INDICATORS, Indicator, sentence_of, value_of, value_text
from layers.query import Query

FIGURES, MORE_FIGURES, MORE_OPEN = "overview-figures", "overview-more-figures", "overview-more-open"
CARD_DRAWER, CARD_TITLE, CARD_BODY = "definition-drawer", "definition-title", "definition-body"
FIGURE = "overview-figure"  # type of the pattern {type, key}
HEADLINE_KEYS: tuple[str, ...] = (
    "reached_share",
    "full_circle_share",
    "older_share",
    "official_share",
    "nominal_people",
    "worst_off_people",
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """How figures and cards are drawn; given by the page, so that wires build no components."""

    figures: Callable[[list[Row]], Any]
    card: Callable[[Card], Any]


def figure_rows(city: City, query: Query, *, headline: bool | None = None) -> list[Row]:
    """Return one row per indicator, in the order of the records: value with its unit, the sentence, the status.

    ``headline`` asks for those at the head of the page only, or for the others only.
    """
    asked = [one for one in INDICATORS if headline is None or (one.key in HEADLINE_KEYS) is headline]
    return [_row(city, query, one) for one in asked]


def _row(city: City, query: Query, one: Indicator) -> Row:
    value = value_of(city, query, one)
    number, _, unit = value_text(one, value).partition(" ")
    return {
        "key": one.key,
        "title": one.title,
        "number": number,
        "unit": unit,
        "sentence": sentence_of(city, query, one, value=value),
        "status": one.status,
        "headline": one.key in HEADLINE_KEYS,
    }


def pressed(clicks: list[int | None], triggered: Any) -> str:
    """Return the key of the figure that was pressed; "" when the figures were only drawn anew."""
    return str(triggered["key"]) if triggered and any(clicks) else ""


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the figures to the question, and each to its card."""

    def write_figures(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return draw.figures(figure_rows(*found, headline=True)) if found else no_update

    app.callback(Output(FIGURES, "children"), Input(ids.QUERY, "data"))(write_figures)

    def write_more(data: dict[str, Any] | None, opened: int | None) -> Any:
        found = question(source, data) if opened else None
        return draw.figures(figure_rows(*found, headline=False)) if found else no_update

    app.callback(Output(MORE_FIGURES, "children"), Input(ids.QUERY, "data"), Input(MORE_OPEN, "n_clicks"))(write_more)

    def open_card(clicks: list[int | None], data: dict[str, Any] | None) -> Any:
        key = pressed(clicks, ctx.triggered_id)
        found = question(source, data) if key else None
        if found is None:
            return no_update, no_update, no_update
        card = definition_card(*found, key)
        return True, card.title, draw.card(card)

    app.callback(
        Output(CARD_DRAWER, "opened"),
        Output(CARD_TITLE, "children"),
        Output(CARD_BODY, "children"),
        Input({"type": FIGURE, "key": ALL}, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(open_card)
