"""The worksheets: blank, checked, or with answers and usual mistakes for who teaches."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import yaml

from bench.core import ConfigError, DataError
from bench.core.errors import did_you_mean
from tools.course.questions import SHEETS, Question

FIRST = "2017"  # the sheet of the tutorial


def main(arguments: list[str]) -> int:
    """Print what is right and what is not; 1 unless everything is right."""
    parser = argparse.ArgumentParser(
        prog="bench check-answers", description="Check the answers to a worksheet."
    )
    parser.add_argument("file", nargs="?", type=Path, help="your answers, as YAML")
    parser.add_argument("--sheet", choices=list(SHEETS), default=FIRST, help="of which election")
    parser.add_argument("--blank", action="store_true", help="print the questions as YAML")
    parser.add_argument("--key", action="store_true", help="print the answers, for who teaches")
    options = parser.parse_args(arguments)
    if options.key:
        print("\n\n".join(map(solved, SHEETS[options.sheet])))
        return 0
    if options.blank or options.file is None:
        print("# Fill in, then: bench check-answers THIS_FILE\n")
        print("\n\n".join(f"# {one.words}\n{one.key}:" for one in SHEETS[options.sheet]))
        return 0
    given = read_answers(options.file)
    named = [sheet for sheet in SHEETS.values() if {one.key for one in sheet} & set(given)]
    questions = [one for sheet in named or [SHEETS[options.sheet]] for one in sheet]
    right = 0
    for question in questions:
        verdict = judged(question, given.get(question.key))
        right += verdict == "right"
        print(f"{question.key:<16} {verdict}")
    print(f"\n{right} of {len(questions)} right")
    return 0 if right == len(questions) else 1


def solved(question: Question) -> str:
    """A question with its answer, and what people answer instead and why, as the data have it."""
    digits = max(0, math.floor(-math.log10(question.within))) if question.within else 0

    def shown(answer: float | str) -> str:
        return answer if isinstance(answer, str) else f"{answer:,.{digits}f}"

    lines = [question.words, f"  {question.key}: {shown(question.answer())}"]
    lines += [f"  not {shown(one.answer())}: {one.why}" for one in question.mistakes]
    return "\n".join(lines)


def read_answers(path: Path) -> dict[str, Any]:
    """The answers of a file.

    Raises
    ------
    DataError
        If it is no YAML of `question: answer`, or names an unknown question.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: no such file; write one with: bench check-answers --blank > {path}"
        ) from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as YAML ({error})") from error
    if not isinstance(given, dict):
        raise DataError(
            f"{path}: accepted: lines such as 'polls: 12' (bench check-answers --blank)"
        )
    known = [question.key for sheet in SHEETS.values() for question in sheet]
    for key in given:
        if key not in known:
            raise ConfigError(f"{path}: no question is called '{key}' ({did_you_mean(key, known)})")
    return given


def judged(question: Question, given: Any) -> str:
    """The verdict on one answer; where it is wrong, why, if many answer so, or a hint."""
    if given is None:
        return "not answered"
    if isinstance(question.answer(), str):
        said: float | str = str(given).strip().lower()
    else:
        try:
            said = float(str(given).replace(",", ".") if isinstance(given, str) else given)
        except (TypeError, ValueError):
            return f"'{given}' is not a number; accepted: digits such as 2.6 or 2,6"
    if _same(said, question.answer(), question.within):
        return "right"
    known = (one.why for one in question.mistakes if _same(said, one.answer(), question.within))
    return f"not right; {next(known, question.hint)}"


def _same(said: float | str, answer: float | str, within: float) -> bool:
    if isinstance(said, str) or isinstance(answer, str):
        return said == answer
    return math.isfinite(said) and abs(said - answer) <= within
