"""What lies beside the code: links that lead somewhere, names, what is declared and pinned."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TEXTS = (".py", ".md", ".yaml", ".yml", ".toml", ".ipynb", ".csv", "Makefile", "LICENSE")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


VAGUE = frozenset(
    "one ones found said asked told mine yours ours theirs known unknown who whom whose made kept "
    "given held shown seen taken left got gone meant wanted beside apart others other thing things "
    "it its them they these those this that here there now then some any such same most least few "
    "many much more less what which how why where when whether again already ever never still "
    "just like likely".split()
)
"""Names that say nothing of what they name."""


def bound_names(path: Path) -> list[str]:
    """Every name that a file binds: variables, parameters, functions and classes."""
    names = []
    for node in nodes(path):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.arg):
            names.append(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
    return names


def test_names_say_what_they_name() -> None:
    """Settings, columns and fields that files hold may be vague: a hundredth of all names."""
    paths = [path for room in ("bench", "predictors") for path in (ROOT / room).rglob("*.py")]
    names = [name.strip("_") for path in paths for name in bound_names(path)]
    vague = [name for name in names if name in VAGUE]
    assert len(vague) <= 0.01 * len(names), Counter(vague).most_common(20)


def test_every_link_between_pages_leads_to_a_file() -> None:
    broken = [
        (page.relative_to(ROOT).as_posix(), target)
        for page in PAGES
        for target in re.findall(r"\]\(([^):#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and not target.startswith("http")
    ]
    assert broken == []


def test_every_reference_that_a_page_names_is_there() -> None:
    missing = [
        (page.relative_to(ROOT).as_posix(), named)
        for page in PAGES
        for named in re.findall(r"results/reference/[\w./]+\w", page.read_text(encoding="utf-8"))
        if not (ROOT / named).exists()
    ]
    assert missing == []


def test_no_page_sends_a_reader_to_the_tests_or_the_tools() -> None:
    """Neither package is in the wheel; maintainers find theirs in CONTRIBUTING.md."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    sending = [
        page.relative_to(ROOT).as_posix()
        for page in pages
        if re.search(r"python -m (tests|tools)\.", page.read_text(encoding="utf-8"))
    ]
    assert sending == []


def test_nothing_that_is_kept_names_a_place_of_its_making() -> None:
    """Numbers of work orders and folders beside the repository mean nothing to a reader."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    place = re.compile(r"\bissues? #?\d|\.\./shar" + "ed", re.IGNORECASE)
    files = [ROOT / name for name in listed.split("\0") if name.endswith(TEXTS)]
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_file() and place.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert naming == []


def test_no_module_is_named_from_below() -> None:
    """What import-linter cannot see: modules that are imported by a name in a text."""
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"][::-1]
    floors = {name: floor for floor, layer in enumerate(layers) for name in re.split(r"\W+", layer)}
    climbs = []
    for path in (ROOT / "bench").rglob("*.py"):
        here = floors.get(
            path.relative_to(ROOT / "bench").parts[0].removesuffix(".py"), len(floors)
        )
        for node in nodes(path):
            named = isinstance(node, ast.Constant) and re.match(r"bench\.(\w+)", str(node.value))
            if named and floors.get(named[1], 0) > here:
                climbs.append((path.relative_to(ROOT).as_posix(), node.value))
    assert climbs == []


def imported() -> set[str]:
    """The distributions of what a run imports, early or late, beside Python's own and ours."""
    modules = set()
    for path in (path for top in ("bench", "predictors") for path in (ROOT / top).rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(str(node.module).partition(".")[0])
    homes = packages_distributions()
    foreign = modules - sys.stdlib_module_names - {"bench", "predictors"}
    return {canonicalize_name(home) for name in foreign for home in homes.get(name, [name])}


def declared(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(said).name) for said in requirements}


def test_a_run_imports_what_is_declared_and_no_less() -> None:
    needed = declared(PROJECT["project"]["dependencies"])
    on_request = declared(PROJECT["project"]["optional-dependencies"]["dask"])
    assert needed <= imported() <= needed | on_request


def test_no_lock_names_a_server() -> None:
    assert not [lock for lock in ROOT.glob("*.lock") if "://" in lock.read_text(encoding="utf-8")]


def test_the_lowest_lock_holds_what_is_promised_and_ci_tests_it() -> None:
    lock = (ROOT / "requirements-lowest.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==(\S+)", lock))
    for line in PROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
    # earlier ones let a configuration (CVE-2026-68508) or a template (CVE-2025-27516) run code
    assert (locked["hydra-core"], locked["jinja2"]) == ("1.3.6", "3.1.6")
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    commands = " ".join(step.get("run", "") for step in workflow["jobs"]["lowest"]["steps"])
    assert "--require-hashes -r requirements-lowest.lock" in commands
    assert "pytest" in commands


def code() -> list[Path]:
    return [path for top in ("bench", "predictors") for path in (ROOT / top).rglob("*.py")]


def test_every_sort_by_one_key_is_stable() -> None:
    """Numpy's default sort leaves ties in an order that depends on the processor."""
    unstable = []
    for path in code():
        for node in nodes(path):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            by = node.args[0] if node.args else None
            several_keys = isinstance(by, ast.List) and len(by.elts) > 1  # sorted stably anyway
            sorts = node.func.attr in {"argsort", "sort_index"}
            sorts = sorts or (node.func.attr == "sort_values" and not several_keys)
            if sorts and "stable" not in {ast.unparse(word.value)[1:-1] for word in node.keywords}:
                unstable.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert unstable == []


def test_no_draw_is_made_along_eigenvectors() -> None:
    """Their signs, and their rotation where variances are equal, depend on the processor."""
    drawing = [
        path.relative_to(ROOT).as_posix()
        for path in code()
        if re.search(r"linalg\.(eigh|svd)", text := path.read_text(encoding="utf-8"))
        and re.search(r"standard_normal|multivariate_normal", text)
    ]
    assert sorted(drawing) == [
        "bench/models/log_ratio.py",  # the symmetric root, tested there
    ]


def described_parameters(docstring: str) -> set[str]:
    """The names under Parameters of a docstring in NumPy's form.

    Examples
    --------
    >>> sorted(described_parameters("Parameters\\n---\\na, b : int\\n    Two.\\n**c"))
    ['a', 'b', 'c']
    """
    section = re.search(r"(?ms)^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n---|\Z)", docstring)
    lines = re.findall(r"(?m)^[*\w].*", section[1]) if section else []
    return {name.strip(" *") for line in lines for name in line.partition(" : ")[0].split(",")}


def test_docstrings_describe_parameters_that_are_there() -> None:
    """One that was renamed stops the site of the documentation."""
    stale = []
    for path in code():
        for node in nodes(path):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            inside = ast.walk(node)
            names = {part.arg for part in inside if isinstance(part, ast.arg)}
            if isinstance(node, ast.ClassDef):
                fields = [part.target for part in node.body if isinstance(part, ast.AnnAssign)]
                names |= {ast.unparse(field) for field in fields}
            described = described_parameters(ast.get_docstring(node) or "")
            stale += [
                f"{path.relative_to(ROOT)}: {node.name}({name})" for name in described - names
            ]
    assert stale == []
