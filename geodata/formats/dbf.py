"""Which encoding the texts of a DBF are in: that of the .cpg if it fits, else the first candidate that decodes all."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np

from geodata.errors import UnreadableFile

CANDIDATES = ("utf-8", "gb18030", "big5")
CPG_WORDS = {
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "65001": "utf-8",
    "950": "big5",
}
SAMPLE_BYTES = 64 * 1024 * 1024


def dbf_encoding(shapefile: Path, *, declared: str | None = None) -> tuple[str, str]:
    """Return the encoding of the DBF beside a Shapefile, and how it was found, in Chinese.

    Raises UnreadableFile when the .dbf is missing, broken, or fits none of the candidates.
    """
    dbf = _beside(shapefile, ".dbf")
    if dbf is None:
        raise UnreadableFile(f"{shapefile.name}：缺少同名的 .dbf 文件，无法读取属性。")
    texts = _texts(dbf)
    if declared:
        return _known(declared, shapefile), "按声明"
    cpg = _beside(shapefile, ".cpg")
    named = _cpg(cpg) if cpg else None
    if named and _fits(texts, named):
        return named, "按 .cpg"
    for candidate in CANDIDATES:
        if _fits(texts, candidate):
            return candidate, "按内容判断" + (
                "（与 .cpg 所写不符）" if named else "（没有 .cpg）" if cpg is None else ""
            )
    raise UnreadableFile(f"{shapefile.name}：属性表的文字不是 UTF-8、GB18030 或 Big5，请声明编码。")


def _beside(path: Path, suffix: str) -> Path | None:
    return next((p for p in sorted(path.parent.iterdir()) if p.stem == path.stem and p.suffix.lower() == suffix), None)


def _cpg(path: Path) -> str | None:
    word = path.read_text(encoding="ascii", errors="replace").strip().lower().removeprefix("ansi ").removeprefix("cp")
    try:
        return codecs.lookup(CPG_WORDS.get(word, word)).name
    except LookupError:
        return None


def _known(encoding: str, shapefile: Path) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableFile(f"{shapefile.name}：不认识编码「{encoding}」。") from error


def _fits(texts: list[bytes], encoding: str) -> bool:
    """Say whether every text decodes; a last character cut by the width of the column is forgiven."""
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        for text in texts:
            decoder("strict").decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _texts(path: Path) -> list[bytes]:
    """Return the field names and the distinct texts of the character columns (of the first 64 MB)."""
    with path.open("rb") as stream:
        data = stream.read(SAMPLE_BYTES)
    if len(data) < 33:
        raise UnreadableFile(f"{path.name}：属性表不完整。")
    header, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if header < 33 or width < 1 or header > len(data):
        raise UnreadableFile(f"{path.name}：属性表已损坏。")
    fields = [
        data[at : at + 32] for at in range(32, header - 1, 32) if data[at : at + 1] != b"\r" and at + 32 <= header
    ]
    names = [field[:11].split(b"\0")[0] for field in fields]
    count = (len(data) - header) // width
    records = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=header).reshape(count, width)
    texts, start = set(names), 1
    for field in fields:
        length = field[16]
        if field[11:12] == b"C" and length:
            cells = np.ascontiguousarray(records[:, start : start + length]).view(f"S{length}").ravel()
            texts.update(np.unique(cells).tolist())
        start += length
    return [text.rstrip(b" \0") for text in texts if not text.isascii()]
