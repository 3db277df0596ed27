"""How the command line speaks: Chinese help and messages, exit codes, UTF-8, and no fuss about a closed pipe."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from geodata.errors import GeodataError, UnknownKey

SECTIONS = {"Options": "选项", "Commands": "命令"}
EXTRAS = ((re.compile(r"\[default: \(?([^\]]*?)\)?\]"), r"[默认 \1]"), (re.compile(r"\[required\]"), "[必填]"))
KINDS = {"TEXT": "文字", "FLOAT": "数", "INTEGER": "整数", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 …"}
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"No such option:? (\S+?)\.?(?= |$)", r"没有选项 \1。"),
        (r"No such command (.+?)\.(?= |$)", r"没有命令 \1。"),
        (r"\(?Did you mean (?:one of: )?(.*?)\?\)?$", r"是否要用 \1"),
        (r"\(Possible options: (.*)\)", r"是否要用 \1"),
        (r"Missing option (.*?)\.(?= |$)", r"缺少选项 \1。"),
        (r"Missing argument (.*?)\.(?= |$)", r"缺少参数 \1。"),
        (r"Missing command\.", "缺少命令。"),
        (r"Choose from:\s*(.*)", r"可用 \1"),
        (r"Got unexpected extra arguments? \((.*)\)", r"多出的参数 \1"),
        (r"Option (.*?) requires an argument\.", r"选项 \1 后缺少内容。"),
        (r"Option (.*?) does not take a value\.", r"选项 \1 后不应有内容。"),
        (r"Invalid value for (.*?): ", r"选项 \1 的内容不可用："),
        (r"Invalid value: ", "内容不可用："),
        (r"(\S+) is not a valid (?:float|integer)(?: range)?\.", r"\1 不是数。"),
        (r"(\S+) is not one of (.*)\.", r"\1 不在可用的 \2 之中。"),
        (r"(\S+) is not in the range (.*)\.", r"\1 不在范围 \2 之内。"),
    )
)


class SpokenFormatter(click.HelpFormatter):
    """Help with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        del prefix
        super().write_usage(prog, _kinds(args), prefix="用法：")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f"{'':>{self.current_indent}}{SECTIONS.get(heading, heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options with their meaning."""
        told = [(_kinds(left), "显示此帮助并退出。" if left == "--help" else _extras(right)) for left, right in rows]
        super().write_dl(told, col_max, col_spacing)


class SpokenContext(click.Context):
    """A context whose help has Chinese headings."""

    formatter_class = SpokenFormatter


class SpokenCommand(click.Command):
    """A subcommand whose help has Chinese headings."""

    context_class = SpokenContext


class SpokenGroup(click.Group):
    """A group that tells errors in Chinese on the standard error and exits with 0, 1 or 2."""

    context_class = SpokenContext

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; that nobody reads its output any more is no failure."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]  # click types it by overloads
        """Run the command line and exit."""
        _speak_utf8()
        standalone = extra.pop("standalone_mode", True)
        try:
            code = super().main(args, prog_name or "yikezhong", standalone_mode=False, **extra)
        except click.ClickException as error:
            code = _tell(_spoken(error), 2 if isinstance(error, click.UsageError) else error.exit_code)
        except GeodataError as error:
            code = _tell(str(error), 2 if isinstance(error, UnknownKey) else 1)
        except click.Abort:
            code = _tell("已中断。", 1)
        if standalone:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def say(text: str) -> None:
    """Write a message for the user on the standard error."""
    click.echo(text, err=True)


def _tell(text: str, code: int) -> int:
    say(text)
    return code


def _spoken(error: click.ClickException) -> str:
    """Return the message of a wrong call in Chinese, with the way to the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    text = error.format_message().replace("' / '", "/").replace("'", "")
    for pattern, instead in PHRASES:
        text = pattern.sub(instead, text)
    ctx = getattr(error, "ctx", None)
    return f"{text.strip()}\n用法见 {ctx.command_path} --help" if ctx else text


def _kinds(text: str) -> str:
    for kind, instead in KINDS.items():
        text = re.sub(rf"(?<!\w){re.escape(kind)}(?!\w)", instead, text)
    return text


def _extras(text: str) -> str:
    for pattern, instead in EXTRAS:
        text = pattern.sub(instead, text)
    return text.replace("; required]", "；必填]")


def _speak_utf8() -> None:
    """Make the standard streams UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", "") or "").replace("-", "").lower()
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def _drop_output() -> None:
    """Let the interpreter flush into nothing at its end, since nobody reads any more."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
