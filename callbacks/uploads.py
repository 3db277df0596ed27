"""Files that the browser hands in: taken from their data URL into a folder of their own while they are read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from geodata.errors import GeodataError

MOST_BYTES = 10_000_000


@contextmanager
def uploaded(contents: str, name: str, *, fallback: str) -> Iterator[Path]:
    """Yield a file as the browser handed it in, under its own name without anything that leads elsewhere.

    Raises
    ------
    GeodataError
        It did not arrive whole, or is larger than a form can be.
    """
    try:
        body = base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise GeodataError("文件没有完整上传；请重新选择。") from error
    if len(body) > MOST_BYTES:
        raise GeodataError(f"文件有 {len(body) / 1e6:.0f} MB，超过上限 {MOST_BYTES / 1e6:.0f} MB。")
    plain = re.sub(r"[^\w.\-（）()]", "_", Path(name.replace("\\", "/")).name)[-80:].lstrip(".") or fallback
    with TemporaryDirectory() as folder:
        path = Path(folder) / plain
        path.write_bytes(body)
        yield path
