"""The choosers of rule and edition: what they offer, and the clause of the chosen rule in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from callbacks.captions import STATUS_COLOURS, STATUS_HELP, status_title
from callbacks.gaps_words import amount
from geodata.city import City
from geodata.elements import Element
from geodata.rule_record import COMPARATORS
from geodata.standards import Edition, Rule, all_rules, rule
from layers.query import Query

ALL = "all"
IN_FORCE = "in_force"
ALL_TITLE = "全部应达标规定"
OF_ELEMENTS, OWN = "服务要素目录", "elements"
KINDS: dict[str, str] = {
    "area_per_100_households": "综合服务设施",
    "largest_area": "综合服务设施",
    "floor_share": "综合服务设施",
    "activity_share": "综合服务设施",
    "functions": "综合服务设施",
    "count": "站点",
    "adjacency": "站点",
    "register": "组织与人员",
    "grid_workers": "组织与人员",
    "least_area": "最小面积",
    "area_per_1000": "千人指标",
    "places_per_1000": "千人指标",
    "served_people": "服务人口",
    "reached_share": "步行可达",
}
"""What kind of thing a rule of a measure asks for, in the order of the chooser."""

Options = list[dict[str, Any]]


@dataclass(frozen=True)
class ClauseText:
    """What is said of the chosen rule: one line with its clause, the quote, and the title of the drawer.

    ``badges`` are (words, colour): how sure the figure is, and its qualifier where it has one; ``body`` is what the
    drawer says where no single rule is asked for (that of a rule is :func:`layers.gaps.cards.gap_card`).
    """

    badges: tuple[tuple[str, str], ...]
    line: str
    quote: str
    title: str
    body: str = ""


def editions_of(city: City) -> dict[str, Edition]:
    """Return the editions of the city's standards by their key."""
    return {one.key: one for one in city.standards.editions}


def rules_of(city: City, query: Query) -> tuple[Rule, ...]:
    """Return the rules in the editions of the question."""
    return all_rules(city.standards, city.catalogue, query.editions())


def chosen_rule(city: City, query: Query) -> Rule | None:
    """Return the rule of the question; None when it asks for all required ones."""
    return None if query.rule == ALL else rule(rules_of(city, query), query.rule)


def edition_title(city: City, key: str) -> str:
    """Return the short name of an edition."""
    found = editions_of(city).get(key)
    return found.title if found else OF_ELEMENTS


def kind(one: Rule) -> str:
    """Return what kind of thing a rule asks for."""
    return KINDS.get(one.measure, "其他")


def rule_options(city: City, query: Query) -> Options:
    """Return the rules for the chooser: all required ones first, then by edition and kind, each with its status."""
    rules = rules_of(city, query)
    places = {key: place for place, key in enumerate(editions_of(city))}
    kinds = {title: place for place, title in enumerate(dict.fromkeys([*KINDS.values(), "其他"]))}

    def order(one: Rule) -> tuple[int, int]:
        return places.get(one.edition, len(places)), kinds[kind(one)]

    whole = sum(one.required for one in rules)
    first = {"value": ALL, "label": ALL_TITLE, "words": "全部 all qb", "hint": f"共 {whole} 条，逐条判定后汇总"}
    groups = [
        {
            "group": f"{edition_title(city, own[0].edition)} · {kind(own[0])}",
            "items": [_option(city, one) for one in own],
        }
        for _, found in groupby(sorted(rules, key=order), key=order)
        for own in [list(found)]
    ]
    return [{"group": "汇总", "items": [first]}, *groups]


def _option(city: City, one: Rule) -> dict[str, Any]:
    names = {element.key: element for element in city.catalogue.elements}
    words = [one.key, one.title, *(_words(names[key]) for key in one.elements if key in names)]
    return {
        "value": one.key,
        "label": one.title,
        "hint": f"{asked_text(one)}　{shortened(one.clause)}",
        "status": status_title(one.status),
        "colour": STATUS_COLOURS.get(one.status, "gray"),
        "qualifier": one.qualifier,
        "words": " ".join(words),
    }


def shortened(text: str, most: int = 26) -> str:
    """Return the beginning of a text that is too long for a line."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _words(element: Element) -> str:
    return " ".join([element.name, *element.aliases])


def asked_text(one: Rule) -> str:
    """Return what a rule asks for, as in 不低于 30 ㎡/百户."""
    return f"{COMPARATORS.get(one.comparator, one.comparator)} {amount(one.asked, one.unit)}"


def edition_options(city: City, query: Query) -> Options:
    """Return the choices of editions: those in force, and each other one in place of what replaced it, or besides."""
    options = [{"value": IN_FORCE, "label": "现行版本"}]
    for one in city.standards.editions:
        if one.key not in city.standards.in_force:
            chosen = instead(city, one.key)
            word = "另加" if set(city.standards.in_force) <= set(chosen) else "改用"
            options.append({"value": ",".join(chosen), "label": f"{word}：{one.title}"})
    if query.edition and query.edition not in {option["value"] for option in options}:
        names = "、".join(edition_title(city, key) for key in query.editions())
        options.append({"value": query.edition, "label": f"自选：{names}"})
    return options


def instead(city: City, key: str) -> tuple[str, ...]:
    """Return the editions in force with ``key``, without those that are of the same document or that replaced it."""
    known = editions_of(city)
    own = known[key]
    kept = [
        other
        for other in city.standards.in_force
        if known[other].document != own.document and known[other].replaces != key
    ]
    return (*kept, key)


def changed_rule(query: Query, chosen: str | None) -> dict[str, Any] | None:
    """Return the change of the question that the chooser of rules asks for; None when it asks for nothing new."""
    return None if not chosen or chosen == query.rule else {"rule": chosen}


def changed_edition(city: City, query: Query, chosen: str | None) -> dict[str, Any] | None:
    """Return the change that the chooser of editions asks for; a rule the other edition lacks gives way to all."""
    edition = "" if chosen == IN_FORCE else chosen or ""
    if chosen is None or edition == query.edition:
        return None
    before = chosen_rule(city, query)
    after = rules_of(city, query.but(edition=edition))
    same = [one for one in after if before and before.key == one.key]
    like = [one for one in after if before and before.about == one.about]
    return {"edition": edition, "rule": (same or like)[0].key if same or like else ALL}


def clause_text(city: City, query: Query) -> ClauseText:
    """Return what is said of the chosen rule, or of all of them."""
    one = chosen_rule(city, query)
    if one is None:
        return _all_text(city, query)
    found = editions_of(city).get(one.edition)
    badges = [(status_title(one.status), STATUS_COLOURS.get(one.status, "gray"))]
    badges += [(one.qualifier, "gray")] if one.qualifier else []
    where = one.clause if found is None or found.key == OWN else f"{found.document}{one.clause}"
    quote = f"“{one.quote}”" if one.quote else "（原文未收录）"
    return ClauseText(tuple(badges), f"{asked_text(one)}　{where}", quote, f"{one.title}：条款与出处")


def _all_text(city: City, query: Query) -> ClauseText:
    rules = [one for one in rules_of(city, query) if one.required]
    sure = sum(one.status in ("verified", "corroborated") for one in rules)
    shown = dict.fromkeys(edition_title(city, one.edition) for one in rules)
    lines = [f"· {one.title}（{asked_text(one)}；{status_title(one.status)}）" for one in rules]
    return ClauseText(
        ((f"{sure} 条已核对或有旁证", "teal"), (f"{len(rules) - sure} 条未核实", "orange")),
        f"{ALL_TITLE}，共 {len(rules)} 条",
        f"依据：{'、'.join(shown)}",
        f"{ALL_TITLE}：条款与出处",
        "\n".join([*lines, "", STATUS_HELP]),
    )
