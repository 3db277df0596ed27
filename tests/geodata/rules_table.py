"""The tables of docs/methods.md that list editions and rules, made from what ships; run as a module it writes them."""

from __future__ import annotations

import re
from pathlib import Path

from geodata.elements import load_catalogue
from geodata.rule_record import COMPARATORS, RULE_LEVELS, Rule
from geodata.standards import all_rules, load_standards

DOCUMENT = Path(__file__).parents[2] / "docs" / "methods.md"


def tables() -> dict[str, str]:
    """Return each table by the name in its marks."""
    standards = load_standards()
    editions = ["| edition | document | version | in force from | status | |", "|---|---|---|---|---|---|"]
    for e in standards.editions:
        used = "" if e.key in standards.in_force else "only when asked for"
        editions.append(f"| `{e.key}` | {e.document} | {e.version} | {e.effective} | {e.status} | {used} |")
    rules = ["| rule | edition, clause | of whom | measure | asks | status |", "|---|---|---|---|---|---|"]
    rules += [_row(rule) for rule in standards.rules]
    kinds = ["| kind | rules | figure from | level | status |", "|---|---|---|---|---|"]
    derived = all_rules(standards, load_catalogue())
    for how in standards.derivations:
        made = [rule for rule in derived if rule.key.startswith(f"{how.kind}.")]
        level = "circle" if how.level == "circle" else RULE_LEVELS[how.level]
        statuses = ", ".join(sorted({rule.status for rule in made}))
        kinds.append(f"| `{how.kind}.…` | {len(made)} | {FIGURES[how.kind]} | {level} | {statuses} |")
    return {"editions": "\n".join(editions), "rules": "\n".join(rules), "derived": "\n".join(kinds)}


FIGURES: dict[str, str] = {
    "reach": "`minutes`, and the asked share (`derived.asked`, 0.9, chosen by this project)",
    "least_area": "`least_area_m2`, else the lower end of `area_building_m2`",
    "per_1000": "the lower end of `per_1000_building_m2`, `capacity.places_per_1000_people_2025`",
    "served": "the upper end of `service_population`",
    "one_per": "`one_per`, `one_per_in`",
    "per_1000_total": "table `per_1000_totals`, lower ends of `building`",
}


def _row(rule: Rule) -> str:
    whom = [RULE_LEVELS[rule.level]]
    whom += [] if rule.urban is None else ["urban" if rule.urban else "rural"]
    whom += ["new"] if rule.new else []
    asked = f"{100 * rule.asked:g} %" if rule.unit == "%" else f"{rule.asked:g} {rule.unit}"
    more = "".join(f"; `{name}` {value:g}" for name, value in rule.settings.items())
    wish = f" ({rule.qualifier})" if rule.qualifier else ""
    asks = f"{COMPARATORS[rule.comparator]} {asked}{wish}{more}"
    needed = "" if rule.required else ", not counted in all required"
    return (
        f"| `{rule.key}` {rule.title} | {rule.edition}, {rule.clause} | {', '.join(whom)} | `{rule.measure}` | {asks} "
        f"| {rule.status}{needed} |"
    )


def filled(text: str) -> str:
    """Return the document's text with every table between its marks as the records have it now."""
    for name, table in tables().items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda mark, table=table: mark[1] + table + "\n" + mark[2], text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")
