"""口径卡 of gaps: what a figure about a rule rests on, from its clause to the rows that count."""

from __future__ import annotations

from geodata.city import City
from geodata.element_fields import STATUSES
from geodata.rule_record import RULE_LEVELS, Rule
from geodata.standards import Edition, edition
from layers.captions import provisos, sources
from layers.definitions import Card, group_text, walker_text
from layers.gaps.facts import asked_words, element_name
from layers.gaps.judge import OWN_LEVELS, asked_rules, judged
from layers.gaps.judged import VERDICTS
from layers.gaps.measures import asked_group, measure
from layers.gaps.sentences import OF_ELEMENTS
from layers.gaps.words import gap_run
from layers.query import Query
from layers.run import code_version
from layers.sweep import counting

EXACT = "按乘积比较（现有 × 基数 与 规定 × 基数，舍入到百万分之一），恰好等于规定值时“不少于”算达标、“大于”不算"


SETTINGS: dict[str, str] = {
    "minutes": "步行分钟",
    "distance_m": "距离（米）",
    "new_since": "新建起始年份",
    "functions": "功能数",
    "core": "核心功能数",
    "land": "按用地面积",
}


def gap_card(city: City, query: Query, rule: Rule) -> Card:
    """Return everything the judgements of a rule rest on, in words; the value is how many fail of those judged."""
    one = judged(city, query, rule)
    count = {verdict: int((one.verdict == verdict).sum()) for verdict in VERDICTS}
    settled, how = count["pass"] + count["fail"], measure(rule)
    told = "，".join(f"{VERDICTS[verdict]} {n:,} 个" for verdict, n in count.items() if n)
    about = edition(city.standards, rule.edition)
    asked = query.but(rule=rule.key)
    rows = [
        ("结论", f"按{RULE_LEVELS[rule.level]}判定：{told or '没有可判定的单元'}"),
        ("要求", f"{asked_words(rule)}{f'（原文为“{rule.qualifier}”）' if rule.qualifier else ''}"),
        ("依据", rule.clause if rule.edition == OF_ELEMENTS else f"{_document(about)}{rule.clause}"),
        *([("原文", rule.quote)] if rule.quote else []),
        ("核实状态", STATUSES.get(rule.status, "未核实")),
        ("计算公式", f"{how.title} = {how.formula}"),
        ("公式依据", how.source),
        ("缺口", "规定的数量 − 现有数量，不小于零" if rule.comparator != "<=" else "现有数量 − 规定的上限，不小于零"),
        ("比较方法", EXACT),
        ("适用范围", _scope(rule)),
        *([("计入的服务要素", _elements(city, query, rule))] if rule.elements else []),
        *(
            [("设置项", "、".join(f"{SETTINGS.get(name, name)} = {value:g}" for name, value in rule.settings.items()))]
            if rule.settings
            else []
        ),
        *(
            [("步行者", walker_text(query)), ("人群", group_text(query.but(group=asked_group(rule, query))))]
            if how.walks
            else []
        ),
        ("责任单位", "、".join(rule.bureaus) or "条款未列"),
        *([("说明", rule.note)] if rule.note else []),
        ("数据版本", city.version),
        ("计算编号", f"{gap_run(city, asked)}（程序版本 {code_version()}）"),
        ("数据来源", sources(city)),
        *(("提示", words) for words in provisos(city)),
    ]
    return Card(rule.title, f"不达标 {count['fail']:,} / 已判定 {settled:,}", tuple(rows))


def gap_cards(city: City, query: Query) -> tuple[Card, ...]:
    """Return the card of every rule the question is about."""
    return tuple(gap_card(city, query, rule) for rule in asked_rules(city, query))


def _document(about: Edition) -> str:
    return f"{about.document}（{'，'.join(filter(None, (about.version, about.effective)))}）"


def _scope(rule: Rule) -> str:
    if rule.level not in OWN_LEVELS:
        kind = {True: "按其中的城市社区计", False: "按其中的农村社区计", None: "全部"}[rule.urban]
        return f"{RULE_LEVELS[rule.level]}；{kind}"
    kinds = {True: "城市社区", False: "农村（村）", None: "城市社区和农村"}
    since = f"，{rule.settings.get('new_since', 0):.0f} 年及以后建成的（缺少建成年份的不作判断）" if rule.new else ""
    return f"{kinds[rule.urban]}{since}"


def _elements(city: City, query: Query, rule: Rule) -> str:
    own = [element_name(city, key) for key in rule.elements]
    more = {one for key in rule.elements for one in counting(city, key, inclusive=query.inclusive)} - {*rule.elements}
    above = (
        f"；上级设施也计入（用户选择）：{'、'.join(element_name(city, key) for key in sorted(more))}" if more else ""
    )
    return f"{'、'.join(own)}{above}"
