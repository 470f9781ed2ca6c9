"""Sentences and figures of distortions: what they show can be recomputed."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.simulated import WORDS, effective, users_of_app
from bench.studies.distortions.view import PAGE, facts_of, heat_map, largest_doses, most_moved

FAMILIES = {"naive": "app ratings", "hardened": "app ratings", "poll": "quota polls"}
KINDS = {"none": "", "bot_crowd": "manipulation", "late_news": "bias"}


@pytest.fixture
def response() -> pd.DataFrame:
    """An attack that serves Ann, whom it lifts while the error falls, and a bias against Bob."""
    rows = [
        {
            "distortion": distortion,
            "kind": KINDS[distortion],
            "dose": dose,
            "unit": unit,
            "predictor": name,
            "whom": whom,
            "moved_pp": gain * dose / max(doses[-1], 1) if whom else float("nan"),
            "moved_se_pp": 0.1,
            "targets_pp": float("nan"),
            "share_pp": 20.0 + gain * dose / max(doses[-1], 1),
            "place_before": 3.0,
            "place": 1.0 if gain * dose >= 800 else 3.0,
            "through": "bob, eve",
            "through_changed": 0.25,
            "most_often_first": "ann" if gain * dose >= 800 else "bob",
            "replicates": 9,
            "mae_pp": base + slope * dose / max(doses[-1], 1),
            "mae_se_pp": 0.1,
            "mae_q05_pp": base,
            "mae_q95_pp": base + 4,
        }
        for distortion, unit, doses, names, whom in (
            ("none", "", [0.0], FAMILIES, ""),
            ("bot_crowd", "accounts", [0.0, 10.0, 100.0, 1000.0], ["naive", "hardened"], "ann"),
            ("late_news", "points", [0.0, 1.0, 2.0], ["poll"], "bob"),
        )
        for name, base, slope, gain in zip(
            names, (2.0, 3.0, 1.0), (-1.0, 4.0, 2.0), (8.0, 2.0, 1.0), strict=False
        )
        for dose in doses
    ]
    table = pd.DataFrame(rows)
    table.loc[table["distortion"].eq("late_news"), ["moved_pp"]] *= -0.5
    return table


def test_an_attack_is_told_by_whom_it_lifts_although_the_error_falls(
    response: pd.DataFrame,
) -> None:
    last = largest_doses(response)
    names = {"ann": "Ann", "bob": "Bob"}
    facts = facts_of({"response": response}, last, names, None, title="Spoilt")
    assert last.loc[last["added_pp"].idxmax(), "predictor"] == "hardened"  # and not the naive one
    assert (facts["n_attacks"], facts["n_lifted_closer"]) == (2, 1)
    first, second, third, *_others = PAGE.report(facts, {}, {}).findings
    assert first == (
        "In real evidence, of the attacks “Bot crowd” moves most: its largest dose (accounts: "
        "1,000) gives Ann 8.0 points in “Naive”, from 20.0 to 28.0% (mean of 9 replicates, "
        "Monte-Carlo error 0.10) and from rank 3 to 1, and others get through in 25% of the "
        "replicates. The mean absolute error goes from 2.0 to 1.0 points per candidate."
    )
    assert second.startswith("In 1 of 2 cases some dose lifts whom the attack serves and lowers")
    assert "of the biases “Late news” moves most" in third
    assert "costs Bob 4.0 points in “Poll”" in third


def test_the_largest_doses_say_between_which_doses_tried_the_first_place_turns(
    response: pd.DataFrame,
) -> None:
    last = largest_doses(response).set_index(["distortion", "predictor"])
    turns = last[["turns_after", "turns_at"]]
    assert turns.loc["bot_crowd", "naive"].tolist() == [10, 100]
    assert turns.loc["bot_crowd", "hardened"].tolist() == [100, 1000]
    assert turns.loc["late_news", "poll"].isna().all()  # nobody intends a bias
    assert last["mae_before_pp"].to_dict() == {
        ("bot_crowd", "naive"): 2.0,
        ("bot_crowd", "hardened"): 3.0,
        ("late_news", "poll"): 1.0,
    }
    most = most_moved(last.reset_index())
    assert list(most["predictor"]) == ["naive", "poll"]


def test_the_map_says_what_the_largest_dose_moves_and_nothing_where_unread(
    response: pd.DataFrame,
) -> None:
    last = largest_doses(response)
    drawn = heat_map(last["moved_pp"], last, FAMILIES).marks[0]
    assert drawn.rows is not None
    words = drawn.rows.set_index("predictor")["words"].to_dict()
    assert words == {"naive": "+8.0", "hardened": "+2.0", "poll": "−4.0"}


def test_whose_votes_the_simulated_users_cast_is_read_from_the_data() -> None:
    people = ["ann", "bob", "eve"]
    worth = pd.DataFrame(
        {
            "sample": ["real ballot"] * 3 + ["simulated opt_in_app"] * 3,
            "candidate": people * 2,
            "share": [0.6, 0.05, 0.35] * 2,
            "vote": [0.3, 0.3, 0.4] * 2,
        }
    )
    validation = pd.DataFrame(
        {"instrument": "opt_in_app", "against": "favourable, gov", "figure": people}
    ).assign(real=[20.0, 58.0, 30.0])

    def sentence(worth: pd.DataFrame, names: dict[str, str]) -> str:
        users = users_of_app(worth, validation, "open_ballot", names)
        return WORDS.text("users_of_app", users=users)

    assert sentence(worth, {"ann": "Ann", "bob": "Bob"}) == (
        "Of the simulated app’s users, modelled on the volunteers of the online ballot “Open "
        "ballot”, 60% vote for Ann (officially 30%) and 5% for Bob (30%); of GOV’s users 58% liked "
        "Bob and 20% Ann. “GOV app” names a way to read ratings here, not GOV’s users."
    )
    is_app = worth["sample"].eq("simulated opt_in_app")
    as_voted = worth.assign(share=worth["share"].where(~is_app, worth["vote"]))
    text = sentence(as_voted, {"eve": "Eve"})
    assert text.startswith("Of the simulated app’s users 40% vote for Eve (officially 40%)")
    assert users_of_app(worth[~is_app], validation, "open_ballot", {}) is None


def test_ten_times_the_correlation_is_worth_a_hundredth() -> None:
    # 1e6 of 1e7 voters: f / (1 - f) = 1/9; divided by 0.01 squared: 1111.1
    assert effective(1e6, 0.01, 1e7) == pytest.approx(10_000 / 9)
    assert effective(1e6, 0.1, 1e7) == pytest.approx(100 / 9)
    assert effective(1e6, 1e-9, 1e7) == 1e6
