"""Tables in LaTeX: pdflatex sets every kind of them, within the margins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.tables import table as build_table
from tests.studies.backtest.pages import headline_table

PDFLATEX = shutil.which("pdflatex")
HEAD = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,longtable,graphicx,amssymb}
\usepackage[margin=2cm]{geometry}
\begin{document}
"""
SIGNS = 'ρ² ≤ ≥ ± × – − ✓ ✗ · → ● ○ … <i>&</i> 100% of a_b #1 $2 {x} ~ ^ \\ | " é œ Ł'


def set_by_latex(folder: Path, *texts: str) -> str:
    """Set the tables, and return what LaTeX said."""
    assert PDFLATEX is not None
    page = HEAD + "\n\\clearpage\n".join(texts) + r"\end{document}"
    (folder / "all.tex").write_text(page, encoding="utf-8")
    for _ in range(2):  # a long table has its widths in the second run
        done = subprocess.run(
            [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            errors="replace",
        )
        assert done.returncode == 0, done.stdout[-2000:]
    assert "Table widths have changed" not in done.stdout
    assert (folder / "all.pdf").read_bytes().startswith(b"%PDF")
    return done.stdout


@pytest.mark.skipif(PDFLATEX is None, reason="needs pdflatex (texlive-latex-base)")
def test_latex_sets_short_long_wide_and_hostile_tables(run: Any, tmp_path: Path) -> None:
    wide = {f"a_rather_long_name_{i}": range(60) for i in range(12)}
    long = pd.DataFrame({"predictor": ["a_b"] * 60, **wide})
    nasty = pd.DataFrame({SIGNS: [SIGNS, ""], "n": [1, 2]})
    said = set_by_latex(
        tmp_path,
        headline_table(run.vote()).to_latex(),
        build_table("long", long, title="Long and wide", notes=("A note.", SIGNS)).to_latex(),
        build_table("wide", long.head(3), title="Wide", notes=("A note.",)).to_latex(),
        build_table("nasty", nasty, title=SIGNS).to_latex(),
    )
    assert "Overfull" not in said


def test_a_long_table_is_no_float_and_a_short_one_is() -> None:
    long = pd.DataFrame({"n": range(60)})
    assert r"\begin{longtable}" in build_table("t", long, title="T").to_latex()
    assert r"\begin{table}" in build_table("t", long.head(3), title="T").to_latex()
