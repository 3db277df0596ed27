"""The wires of drafts: repair what was chosen into a version beside the current one, look at it, adopt it, go back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import grids_ids, ids
from callbacks.grids_view import View
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import GeodataError
from layers.gridcheck import faults
from layers.gridcheck.layout import layout_of
from layers.gridcheck.repair import Repair, draft_facts, repaired
from layers.gridcheck.tables import repair_xlsx
from layers.wording import head_count

Row = dict[str, Any]
SCOPES: dict[str, str] = {"chosen": "已列入修复的问题", "all": "全部可自动修复的问题"}
LATEST = 12
MOST = 200
STATES: dict[str, tuple[str, str]] = {
    "current": ("当前", "teal"),
    "past": ("历史", "gray"),
    "draft": ("草稿", "orange"),
}


@dataclass(frozen=True)
class Made:
    """A draft as the page shows it: id, number, facts, what was repaired and what not, and the command to adopt it."""

    id: str
    number: int
    sentence: str
    rows: tuple[tuple[str, str], ...]
    done: tuple[tuple[str, ...], ...]
    left: tuple[tuple[str, ...], ...]
    command: str


@dataclass(frozen=True)
class DraftDrawing:
    """How a draft and the versions are drawn; given by the page, so that wires build no components."""

    result: Callable[[Made], Any]
    versions: Callable[..., Any]


def register(app: Dash, source: CitySource, *, desk: Desk, draw: DraftDrawing) -> None:
    """Tie the drawer of drafts to the desk; where that is closed, every button says why and does nothing."""
    _register_drawer(app, desk=desk, draw=draw)
    _register_making(app, source, desk=desk, draw=draw)
    _register_words(app, source)
    _register_adopting(app, source, desk=desk)


def _register_drawer(app: Dash, *, desk: Desk, draw: DraftDrawing) -> None:
    def show(clicks: int | None, _made: Any) -> Any:
        opened = bool(clicks) if ctx.triggered_id == grids_ids.DRAFT else no_update
        refusal = f"不能生成或采用草稿：{desk.refusal}。" if desk.refusal else ""
        return opened, refusal, draw.versions(version_rows(desk), refusal=desk.refusal), bool(desk.refusal)

    app.callback(
        Output(grids_ids.DRAFT_DRAWER, "opened"),
        Output(grids_ids.DRAFT_REFUSAL, "children"),
        Output(grids_ids.VERSIONS, "children"),
        Output(grids_ids.DRAFT_MAKE, "disabled"),
        Input(grids_ids.DRAFT, "n_clicks"),
        Input(grids_ids.DRAFT_MADE, "data"),
        prevent_initial_call=True,
    )(show)


def version_rows(desk: Desk) -> list[Row]:
    """Return the latest versions as the drawer lists them; the current one is always among them."""
    listed = desk.versions()
    if listed.empty:
        return []
    kept = pd.concat([listed.head(LATEST), listed[listed["current"]]]).drop_duplicates("id")
    return [
        {
            "number": row["number"],
            "id": row["id"],
            "created": _moment(row["created"]),
            "author": row["author"],
            "note": row["note"],
            "current": bool(row["current"]),
            "state": STATES[row["state"]][0],
            "colour": STATES[row["state"]][1],
            "action": {"current": "当前版本", "past": "恢复为当前版本", "draft": "采用为当前版本"}[row["state"]],
        }
        for row in kept.to_dict("records")
    ]


def wanted_faults(city: City, view: View, *, scope: str, chosen: list[str] | None) -> list[str]:
    """Return the ids of the faults to repair: those chosen, or all that can be repaired by themselves.

    Raises
    ------
    GeodataError
        Nothing is chosen, or nothing can be repaired.
    """
    found = faults(city, view.settings())
    ids_there = found["id"].tolist() if scope == "chosen" else found["id"][found["automatic"]].tolist()
    wanted = [ident for ident in ids_there if scope != "chosen" or ident in set(chosen or [])]
    if not wanted:
        raise GeodataError(
            "尚未列入任何问题；请在问题清单中勾选，或选择“全部可自动修复的问题”。"
            if scope == "chosen"
            else "没有可以自动修复的问题。"
        )
    return wanted


def make(city: City, view: View, *, wanted: list[str], desk: Desk, author: str, note: str) -> tuple[str, Repair]:
    """Repair faults into a draft on top of the version on the screen; returns its id and what was done.

    Raises
    ------
    GeodataError
        Nobody signs for it, nothing could be repaired, or the store refuses.
    """
    if not author.strip():
        raise GeodataError("请填写经办人，草稿和版本记录会写明由谁生成。")
    repair = repaired(city, wanted, view.settings())
    if repair.done.empty:
        raise GeodataError("所选问题均未能修复，没有生成草稿；各项原因见问题卡片中的建议修复。")
    words = note.strip() or f"网格修复草稿：修复 {len(repair.done)} 项，未能修复 {len(repair.left)} 项"
    facts = draft_facts(city, repair)
    version = desk.draft(
        {"grids": repair.grids}, facts=facts, author=author.strip()[:MOST], note=words[:MOST], base=city.version
    )
    return version, repair


def told_of(city: City, desk: Desk, *, version: str, repair: Repair) -> Made:
    """Return a draft in words."""
    own: dict[str, Any] = {str(key): value for key, value in desk.versions().set_index("id").loc[version].items()}
    before, after = layout_of(city).count, len(repair.grids)
    recount = int(repair.table["recount"].sum())
    rows = (
        ("草稿编号", f"{version}（第 {own['number']} 版）"),
        ("基于版本", city.version),
        ("经办人", str(own["author"])),
        ("生成时间", _moment(own["created"])),
        ("说明", str(own["note"])),
        ("网格数", f"修复前 {before:,} 个，修复后 {after:,} 个；{len(repair.table):,} 个网格有变化"),
        ("人口变动", f"{head_count(repair.moved_people)}换了网格；{recount:,} 个网格的户数、人口须重新登记"),
        ("修复后仍有", f"{len(repair.remaining):,} 项问题（含未选的和须人工处理的）"),
    )
    return Made(
        id=version,
        number=int(own["number"]),
        sentence=f"已修复 {len(repair.done)} 项，未能修复 {len(repair.left)} 项。当前数据没有改动。",
        rows=rows,
        done=tuple(
            (str(r.kind_title), f"{r.unit_name} {r.grid}", f"{r.found} → {r.result}")
            for r in repair.done.itertuples(index=False)
        ),
        left=tuple(
            (str(r.kind_title), f"{r.unit_name} {r.grid}", str(r.reason)) for r in repair.left.itertuples(index=False)
        ),
        command=f"yikezhong versions --adopt {version}",
    )


def _register_making(app: Dash, source: CitySource, *, desk: Desk, draw: DraftDrawing) -> None:
    def write(clicks: int | None, scope: str, chosen: Any, words: Any, author: str | None, note: str | None) -> Any:
        city = source()
        if not clicks or city is None:
            return no_update, no_update, no_update, no_update
        view = View.from_words(words)
        try:
            wanted = wanted_faults(city, view, scope=scope, chosen=chosen)
            version, repair = make(city, view, wanted=wanted, desk=desk, author=author or "", note=note or "")
        except GeodataError as error:
            return no_update, no_update, no_update, str(error)
        made = told_of(city, desk, version=version, repair=repair)
        asked = {"version": version, "base": city.version, "wanted": wanted, "check": view.check}
        return asked, draw.result(made), grids_ids.SHOWN, ""

    app.callback(
        Output(grids_ids.DRAFT_MADE, "data"),
        Output(grids_ids.DRAFT_RESULT, "children"),
        Output(grids_ids.DRAFT_PART, "style"),
        Output(grids_ids.DRAFT_REFUSAL, "children", allow_duplicate=True),
        Input(grids_ids.DRAFT_MAKE, "n_clicks"),
        State(grids_ids.DRAFT_SCOPE, "value"),
        State(grids_ids.CHOSEN, "data"),
        State(grids_ids.VIEW, "data"),
        State(grids_ids.DRAFT_AUTHOR, "value"),
        State(grids_ids.DRAFT_NOTE, "value"),
        running=[
            (Output(grids_ids.DRAFT_MAKE, "loading"), True, False),
            (Output(grids_ids.DRAFT_DOING, "children"), "正在修复并写入草稿…", ""),
        ],
        prevent_initial_call=True,
    )(write)


def _register_words(app: Dash, source: CitySource) -> None:
    """Say what a draft would repair, and send the table of what one did."""

    def count(scope: str, chosen: list[str] | None, words: Any, _opened: Any, scenario: str | None = None) -> str:
        city = source()
        if city is None or city.grids is None:
            return ""
        found = faults(city, View.from_words(words).settings())
        own = found[found["automatic"]] if scope == "all" else found[found["id"].isin(chosen or [])]
        manual = int((~own["automatic"]).sum())
        hand = f"，其中 {manual} 项需人工处理，会列为未能修复" if manual else ""
        planned = "草稿修复数据版本本身的网格，不含方案的改动。" if scenario else ""
        return f"将修复 {len(own):,} 项{hand}。{planned}"

    app.callback(
        Output(grids_ids.DRAFT_COUNT, "children"),
        Input(grids_ids.DRAFT_SCOPE, "value"),
        Input(grids_ids.CHOSEN, "data"),
        Input(grids_ids.VIEW, "data"),
        Input(grids_ids.DRAFT, "n_clicks"),
        Input(ids.SCENARIO, "data"),
    )(count)

    def save(clicks: int | None, made: Row | None) -> Any:
        city = source()
        if not clicks or not made or city is None:
            return no_update
        settings = View.from_words({"check": made["check"]}).settings()
        repair = repaired(city, made["wanted"], settings)
        body = repair_xlsx(city, repair, draft=made["version"], settings=settings)
        return dcc.send_bytes(body, f"{city.name}_网格修复对照表_{made['version']}.xlsx")

    app.callback(
        Output(grids_ids.DRAFT_FILE, "data"),
        Input(grids_ids.DRAFT_SAVE, "n_clicks"),
        State(grids_ids.DRAFT_MADE, "data"),
        prevent_initial_call=True,
    )(save)


def asked_version(triggered: Any, *, made: Row | None, value: Any) -> str:
    """Return the version that a button asks to make current; "" when none was pressed."""
    if not value:
        return ""
    if triggered == grids_ids.ADOPT:
        return str((made or {}).get("version", ""))
    return str(triggered["key"]) if isinstance(triggered, dict) else ""


def adopting_words(desk: Desk, version: str) -> str:
    """Return what it means to make a version current, before it is done."""
    listed = desk.versions().set_index("id")
    own, now = listed.loc[version], listed[listed["current"]].iloc[0]
    return (
        f"将第 {own['number']} 版（{version}，{own['author'] or '未署名'}：{own['note'] or '无说明'}）"
        f"设为当前版本，替换第 {now['number']} 版（{now.name}）。\n"
        "全部页面和导出随即按该版本计算；原版本保留，可随时恢复。"
    )


def _register_adopting(app: Dash, source: CitySource, *, desk: Desk) -> None:
    def want(_adopt: Any, _versions: Any, made: Row | None) -> Any:
        value = ctx.triggered[0]["value"] if ctx.triggered else None
        version = asked_version(ctx.triggered_id, made=made, value=value)
        if not version or desk.refusal:
            return no_update, no_update, no_update
        return version, True, adopting_words(desk, version)

    app.callback(
        Output(grids_ids.WANTED, "data"),
        Output(grids_ids.ADOPT_SURE, "opened"),
        Output(grids_ids.ADOPT_TEXT, "children"),
        Input(grids_ids.ADOPT, "n_clicks"),
        Input({"type": grids_ids.VERSION, "key": ALL}, "n_clicks"),
        State(grids_ids.DRAFT_MADE, "data"),
        prevent_initial_call=True,
    )(want)

    def adopt(sure: int | None, _no: int | None, version: str | None, now: str | None, author: str | None) -> Any:
        if ctx.triggered_id != grids_ids.ADOPT_YES or not sure or not version:
            return no_update, False, no_update
        try:
            adopted = desk.adopt(version, base=now, author=(author or "").strip())
            source()
        except GeodataError as error:
            return no_update, False, str(error)
        return adopted, False, ""

    app.callback(
        Output(grids_ids.ADOPTED, "data"),
        Output(grids_ids.ADOPT_SURE, "opened", allow_duplicate=True),
        Output(grids_ids.DRAFT_REFUSAL, "children", allow_duplicate=True),
        Input(grids_ids.ADOPT_YES, "n_clicks"),
        Input(grids_ids.ADOPT_NO, "n_clicks"),
        State(grids_ids.WANTED, "data"),
        State(ids.VERSION, "data"),
        State(grids_ids.DRAFT_AUTHOR, "value"),
        running=[(Output(grids_ids.ADOPT_YES, "loading"), True, False)],
        prevent_initial_call=True,
    )(adopt)
    client = partial(app.clientside_callback, prevent_initial_call=True)
    client(
        ClientsideFunction("gridmap", "reload"), Output(grids_ids.RELOADED, "data"), Input(grids_ids.ADOPTED, "data")
    )


def _moment(created: Any) -> str:
    """Return the minute of an ISO 8601 time as a clerk reads it."""
    return f"{str(created)[:16].replace('T', ' ')}（UTC）"
