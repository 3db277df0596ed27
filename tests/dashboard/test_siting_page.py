"""How the page 选址 is laid out: what its wires need is there, and words of an address are never trusted."""

from __future__ import annotations

import json

import pytest

from callbacks import siting_ids as ids
from callbacks.siting_tools import FIELDS, TOOLS
from dashboard.pages.siting import layout
from dashboard.parts import ASSETS
from dashboard.siting_parts import edits, figures, head, scenarios, start
from tests.asking import ids_in, sent


def words(component: object) -> str:
    return json.dumps(sent(component), ensure_ascii=False)


def test_every_tool_has_its_button_picture_and_key() -> None:
    text = words(layout())
    for tool in TOOLS:
        assert (ASSETS / "icons" / f"tool-{tool.key}.svg").is_file()
        assert f'"aria-keyshortcuts": "{tool.letter}"' in text and tool.help in text
    style = (ASSETS / "page_siting.css").read_text(encoding="utf-8")
    for tool in TOOLS:
        for field in tool.fields:
            assert f".siting-for-{tool.key}" in style and f".siting-f-{field}" in style
    assert {f'"key": "{field}"' in text for field in FIELDS} == {True}


def test_what_the_wires_name_is_on_the_page() -> None:
    there = ids_in(layout())
    for name in (
        ids.TABS,
        ids.SHOW,
        ids.ACT,
        ids.DONE,
        ids.UNITS,
        ids.SUMMARY,
        ids.CERTIFICATE,
        ids.CONFLICT,
        ids.WORDS,
    ):
        assert name in there


@pytest.mark.parametrize("tab", ["", "<script>", "compare", "plan"])
def test_words_of_an_address_open_a_tab_that_exists(tab: str) -> None:
    made = words(layout(tab=tab, first="<b>x</b>" * 50, second="", rubbish="1"))
    shown = tab if tab in ids.TAB_TITLES else ids.EDIT
    assert f'"id": "{ids.TABS}"' in made and f'"value": "{shown}"' in made
    assert "<script>" not in made and "<b>x</b>" * 10 not in made


def test_what_is_drawn_says_what_the_rows_say() -> None:
    assert "自动新建方案" in words(start("")) and "数据仓库只读" in words(start("数据仓库只读"))
    row = {"position": 3, "words": "关闭药店（A）", "cost": "费用未填"}
    assert "去掉第 4 处改动" in words(edits([row])) and "还没有改动" in words(edits([]))
    assert "第 2 次保存" in words(head({"name": "甲", "saved": "第 2 次保存", "note": ""}))
    kept = {"id": "0" * 12, "name": "甲", "saved": "", "edits": "", "note": "注", "archived": True}
    assert "取回" in words(scenarios([kept])) and "归档" in words(scenarios([{**kept, "archived": False}]))
    assert "还没有保存过方案" in words(scenarios([]))
    gained = {"title": "▲ 新增覆盖", "before": "", "after": "5 人", "kind": "gained"}
    assert "siting-figure gained" in words(figures([gained])) and figures([]) == []
