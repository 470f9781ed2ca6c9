"""The polls that a page draws are those that were public, on the ballot of the vote."""

from bench.data.task import Task
from bench.studies.backtest.analysis import polls_shown


def test_only_polls_that_were_public_are_shown() -> None:
    early, late = (
        polls_shown(Task("toy", round=1, as_of=as_of)) for as_of in ("2031-03-01", "2031-04-18")
    )
    assert 0 < early["poll_id"].nunique() < late["poll_id"].nunique()
    assert set(early["poll_id"]) < set(late["poll_id"])


def test_shares_of_a_poll_are_of_those_who_chose_among_the_ballot() -> None:
    rows = polls_shown(Task("toy", round=1, as_of="2031-04-18"))
    totals = rows.groupby("poll_id")["share"].sum()
    assert totals.le(1.002).all()  # published figures are rounded
    assert totals.median() > 0.95
    assert not rows.duplicated(["poll_id", "candidate"]).any()
