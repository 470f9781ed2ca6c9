"""The headline table: refusals, numbers redone by hand, rank rules."""

import math
from typing import Any

import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.core.language import use_language
from bench.core.options import header, options
from bench.metrics.events import qualified_hit
from bench.report.context import ReportContext
from bench.report.tables import Table
from bench.studies.backtest.facts import NOTES, Addition
from bench.studies.backtest.findings import (
    ballot_errors,
    kinds_facts,
    moment_facts,
    over_dates_facts,
    with_and_without,
)
from bench.studies.backtest.headline import (
    Vote,
    at,
    conversions,
    headline,
    kind_of,
    kinds,
    rankable,
)
from bench.studies.backtest.tables import headline_table, one_row_each
from tests.made_up_run import with_summary_scores
from tests.studies.backtest.pages import context_of

OUTCOME = {"a": 0.5, "b": 0.3, "c": 0.2}
NOW = pd.Timestamp("2030-01-01 20:00")
CELL = {"election": "tiny", "round": 1, "as_of": NOW, "area": "national"}
QUANTILES = ("q05", "q95", "p_qualify")


def tiny_facts(outcome: pd.Series | None = None, **changes: Any) -> ReportContext:
    """Three candidates: a 50%, b 30%, c 20%."""
    shares = pd.Series(OUTCOME) if outcome is None else outcome
    facts: dict[str, Any] = {"vote_on": pd.Timestamp("2030-01-03"), "ranked_on": ("a", "b")}
    return context_of(shares, **({"as_of": NOW} | facts | changes))


def rows_of(name: str, score: str, values: dict[str, float], ballot: str = "compared") -> Any:
    """Rows of the long error table."""
    return [
        CELL
        | {
            "predictor": name,
            "candidate": candidate,
            "ballot": ballot,
            "metric": score,
            "value": value,
        }
        for candidate, value in values.items()
    ]


def headline_of(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: ReportContext,
    ballot: str = "compared",
) -> pd.DataFrame:
    """The headline of the moment that is shown."""
    vote = vote_of(errors, forecasts, methods, facts)
    return at(headline([vote])[0], facts.as_of, ballot)


def tiny_tables(
    shares: dict[str, dict[str, float]], common: str = "abc", **extra: Any
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Point forecasts scored on the common ballot, without renormalising."""
    errors, forecasts, methods = [], [], []
    for name, named in shares.items():
        for candidate, share in named.items():
            row = CELL | {"predictor": name, "candidate": candidate}
            held = dict.fromkeys(QUANTILES, math.nan) | extra.get(name, {}).get(candidate, {})
            forecasts.append(row | {"share": share, "filled": False} | held)
            if candidate in common:
                errors.append(
                    row
                    | {
                        "ballot": "compared",
                        "metric": "signed_error",
                        "value": share - OUTCOME[candidate],
                    }
                )
        whole = [named.get(candidate, 0.0) for candidate in OUTCOME]
        for score, n_advance in (("first_right", 1), ("pair_right", 2)):
            right = qualified_hit(whole, list(OUTCOME.values()), n_advance)
            errors += rows_of(name, score, {"": right}, ballot="all")
        methods.append(
            {
                "election": "tiny",
                "round": 1,
                "as_of": NOW,
                "predictor": name,
                "family": f"f_{name}",
                "status": "ok",
                "level_of": "",
                "named": len(named),
                "n_candidates": 3,
                "converted": "",
                "access": "public",
                "message": "",
            }
        )
    return pd.DataFrame(errors), pd.DataFrame(forecasts), pd.DataFrame(methods)


GOOD = {"a": 0.52, "b": 0.29, "c": 0.19}  # errors +2, -1, -1 points
BASE = {"a": 0.40, "b": 0.36, "c": 0.24}  # errors -10, +6, +4 points


def test_a_date_that_is_not_in_the_tables_is_refused() -> None:
    with pytest.raises(DataError, match=r"nothing of tiny round 1 was scored as of 2029"):
        headline_of(*tiny_tables({"good": GOOD}), tiny_facts(as_of=pd.Timestamp("2029-01-01")))


def test_sizes_can_be_redone_by_hand() -> None:
    table = headline_of(*tiny_tables({"good": GOOD, "last_election": BASE}), tiny_facts())
    good = table.set_index("predictor").loc["good"]
    assert good["mae_pp"] == pytest.approx((2 + 1 + 1) / 3)
    assert good["rmse_pp"] == pytest.approx(math.sqrt((4 + 1 + 1) / 3))
    assert good["largest_error_pp"] == pytest.approx(2)
    assert good["largest_error_on"] == "a"


def test_the_crps_of_a_point_forecast_is_its_mean_absolute_error() -> None:
    table = headline_of(*tiny_tables({"good": GOOD}), tiny_facts())
    assert table.loc[0, "crps_pp"] == table.loc[0, "mae_pp"]
    assert not table.loc[0, "has_spread"]


def test_skill_compares_crps_with_the_reference() -> None:
    table = headline_of(*tiny_tables({"good": GOOD, "last_election": BASE}), tiny_facts())
    skill = table.set_index("predictor")["skill"]
    # 4/3 against 20/3 points
    assert skill["good"] == pytest.approx(1 - 4 / 20)
    assert skill["last_election"] == 0


def test_who_leaves_out_a_common_candidate_is_not_ranked_however_close() -> None:
    partial = {"a": 0.5, "b": 0.3}
    table = headline_of(*tiny_tables({"close": partial, "last_election": BASE}), tiny_facts())
    row = table.set_index("predictor").loc["close"]
    assert row["mae_pp"] == 0
    assert row["block"] == "partial"
    assert math.isnan(row["skill"])
    assert row["missing"] == "C"
    assert list(table["predictor"]) == ["last_election", "close"]


def test_hindsight_is_shown_and_neither_ranked_nor_compared() -> None:
    errors, forecasts, methods = tiny_tables({"knows": OUTCOME, "last_election": BASE})
    methods["hindsight"] = methods["predictor"].eq("knows")
    table = headline_of(errors, forecasts, methods, tiny_facts())
    assert list(table["predictor"]) == ["last_election", "knows"]
    row = table.set_index("predictor").loc["knows"]
    assert row["block"] == "hindsight"
    assert row["mae_pp"] == 0
    assert math.isnan(row["skill"])
    assert set(rankable(errors, methods)["predictor"]) == {"last_election"}
    assert rankable(errors, methods.drop(columns="hindsight")) is errors


LEAKS = "the look-ahead audit found that it opens the outcome"


def test_who_leaks_stands_outside_and_gives_no_skill_whatever_the_error() -> None:
    errors, forecasts, methods = tiny_tables(
        {"leaks": OUTCOME, "good": GOOD, "last_election": BASE}
    )
    facts = tiny_facts()
    for name in ("leaks", "last_election"):
        methods["unranked"] = methods["predictor"].map({name: LEAKS}).fillna("")
        table = headline_of(errors, forecasts, methods, facts)
        row = table.set_index("predictor").loc[name]
        assert (row["block"], row["notes"]) == ("outside", LEAKS)
        assert math.isnan(row["skill"])
    assert table["skill"].isna().all()  # the baseline leaks
    assert not ballot_errors(table, facts, "compared").has_baseline
    assert list(table["predictor"]) == ["leaks", "good", "last_election"]
    vote = Vote(context=facts, errors=errors, forecasts=forecasts, methods=methods)
    seen = moment_facts(table, vote, pd.DataFrame())
    assert (seen.n_ranked, seen.n_first, seen.outside) == (
        *(2, 2),
        {"last_election": LEAKS},
    )
    assert set(rankable(errors, methods)["predictor"]) == {"leaks", "good"}


def test_who_says_the_same_as_one_that_leaks_has_a_row_of_its_own() -> None:
    errors, forecasts, methods = tiny_tables({"leaks": GOOD, "good": GOOD})
    methods["unranked"] = methods["predictor"].map({"leaks": LEAKS}).fillna("")
    table = headline_of(errors, forecasts, methods, tiny_facts()).set_index("predictor")
    assert table["same_as"].eq("").all()


def test_a_filled_candidate_is_not_a_named_one() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "other": GOOD})
    mine = forecasts["predictor"].eq("good") & forecasts["candidate"].eq("c")
    forecasts.loc[mine, "filled"] = True
    errors = errors[~(errors["predictor"].eq("good") & errors["candidate"].eq("c"))]
    table = headline_of(errors, forecasts, methods, tiny_facts()).set_index("predictor")
    assert table.loc["good", "block"] == "partial"
    assert table.loc["good", "named"] == 2
    assert table.loc["good", "mae_pp"] == pytest.approx((2 + 1) / 2)


def test_rows_are_by_kind_and_within_a_kind_in_the_order_of_crps_and_then_of_names() -> None:
    tables = drawn(sharp=(5.0, 0.01), wide=(1.0, 0.01))  # shares 0 and 2 points off on a and c
    facts = tiny_facts()
    table = headline_of(*tables, facts)
    assert list(table["predictor"]) == ["wide", "sharp"]  # whose MAE is smaller is another matter
    errors, forecasts, methods = tables
    methods["family"] = methods["predictor"].map({"sharp": "quota polls", "wide": "buzz"})
    table = headline_of(errors, forecasts, methods, facts)
    assert list(table["kind"]) == ["last_polls", "attention"]
    assert "rank" not in table
    crps = errors["metric"].eq("crps")
    errors.loc[crps, "value"] = 0.05 + 1e-13 * errors.loc[crps, "predictor"].eq("sharp")
    table = headline_of(errors, forecasts, methods.assign(family="buzz"), facts)
    assert list(table["predictor"]) == ["sharp", "wide"]  # their MAE decides, and no last digit
    same = headline_of(*tiny_tables({"y": GOOD, "x": GOOD, "last_election": BASE}), facts)
    assert list(same["predictor"]) == ["y", "x", "last_election"]
    assert list(same["same_as"]) == ["", "y", ""]  # one forecast under two names has one row


def test_first_place_and_pair_are_those_with_the_largest_shares() -> None:
    wrong = {"a": 0.3, "b": 0.31, "c": 0.39}
    table = headline_of(*tiny_tables({"good": GOOD, "wrong": wrong}), tiny_facts())
    rows = table.set_index("predictor")
    assert (rows.loc["good", "first_named"], rows.loc["good", "first_right"]) == ("a", True)
    assert rows.loc["good", "pair_right"]
    assert (rows.loc["wrong", "first_named"], rows.loc["wrong", "first_right"]) == ("c", False)
    assert not rows.loc["wrong", "pair_right"]


def test_equal_shares_name_nobody() -> None:
    table = headline_of(*tiny_tables({"uniform": dict.fromkeys("abc", 1 / 3)}), tiny_facts())
    assert table.loc[0, "first_named"] == ""
    assert not table.loc[0, "first_right"]
    assert not table.loc[0, "pair_right"]


def test_coverage_is_that_of_the_ballot_and_not_of_the_quantiles_of_another() -> None:
    held = {"good": {c: {"q05": 0.0, "q95": 0.01} for c in "abc"}}  # of the whole ballot: none
    errors, forecasts, methods = tiny_tables({"good": GOOD}, **held)
    inside = rows_of("good", "inside_90", {"a": 1.0, "b": 0.0, "c": 1.0})
    other = rows_of("good", "inside_90", dict.fromkeys("abc", 0.0), ballot="all")
    table = headline_of(
        pd.concat([errors, pd.DataFrame(inside + other)]), forecasts, methods, tiny_facts()
    )
    assert table.loc[0, "has_spread"]
    assert table.loc[0, "coverage_90"] == pytest.approx(2 / 3)


def drawn(**methods: tuple[float, float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Methods with draws, from their CRPS and its Monte-Carlo error in points."""
    shares = {
        name: {"a": 0.5 + k / 50, "b": 0.3, "c": 0.2 - k / 50} for k, name in enumerate(methods)
    }
    quantiles = {name: {c: {"q05": 0.1, "q95": 0.6} for c in "abc"} for name in methods}
    errors, forecasts, table = tiny_tables(shares, **quantiles)
    rows = []
    for name, (crps, error) in methods.items():
        rows += rows_of(name, "crps", dict.fromkeys("abc", crps / 100))
        rows += rows_of(name, "crps_mc_error", {"": error / 100})
    return pd.concat([errors, pd.DataFrame(rows)]), forecasts, table


def test_the_monte_carlo_error_of_the_scores_is_stated() -> None:
    table = headline_of(*drawn(first=(1.0, 0.03), last=(9.0, 0.04)), tiny_facts())
    assert table["crps_mc_error_pp"].tolist() == pytest.approx([0.03, 0.04])
    assert ballot_errors(table, tiny_facts(), "compared").mc_error == pytest.approx(0.04)
    points = headline_of(*tiny_tables({"good": GOOD}), tiny_facts())
    assert ballot_errors(points, tiny_facts(), "compared").mc_error is None


def test_one_national_forecast_is_one_row() -> None:
    near = {"a": 0.5205, "b": 0.2897, "c": 0.1898}  # all within a fifth of a point of GOOD
    other = {"a": 0.5235, "b": 0.2880, "c": 0.1885}  # one is not
    errors, forecasts, methods = tiny_tables(
        {"polls": GOOD, "map": near, "chance": near, "else": other, "last_election": BASE}
    )
    methods["level_of"] = methods["predictor"].map({"map": "polls", "else": "polls"}).fillna("")
    table = headline_of(errors, forecasts, methods, tiny_facts())
    table = table[table["predictor"].ne("chance")]
    rows = table.set_index("predictor")
    assert rows["same_as"].to_dict() == {
        "polls": "",
        "map": "polls",
        "else": "",
        "last_election": "",
    }
    shown = one_row_each(table)
    assert list(shown["predictor"]) == ["polls", "else", "last_election"]
    assert list(shown["also"]) == [("map",), (), ()]


def test_two_of_two_candidates_agree_easily_and_are_two_forecasts() -> None:
    tables = tiny_tables({"polls": {"a": 0.6, "b": 0.4}, "map": {"a": 0.6004, "b": 0.3996}})
    facts = tiny_facts(outcome=pd.Series({"a": 0.5, "b": 0.5}), n_advance=1, qualifiers=("a",))
    assert headline_of(*tables, facts)["same_as"].eq("").all()


def test_one_centre_with_two_spreads_is_two_forecasts() -> None:
    errors, forecasts, methods = drawn(narrow=(1.0, 0.01), wide=(1.3, 0.01))
    forecasts["share"] = forecasts["candidate"].map(GOOD)
    assert headline_of(errors, forecasts, methods, tiny_facts())["same_as"].eq("").all()


def both_ballots() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ranked on a and b; `close` does not name c, which the whole ballot fills."""
    errors, forecasts, methods = tiny_tables(
        {"good": GOOD, "close": {"a": 0.5, "b": 0.3}, "last_election": BASE}, common="ab"
    )
    whole = {
        "good": (0.02, -0.01, -0.01),
        "close": (0.0, 0.0, 0.0),
        "last_election": (-0.1, 0.06, 0.04),
    }
    rows = [
        row
        for name, wrong in whole.items()
        for row in rows_of(name, "signed_error", dict(zip("abc", wrong, strict=True)), ballot="all")
    ]
    return pd.concat([errors, pd.DataFrame(rows)]), forecasts, methods


def test_the_whole_ballot_stands_beside_the_subset_and_gaps_are_marked() -> None:
    facts = tiny_facts()
    table = headline_of(*both_ballots(), facts)
    rows = table.set_index("predictor")
    assert list(table["predictor"]) == ["close", "good", "last_election"]
    assert rows.loc["good", "mae_all_pp"] == pytest.approx(4 / 3)
    assert rows.loc["good", "mae_pp"] == pytest.approx(1.5)
    assert rows["gaps_filled"].to_dict() == {"close": True, "good": False, "last_election": False}
    text = shown_table(table, facts).to_markdown()
    assert "| 0.00° |" in text
    assert "| mae all pp |" in text


def shown_table(table: pd.DataFrame, facts: ReportContext) -> Table:
    """The table of errors, each block under its key or the words of its kind."""
    blocks = {kind: NOTES.text("kind", key=kind).capitalize() for kind in kinds()}
    blocks |= {key: key for key in ("partial", "hindsight", "outside", "none", "failed")}
    return headline_table(table, facts)("headline", title="Errors", blocks=blocks)


def vote_of(errors: Any, forecasts: Any, methods: Any, facts: ReportContext) -> Vote:
    scored = with_summary_scores(errors)
    return Vote(context=facts, errors=scored, forecasts=forecasts, methods=methods)


NEAR, FAR = {"a": 0.51, "b": 0.29, "c": 0.20}, {"a": 0.30, "b": 0.40, "c": 0.30}
OF_FAMILY = {
    "tracker": "quota polls",
    "average": "quota polls",
    "posts": "buzz",
    "rival": "a family of yours",
}


def kinds_of_evidence(**more: dict[str, float]) -> tuple[pd.DataFrame, ...]:
    """Two methods of polls, one of posts, and the baselines that are asked for."""
    said = {"tracker": NEAR, "average": GOOD, "posts": FAR, **more}
    errors, forecasts, methods = tiny_tables(said)
    methods["family"] = methods["predictor"].map(OF_FAMILY).fillna("baselines")
    days_old = {"tracker": 2, "average": 3, "posts": 12}
    age = pd.to_timedelta(methods["predictor"].map(days_old), unit="D")
    methods["newest_row_on"] = tiny_facts().vote_on - age
    return errors, forecasts, methods


def test_the_headline_speaks_of_kinds_and_sets_them_beside_equal_shares() -> None:
    tables = kinds_of_evidence(uniform=dict.fromkeys("abc", 1 / 3), last_election=dict(OUTCOME))
    vote = vote_of(*tables, tiny_facts(ranked_on=()))
    table = at(headline([vote])[0], NOW, "all")
    table = table.assign(block="ranked", same_as="", mae_pp=[4.0, 2.0, 30.0, 50.0, 0.0])
    evidence, equal_shares = kinds_facts(table)
    # every row counts: the range is of the kind, and a baseline that happens to be right is no kind
    assert [(errors.kind, errors.error, errors.age) for errors in evidence] == [
        ("last_polls", (2.0, 4.0), (2.0, 3.0)),
        ("attention", (30.0, 30.0), (12.0, 12.0)),
    ]
    assert equal_shares is not None
    assert equal_shares.error == (50.0, 50.0)
    alone, no_equal_shares = kinds_facts(
        table[table["kind"].isin(["equal_shares", "last_election"])]
    )
    assert [errors.kind for errors in alone] == ["equal_shares", "last_election"]
    assert no_equal_shares is None
    assert kinds_facts(table.assign(block="partial")) == ([], None)


def test_a_family_that_nobody_knows_is_a_kind_of_its_own() -> None:
    vote = vote_of(*kinds_of_evidence(rival=BASE), tiny_facts())
    table = at(headline([vote])[0], NOW, "compared")
    assert [errors.kind for errors in kinds_facts(table)[0]][-1] == "others"
    assert "Other methods" in [block.heading for block in shown_table(table, vote.context).blocks]


def _kind_words(language: str) -> list[str]:
    with use_language(language):
        return [NOTES.text("kind", key=key) for key in kinds()]


def test_a_yaml_says_the_kind_of_a_method_whose_family_is_mixed() -> None:
    assert kind_of("filteris", "published claims") == "published_buzz"
    assert kind_of("my_claim", "published claims") == "published"
    for name in options("predictor"):
        stated = [line.removeprefix("kind: ") for line in header("predictor", name)]
        assert kind_of(name, "") in (*stated, "others")
    assert all(map(all, map(_kind_words, ("en", "fr"))))
    assert {kind_of(name, "") for name in ("polls_30_days_ago", "polls_at_calibration")} == {
        "older_polls"
    }


def test_the_findings_hold_the_numbers_of_the_table() -> None:
    vote = vote_of(*both_ballots(), tiny_facts(least_polled=0.1))
    table = headline_of(*both_ballots(), vote.context)
    facts = moment_facts(table, vote, pd.DataFrame())
    assert (facts.compared, facts.n_ranked, facts.n_candidates) == (["A", "B"], 3, 3)
    (others,) = facts.kinds
    assert others.error == pytest.approx((0.0, 1.5))
    assert others.whole == pytest.approx((0.0, 4 / 3))


def test_over_dates_the_first_kind_is_followed_and_no_method() -> None:
    early = pd.Timestamp("2029-12-04 20:00")
    now, then = kinds_of_evidence(), kinds_of_evidence()
    tables = [
        pd.concat([one, other.assign(as_of=early)]) for one, other in zip(now, then, strict=True)
    ]
    errors = tables[0]
    whole = errors[errors["metric"].eq("signed_error")].assign(ballot="all")
    whole.loc[whole["as_of"].eq(early), "value"] *= 3
    vote = vote_of(pd.concat([errors, whole]), *tables[1:], tiny_facts())
    facts = over_dates_facts(headline([vote])[0], vote)
    assert facts is not None
    assert (facts.kind, facts.days_first, facts.days_last) == ("last_polls", 30, 2)
    assert facts.error_last == pytest.approx((2 / 3, 4 / 3))
    assert facts.error_first == pytest.approx((2.0, 4.0))


def test_figures_that_are_neither_shares_nor_a_winner_have_no_error() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "volumes": OUTCOME})
    methods["our_reading"] = methods["predictor"].eq("volumes")
    methods["unranked"] = methods["our_reading"].map({True: "our reading", False: ""})
    table = headline_of(errors, forecasts, methods, tiny_facts())
    row = table.set_index("predictor").loc["volumes"]
    assert row["block"] == "none"
    assert row[["mae_pp", "rmse_pp", "crps_pp", "mae_all_pp"]].isna().all()
    assert row["notes"] == "its figures are neither shares nor a winner, so no error is taken"
    assert set(rankable(errors, methods)["predictor"]) == {"good"}


def test_an_order_is_told_in_the_note_with_who_is_level() -> None:
    errors, forecasts, methods = tiny_tables({"places": {"a": 0.4, "b": 0.2, "c": 0.4}})
    methods["order_only"] = True
    tau = pd.DataFrame(rows_of("places", "kendall_tau", {"": 0.0}, ballot="all"))
    errors = pd.concat([errors, tau])
    note = headline_of(errors, forecasts, methods, tiny_facts()).loc[0, "notes"]
    assert "its order: A and C level, then B; the right two: ✗" in note


def test_chances_without_shares_are_said_by_event_the_likeliest_first() -> None:
    def chances_of(n_advance: int, **chances: dict[str, float]) -> str:
        errors, forecasts, methods = tiny_tables({"market": GOOD})
        for event in ("elected", "first", "majority", "qualify"):
            forecasts[f"p_{event}"] = forecasts["candidate"].map(chances.get(event, {}))
        methods["converted"] = "chances"
        context = tiny_facts(n_advance=n_advance, qualifiers=("a", "b")[:n_advance])
        return conversions([vote_of(errors, forecasts, methods, context)] * len(methods), methods)[
            0
        ]

    two = {"a": 0.38, "b": 0.62}
    words = "chances, no shares: elected B 62%, A 38%; qualified A 90%, B 75%, C 10%"
    assert chances_of(2, elected=two, qualify={"a": 0.9, "b": 0.75, "c": 0.1}) == words
    with use_language("fr"):
        words = (
            "probabilités, pas de scores\N{NO-BREAK SPACE}: premier C 50\N{NARROW NO-BREAK SPACE}%"
        )
        assert chances_of(2, first={"c": 0.5}) == words
    # where the vote decides these are one event
    words = "chances, no shares: elected B 62%, A 38%"
    assert chances_of(1, elected=two, first=two, qualify=two) == words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_rule_of_a_method_that_ships_has_words_and_words_stay(language: str) -> None:
    rules = ["places", "volume_share", "attention", "self_focus", "net_tone", "duels"]
    rules += ["digital_weight", "ratings_sum", "ratings_learned", "ratings_order", "by followers"]
    errors, forecasts, methods = tiny_tables(dict.fromkeys(rules, GOOD))
    methods["converted"] = rules
    with use_language(language):
        texts = conversions(
            [vote_of(errors, forecasts, methods, tiny_facts())] * len(methods), methods
        )
    assert [text for text, rule in zip(texts, rules, strict=True) if text == rule] == [rules[-1]]


def test_midnight_before_the_vote_is_its_eve() -> None:
    def at_moment(moment: pd.Timestamp) -> tuple[bool, int]:
        moved = [one.assign(as_of=moment) for one in tiny_tables({"good": GOOD})]
        vote = vote_of(*moved, tiny_facts(as_of=moment))
        facts = moment_facts(at(headline([vote])[0], moment, "compared"), vote, pd.DataFrame())
        return facts.is_eve, facts.days

    midnight = tiny_facts().vote_on.normalize()
    assert at_moment(midnight) == (True, 0)
    assert at_moment(midnight + pd.Timedelta(hours=9)) == (False, 0)
    assert at_moment(NOW) == (False, 2)


def test_the_age_of_the_evidence_is_in_days_before_the_vote() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "last_election": BASE})
    methods["newest_row_on"] = [pd.Timestamp("2029-12-03T12:00"), pd.NaT]
    rows = headline_of(errors, forecasts, methods, tiny_facts()).set_index("predictor")
    assert rows.loc["good", "evidence_age_days"] == 31
    assert math.isnan(rows.loc["last_election", "evidence_age_days"])


def test_a_failure_is_never_listed_as_an_abstention() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "mute": GOOD, "broken": GOOD})
    methods["status"] = ["ok", "abstained", "failed"]
    rows = headline_of(errors, forecasts, methods, tiny_facts())
    table = shown_table(rows, tiny_facts())
    found = {
        block.key: [row.cells[table.name_at].text for row in block.rows] for block in table.blocks
    }
    assert found == {"others": ["good"], "none": ["mute"], "failed": ["broken"]}


def test_the_full_ballot_ranks_only_complete_forecasts(run: Any) -> None:
    table = run.headline(ballot="all")
    assert table.loc[table["block"].eq("ranked"), "named"].eq(11).all()
    assert table.loc[table["block"].eq("partial"), "named"].lt(11).all()
    assert set(table["block"]) == {"ranked", "partial", "none"}


def test_order_of_the_rows_handed_in_changes_nothing(run: Any) -> None:
    first = run.headline()
    run.errors = run.errors.sample(frac=1, random_state=1)
    run.forecasts = run.forecasts.sample(frac=1, random_state=2)
    run.methods = run.methods.sample(frac=1, random_state=3)
    mixed = run.headline()
    pd.testing.assert_frame_equal(first, mixed)


def test_the_set_of_every_date_is_read_from_the_errors() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "last_election": BASE})
    earlier = errors[errors["candidate"].ne("c")].assign(as_of=pd.Timestamp("2029-12-01T20:00"))
    both = pd.concat([errors, earlier])
    vote = vote_of(both, forecasts, methods, tiny_facts())
    assert list(vote.ranked_sets.values()) == [("a", "b"), ("a", "b", "c")]


def test_votes_together_have_the_tables_of_each_alone() -> None:
    rows = tiny_tables({"good": GOOD, "last_election": BASE})
    errors, forecasts, methods = tiny_tables({"good": BASE, "far": GOOD})
    pair, is_pair = pd.Series({"b": 0.6, "a": 0.4}), {"ranked_on": (), "n_advance": 1}
    others = [table[table["candidate"].ne("c")] for table in (errors, forecasts)]
    runoff = tiny_facts(pair, **is_pair, reference="far")
    votes = [vote_of(*others, methods, runoff), vote_of(*rows, tiny_facts())]
    for together, alone in zip(headline(votes), votes, strict=True):
        pd.testing.assert_frame_equal(together, headline([alone])[0], check_dtype=False)


def test_a_method_stands_beside_the_one_that_does_without() -> None:
    table = headline_of(*tiny_tables({"with": BASE, "alone": GOOD, "map": GOOD}), tiny_facts())
    pairs = {"with": "alone", "map": "alone", "silent": "alone"}
    found = with_and_without(table, pairs, pd.Series({"map": 1.0, "alone": 2.0}))
    near = pytest.approx
    with_it, without = (10 + 6 + 4) / 3, (2 + 1 + 1) / 3
    assert found == [
        Addition(
            "with", "alone", pytest.approx(with_it), pytest.approx(without), False, None, None
        ),
        Addition("map", "alone", near(without), near(without), True, 1.0, 2.0),
    ]


def test_of_a_first_place_alone_the_note_says_whether_it_is_right_and_no_pair_is_judged() -> None:
    errors, forecasts, methods = tiny_tables({"claim": {"b": 1.0}, "good": GOOD})
    methods["order_only"] = methods["predictor"].eq("claim")
    of_pair = errors["metric"].eq("pair_right") & errors["predictor"].eq("claim")
    table = headline_of(errors[~of_pair], forecasts, methods, tiny_facts())
    claim = table.set_index("predictor").loc["claim"]
    assert (claim["block"], claim["first_named"], claim["first_right"]) == ("none", "b", False)
    assert (claim["pair_named"], claim["pair_right"]) == ("", None)
    assert "✗ B" in claim["notes"]
