"""The rules of the house, read from the source itself: who imports whom, where SQL and environment may be, sizes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHAIN = ("geodata", "layers", "callbacks", "dashboard")
SOURCES = sorted(path for package in CHAIN for path in (ROOT / package).rglob("*.py"))
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
SQL_FILES = {f"geodata/{name}.py" for name in ("store", "tables", "transaction", "scenario_store", "filing_store")}
"""Versions, the tables, what both sides share (one writer at a time, errors in Chinese), scenarios, and filings."""
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
OUTSIDE = re.compile(
    r"(?:cdn\.|unpkg|jsdelivr|cdnjs|googleapis|gstatic|bootcdn|staticfile|openstreetmap\.org/\{|mapbox\.com)", re.I
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: relative import"
            found.add(node.module or "")
    return found


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 60


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_imports_only_from_its_own_package_and_those_to_its_left(path: Path) -> None:
    right = CHAIN[CHAIN.index(path.relative_to(ROOT).parts[0]) + 1 :]
    used = {module.split(".")[0] for module in imports(path)}
    assert not used & {*right, "tests", "benchmarks"}


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path) not in SQL_FILES], ids=name)
def test_sql_is_only_in_the_store(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            assert {alias.name for alias in node.names} <= {"Engine"}, "only the type of the store may be named"
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"sqlalchemy", "sqlite3", "psycopg"}


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path) != "dashboard/settings.py"], ids=name)
def test_the_environment_is_read_only_in_the_settings(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"))
        assert not (isinstance(node, ast.ImportFrom) and {a.name for a in node.names} & {"environ", "getenv"})


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_and_functions_stay_small_and_are_named_for_what_they_do(path: Path) -> None:
    assert path.stem not in BANNED_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or 0) - node.lineno + 1
            spoken = len((ast.get_docstring(node, clean=False) or "").splitlines())
            assert length - spoken <= LONGEST_FUNCTION, f"{node.name} has {length - spoken} lines"


def shipped() -> list[Path]:
    """Scripts, styles and code that ship and are our own, not the bundled libraries."""
    own = [p for p in (ROOT / "assets").rglob("*") if p.suffix in (".js", ".css", ".html") and "lib" not in p.parts]
    return [*SOURCES, *own]


@pytest.mark.parametrize("path", shipped(), ids=name)
def test_nothing_that_ships_loads_from_elsewhere(path: Path) -> None:
    assert not OUTSIDE.search(path.read_text(encoding="utf-8"))


def test_every_page_and_subcommand_is_registered_without_import_effects() -> None:
    """No callback is bound at module level: it would belong to the first app of the process only."""
    for path in SOURCES:
        for node in tree(path).body:
            decorators = [ast.unparse(d) for d in getattr(node, "decorator_list", [])]
            assert not any(re.match(r"(dash\.)?(callback|clientside_callback)\b", d) for d in decorators), name(path)
