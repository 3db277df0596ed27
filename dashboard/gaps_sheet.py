"""How the gaps page draws what its wires found: badges of the clause, the sheet of a unit, two units side by side."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import gaps as wires
from callbacks.gaps_place import PlaceDrawing
from callbacks.gaps_sheet import Section, SheetText
from callbacks.gaps_words import VERDICT_TITLES
from dashboard.figures import card_body
from dashboard.parts import synthetic_badge


def badges(found: tuple[tuple[str, str], ...]) -> list[Component]:
    """Return the badges of a clause: how sure it is, and whether it is only striven for."""
    return [
        dmc.Badge(words, color=colour, variant="light", size="sm", className="status-badge") for words, colour in found
    ]


def lines(found: list[str]) -> Component | None:
    """Return a list of lines, such as why judgements cannot be made; nothing when there are none."""
    return html.Ul([html.Li(line) for line in found]) if found else None


def sheet_body(sheet: SheetText) -> list[Component]:
    """Return the whole sheet of a unit, section by section."""
    mark = [html.P(synthetic_badge())] if sheet.synthetic else []
    lead = [html.P(line, className="lead") for line in sheet.lead]
    lead += [html.Blockquote(sheet.sentence, className="gaps-sentence")] if sheet.sentence else []
    foot = [html.P(line, className="note") for line in sheet.foot]
    return [*mark, *lead, *(part for one in sheet.sections for part in section_of(one)), *foot]


def section_of(one: Section) -> list[Component]:
    """Return one section: its title, its note, its table or what is said instead; folded where it is long."""
    note = [html.P(one.note, className="note")] if one.note else []
    body = [_table(one)] if one.rows else [html.P(one.empty, className="note")]
    if one.folded:
        return [html.Details([html.Summary(html.H3(one.title)), *note, *body])]
    return [html.H3(one.title), *note, *body]


def _table(one: Section) -> Component:
    head = html.Thead(
        html.Tr(
            [
                html.Th(title, className=_align(kind), scope="col")
                for title, kind in zip(one.headings, one.kinds, strict=True)
            ]
        )
    )
    rows = [
        html.Tr(
            [_cell(text, kind) for text, kind in zip(row, one.kinds, strict=True)],
            className="stressed" if at in one.stressed else "",
        )
        for at, row in enumerate(one.rows)
    ]
    return html.Table([head, html.Tbody(rows)], **{"aria-label": one.title})


def _align(kind: str) -> str:
    return "number" if kind == "number" else ""


def _cell(text: str, kind: str) -> Component:
    if kind == "verdict" and text in VERDICT_TITLES:
        return html.Td(html.Span(VERDICT_TITLES[text], className=f"verdict {text}"))
    return html.Td(text, className=_align(kind))


def comparison(one: Section) -> list[Component]:
    """Return two units side by side."""
    return section_of(one)


DRAWING = wires.Drawing(
    place=PlaceDrawing(sheet=sheet_body, comparison=comparison), badges=badges, reasons=lines, card=card_body
)
