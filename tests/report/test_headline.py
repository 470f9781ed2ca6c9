"""The headline table: refusals, numbers redone by hand, rank rules."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.contract.errors import DataError
from bench.report.facts import RunFacts
from bench.report.headline import best_of_families, headline

OUTCOME = {"a": 0.5, "b": 0.3, "c": 0.2}
CELL = {"election": "tiny", "round": 1, "as_of": "2030-01-01T20:00:00", "scenario": "none",
        "dose": 0.0, "replicate": 0, "area": "national"}  # fmt: skip
QUANTILES = ("q05", "q95")


def tiny_facts(**changes: Any) -> RunFacts:
    """Three candidates: a 50%, b 30%, c 20%."""
    facts: dict[str, Any] = {
        "election": "tiny", "name": "Tiny", "round": 1, "as_of": pd.Timestamp("2030-01-01 20:00"),
        "vote_on": pd.Timestamp("2030-01-03"), "outcome": pd.Series(OUTCOME),
        "names": {c: c.upper() for c in OUTCOME}, "families": dict.fromkeys(OUTCOME, "other"),
        "qualifiers": ("a", "b"), "seats": 2, "title": "Tiny", "source": "none", "ballots": {},
    }  # fmt: skip
    return RunFacts(**(facts | changes))


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
                errors.append(row | {"ballot": "common", "score": "signed_error",
                                     "value": share - OUTCOME[candidate]})  # fmt: skip
        methods.append({"predictor": name, "family": f"f_{name}", "status": "ok",
                        "named": len(named), "n_candidates": 3, "converted": "",
                        "access": "public", "message": ""})  # fmt: skip
    return pd.DataFrame(errors), pd.DataFrame(forecasts), pd.DataFrame(methods)


GOOD = {"a": 0.52, "b": 0.29, "c": 0.19}  # errors +2, -1, -1 points
BASE = {"a": 0.40, "b": 0.36, "c": 0.24}  # errors -10, +6, +4 points


def test_a_missing_column_is_refused() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD})
    with pytest.raises(DataError, match="table 'errors' lacks the column 'ballot'"):
        headline(errors.drop(columns="ballot"), forecasts, methods, tiny_facts())


def test_a_date_that_is_not_in_the_tables_is_refused() -> None:
    with pytest.raises(DataError, match=r"no row of election tiny, round 1, as of 2029"):
        headline(*tiny_tables({"good": GOOD}), tiny_facts(as_of=pd.Timestamp("2029-01-01")))


def test_sizes_can_be_redone_by_hand() -> None:
    table = headline(*tiny_tables({"good": GOOD, "last_election": BASE}), tiny_facts())
    good = table.set_index("predictor").loc["good"]
    assert good["mae_pp"] == pytest.approx((2 + 1 + 1) / 3)
    assert good["rmse_pp"] == pytest.approx(math.sqrt((4 + 1 + 1) / 3))
    assert good["largest_error_pp"] == pytest.approx(2)
    assert good["largest_error_on"] == "a"


def test_the_crps_of_a_point_forecast_is_its_mean_absolute_error() -> None:
    table = headline(*tiny_tables({"good": GOOD}), tiny_facts())
    assert table.loc[0, "crps_pp"] == table.loc[0, "mae_pp"]
    assert not table.loc[0, "has_spread"]


def test_skill_compares_crps_with_the_reference() -> None:
    table = headline(*tiny_tables({"good": GOOD, "last_election": BASE}), tiny_facts())
    skill = table.set_index("predictor")["skill"]
    # 4/3 against 20/3 points
    assert skill["good"] == pytest.approx(1 - 4 / 20)
    assert skill["last_election"] == 0


def test_without_the_reference_there_is_no_skill() -> None:
    assert headline(*tiny_tables({"good": GOOD}), tiny_facts())["skill"].isna().all()


def test_who_leaves_out_a_common_candidate_is_not_ranked_however_close() -> None:
    partial = {"a": 0.5, "b": 0.3}
    table = headline(*tiny_tables({"close": partial, "last_election": BASE}), tiny_facts())
    row = table.set_index("predictor").loc["close"]
    assert row["mae_pp"] == 0
    assert row["block"] == "partial"
    assert pd.isna(row["rank"])
    assert math.isnan(row["skill"])
    assert row["missing"] == "C"
    assert list(table["predictor"]) == ["last_election", "close"]


def test_a_filled_candidate_is_not_a_named_one() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "other": GOOD})
    mine = forecasts["predictor"].eq("good") & forecasts["candidate"].eq("c")
    forecasts.loc[mine, "filled"] = True
    table = headline(errors, forecasts, methods, tiny_facts()).set_index("predictor")
    assert table.loc["good", "block"] == "partial"
    assert table.loc["good", "named"] == 2
    assert table.loc["good", "mae_pp"] == pytest.approx((2 + 1) / 2)


def test_equal_scores_share_a_rank() -> None:
    table = headline(*tiny_tables({"y": GOOD, "x": GOOD, "last_election": BASE}), tiny_facts())
    assert list(table["predictor"]) == ["x", "y", "last_election"]
    assert list(table["rank"]) == [1, 1, 3]


def test_draws_are_ranked_by_crps_and_not_by_mean_absolute_error() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD, "wide": BASE})
    crps = [CELL | {"predictor": "wide", "candidate": c, "ballot": "common", "score": "crps",
                    "value": 0.01} for c in OUTCOME]  # fmt: skip
    errors = pd.concat([errors, pd.DataFrame(crps)])
    table = headline(errors, forecasts, methods, tiny_facts())
    assert list(table["predictor"]) == ["wide", "good"]  # 1.00 before 1.33
    assert table.loc[0, "mae_pp"] > table.loc[1, "mae_pp"]


def test_first_place_and_pair_are_those_with_the_largest_shares() -> None:
    wrong = {"a": 0.3, "b": 0.31, "c": 0.39}
    table = headline(*tiny_tables({"good": GOOD, "wrong": wrong}), tiny_facts())
    rows = table.set_index("predictor")
    assert (rows.loc["good", "first_named"], rows.loc["good", "first_right"]) == ("a", True)
    assert rows.loc["good", "pair_right"]
    assert (rows.loc["wrong", "first_named"], rows.loc["wrong", "first_right"]) == ("c", False)
    assert not rows.loc["wrong", "pair_right"]


def test_equal_shares_name_nobody() -> None:
    table = headline(*tiny_tables({"uniform": dict.fromkeys("abc", 1 / 3)}), tiny_facts())
    assert table.loc[0, "first_named"] == ""
    assert not table.loc[0, "first_right"]
    assert not table.loc[0, "pair_right"]


def test_coverage_counts_outcomes_inside_the_intervals() -> None:
    held = {"good": {"a": {"q05": 0.49, "q95": 0.55}, "b": {"q05": 0.28, "q95": 0.295},
                     "c": {"q05": 0.1, "q95": 0.2}}}  # fmt: skip
    table = headline(*tiny_tables({"good": GOOD}, **held), tiny_facts())
    assert table.loc[0, "coverage_90"] == pytest.approx(2 / 3)


def test_replicates_are_averaged_after_the_summary() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD})
    again = errors.assign(replicate=1, value=3 * errors["value"])
    table = headline(pd.concat([errors, again]), forecasts, methods, tiny_facts())
    # root mean squares sqrt(2) and 3 sqrt(2); not the root of the mean square of both
    assert table.loc[0, "rmse_pp"] == pytest.approx(2 * math.sqrt(2))


def test_the_silent_come_last_with_their_reason() -> None:
    errors, forecasts, methods = tiny_tables({"good": GOOD})
    mute = {"predictor": "mute", "family": "x", "status": "failed", "named": 0, "n_candidates": 3,
            "converted": "", "access": "owner", "message": "boom"}  # fmt: skip
    methods = pd.concat([pd.DataFrame([mute]), methods])
    last = headline(errors, forecasts, methods, tiny_facts()).iloc[-1]
    assert last["block"] == "none"
    assert last["notes"] == "failed: boom; owner's evidence, not public at the time"
    assert np.isnan(last["mae_pp"])


def test_the_full_ballot_ranks_only_complete_forecasts(run: Any) -> None:
    table = headline(run.errors, run.forecasts, run.methods, run.facts, ballot="full")
    assert table.loc[table["block"].eq("ranked"), "named"].eq(11).all()
    assert table.loc[table["block"].eq("partial"), "named"].lt(11).all()
    assert set(table["block"]) == {"ranked", "partial", "none"}


def test_order_of_the_rows_handed_in_changes_nothing(run: Any) -> None:
    first = headline(run.errors, run.forecasts, run.methods, run.facts)
    mixed = headline(
        run.errors.sample(frac=1, random_state=1), run.forecasts.sample(frac=1, random_state=2),
        run.methods.sample(frac=1, random_state=3), run.facts,
    )  # fmt: skip
    pd.testing.assert_frame_equal(first, mixed)


def test_every_family_sends_its_best(run: Any) -> None:
    table = headline(run.errors, run.forecasts, run.methods, run.facts)
    best = best_of_families(table)
    families = table.set_index("predictor").loc[best, "family"]
    assert families.is_unique
    assert best[0] == table.loc[0, "predictor"]
