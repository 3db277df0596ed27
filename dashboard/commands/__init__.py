"""The subcommands of ``yikezhong``: one line each here, one file each beside; a file is loaded when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subcommand:
    """A subcommand: its word, one line of help, and the module here that holds its ``command``."""

    word: str
    help: str
    module: str


SUBCOMMANDS: tuple[Subcommand, ...] = (
    Subcommand("demo", "生成并发布合成的示例城市（晋中）", "demo"),
    Subcommand("import", "导入数据文件并发布为新的数据版本", "intake"),
    Subcommand("check", "检查数据文件，或检查数据仓库与路网", "check"),
    Subcommand("coverage", "输出某一要素的步行覆盖结果", "coverage"),
    Subcommand("ledger", "对账：服务半径覆盖与步行覆盖，及名义覆盖的原因", "ledger"),
    Subcommand("supply", "输出某一要素的供需结果（容量与需求）", "supply"),
    Subcommand("gaps", "输出缺口：按哪条规定、缺什么、缺多少、在哪里", "gaps"),
    Subcommand("site", "选址：新增设施放在哪里最好，好到什么程度，是否已证明", "site"),
    Subcommand("scenario", "方案：列出、查看、新建、应用，比较谁受益、谁受损", "scenario"),
    Subcommand("grids", "检查服务网格，生成修复草稿，输出网格需求", "grids"),
    Subcommand("robustness", "检验达标结论是否稳健，导出实地核实表", "robustness"),
    Subcommand("corrections", "读回实地核实表并发布更正，或列出已有的更正", "corrections"),
    Subcommand("targets", "规划目标看板：是否完成、由谁负责、依据什么", "targets"),
    Subcommand("stars", "评定每个生活圈的星级，导出或更换评价方案", "stars"),
    Subcommand("forms", "导出规划目标填报表（按责任单位或县）", "forms"),
    Subcommand("report", "读回填好的目标填报表，或列出填报记录", "report"),
    Subcommand("attribute", "变化归因：指标在两个数据版本之间为什么变化", "attribute"),
    Subcommand("export", "导出地图（HTML、PNG）或表格（CSV、XLSX）", "export"),
    Subcommand("serve", "启动网页服务", "serve"),
    Subcommand("elements", "查看、导出或更换服务要素目录", "elements"),
    Subcommand("standards", "查看、导出或更换缺口计算所依据的规则", "standards"),
    Subcommand("versions", "查看全部数据版本", "versions"),
)
