"""What a county or a bureau files about a target: a dated number with who, on what document; corrections say why."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from geodata.errors import GeodataError, UnknownKey
from geodata.payload import digest
from geodata.target_record import Target
from geodata.version import canonical

ID_DIGITS = 12
LONGEST = 300
MOST = 1e9
WHOLE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Filing:
    """An entry; nothing of it is ever changed, a correction is a later entry of the same target, unit and day.

    Attributes
    ----------
    target, unit : key of the target, code of the county or the city
    day : the last day of the period the number is of
    part, whole : a share is ``part`` ÷ ``whole``; a plain number is ``part`` alone and ``whole`` is None
    parts : numbers of a target that asks several things at once, by the name of each; ``part`` is 0 then
    author, document, attachment : who files it, the document it rests on, the name of what is attached ("" for none)
    reason : why an earlier entry is corrected, "" for a first one
    filed : ISO 8601, UTC; "" until it is stored
    id : 12 hexadecimal digits of all of it; "" until it is stored
    corrects : id of the entry it takes the place of, "" for none
    """

    target: str
    unit: str
    day: date
    part: float
    whole: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    author: str = ""
    document: str = ""
    attachment: str = ""
    reason: str = ""
    filed: str = ""
    id: str = ""
    corrects: str = ""

    @property
    def key(self) -> tuple[str, str, date]:
        """What it is about: target, unit and day."""
        return self.target, self.unit, self.day

    def says_the_same(self, other: Filing) -> bool:
        """Return whether both hold the same numbers and rest on the same document."""
        return (self.key, self.part, self.whole, self.parts, self.document) == (
            other.key, other.part, other.whole, other.parts, other.document,
        )  # fmt: skip

    def stored(self, *, filed: str, corrects: str) -> Filing:
        """Return the entry as it is stored, with its id."""
        told = replace(self, filed=filed, corrects=corrects, id="")
        return replace(told, id=digest(told.to_json().encode())[:ID_DIGITS])

    def to_json(self) -> str:
        """Return the entry as JSON text, equal for equal entries."""
        return canonical({**asdict(self), "day": self.day.isoformat()})

    @classmethod
    def from_json(cls, content: str) -> Filing:
        """Read what :meth:`to_json` wrote; GeodataError where it is something else."""
        try:
            told: dict[str, Any] = json.loads(content)
            known = {one.name for one in fields(cls)}
            parts = tuple((str(name), float(number)) for name, number in told["parts"])
            return cls(**{**{k: told[k] for k in known}, "day": date.fromisoformat(told["day"]), "parts": parts})
        except (ValueError, KeyError, TypeError) as error:
            raise GeodataError("填报记录的内容无法读取，数据仓库可能已损坏。") from error


def faults(filing: Filing, target: Target) -> tuple[tuple[str, str, str], ...]:
    """Return what does not fit: the field, what was found and what is needed, in Chinese."""
    found: list[tuple[str, str, str]] = []
    numbers = [("part", filing.part), *((f"parts.{name}", number) for name, number in filing.parts)]
    if filing.whole is not None:
        numbers.append(("whole", filing.whole))
    for name, number in numbers:
        if not (math.isfinite(number) and 0 <= number <= MOST):
            found.append((name, f"「{number:g}」", "0 到 10 亿之间的数"))
    found += _share_faults(filing, target)
    for name, value, title in (("author", filing.author, "填报人"), ("document", filing.document, "来源文件")):
        if not value.strip():
            found.append((name, f"没有填写{title}", title))
    for name in ("author", "document", "attachment", "reason"):
        if len(getattr(filing, name)) > LONGEST:
            found.append((name, f"文字有 {len(getattr(filing, name))} 字", f"不超过 {LONGEST} 字"))
    return tuple(found)


def _share_faults(filing: Filing, target: Target) -> list[tuple[str, str, str]]:
    if target.parts:
        asked, given = {name for name, _ in target.parts}, {name for name, _ in filing.parts}
        return [] if asked == given else [("parts", "分项没有填全", f"每个分项的数：{'、'.join(sorted(asked))}")]
    if not divided(target):
        return [] if filing.whole is None else [("whole", f"「{filing.whole:g}」", "不填分母：这个目标只报数量")]
    if filing.whole is None or filing.whole <= 0:
        return [("whole", "没有填写分母" if filing.whole is None else f"「{filing.whole:g}」", "大于 0 的分母")]
    if target.is_share and filing.part > filing.whole * (1 + WHOLE_TOLERANCE):
        return [("part", f"分子「{filing.part:g}」大于分母「{filing.whole:g}」", "不大于分母的数")]
    return []


def divided(target: Target) -> bool:
    """Return whether a target's number is one count divided by another, so that both are filed."""
    return target.is_share or ("/" in target.unit and "÷" in target.definition)  # 人/万人, 个/社区


def factor(target: Target) -> float:
    """Return what a quotient is multiplied by to be in the target's unit."""
    if target.is_share:
        return 100.0
    return 10_000.0 if target.unit.endswith("/万人") else 100.0 if target.unit.endswith("/百户") else 1.0


def latest(filings: Iterable[Filing]) -> dict[tuple[str, str, date], Filing]:
    """Return the entry in force for each target, unit and day: the last that was filed."""
    held: dict[tuple[str, str, date], Filing] = {}
    for one in sorted(filings, key=lambda one: (one.filed, one.id)):
        held[one.key] = one
    return held


def known_target(targets: Mapping[str, Target], key: str) -> Target:
    """Return a target by its key; UnknownKey where there is none."""
    if key not in targets:
        raise UnknownKey(f"没有目标「{key[:60]}」；填报表可能出自其他版本的规划目标。")
    return targets[key]
