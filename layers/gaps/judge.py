"""Judgements: for each rule and each unit, grid or facility it is about, what is asked, what is there, what is missing.

Whether a rule is satisfied is decided on products rounded to a millionth, not on quotients: ``amount × per`` against
``asked × base``. So 30 ㎡ in 300 ㎡ is exactly 10 % whatever binary fractions make of it: "at least 10 %" is satisfied
then, but not "more than 10 %".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.rule_record import Rule
from geodata.standards import all_rules
from geodata.standards import rule as rule_named
from layers.gaps.judged import Judged
from layers.gaps.measured import Measured, Values, Words
from layers.gaps.measures import Measure, measure
from layers.gaps.sentences import sentences
from layers.gaps.subjects import Subjects, subjects
from layers.memo import remembered
from layers.query import Query

ALL = "all"
DECIMALS = 6
EDGE = 10.0**-DECIMALS
"""The gap, in the rule's unit, of what lies exactly at a threshold that has to be exceeded."""
WHERE = ("code", "name", "level", "community", "township", "county")
WHO = ("people", "households", "older", "children")
OWN_LEVELS = ("community", "grid", "facility")
"""Levels at which a rule can be for urban or rural, new or old communities only; above them it selects communities."""
HOLDS: dict[str, Callable[[Values, Values], NDArray[np.bool_]]] = {
    ">=": lambda have, need: have >= need,
    ">": lambda have, need: have > need,
    "==": lambda have, need: have == need,
    "<=": lambda have, need: have <= need,
}


def rules_in(city: City, query: Query) -> tuple[Rule, ...]:
    """Return the rules of the editions that the question names, or of those in force.

    Raises
    ------
    UnknownKey
        An edition is not in the city's standards.
    """
    return all_rules(city.standards, city.catalogue, query.editions())


def asked_rules(city: City, query: Query) -> tuple[Rule, ...]:
    """Return the rules the question is about: the one it names (by key, title or subject), or every required one.

    Raises
    ------
    UnknownKey
        The rule or an edition is unknown.
    """
    rules = rules_in(city, query)
    return tuple(one for one in rules if one.required) if query.rule == ALL else (rule_named(rules, query.rule),)


def judgements(city: City, query: Query) -> pd.DataFrame:
    """Return one row per rule and unit (grid, facility) it is judged for.

    Columns
    -------
    rule, title, edition : key and title of the rule, key of its edition
    code, name, level, community, township, county : whom it is judged for, and the codes of where that lies
    asked, comparator, unit : what the rule asks; with the unit ``%`` figures are shares of one
    present, gap : what is there and what is missing, in that unit; the gap is never negative, 0 when the figure is
        satisfied, NaN when there is no verdict
    absolute_gap, absolute_unit : what is missing altogether (㎡, 处, 人 …), which can be added up over units
    verdict : pass, fail, unknown, exempt or none (see :data:`~layers.gaps.judged.VERDICTS`)
    missing : in Chinese, what is lacking for a verdict, or to know the amount in full
    people, households, older, children : of the unit (of the community a facility lies in); NaN where not known
    clause, status, qualifier, bureau : of the rule; several bureaus parted by 、
    sentence : all of it in words, for a report

    Raises
    ------
    GeodataError
        The rule or an edition is unknown, or a rule cannot be measured.
    """
    return _judgements(city, _asked(query)).copy(deep=False)


@remembered(most=3)
def _judgements(city: City, query: Query) -> pd.DataFrame:
    return table_of(city, query, judged_rules(city, query))


def table_of(city: City, query: Query, made: Iterable[Judged]) -> pd.DataFrame:
    """Return the rows of rules that are judged already, with their sentences (see :func:`judgements`)."""
    listed = list(made)
    frame = _joined(listed)
    words = [sentence for one in listed for sentence in sentences(city, query, one)]
    return frame.assign(sentence=pd.array(words, dtype="str"))


def verdicts(city: City, query: Query) -> pd.DataFrame:
    """Return :func:`judgements` without their sentences."""
    return _joined(judged_rules(city, query))


def _asked(query: Query) -> Query:
    """Return only what gaps depend on."""
    asked = Query(walker=query.walker, group=query.group, speed_m_s=query.speed_m_s, inclusive=query.inclusive)
    return asked.but(rule=query.rule, edition=query.edition)


def judged_rules(city: City, query: Query) -> tuple[Judged, ...]:
    """Return every rule the question is about, judged."""
    return tuple(judged(city, query, one) for one in asked_rules(city, query))


def judged(city: City, query: Query, rule: Rule) -> Judged:
    """Judge one rule; only what it depends on of the question is looked at."""
    asked = Query(inclusive=query.inclusive)
    if measure(rule).walks:
        asked = asked.but(walker=query.walker, group=query.group, speed_m_s=query.speed_m_s)
    return _judged(city, rule, tuple(sorted(rule.settings.items())), asked)


@remembered(most=512)
def _judged(city: City, rule: Rule, settings: tuple[tuple[str, float], ...], query: Query) -> Judged:
    del settings  # they are part of the rule, but not of its hash
    how, at = measure(rule), subjects(city, rule.level, rule.elements)
    found = how.compute(city, rule, query, at)
    excluded, doubtful = _scope(rule, at)
    have, need = np.round(found.amount * found.per, DECIMALS), np.round(rule.asked * found.base, DECIMALS)
    empty = (found.base == 0) & (rule.comparator != "<=")
    lacking = found.missing != ""
    with np.errstate(invalid="ignore"):
        holds = HOLDS[rule.comparator](have, need)
    enough = holds if found.also is None else holds & found.also
    bounded = lacking & holds & (rule.comparator in (">=", ">")) & np.isfinite(have) & np.isfinite(need)
    why = np.where(doubtful != "", doubtful, found.missing)
    verdict = np.select(
        [excluded != "", np.full(at.count, np.isnan(rule.asked)), doubtful != "", empty, lacking & ~bounded],
        ["exempt", "none", "unknown", "exempt", "unknown"],
        default=np.where(enough, "pass", "fail"),
    ).astype(object)
    why = np.where(excluded != "", excluded, np.where(empty & (doubtful == ""), found.nobody, why))
    settled = np.isin(verdict, ("pass", "fail"))
    gap, absolute = _gaps(rule, how, found, have=have, need=need, holds=holds)
    known = settled | (np.isin(verdict, ("none",)) & ~lacking)
    return Judged(
        rule, at, found, verdict, _where(known, _present(found)), _where(settled, gap), _where(settled, absolute),
        why.astype(object), bounded & settled,
    )  # fmt: skip


def _scope(rule: Rule, at: Subjects) -> tuple[Words, Words]:
    """Return for each subject why the rule does not apply, and what is lacking to know; "" where it applies.

    Whether a community is new is not guessed: without a year of completion that is unknown, not exempt, because a new
    community could hide among them.
    """
    excluded, doubtful = (np.full(at.count, "", dtype=object) for _ in range(2))
    if at.level not in OWN_LEVELS:
        return excluded, doubtful
    if rule.urban is not None:
        urban = at.frame["urban"].to_numpy(np.float64)
        other = "农村，本条只对城市社区" if rule.urban else "城市社区，本条只对农村"
        doubtful[np.isnan(urban)] = "是否城市社区"
        excluded[np.isfinite(urban) & (urban != rule.urban)] = other
    if rule.new is not None:
        year, since = at.frame["built_year"].to_numpy(np.float64), rule.settings["new_since"]
        old = np.isfinite(year) & ((year >= since) != rule.new)
        doubtful[np.isnan(year) & (doubtful == "")] = "建成年份"
        excluded[old & (excluded == "")] = f"{since:.0f} 年{'以前' if rule.new else '及以后'}建成，本条不适用"
    return excluded, doubtful


def _present(found: Measured) -> Values:
    present = np.full(len(found.amount), np.nan)
    np.divide(found.amount * found.per, found.base, out=present, where=found.base > 0)
    return present


def _gaps(
    rule: Rule, how: Measure, found: Measured, *, have: Values, need: Values, holds: NDArray[np.bool_]
) -> tuple[Values, Values]:
    """Return what is missing in the rule's unit and altogether; 0 where the figure is satisfied.

    ``<=`` (people per facility): the people beyond what each facility is for; without any facility all of them; and
    altogether the facilities missing, ⌈people ÷ asked⌉ − facilities.
    """
    base = np.where(found.base > 0, found.base, np.nan)
    if rule.comparator == "<=":
        over = np.where(found.base > 0, (have - need) / base, have)
        more = np.ceil(np.round(have / rule.asked, DECIMALS)) - found.base
        return np.where(holds, 0.0, over), np.where(holds, 0.0, more)
    short = np.abs(need - have) if rule.comparator == "==" else need - have
    least = EDGE if rule.comparator == ">" else 0.0
    gap = np.where(holds, 0.0, np.maximum(short / base, least))
    whole = gap * base / found.per if how.absolute else np.full(len(gap), np.nan)
    return gap, whole


def _where(known: NDArray[np.bool_], values: Values) -> Values:
    return np.where(known, values, np.nan)


def _joined(made: Sequence[Judged]) -> pd.DataFrame:
    """Return the rows of rules, one after the other; what is the same for a whole rule is written once and taken."""
    rules = [one.rule for one in made]
    row = np.repeat(np.arange(len(made)), [one.at.count for one in made])
    at = pd.concat([one.at.frame[[*WHERE, *WHO]] for one in made], ignore_index=True)

    def told(texts: Iterable[str]) -> Any:
        return pd.array(list(texts), dtype="str").take(row)

    def figures(name: str) -> Values:
        return np.concatenate([getattr(one, name) for one in made])

    verdict, why = figures("verdict"), figures("why")
    return pd.DataFrame(
        {
            "rule": told(rule.key for rule in rules),
            "title": told(rule.title for rule in rules),
            "edition": told(rule.edition for rule in rules),
            **{name: at[name] for name in WHERE},
            "asked": np.array([rule.asked for rule in rules])[row],
            "comparator": told(rule.comparator for rule in rules),
            "unit": told(rule.unit for rule in rules),
            "present": figures("present"),
            "gap": figures("gap"),
            "absolute_gap": figures("absolute"),
            "absolute_unit": told(measure(rule).absolute for rule in rules),
            "verdict": pd.array(verdict, dtype="str"),
            "missing": pd.array(np.where(verdict == "exempt", "", why), dtype="str"),
            **{name: at[name] for name in WHO},
            "clause": told(rule.clause for rule in rules),
            "status": told(rule.status for rule in rules),
            "qualifier": told(rule.qualifier for rule in rules),
            "bureau": told("、".join(rule.bureaus) for rule in rules),
        }
    )
