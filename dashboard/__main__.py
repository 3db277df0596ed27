"""The command ``yikezhong``: what scripts and other programs may rely on.

Data go to the standard output, messages and progress to the standard error. It exits with 0 when all went well, 2 when
it was called wrongly, 1 when data were refused.
"""

from __future__ import annotations

from importlib import import_module

import click

from dashboard.commands import SUBCOMMANDS
from dashboard.commands.console import Console
from dashboard.commands.spoken import SpokenGroup
from dashboard.settings import SETTINGS, read_settings
from geodata.errors import GeodataError
from layers.run import code_version


class Subcommands(SpokenGroup):
    """The group that loads a subcommand's module when it is asked for, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words in the order of the table."""
        del ctx
        return [known.word for known in SUBCOMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one."""
        del ctx
        for known in SUBCOMMANDS:
            if known.word == cmd_name:
                command = import_module(f"dashboard.commands.{known.module}").command
                assert isinstance(command, click.Command)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without loading them, and the environment variables."""
        del ctx
        with formatter.section("命令"):
            formatter.write_dl([(known.word, known.help) for known in SUBCOMMANDS])
        with formatter.section("环境变量"):
            formatter.write_dl([(setting.name, setting.help) for setting in SETTINGS])


HELP = """一刻钟便民生活圈：步行可达的计算、地图和导出。

数据写到标准输出，提示写到标准错误；成功返回 0，数据被拒绝返回 1，用法有误返回 2。
"""


@click.group(cls=Subcommands, help=HELP)
@click.option("--store", metavar="URL", help="数据仓库：文件路径、sqlite:///文件 或 postgresql://…")
@click.version_option(
    code_version(), prog_name="yikezhong", message="%(prog)s %(version)s", help="显示程序版本并退出。"
)
@click.pass_context
def main(ctx: click.Context, store: str | None) -> None:
    """Read the settings and hand them to the subcommand."""
    try:
        ctx.obj = Console(read_settings(store=store))
    except GeodataError as error:
        raise click.UsageError(str(error)) from error


if __name__ == "__main__":
    main(prog_name="yikezhong")
