"""``yikezhong check``: files before they are published, or the store and what its current version amounts to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import numpy as np

from dashboard.commands.console import Console
from dashboard.commands.intake import read_files, reads, tell_intake
from dashboard.commands.spoken import SpokenCommand, say
from geodata.city import City
from geodata.errors import RefusedData
from geodata.store import current_version, damage, store_name, versions
from geodata.walkers import walker
from layers.reasons import REASONS, reasons
from layers.required import REQUIRED_SETS

HELP = """检查数据，不发布。

给出文件时按 --as 检查文件，列出全部问题；不给文件时检查数据仓库是否完好，并报告当前版本的路网、接入距离和不可达原因。
"""

LEFT_OUT = {"closed": "已关闭", "planned": "规划中", "unknown_element": "服务要素不在目录中", "no_geometry": "没有位置"}


def report_lines(city: City) -> Iterator[str]:
    """Say what the assembly of a city found, line by line."""
    network, snap = city.report.get("network", {}), city.report.get("snap", {})
    yield f"城市：{city.name}，数据版本 {city.version}"
    yield (
        f"路网：{city.network.node_count} 个节点，{city.network.edge_count} 条边，"
        f"{network.get('length_m', 0) / 1000:.1f} 公里；"
        f"不连通的部分 {max(network.get('components', 1) - 1, 0)} 处，最大部分占 {network.get('main_share', 0):.1%}；"
        f"疑似未接通的断头 {network.get('loose_ends', 0)} 处"
    )
    for key, title, count in (("cells", "格点", len(city.cells)), ("facilities", "设施", len(city.facilities))):
        found = snap.get(key, {})
        yield (
            f"{title}：{count} 个，接入道路 {found.get('tied', 0)} 个，超过 {snap.get('max_snap_m', 0):g} 米未接入"
            f" {found.get('too_far', 0)} 个，在不连通部分 {found.get('on_islands', 0)} 个"
        )
        for part in found.get("bins", ()):
            upper = f"–{part['to_m']:g} 米" if part["to_m"] is not None else " 米以上"
            yield f"  接入距离 {part['from_m']:g}{upper}：{part['count']} 个"
    dropped = city.report.get("facilities", {}).get("dropped", {})
    yield from (
        f"  未计入的设施 {count} 个：{LEFT_OUT.get(reason, reason)}" for reason, count in dropped.items() if count
    )
    outside = city.report.get("cells", {}).get("outside", 0)
    if outside:
        yield f"  不在任何单元内的格点 {outside} 个，{city.report['cells'].get('outside_people', 0):.0f} 人"


def reason_lines(city: City, *, walker_key: str = "adult") -> Iterator[str]:
    """Say for the core elements why cells have no walking time, in people."""
    people = city.cells["population"].to_numpy(np.float64)
    keys = [key for key in REQUIRED_SETS[0].elements if key in {e.key for e in city.catalogue.elements}]
    names = {e.key: e.name for e in city.catalogue.elements}
    yield f"60 分钟内步行不可达的人口（{walker(walker_key).title}）："
    for key in keys:
        code = reasons(city, key, walker(walker_key))
        lost = {REASONS[r]: people[code == at].sum() for at, r in enumerate(REASONS) if at and (code == at).any()}
        told = "；".join(f"{reason} {count:.0f} 人" for reason, count in lost.items()) or "无"
        yield f"  {names[key]}：{told}"


@click.command("check", cls=SpokenCommand, help=HELP)
@click.argument("files", nargs=-1, metavar="[文件…]")
@reads
@click.pass_obj
def command(console: Console, /, files: tuple[str, ...], **given: Any) -> None:
    """Check files or the store."""
    if files:
        tell_intake(read_files(files, catalogue=console.catalogue(), **given))
        click.echo("检查通过，没有发布。")
        return
    if any(given.values()):
        raise click.UsageError("没有给出要检查的文件；--as 等选项只用于检查文件。")
    engine = console.store()
    problems = damage(engine)
    if problems:
        raise RefusedData(problems)
    click.echo(f"数据仓库 {store_name(engine)} 完好，共 {len(versions(engine))} 个版本。")
    if current_version(engine) is None:
        say("还没有发布数据。")
        return
    city = console.city()
    for line in (*report_lines(city), *reason_lines(city)):
        click.echo(line)
