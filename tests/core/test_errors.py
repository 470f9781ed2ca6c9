"""Names as keys, and which of two names is a misspelling of the other."""

from __future__ import annotations

import pytest

from bench.core.errors import did_you_mean, likeness, nearest, slug


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Jean-Luc Mélenchon", "jean_luc_melenchon"),
        ("  --Éric  Zemmour!", "eric_zemmour"),
        ("Straße", "strasharpe"),
        ("李", "n674e"),
        ("Παπάς", "pialphapialphafinal"),
        ("½ & more", "n1_2_more"),
        ("2017 r1", "n2017_r1"),
        ("", "nameless"),
        ("a" * 70, "a" * 60),
    ],
)
def test_a_key_has_small_latin_letters_digits_and_underscores(name: object, key: str) -> None:
    assert slug(name) == key


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Émile", "emile", 1.0),
        ("macron", "emmanuel_macron", 0.9),
        ("jean luc melenchon", "jean luc valls", 2 / 14),
        ("abcdef", "fedcba", 0.8),
        ("toy", "toi", 0.7),  # short words may miss a letter,
        ("ab", "ac", 0.5),  # very short ones not
        ("emmanuel macron", "emmanuel valls", 2 / 11),  # the surnames decide
        ("xavier bertrand", "nathalie bertrand", 24 / 32),  # and no more than the whole
        ("long name r1", "long name r9", 22 / 24),  # short last words are no surnames
    ],
)
def test_names_are_as_alike_as_their_letters(one: str, other: str, alike: float) -> None:
    assert likeness(one, other) == pytest.approx(alike)
    assert likeness(other, one) == pytest.approx(alike)


@pytest.mark.parametrize(
    ("given", "known", "found"),
    [
        ("toi", ["toy"], "toy"),  # exactly as near as it must be
        ("ab", ["ac"], None),
        ("unifrom", ["uniform", "uniform_swing"], "uniform"),
        ("macron", ["brigitte_macron", "emmanuel_macron"], "emmanuel_macron"),  # equals: the last
        ("fr2071", ["fr2017", "fr2027"], "fr2017"),  # letters that changed places before another
    ],
)
def test_the_nearest_name_is_found_if_it_is_near(
    given: str, known: list[str], found: str | None
) -> None:
    assert nearest(given, known) == found


def test_all_names_are_listed_unless_they_are_many() -> None:
    known = [f"k{i:03}" for i in reversed(range(1001))]
    listed = f"known: {', '.join(sorted(known[-20:]))}"
    assert did_you_mean("zzz", []) == "none is known"
    assert did_you_mean("zzz", known[-20:]) == listed
    assert did_you_mean("zzz", known) == "1,001 are known"
    assert did_you_mean("k0001", known[-20:]) == f"did you mean 'k001'? {listed}"
    assert did_you_mean("k0001", known[-21:]) == "did you mean 'k001'? 21 are known"
