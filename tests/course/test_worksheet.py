"""The worksheet: right answers pass, wrong ones get a hint, none stands in the code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from bench.cli.commands import check_answers
from bench.core import BenchError, ConfigError
from tools.course.questions import SHEETS, Question
from tools.course.worksheet import judged, main

QUESTIONS = [question for sheet in SHEETS.values() for question in sheet]
by_sheet = pytest.mark.parametrize("sheet", SHEETS)


@by_sheet
def test_computed_answers_are_right_as_a_reader_would_round_them(
    sheet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = SHEETS[sheet]
    answers = {q.key: a if isinstance(a := q.answer(), str) else round(a, 4) for q in asked}
    path = tmp_path / "answers.yaml"
    path.write_text(yaml.safe_dump(answers))
    assert main([str(path)]) == 0
    assert f"{len(asked)} of {len(asked)} right" in capsys.readouterr().out


def test_no_two_questions_of_any_sheet_have_one_key() -> None:
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.key)
def test_a_usual_mistake_is_wrong_and_told_from_others(question: Question) -> None:
    for mistake in question.mistakes:
        verdict = judged(question, mistake.answer())
        assert verdict == f"not right; {mistake.why}"


@by_sheet
def test_the_key_has_every_answer_and_why_others_are_wrong(
    sheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--sheet", sheet, "--key"]) == 0
    told = capsys.readouterr().out
    for question in SHEETS[sheet]:
        answer = next(line for line in told.splitlines() if f"  {question.key}: " in line)
        assert judged(question, answer.split(": ")[1].replace(",", "")) == "right"
        assert told.count("  not ") == sum(len(one.mistakes) for one in SHEETS[sheet])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.key)
def test_a_wrong_answer_gets_a_hint_and_not_the_answer(question: Question) -> None:
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


@by_sheet
def test_the_blank_sheet_can_be_filled_in(
    sheet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--blank", "--sheet", sheet])
    path = tmp_path / "answers.yaml"
    path.write_text(capsys.readouterr().out)
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.count("not answered") == len(SHEETS[sheet])


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
