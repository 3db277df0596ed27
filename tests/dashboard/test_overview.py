from __future__ import annotations

from callbacks.overview import county_rows, need_rows, walker_rows
from dashboard.figures import card_body, figure_cards
from dashboard.pages.overview import bar, county_cards, layout, need_bars, walker_bars
from geodata.walkers import walkers
from layers.definitions import definition_card
from layers.query import Query

QUERY = Query(element="pharmacy", minutes=15)


def widths(component) -> list[str]:
    return [node.style["width"] for node in component._traverse() if getattr(node, "className", "") == "bar-fill"]


def test_a_bar_is_as_long_as_its_words_say():
    assert widths(bar("药店", 0.25, "25.0 %")) == ["25.00%"]
    assert widths(bar("药店", None, "—")) == ["0.00%"]


def test_five_walkers_stand_beside_one_another_twice(small):
    built = walker_bars(walker_rows(small, QUERY))
    assert len(widths(built)) == 2 * len(walkers())
    assert "少 400 人" in str(built.to_plotly_json())


def test_each_county_card_leads_somewhere(small):
    cards = county_cards(county_rows(small, QUERY))
    assert cards
    assert all(card.href.startswith("/coverage?") for card in cards)


def test_needs_say_how_sure_they_are_once_when_all_are_alike_and_each_when_not(small):
    rows = need_rows(small, QUERY)
    assert str(need_bars(rows).to_plotly_json()).count("status-badge") == 1
    mixed = [{**row, "status": status} for row, status in zip(rows, ("verified", "recall"), strict=False)]
    assert str(need_bars(mixed).to_plotly_json()).count("status-badge") == 2
    assert need_bars([]).children is not None


def test_a_hostile_name_stays_a_word(small):
    row = {**county_rows(small, QUERY)[0], "name": "<script>alert(1)</script>"}
    (card,) = county_cards([row])
    assert "<script>alert(1)</script>" in str(card.to_plotly_json())  # as text; the browser test sees no such element


def test_a_figure_says_its_sentence_to_a_screen_reader():
    row = {
        "key": "k",
        "title": "占比",
        "number": "41.7",
        "unit": "%",
        "sentence": "一句话。",
        "status": "derived",
        "headline": True,
    }
    (card,) = figure_cards([row])
    assert "一句话" in card.title


def test_a_definition_card_shows_every_row(small):
    card = definition_card(small, QUERY, "reached_share")
    text = str([part.to_plotly_json() for part in card_body(card)])
    assert all(label in text for label, _ in card.rows)


def test_the_page_can_be_built_before_anything_is_known():
    assert layout(place="<b>", element="x") is not None
