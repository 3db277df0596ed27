"""The state of a target on a day, from dated values alone: nothing is interpolated, and what is projected says how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.target_record import Target, satisfies

STATES: dict[str, str] = {
    "met": "已完成",
    "on_course": "正常推进",
    "behind": "滞后",
    "overdue": "逾期未完成",
    "not_reported": "未报送",
    "not_due": "未到期",
    "no_threshold": "只监测",
}
METHOD = "以最早和最近两个数值连成直线，外推到下一个有数字的期限"
ALERT_DAYS = 90
PERIOD_MONTHS: dict[str, int] = {"yearly": 12, "quarterly": 3}


@dataclass(frozen=True)
class Reading:
    """A dated value of a target for one unit.

    ``day`` is the day the value is of; ``part`` ÷ ``whole`` make it, NaN where it is a plain number; ``source`` says in
    Chinese where it comes from; ``reported`` of ``expected`` units are in it.
    """

    day: date
    value: float
    source: str = ""
    part: float = float("nan")
    whole: float = float("nan")
    reported: int = 1
    expected: int = 1

    @property
    def complete(self) -> bool:
        """Whether all who should have reported did."""
        return self.reported >= self.expected


@dataclass(frozen=True)
class Requirement:
    """What is asked by the end of a day."""

    due: date
    asked: float
    comparator: str
    final: bool = True

    def holds(self, value: float) -> bool:
        """Return whether a value is what is asked."""
        return satisfies(value, self.comparator, self.asked)


@dataclass(frozen=True)
class Standing:
    """How a target stands on a day: the state, why in Chinese, the value it rests on, and what is asked next."""

    state: str
    reason: str
    latest: Reading | None = None
    following: Requirement | None = None
    alert: bool = False

    @property
    def title(self) -> str:
        """The state in Chinese."""
        return STATES[self.state]


def requirements(target: Target, *, asked: float | None = None) -> tuple[Requirement, ...]:
    """Return what a target asks and when, milestones with a number first; ``asked`` replaces the final number.

    A target whose parts are all asked at once is measured by the least of present ÷ asked, of which 1 is asked.
    """
    if not target.scored:
        return ()
    last = target.value_asked if asked is None else asked
    if last is None:
        return ()
    scaled = last != target.value_asked
    on_the_way = tuple(
        Requirement(one.due, one.asked, ">=", final=False)
        for one in target.milestones
        if one.asked is not None and one.due < target.due and not scaled
    )
    return (*on_the_way, Requirement(target.due, last, target.value_comparator))


def standing(
    target: Target, readings: Sequence[Reading], as_of: date, *, asked: float | None = None, needed: bool = True
) -> Standing:
    """Return how a target stands on a day.

    Parameters
    ----------
    readings : dated values in any order; those after ``as_of`` are not looked at
    asked : what is asked of this unit, where that is not the plan's own number
    needed : something is asked of this unit at all; else its values are shown and not scored

    The rules, the first that applies:
    without a number to reach ``no_threshold``; without a value ``not_reported``; a value of all units that is what is
    asked ``met`` (recurring targets: in the period of ``as_of``, or failing that in the last one); after the last day
    ``overdue``; after the day of a milestone that is not reached ``behind``; with two dated values ``on_course`` when
    :data:`METHOD` reaches the next requirement and ``behind`` when not; else ``not_due``.
    """
    known = sorted((one for one in readings if one.day <= as_of and one.value == one.value), key=lambda one: one.day)
    latest = known[-1] if known else None
    asks = requirements(target, asked=asked)
    if not asks or not needed:
        return Standing("no_threshold", "规划没有给出数字，只监测，不评定" if not asks else "不要求本单元", latest)
    if target.recurrence:
        return _recurring(target, known, as_of, asks[-1])
    final = asks[-1]
    if latest is None:
        late = "已过完成期限" if as_of > final.due else "尚未到期"
        return Standing("not_reported", f"截至 {as_of} 没有数值，{late}", None, final, _soon(final, as_of))
    return _judged(known, as_of, asks)


def _judged(known: Sequence[Reading], as_of: date, asks: tuple[Requirement, ...]) -> Standing:
    latest, final = known[-1], asks[-1]
    following = next((one for one in asks if one.due >= as_of), final)
    if final.holds(latest.value):
        if latest.complete:
            return Standing("met", f"{latest.day} 的数值已达到要求", latest, final)
        return Standing("not_reported", _few(latest), latest, following, _soon(following, as_of))
    if as_of > final.due:
        return Standing("overdue", f"完成期限 {final.due} 已过，尚未达到要求", latest, final, alert=True)
    missed = [one for one in asks if one.due < as_of and not one.holds(latest.value)]
    if missed:
        return Standing(
            "behind", f"未达到 {missed[-1].due} 的分年要求（{missed[-1].asked:g}）", latest, following, True
        )
    first = known[0]
    if first.day == latest.day:
        return Standing("not_due", "只有一个日期的数值，不判断进度", latest, following, _soon(following, as_of))
    ahead = projected(first, latest, following.due)
    on_course = following.holds(ahead)
    words = f"{METHOD}（{following.due}）为 {ahead:.4g}，要求 {following.asked:g}"
    return Standing("on_course" if on_course else "behind", words, latest, following, not on_course)


def projected(first: Reading, last: Reading, day: date) -> float:
    """Return the value on a day of the straight line through two dated values."""
    per_day = (last.value - first.value) / (last.day - first.day).days
    return last.value + per_day * (day - last.day).days


def _recurring(target: Target, known: Sequence[Reading], as_of: date, final: Requirement) -> Standing:
    """Judge a target that is asked anew in every period, by the period of the day and the one before."""
    months = PERIOD_MONTHS[target.recurrence]
    day = min(as_of, final.due)
    begins = period_begin(day, months)
    before = period_begin(begins - timedelta(days=1), months)
    ends = _after(begins, months) - timedelta(days=1)
    asked = Requirement(ends, final.asked, final.comparator)
    latest = known[-1] if known else None
    now = [one for one in known if one.day >= begins]
    if any(asked.holds(one.value) and one.complete for one in now):
        return Standing("met", f"本期（{begins} 至 {ends}）已达到要求", latest, asked)
    if as_of > final.due:
        state = "overdue" if now else "not_reported"
        return Standing(state, f"最后一期（{begins} 至 {ends}）没有达到要求的数值", latest, asked, alert=True)
    previous = [one for one in known if before <= one.day < begins]
    if not previous:
        return Standing("not_reported", f"上一期（{before} 起）没有数值", latest, asked, _soon(asked, as_of))
    if not any(asked.holds(one.value) and one.complete for one in previous):
        return Standing("behind", f"上一期（{before} 起）没有达到要求", latest, asked, alert=True)
    return Standing("not_due", f"上一期已达到要求，本期到 {ends}", latest, asked, _soon(asked, as_of))


def period_begin(day: date, months: int) -> date:
    """Return the first day of the period of so many months (a divisor of 12) that a day lies in."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _after(begins: date, months: int) -> date:
    month = begins.month - 1 + months
    return date(begins.year + month // 12, month % 12 + 1, 1)


def _soon(one: Requirement, as_of: date) -> bool:
    """Return whether something is due within :data:`ALERT_DAYS`."""
    return 0 <= (one.due - as_of).days <= ALERT_DAYS


def _few(latest: Reading) -> str:
    return f"应报 {latest.expected} 个单位，只报了 {latest.reported} 个；已报的达到要求"
