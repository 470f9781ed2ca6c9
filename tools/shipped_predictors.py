"""Write down which predictors ship: run it whenever a file of `predictors/` has changed.

python -m tools.shipped_predictors
"""

from __future__ import annotations

from pathlib import Path

from bench.core.registry import sum_of_source

ROOT = Path(__file__).parents[1]
LIST = ROOT / "bench" / "core" / "shipped.py"
HEAD = """\
\"\"\"SHA-256 of what ships, as `python -m tools.shipped_predictors` writes it.\"\"\"

SHIPPED = {
"""


def text() -> str:
    """The list as it should be now."""
    files = sorted((ROOT / "predictors").glob("*.py"))
    lines = [f'    "{file.stem}": "{sum_of_source(file.read_bytes())}",\n' for file in files]
    return HEAD + "".join(lines) + "}\n"


if __name__ == "__main__":
    LIST.write_text(text(), encoding="utf-8")
