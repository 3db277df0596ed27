"""A complex of several functions under one roof: what its rule, of the standards in force, asks of it."""

from __future__ import annotations

from geodata.city import City
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.rule_record import Rule
from geodata.standards import all_rules
from layers.siting.ask import Ask


def functions_of(city: City, ask: Ask) -> tuple[tuple[str, float], ...]:
    """Return the elements that one new facility serves, with their weights; the element asked for comes first.

    Raises
    ------
    GeodataError
        An element is named twice, or the functions are not enough for the rule of complexes.
    """
    first = element(city.catalogue, ask.element)
    found = [(first.key, 1.0), *((element(city.catalogue, key).key, weight) for key, weight in ask.also)]
    keys = [key for key, _ in found]
    if len(set(keys)) < len(keys):
        raise GeodataError("综合体的同一项功能出现了两次；每项服务要素只写一次。")
    rule = complex_rule(city)
    if ask.also and rule is not None:
        _check(city, rule, keys)
    return tuple(found)


def complex_rule(city: City) -> Rule | None:
    """Return the first rule of complexes among the editions in force; None where there is none."""
    rules = all_rules(city.standards, city.catalogue)
    return next((rule for rule in rules if rule.measure == "functions"), None)


def least_complex_m2(city: City, ask: Ask, wanted: float | None) -> float | None:
    """Return the least floor area of the complex asked for, ㎡: that of its rule unless a larger one is wanted.

    Raises
    ------
    GeodataError
        A smaller one is wanted.
    """
    rule = complex_rule(city)
    if rule is None:
        return wanted
    if wanted is not None and wanted < rule.asked and ask.min_area_m2 != "standard":
        raise GeodataError(
            f"综合体面积不少于 {rule.asked:g} ㎡（{rule.clause}），要求的最小面积只有 {wanted:g} ㎡；请改为不小于该数。"
        )
    return rule.asked if wanted is None else max(wanted, rule.asked)


def _check(city: City, rule: Rule, keys: list[str]) -> None:
    named = {one.key: one.name for one in city.catalogue.elements}
    for title, of, least in (
        ("功能", rule.functions, int(rule.settings.get("functions", 0))),
        ("核心功能", rule.core, int(rule.settings.get("core", 0))),
    ):
        held = [key for key in keys if key in of]
        if len(held) < least:
            known = "、".join(named.get(key, key) for key in of)
            raise GeodataError(
                f"综合体至少 {least} 项{title}（{rule.title}），现有 {len(held)} 项；可计入的{title}：{known}。"
            )
