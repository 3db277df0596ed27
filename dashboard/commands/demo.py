"""``yikezhong demo``: build the synthetic sample city and publish it, marked as such."""

from __future__ import annotations

import click
from sqlalchemy import Engine

from dashboard.commands.console import Console, progress
from dashboard.commands.spoken import SpokenCommand, say
from geodata.errors import StoreError
from geodata.filing_store import file_all
from geodata.sample import earlier_frames, sample_facts, sample_filings, sample_frames
from geodata.store import current_version, load_version, publish, store_name
from geodata.targets import load_targets

NOTE = "合成示例城市"
EARLIER = "合成示例城市，较早状态：供变化归因对照"


def publish_sample(engine: Engine) -> str:
    """Build the sample city, publish it over an earlier state, file what its counties report; return its id."""
    with progress() as tell:
        frames = sample_frames(lambda step, share: tell(share * 0.95, step))
        tell(0.97, "发布")
        city, facts = sample_facts()
        before = earlier_frames(frames)
        publish(engine, {**frames, **before}, facts=facts, city=city, note=EARLIER, inherit=False)
        changed = {key: frames[key] for key in before}
        version = publish(engine, changed, facts={key: facts[key] for key in before}, note=NOTE)
        file_all(engine, sample_filings(frames, load_targets()))
        tell(1.0, "完成")
    return version


@click.command(
    "demo", cls=SpokenCommand, help="生成合成的示例城市（晋中），发布为新的数据版本，各页面和导出均标明合成示例。"
)
@click.option("--replace", is_flag=True, help="仓库中已有数据时也换成示例城市；原有版本仍保留")
@click.pass_obj
def command(console: Console, replace: bool) -> None:
    """Publish the sample city unless there is other data."""
    engine = console.store(create=True)
    current = current_version(engine)
    if current and not replace:
        city = load_version(engine, current, layers=()).city
        if not city.synthetic:
            raise StoreError(
                f"数据仓库中已有「{city.name}」的数据（版本 {current}）；如要换成示例城市，请加 --replace。"
            )
        say(f"数据仓库中已有示例城市（版本 {current}）；如要重新生成，请加 --replace。")
        return
    version = publish_sample(engine)
    say(f"示例城市已发布为数据版本 {version}（{store_name(engine)}）。合成示例，不代表实际情况。")
