"""The worksheet: right answers pass, wrong ones get a hint, none stands in the code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from bench.cli.commands import check_answers
from bench.core import BenchError, ConfigError
from tools.course.worksheet import QUESTIONS, judged, main


def test_computed_answers_are_right_as_a_reader_would_round_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {q.key: a if isinstance(a := q.answer(), str) else round(a, 4) for q in QUESTIONS}
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(answers))
    assert main([str(path)]) == 0
    assert f"{len(QUESTIONS)} of {len(QUESTIONS)} right" in capsys.readouterr().out


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.key)
def test_a_wrong_answer_gets_a_hint_and_not_the_answer(question) -> None:  # type: ignore[no-untyped-def]
    answer = question.answer()
    wrong = "nobody" if isinstance(answer, str) else answer + 10 * question.within + 1
    verdict = judged(question, wrong)
    assert verdict.startswith("not right; ")
    assert str(answer)[:5] not in verdict


def test_by_hand() -> None:
    by_key = {question.key: question for question in QUESTIONS}
    # 1.96 * sqrt(.24 * .76 / 1000) = 2.647
    assert judged(by_key["noise"], 2.6) == "right"
    assert judged(by_key["noise"], "2,6") == "right"
    assert "2.6 or 2,6" in judged(by_key["noise"], "many")
    assert "without its sign" in judged(by_key["uniform"], 0)
    # 25,050 declared votes, 36,054,394 valid votes, 1.68 % against 21.30 %
    assert judged(by_key["worth"], 4.4) == "right"


def test_the_blank_sheet_can_be_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--blank"])
    path = tmp_path / "answers.yaml"
    path.write_text(capsys.readouterr().out)
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.count("not answered") == len(QUESTIONS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pols: 3\n", "did you mean 'polls'?"),
        ("- 3\n", "accepted: lines such as"),
        (None, "no such file"),
    ],
)
def test_a_file_that_answers_nothing_is_refused(
    tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "answers.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BenchError) as caught:
        main([str(path)])
    assert words in str(caught.value)


def test_where_the_course_is_not_installed_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tools.course.worksheet", None)
    with pytest.raises(ConfigError, match="tools/course"):
        check_answers.main(["--blank"])


def test_the_command_hands_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_answers.main(["--blank"]) == 0
    assert "uniform:" in capsys.readouterr().out
