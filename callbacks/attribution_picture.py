"""An attribution for the page: the waterfall, the sentence, and the tables of parts and of the rows behind them."""

from __future__ import annotations

from typing import Any

from callbacks import grid_columns
from layers.attribution import Attribution, Part
from layers.attribution.sheets import COLUMNS, ENDS, records_sheet, table
from layers.sheets import Column

Row = dict[str, Any]
UP, DOWN, LEVEL, INK = "#225590", "#f4b55e", "#8b93a0", "#1d232b"
"""Dark for what adds, light and hatched for what takes away, grey for the levels: told apart without colour too."""


def words_of(found: Attribution) -> dict[str, str]:
    """Return what each part adds, by its key, in the words of the tables; of the ends the level."""
    told = table(found)
    return dict(
        zip(told["key"], told["value_words"].where(told["value_words"] != "", told["level_words"]), strict=True)
    )


def moved(found: Attribution) -> list[Part]:
    """Return the parts that changed the indicator, in their order."""
    return [part for part in found.parts if part.key not in ENDS and part.value != 0]


def still(found: Attribution) -> list[Part]:
    """Return the parts that did not."""
    return [part for part in found.parts if part.key not in ENDS and part.value == 0]


def leading(found: Attribution) -> Part | None:
    """Return the part that changed the indicator most, the earlier of two that are equal; None for no change."""
    return max(moved(found), key=lambda part: abs(part.value), default=None)


def sentence(found: Attribution) -> str:
    """Return in Chinese how far the indicator moved, and what moved it most."""
    one, words = found.indicator, words_of(found)
    head = f"{found.place_name}“{one.title}”由 {words['before']} 变为 {words['after']}"
    top = leading(found)
    if top is None:
        return f"{head}，没有变化；各项数据的变化都没有影响它。"
    grown = "增减相抵" if not found.change else "增加" if found.change > 0 else "减少"
    others = [f"{part.title} {words[part.key]}" for part in moved(found) if part is not top]
    rest = f"；其余：{'、'.join(others)}" if others else "，是唯一有影响的一项"
    return f"{head}，{grown}。影响最大的是{top.title}（{words[top.key]}）{rest}。"


def notes(found: Attribution, *, scope: str) -> tuple[str, ...]:
    """Return what has to be said of the picture: parts without effect, versions, order, and how the figure is made."""
    none = "、".join(part.title for part in still(found))
    return (
        *((f"没有影响的：{none}。",) if none else ()),
        f"数据版本：{found.before.words} → {found.after.words}。",
        found.order,
        f"指标口径：{found.indicator.how or found.indicator.title}。{scope}",
        *found.notes,
    )


def waterfall(found: Attribution) -> Row:
    """Return the waterfall as a Plotly figure: bars from level to level, hatched where they go down.

    The axis does not begin at nought where the change is small beside the level; its title then says so. Every bar
    carries the key of its part.
    """
    shown = [found.parts[0], *moved(found), found.parts[-1]]
    total = [part.key in ENDS for part in shown]
    base = [0.0 if whole else part.level - part.value for part, whole in zip(shown, total, strict=True)]
    low, high, cut = _reach([part.level for part in shown])
    unit = found.indicator.unit
    axis = f"{unit}（纵轴不从 0 开始）" if cut else unit
    words = words_of(found)
    bars = {
        "type": "bar",
        "x": list(range(len(shown))),
        "y": [part.value for part in shown],
        "base": base,
        "width": 0.62,
        "customdata": [part.key for part in shown],
        "text": [words[part.key] for part in shown],
        "textposition": "none",
        "hovertext": [f"{part.title}<br>{words[part.key]}" for part in shown],
        "hoverinfo": "text",
        "marker": {
            "color": [LEVEL if part.key in ENDS else UP if part.value > 0 else DOWN for part in shown],
            "line": {"color": INK, "width": 1},
            "pattern": {
                "shape": ["/" if part.key not in ENDS and part.value < 0 else "" for part in shown],
                "fgcolor": INK,
                "fillmode": "overlay",
                "size": 7,
            },
        },
    }
    return {
        "data": [bars],
        "layout": _layout(shown, [words[part.key] for part in shown], axis=axis, low=low, high=high),
    }


def _reach(levels: list[float]) -> tuple[float, float, bool]:
    """Return the ends of the axis, with room for the labels, and whether nought is cut off."""
    low, high = min(levels), max(levels)
    span = high - low
    cut = span > 0 and span < 0.25 * max(abs(low), abs(high)) and low * high > 0
    if not cut:
        low, high = min(low, 0.0), max(high, 0.0)
        span = high - low or 1.0
    return low - (0.35 * span if cut else 0.15 * span * (low < 0)), high + 0.2 * span, cut


def _layout(shown: list[Part], labels: list[str], *, axis: str, low: float, high: float) -> Row:
    """Return axes, the lines from bar to bar, and the labels above them."""
    lines = [
        {"type": "line", "x0": at, "x1": at + 1, "y0": part.level, "y1": part.level, "layer": "below",
         "line": {"color": INK, "width": 1, "dash": "dot"}}
        for at, part in enumerate(shown[:-1])
    ]  # fmt: skip
    marks = [
        {"x": at, "y": max(part.level, part.level - part.value, low) if part.key not in ENDS else max(part.level, low),
         "text": label, "showarrow": False, "yanchor": "bottom", "font": {"size": 13, "color": INK}}
        for at, (part, label) in enumerate(zip(shown, labels, strict=True))
    ]  # fmt: skip
    return {
        "font": {"family": "Noto Sans CJK SC, Microsoft YaHei, sans-serif", "size": 13, "color": INK},
        "margin": {"l": 64, "r": 12, "t": 12, "b": 56},
        "paper_bgcolor": "#fff", "plot_bgcolor": "#fff", "showlegend": False, "dragmode": False,
        "hoverlabel": {"font": {"size": 13}},
        "xaxis": {
            "tickvals": list(range(len(shown))), "ticktext": [_wrapped(part.title) for part in shown],
            "fixedrange": True, "showgrid": False, "tickangle": 0, "range": [-0.6, len(shown) - 0.4],
        },
        "yaxis": {
            "title": {"text": axis}, "range": [low, high], "fixedrange": True, "gridcolor": "#e1e4e9",
            "zeroline": low <= 0, "zerolinecolor": INK, "separatethousands": True,
        },
        "shapes": lines, "annotations": marks,
    }  # fmt: skip


def _wrapped(title: str) -> str:
    """Return a title in lines of six characters."""
    return "<br>".join(title[at : at + 6] for at in range(0, len(title), 6))


def spoken(found: Attribution) -> str:
    """Return the waterfall in words, for those who do not see it."""
    words = words_of(found)
    told = [f"{part.title} {words[part.key]}" for part in found.parts]
    return f"瀑布图：{found.indicator.title}，{'；'.join(told)}。"


def part_rows(found: Attribution) -> list[Row]:
    """Return the parts as rows of the table."""
    return grid_columns.rows(table(found), [*(one.key for one in COLUMNS), "key"])


def part_of(found: Attribution, key: str) -> Part | None:
    """Return the part of a key; by default the one that changed most of those with rows."""
    named = next((part for part in found.parts if part.key == key and key not in ENDS), None)
    told = [part for part in moved(found) if len(part.rows)]
    return named or max(told, key=lambda part: abs(part.value), default=None) or leading(found)


def record_table(part: Part) -> tuple[list[Row], list[Row]]:
    """Return columns and rows of the records behind a part, for the table of the page."""
    own = records_sheet(part).columns
    keys = [f"c{at}" for at in range(len(own))]
    defined = grid_columns.definitions(
        [Column(key, one.title, one.kind, one.help) for key, one in zip(keys, own, strict=True)], pinned=""
    )
    frame = part.rows.set_axis(keys, axis=1).reset_index(drop=True)
    texts = [key for key, one in zip(keys, own, strict=True) if one.kind == "text"]
    frame = frame.assign(**{key: frame[key].astype(object).where(frame[key].notna(), "—").astype(str) for key in texts})
    return defined, grid_columns.rows(frame, keys)


def records_title(part: Part, found: Attribution) -> str:
    """Return what the table of records shows."""
    change = words_of(found)[part.key]
    count = f"{len(part.rows):,} 条记录" if len(part.rows) else "没有逐条的记录"
    return f"{part.title}（{change}）：{count}{'。' + part.note if part.note else ''}"
