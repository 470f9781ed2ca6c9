"""Posts become counts; nobody who wrote one can be found in what is kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.main import run_command
from bench.core import BenchError, ConfigError, DataError
from bench.data.columns import TABLES
from bench.data.ingest import counts, tone
from bench.data.readers import read_table

GOOD = ["bravo", "excellent", "superbe", "merci"]
BAD = ["honte", "nul", "menteur", "ridicule"]
NAMES = ["macron", "fillon"]


def by_words(texts: list[str]) -> list[str]:
    return ["positive" if "ravo" in t else "negative" if "honte" in t else "neutral" for t in texts]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    pd.DataFrame(
        [
            ("2017-04-01T10:00:00+02:00", "Bravo Macron", "ann_7f"),
            ("2017-04-01T11:00:00+02:00", "bravo, bravo #MacronPresident", "ann_7f"),
            ("2017-04-01T23:30:00Z", "Quelle honte, M. Fillon", "bob_91"),  # 1.30 h on the 2nd
            ("2017-04-04T09:00:00+02:00", "Macron et Fillon à Lyon", "cy_22"),
            ("2017-04-04T09:00:00+02:00", "beau temps", "cy_22"),
        ],
        columns=["created_at", "text", "author_id"],
    ).to_csv(path, index=False)
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"text": f"{a} {b} le candidat {n}", "tone": name}
        for name, words in (("positive", GOOD), ("negative", BAD))
        for n, (a, b) in enumerate((a, b) for a in words for b in words)
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def value(table: pd.DataFrame, day: str, candidate: str, measure: str) -> float:
    mine = table["day"].eq(day) & table["candidate"].eq(candidate) & table["measure"].eq(measure)
    return float(table.loc[mine, "value"].item())


def test_a_table_of_posts_is_refused_as_evidence(posts: Path) -> None:
    raw = pd.read_csv(posts)
    rows = pd.DataFrame(
        {
            "day": "2017-04-01",
            "source": "me",
            "community": "",
            "candidate": "macron",
            "measure": "mentions",
            "value": 1.0,
            "published_on": "2017-04-02",
            "held_on": "2017-04-01",
            "author_id": raw["author_id"],
        }
    )
    path = posts.with_name("buzz.csv")
    rows.to_csv(path, index=False)
    with pytest.raises(DataError, match="author_id"):
        read_table(path, TABLES["buzz"])


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("when,text", "2017-04-01,a", "no column holds the day; accepted names: day, date"),
        ("day,text", "soon,Macron secret", "1 rows have no day"),
        ("day,text,candidate", "2017-04-01,secret,macrom", "did you mean 'macron'"),
        ("day,text", "2017-04-01,secret", "no post names a candidate"),
    ],
)
def test_what_is_wrong_with_posts_is_said_without_quoting_them(
    header: str, row: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        counts.count_posts(path, by_words, NAMES, zone="Europe/Paris")
    assert said in str(error.value)
    assert "secret" not in str(error.value)


def test_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"day": "2017-04-01", "text": "Macron"}\nsecret\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"posts.jsonl:2: not a JSON object") as error:
        counts.count_posts(path, by_words, NAMES, zone="Europe/Paris")
    assert "secret" not in str(error.value)


def test_a_line_that_is_no_utf_8_is_named_and_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    lines = '{"day": "2017-04-01", "text": "Macron"}\n{"text": "secrét"}\n'
    path.write_text(lines, encoding="latin-1")
    with pytest.raises(DataError, match=r"posts.jsonl:2: not a JSON object in UTF-8") as error:
        counts.count_posts(path, by_words, NAMES, zone="Europe/Paris")
    assert "secr" not in str(error.value)
    assert error.value.__suppress_context__


def test_too_few_labels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text("text,tone\n" + "bravo,positive\n" * 50 + "honte,negative\n")
    with pytest.raises(DataError, match="1 different texts are positive"):
        tone.labelled_texts(path)


def test_a_lexicon_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textblob", None)
    with pytest.raises(ConfigError, match=r"needs the package textblob-fr.*\[lexicon\]"):
        tone.lexicon("textblob-fr")
    with pytest.raises(ConfigError, match="did you mean 'vader-fr'"):
        tone.lexicon("vader_fr")


@pytest.mark.parametrize("name", list(tone.LEXICONS))
def test_a_lexicon_knows_praise_from_blame(name: str) -> None:
    pytest.importorskip({"textblob-fr": "textblob_fr", "vader-fr": "vaderSentiment_fr"}[name])
    read = tone.lexicon(name)
    assert read(["un programme excellent et superbe", "c'est nul, quelle honte", "à Lyon"]) == [
        "positive",
        "negative",
        "neutral",
    ]


def test_posts_are_counted_by_local_day_candidate_and_tone(posts: Path) -> None:
    table = counts.count_posts(posts, by_words, NAMES, zone="Europe/Paris")
    assert value(table, "2017-04-01", "macron", "mentions") == 2
    assert value(table, "2017-04-01", "macron", "positive") == 2
    assert value(table, "2017-04-01", "macron", "authors_positive") == 1
    assert value(table, "2017-04-02", "fillon", "negative") == 1
    assert value(table, "2017-04-04", "fillon", "mentions") == 1
    assert value(table, "2017-04-04", "fillon", "negative") == 0
    assert value(table, "2017-04-03", "macron", "mentions") == 0  # a silent day is a zero
    assert len(table) == 4 * 2 * 5


def test_chunks_change_nothing(posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counts.count_posts(posts, by_words, NAMES, zone="Europe/Paris")
    monkeypatch.setattr(counts.chunks, "__defaults__", (1,))
    pieces = counts.count_posts(posts, by_words, NAMES, zone="Europe/Paris")
    pd.testing.assert_frame_equal(whole, pieces)


def test_the_classifier_is_judged_on_texts_it_has_not_seen(labelled: Path) -> None:
    texts = tone.labelled_texts(labelled)
    reader, quality = tone.classifier(texts)
    assert quality.n == len(texts) == 32
    assert quality.accuracy > 0.9
    assert quality.majority == 0.5
    assert reader(["superbe et excellent", "menteur nul"]) == ["positive", "negative"]
    shuffled = texts.assign(tone=texts["tone"].sample(frac=1, random_state=3).to_numpy())
    assert tone.classifier(shuffled)[1].accuracy < 0.75


def test_a_confusion_matrix_by_hand() -> None:
    texts = pd.DataFrame({"text": ["bravo", "honte", "honte", "x"], "tone": ["positive"] * 4})
    quality = tone.quality_of(by_words, texts, "by words")
    assert quality.confusion.loc["positive"].to_dict() == {
        "negative": 2,
        "neutral": 1,
        "positive": 1,
    }
    assert quality.accuracy == 0.25


def test_the_command_writes_evidence_and_no_trace_of_people(
    posts: Path, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = posts.with_name("made.csv")
    given = ["posts", str(posts), "--labelled", str(labelled), "--source", "me"]
    assert run_command("ingest", [*given, "--into", str(into)]) == 0
    table = read_table(into, TABLES["buzz"])
    assert value(table, "2017-04-01", "macron", "positive") == 2
    assert (table["published_on"] - table["day"]).eq(pd.Timedelta(days=1)).all()
    assert "accuracy" in capsys.readouterr().out
    card = into.with_suffix(".md").read_text(encoding="utf-8")
    assert "| positive |" in card
    for trace in ("ann_7f", "bob_91", "honte", "Lyon"):
        assert trace not in into.read_text(encoding="utf-8") + card
    with pytest.raises(BenchError, match="exists"):
        run_command("ingest", [*given, "--into", str(into)])


def test_daily_counts_are_known_when_they_were_published(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("day,candidate,positive,negative\n2017-04-01,macron,30,12\n")
    into = tmp_path / "made.csv"
    given = ["posts", str(path), "--source", "me", "--into", str(into)]
    assert run_command("ingest", [*given, "--published-on", "2017-04-20"]) == 0
    table = read_table(into, TABLES["buzz"])
    assert table["published_on"].eq("2017-04-20").all()
    assert value(table, "2017-04-01", "macron", "negative") == 12
    with pytest.raises(ConfigError, match="holds no texts"):
        run_command("ingest", [*given[:-1], f"{into}.other", "--lexicon", "vader-fr"])


def test_counts_with_a_column_of_accounts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("day,candidate,mentions,account\n2017-04-01,macron,3,x\n")
    with pytest.raises(DataError, match="no column 'account' is known here"):
        counts.daily_counts(path, NAMES, zone="Europe/Paris")


@pytest.mark.parametrize("count", ["-1", "inf", "many"])
def test_counts_that_are_none_are_refused(tmp_path: Path, count: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"day,candidate,mentions\n2017-04-01,macron,{count}\n")
    with pytest.raises(DataError, match="a measure is not a count; accepted: numbers of at least"):
        counts.daily_counts(path, NAMES, zone="Europe/Paris")


def test_nobody_reads_the_tone_without_being_told_how(posts: Path) -> None:
    with pytest.raises(ConfigError, match="--labelled FILE"):
        run_command("ingest", ["posts", str(posts), "--source", "me"])
