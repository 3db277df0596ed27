"""Open archives without trusting them: sizes, names and members are checked before and while anything is unpacked."""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geodata.errors import UnreadableFile

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold; ``ratio`` (bytes per packed byte) counts once it is larger than ``small_bytes``."""

    members: int = 20_000
    total_bytes: int = 8 * 1024**3
    ratio: float = 200.0
    small_bytes: int = 64 * 1024**2


LIMITS = Limits()


def inspect(path: Path, *, limits: Limits = LIMITS) -> list[zipfile.ZipInfo]:
    """Return the files in a zip after checking its directory.

    Raises UnreadableFile when it is no zip, is broken, encrypted, holds links or names that lead out of it, or would
    unpack to more than the limits allow.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name}：压缩包损坏，或不是 zip 格式。") from error
    if len(members) > limits.members:
        raise UnreadableFile(f"{path.name}：压缩包内有 {len(members)} 个文件，超过上限 {limits.members} 个。")
    for member in members:
        _check_member(member, path)
    total = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if total > limits.total_bytes or (total > limits.small_bytes and total / packed > limits.ratio):
        raise UnreadableFile(f"{path.name}：解压后将有 {total / 1024**2:.0f} MB，超过允许的大小或压缩比，拒绝解压。")
    return [member for member in members if not member.is_dir()]


@contextmanager
def unpacked(path: Path, *, limits: Limits = LIMITS) -> Iterator[Path]:
    """Unpack a zip into a folder that lives as long as the context; names in GBK come out right."""
    members = inspect(path, limits=limits)
    with tempfile.TemporaryDirectory(prefix="yikezhong-") as folder, zipfile.ZipFile(path) as archive:
        budget = min(limits.total_bytes, sum(member.file_size for member in members))
        for member in members:
            target = Path(folder, *PurePosixPath(member_name(member)).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            budget -= _copy(archive, member, target, budget=budget, path=path)
        yield Path(folder)


def member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name as its writer meant it: Windows in Chinese writes GBK without saying so."""
    name = member.filename.replace("\\", "/")
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _check_member(member: zipfile.ZipInfo, path: Path) -> None:
    names = (member.filename, member_name(member))
    unsafe = any(
        name.startswith(("/", "\\"))
        or re.match(r"^[A-Za-z]:", name)
        or ".." in re.split(r"[/\\]", name)
        or "\0" in name
        for name in names
    )
    if unsafe:
        raise UnreadableFile(f"{path.name}：压缩包内的文件名「{names[1][:60]}」指向包外，拒绝解压。")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnreadableFile(f"{path.name}：压缩包内含有链接「{names[1][:60]}」，拒绝解压。")
    if member.flag_bits & 0x1:
        raise UnreadableFile(f"{path.name}：压缩包加了密码，请先解压。")


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, *, budget: int, path: Path) -> int:
    """Write one member, never more bytes than the budget whatever its header says; return how many."""
    written = 0
    try:
        with archive.open(member) as source, target.open("wb") as sink:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > budget:
                    raise UnreadableFile(f"{path.name}：解压出的内容多于压缩包所称，拒绝解压。")
                sink.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableFile(f"{path.name}：压缩包内的「{member_name(member)[:60]}」损坏，无法解压。") from error
    return written
