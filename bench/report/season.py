"""A season of seals after the vote: what each supposed, how methods moved, what they scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.audit.sealed_scores import NOTED, SealedScores
from bench.core.language import N_, _, ngettext
from bench.core.options import label
from bench.data.election import load_election
from bench.report.charts import Chart
from bench.report.comparison import quoted
from bench.report.context import election_title, names_of, people_of, sources_of, vote_words
from bench.report.formatting import Columns, ColumnSpec, format_fixed, format_probability
from bench.report.plotting.season import moved, moved_chart, scored, scored_chart
from bench.report.tables import Table, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADLINE = "poll_tracker"
"""The method whose chances stand beside what each seal supposed, where it was sealed."""

LEADING = 0.10  # share of the vote from which an error counts in the table of seals
BANDS = (
    (100, N_("over 100 days")),
    (30, N_("31 to 100")),
    (7, N_("8 to 30")),
    (-1, N_("a week or less")),
)
"""Days before the vote above which a seal belongs to a band."""

VOTE = ["election", "round"]
SEAL = ["record", *VOTE, "as_of"]
ASIDE = ("supposed", "came_later")
INSIDE = ("inside_50", "inside_90")


@dataclass(frozen=True)
class Season:
    """Several seals of one vote or of several, scored."""

    found: SealedScores

    @cached_property
    def names(self) -> dict[str, str]:
        """Surnames by slug."""
        return names_of(sorted(set(self.found.seals["address"])))

    @cached_property
    def seals(self) -> pd.DataFrame:
        """The seals, the earliest of each vote first."""
        return self.found.seals.sort_values([*VOTE, "as_of"], kind="stable")

    @cached_property
    def is_one(self) -> bool:
        """Whether any vote was sealed more than once."""
        return bool((self.found.seals.groupby(VOTE)["seal"].nunique() > 1).any())

    @cached_property
    def headline(self) -> str:
        """The method that is followed from seal to seal."""
        stated = self.found.forecasts.dropna(subset="p_qualify")["predictor"]
        rows = stated if len(stated) else self.found.forecasts["predictor"]
        return HEADLINE if HEADLINE in set(rows) else str(rows.iloc[0])

    @cached_property
    def errors(self) -> pd.DataFrame:
        """Scores by candidate, a column each, with the days from the seal to the vote."""
        rows = self.found.scored
        rows = rows[rows["candidate"] != ""]
        wide = rows.pivot_table(
            index=[*SEAL, "predictor", "candidate"], columns="score", values="value"
        ).reset_index()
        days = self.found.seals[[*SEAL, "days_before"]]
        return wide.merge(days, on=SEAL)

    def tables(self) -> list[Table]:
        """What each seal supposed; every method by distance and over the season."""
        return [self._seals(), self._methods(), self._by_distance()]

    def by_seal(self) -> pd.DataFrame:
        """One row per seal: who of its slate did not stand, who came later, how the headline did.

        Returns
        -------
        pandas.DataFrame
            election, round, as_of, days_before, supposed, came_later, chances (the headline's of
            those who got through, NaN where not asked about, by name), `mae_leading` (mean
            absolute error of candidates with 10 % of the vote or more, on both ballots).
        """
        said, errors = (
            rows[rows["predictor"] == self.headline].set_index([*SEAL, "candidate"])
            for rows in (self.found.forecasts, self.errors)
        )
        chance = said["p_qualify"].to_dict()
        is_leading = said["outcome"].reindex(errors.index) >= LEADING
        leading = errors["absolute_error"][is_leading].groupby(SEAL).mean().to_dict()
        rows = []
        for seal in self.seals.to_dict("records"):
            key = tuple(seal[one] for one in SEAL)
            through = seal["through"].split(", ")
            rows.append(
                {
                    **{one: seal[one] for one in (*SEAL, "days_before", "slate", *ASIDE)},
                    "chances": {name: float(chance.get((*key, name), np.nan)) for name in through},
                    "mae_leading": float(leading.get(key, np.nan)),
                }
            )
        return pd.DataFrame(rows)

    def _seals(self) -> Table:
        rows = self.by_seal()
        rows["vote"] = _votes(rows)
        rows["who"] = [self._chances(one) for one in rows["chances"]]
        for key in ASIDE:
            rows[key] = [people_of(one, self.names) for one in rows[key]]
        return table(
            "season",
            rows.drop(columns="chances"),
            title=_(
                "What each seal assumed, and what {headline} made of it",
                headline=label("predictor", self.headline),
            ),
            heading=_("What each seal assumed"),
            columns={
                "as_of": {"write": lambda r: f"{r['as_of']:%Y-%m-%d}"},
                "came_later": ColumnSpec(
                    _("lacked"),
                    _("had {least:.0%} of the vote or more, and was not asked about", least=NOTED),
                ),
            },
            show=["vote", "as_of", "days_before", "supposed", "came_later", "who", "mae_leading"],
            filters=("vote",),
            notes=(
                _(
                    "A seal knows the slates that polls had tested by its day, but not the final "
                    "ballot."
                ),
            ),
            terminal=True,
        )

    def _chances(self, chances: Mapping[str, float]) -> str:
        return _("; ").join(
            _("{name} not asked about", name=self.names.get(name, name))
            if chance != chance
            else f"{self.names.get(name, name)} {format_probability(chance)}"
            for name, chance in chances.items()
        )

    def by_method(self) -> pd.DataFrame:
        """One row per vote and method: seals, mean scores, and how far it moved between seals."""
        errors = self.errors
        keys = [*VOTE, "predictor"]
        scores = [name for name in ("absolute_error", "crps", *INSIDE) if name in errors]
        found = errors.groupby(keys, sort=False)[scores].mean()
        found.insert(0, "n", errors.groupby(keys)["record"].nunique())
        said = self.found.forecasts.sort_values("as_of", kind="stable")
        change = said.groupby([*keys, "candidate"])["share"].diff().abs()
        found["moved"] = change.groupby([said[key] for key in keys]).mean()
        for score in ("p_pair", "brier_qualify", "log_qualify"):
            rows = self.found.scored[self.found.scored["score"] == score]
            if len(rows):
                found[score] = rows.groupby(keys)["value"].mean()
        return found.reset_index().sort_values([*VOTE, scores[0]], kind="stable", ignore_index=True)

    def _methods(self) -> Table:
        rows = self.by_method()
        rows["vote"] = _votes(rows)
        columns: Columns = {
            **_inside(),
            "p_pair": {"label": _("P(through)")},
            "brier_qualify": {"label": _("Brier")},
            "log_qualify": {"label": _("log")},
        }
        show = ["predictor", "vote", "n", "absolute_error", "crps", *columns, "moved"]
        return table(
            "season_methods",
            rows,
            title=_("Every method over the season, means over all seals"),
            heading=_("How each method moved and scored"),
            columns=columns,
            of="season",
            show=[key for key in show if key in rows],
            filters=("vote",),
            notes=(
                _(
                    "The seals of one vote share its outcome: whatever the polls got wrong is in "
                    "all of them, so that these are not so many tests. A method that abstained "
                    "early is scored on fewer and easier seals."
                ),
            ),
            terminal=True,
        )

    def by_distance(self) -> pd.DataFrame:
        """One row per band of days and method: outcomes, mean scores, share inside intervals."""
        errors = self.errors
        band = [next(word for least, word in BANDS if n > least) for n in errors["days_before"]]
        errors = errors.assign(band=pd.Categorical(band, [word for _, word in BANDS]))
        scores = [name for name in ("absolute_error", "crps", *INSIDE) if name in errors]
        grouped = errors.groupby(["band", "predictor"], observed=True, sort=True)
        found = grouped[scores].mean()
        found.insert(0, "outcomes", grouped.size())
        found.insert(0, "n", grouped["record"].nunique())
        return found.reset_index().astype({"band": str})

    def _by_distance(self) -> Table:
        rows = self.by_distance()
        show = ["band", "predictor", "n", "outcomes", "absolute_error", "crps", *INSIDE]
        return table(
            "season_distance",
            rows,
            title=_("Coverage and scores by distance"),
            columns=_inside(),
            of="season",
            show=[key for key in show if key in rows],
            filters=("band", "predictor"),
            terminal=False,
        )

    def findings(self) -> list[str]:
        """What the season shows of the headline, of its intervals, and of the slates."""
        return [*self._chances_then(), *self._held(), *self._slates_then(), *self._nearest()]

    def _chances_then(self) -> list[str]:
        """The chances of those who got through: their range over the seals, and the last."""
        said = []
        for vote, part in self.by_seal().groupby(VOTE, sort=False):
            days = part["days_before"].to_list()
            chances = pd.DataFrame(part["chances"].to_list(), index=days)
            said.append(
                _(
                    "{vote}: {headline} gave those who got through these chances ({when}): {who}.",
                    vote=self._title(vote),
                    headline=_quoted(self.headline),
                    who=_("; ").join(self._range(str(name), chances[name]) for name in chances),
                    when=_("{n} days before the vote", n=days[0])
                    if len(days) == 1
                    else _(
                        "{n} seals, {first} to {last} days before the vote",
                        n=len(days),
                        first=days[0],
                        last=days[-1],
                    ),
                )
            )
        return said

    def _range(self, name: str, chances: pd.Series) -> str:
        """The lowest, the highest and the last chance of one person, by days before the vote."""
        known = chances.dropna()
        if len(known) < 2:
            return self._chances({name: chances.iloc[-1]})
        words = _(
            "{name} {low} to {high}, lowest {days} days before, {last} at the last seal",
            name=self.names.get(name, name),
            low=format_probability(known.min()),
            high=format_probability(known.max()),
            days=known.idxmin(),
            last=format_probability(known.iloc[-1]),
        )
        n = len(chances) - len(known)
        asked = ngettext("not asked about in {n} seal", "not asked about in {n} seals", n)
        return f"{words} ({asked})" if n else words

    def _held(self) -> list[str]:
        mine = self.by_distance().query("predictor == @self.headline")
        if "inside_90" not in mine or mine["inside_90"].isna().all():
            return []
        mine = mine.dropna(subset="inside_90")  # a seal without intervals held nobody to them
        whole = self.errors.query("predictor == @self.headline")["inside_90"].mean()
        each = [
            _("{days}: {share:.0%}", share=row["inside_90"], days=_(row["band"]))
            for row in mine.to_dict("records")
        ]
        is_one = len(self.seals[VOTE].drop_duplicates()) == 1
        sentence = (
            N_(
                "The 90% intervals of {headline} held {whole:.0%} of the results of those who "
                "were asked about (by days before the vote: {each}); one election is one draw."
            )
            if is_one
            else N_(
                "The 90% intervals of {headline} held {whole:.0%} of the results of those who "
                "were asked about (by days before the vote: {each}); the seals of one vote share "
                "its result."
            )
        )
        return [_(sentence, headline=_quoted(self.headline), whole=whole, each=", ".join(each))]

    def _slates_then(self) -> list[str]:
        """Until when the slate that was supposed was not the ballot."""
        said = []
        for vote, part in self.by_seal().groupby(VOTE, sort=False):
            wrong = part[(part["supposed"] != "") | (part["came_later"] != "")]
            if wrong.empty:
                continue
            worst = wrong.iloc[-1]
            who = [
                _(words, names=people_of(worst[key], self.names))
                for key, words in (
                    ("supposed", N_("it held {names}")),
                    ("came_later", N_("it lacked {names}")),
                )
                if worst[key]
            ]
            said.append(
                _(
                    "{vote}: until {days_before} days before the vote, the slate that polls tested "
                    "most held somebody who did not stand or lacked somebody who got 5% or more "
                    "({who}).",
                    vote=self._title(vote),
                    days_before=worst["days_before"],
                    who=_("; ").join(who),
                )
            )
        return said

    def _nearest(self) -> list[str]:
        """Which methods were nearest over all seals of a vote, of those that answered every one."""
        rows = self.by_method()
        said = []
        for vote, part in rows.groupby(VOTE, sort=False):
            whole = part[part["n"] == part["n"].max()]
            if len(whole) < 2:
                continue
            first, last = (whole.iloc[place] for place in (0, -1))
            said.append(
                _(
                    "{vote}: over {n} seals, the mean absolute error of all candidates on both "
                    "ballots was {least} points for {best} and {most} for {worst}; one vote does "
                    "not make either the better method.",
                    vote=self._title(vote),
                    n=first["n"],
                    least=format_fixed(100 * first["absolute_error"]),
                    best=_quoted(first["predictor"]),
                    most=format_fixed(100 * last["absolute_error"]),
                    worst=_quoted(last["predictor"]),
                )
            )
        return said

    def _title(self, vote: Any) -> str:
        return election_title(load_election(self._address(vote)).title)

    def _address(self, vote: Any) -> str:
        here = (self.seals["election"] == vote[0]) & (self.seals["round"] == vote[1])
        return str(self.seals.loc[here, "address"].iloc[0])

    @cached_property
    def _drawn(self) -> tuple[str, pd.DataFrame, pd.DataFrame]:
        """Of the vote sealed most often: its address, forecasts and errors."""
        election, number = self.seals[VOTE].value_counts(sort=True).index[0]
        said, errors = (
            rows[(rows["election"] == election) & (rows["round"] == number)]
            for rows in (self.found.forecasts, self.errors)
        )
        days = self.seals.drop_duplicates("as_of").set_index("as_of")["days_before"]
        said = said.assign(days_before=said["as_of"].map(days))
        return self._address((election, number)), said, errors

    def figures(self) -> dict[str, Callable[[str], Figure]]:
        """How the forecasts moved (of the vote sealed most often), and errors by distance."""
        address, forecasts, errors = self._drawn
        words = {
            "headline": self.headline,
            "title": election_title(load_election(address).title),
            "source": sources_of([address]),
        }

        claims = {"moved": self._chances_then(), "scored": self._nearest()}
        claim = {name: next(iter(said), "") for name, said in claims.items()}
        return {
            "moved": moved(forecasts, names=self.names, claim=claim["moved"], **words).draw,
            "scored": scored(errors, claim=claim["scored"], **words).draw,
        }

    def charts(self) -> dict[str, Chart]:
        """The same as charts."""
        _address, forecasts, errors = self._drawn
        return {
            "moved": moved_chart(forecasts, headline=self.headline, names=self.names),
            "scored": scored_chart(errors, headline=self.headline),
        }


def _votes(rows: pd.DataFrame) -> list[str]:
    return list(map(vote_words, rows["election"], rows["round"]))


def _inside() -> Columns:
    return {"inside_50": {"label": _("in 50%")}, "inside_90": {"label": _("in 90%")}}


def _quoted(predictor: str) -> str:
    return quoted([predictor])[0]
