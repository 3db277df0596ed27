"""What can be set from outside: one record per setting, read from the environment here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geodata.address import shown
from geodata.errors import GeodataError

TILE_SERVERS = " ".join(f"https://t{n}.tianditu.gov.cn" for n in range(8))


@dataclass(frozen=True)
class Setting:
    """One setting: field of :class:`Settings`, name of the environment variable, default, meaning, how it is read."""

    key: str
    name: str
    default: Any
    help: str
    read: Callable[[str], Any] = str
    needed: str = "文字"
    hidden: bool = False


def _between(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    """Return what reads a number of a kind within bounds; ValueError otherwise."""

    def read(text: str) -> float:
        value = kind(text)
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return read


SETTINGS: tuple[Setting, ...] = (
    Setting("store", "YIKEZHONG_STORE", "data/yikezhong.db", "数据仓库：文件路径、sqlite:///文件 或 postgresql://…"),
    Setting("host", "YIKEZHONG_HOST", "127.0.0.1", "服务监听的地址；0.0.0.0 表示本机所有网卡"),
    Setting(
        "port", "YIKEZHONG_PORT", 8050, "服务监听的端口；0 表示由系统选择", _between(int, 0, 65535), "0–65535 的整数"
    ),
    Setting("threads", "YIKEZHONG_THREADS", 8, "服务的线程数", _between(int, 1, 64), "1–64 的整数"),
    Setting(
        "max_snap_m",
        "YIKEZHONG_MAX_SNAP_M",
        500.0,
        "格点和设施接入道路的最大距离（米），更远的按不可达计",
        _between(float, 0, 5000),
        "0–5000 的米数",
    ),
    Setting(
        "tianditu_key",
        "YIKEZHONG_TIANDITU_KEY",
        "",
        "天地图密钥；填写后可选天地图作底图（需要外网），默认不使用底图",
        hidden=True,
    ),
    Setting(
        "secret",
        "YIKEZHONG_SECRET",
        "",
        "会话签名的密钥；多个服务进程须相同，默认每次启动随机生成",
        hidden=True,
    ),
)


@dataclass(frozen=True)
class Settings:
    """All settings as values; secrets are not shown when the record is printed."""

    store: str = "data/yikezhong.db"
    host: str = "127.0.0.1"
    port: int = 8050
    threads: int = 8
    max_snap_m: float = 500.0
    tianditu_key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def tiles(self) -> str:
        """Servers a browser may load base map tiles from, with blanks between; none without a key."""
        return TILE_SERVERS if self.tianditu_key else ""

    def __repr__(self) -> str:
        shy = {setting.key for setting in SETTINGS if setting.hidden}
        said = {key: "***" if key in shy and value else value for key, value in vars(self).items()}
        return (
            f"Settings({', '.join(f'{key}={value!r}' for key, value in {**said, 'store': shown(self.store)}.items())})"
        )


def read_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Return the settings: what is ``given`` (unless None), else what the environment says, else the default.

    Parameters
    ----------
    environment : names and texts; those of this process when None. An empty text counts as not set.

    Raises
    ------
    GeodataError
        with every value that cannot be used, without showing secrets
    """
    environment = os.environ if environment is None else environment
    values = {key: value for key, value in given.items() if value is not None}
    wrong = []
    for setting in SETTINGS:
        text = environment.get(setting.name, "").strip()
        if setting.key in values or not text:
            continue
        try:
            values[setting.key] = setting.read(text)
        except ValueError:
            wrong.append(f"环境变量 {setting.name}：发现「{text}」；需要{setting.needed}。")
    if wrong:
        raise GeodataError("\n".join(wrong))
    return Settings(**values)
