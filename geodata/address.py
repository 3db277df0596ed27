"""Where a store is: the address as the user writes it, as the database driver wants it, and as it may be shown."""

from __future__ import annotations

import re
from pathlib import Path

from geodata.errors import StoreError

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_HIDDEN = ((re.compile(r"(?<=://)([^/@:]*):.*@"), r"\1:***@"), (re.compile(r"(?i)((?:pass\w*|pwd)=)[^&\s]*"), r"\1***"))


def database_url(address: str) -> str:
    """Return the URL for the driver.

    ``address`` is a file path, ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``postgresql://…``.

    Raises
    ------
    StoreError
        An empty address, a database in memory (each connection would see its own), or another kind of database.
    """
    text = address.strip()
    scheme, mark, rest = text.partition("://")
    if not mark or (len(scheme) == 1 and scheme.isalpha()):
        return _file_url(text)
    if scheme == "sqlite":
        return _file_url(rest.removeprefix("/").partition("?")[0])
    if scheme in _POSTGRES:
        return f"postgresql+psycopg://{rest}"
    raise StoreError(f"数据仓库地址「{shown(text)}」不可用；需要文件路径、sqlite:///文件 或 postgresql://主机/数据库。")


def _file_url(path: str) -> str:
    if not path or path.startswith((":memory:", "file:")):
        raise StoreError("数据仓库地址没有给出文件；需要文件路径，例如 data/yikezhong.db。")
    return f"sqlite:///{Path(path).expanduser().as_posix()}"


def file_of(address: str) -> Path | None:
    """Return the file of an embedded store; None for a server."""
    url = database_url(address)
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def shown(address: str) -> str:
    """Return the address with every password in it replaced by asterisks."""
    for pattern, instead in _HIDDEN:
        address = pattern.sub(instead, address)
    return address


def make_room(path: Path, *, create: bool) -> None:
    """Make the folder of a store file.

    Raises
    ------
    StoreError
        The folder cannot be made, the path is a folder, or there is no store while ``create`` is False.
    """
    if path.is_dir():
        raise StoreError(f"数据仓库「{path}」是文件夹；需要文件。")
    if not create and not path.is_file():
        raise StoreError(f"没有数据仓库「{path}」；请先用 demo 生成示例城市，或用 import 导入数据。")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"无法为数据仓库创建文件夹「{path.parent}」：{error.strerror}。") from error


CAUSES: tuple[tuple[str, str], ...] = (
    ("database is locked", "数据仓库正被其他程序占用，请稍后重试"),
    ("not a database", "文件不是数据仓库或已损坏，请换用备份"),
    ("malformed", "数据仓库文件已损坏，请换用备份"),
    ("disk i/o error", "读写磁盘出错，请检查磁盘"),
    ("disk is full", "磁盘空间不足"),
    ("no space left", "磁盘空间不足"),
    ("readonly", "没有写入权限"),
    ("read-only", "没有写入权限"),
    ("permission denied", "没有访问权限"),
    ("unable to open", "文件无法打开，请检查路径和权限"),
    ("too big", "图层过大，单个图层不能超过 1 GB"),
    ("out of memory", "内存不足"),
    ("authentication failed", "用户名或口令不正确"),
    ("no password", "缺少口令"),
    ("does not exist", "数据库、用户或数据表不存在"),
    ("no such table", "文件不是数据仓库或已损坏，请换用备份"),
    ("no such column", "文件不是本程序的数据仓库"),
    ("connection refused", "数据库没有运行或不接受连接"),
    ("could not translate host", "找不到数据库主机"),
    ("failed to resolve host", "找不到数据库主机"),
    ("name or service not known", "找不到数据库主机"),
    ("timeout", "数据库没有及时应答"),
    ("terminating connection", "与数据库的连接已中断"),
    ("closed the connection", "与数据库的连接已中断"),
)
"""What drivers say, in lower case, and what that means for the user; the first that is found holds."""


def cause(message: str) -> str:
    """Say in Chinese what a driver's message means; the first line of the message itself where it is not known."""
    low = message.lower()
    for words, meaning in CAUSES:
        if words in low:
            return meaning
    return shown(message.strip().splitlines()[0] if message.strip() else "原因不明")
