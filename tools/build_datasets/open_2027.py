"""The election of 2027 before its vote: polls by slate, candidacies, grades, days not yet set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.data.ingest.poll_map import shipped
from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import FAMILY_OF, last_legal_moment, parties_of, person
from tools.build_datasets.files import DAY_END, GATHERED, election_yaml, read_raw, require
from tools.build_datasets.polls import months, tabulated, usable
from tools.build_datasets.ratings import RATING

YEAR = 2027
NAME = "fr2027"
TITLE = "French presidential election of 2027"
WHAT = (
    "Polls (`inputs/`), candidacies and slates of an election that is still to come; there is no "
    "outcome."
)
PLACE = "many/polls_france/"
POLLS = f"{PLACE}fr2027_polls_mieuxvoter_to_2026-07-10.parquet"
LATER_POLLS = GATHERED / "fr2027_polls.csv"
"""What the compilation has gained since: a row per question, a column per person tested."""

CANDIDACIES = GATHERED / "fr2027_candidacies.csv"
EVENTS = GATHERED / "fr2027_events.csv"
PRICES = GATHERED / "fr2027_claims.csv"
GRADES = f"{PLACE}fr2027_grades_mieuxvoter_to_2026-05.parquet"
DAYS = {1: "2027-04-18", 2: "2027-05-02"}
ANNOUNCED_ON = "2026-07-01"
"""The Council of Ministers of that day named the days of both rounds; a decree has to set them."""

MAP = shipped("mieuxvoter")
INSTITUTES = {
    "IFOP": "Ifop",
    "ELABE": "Elabe",
    "ODOXA": "Odoxa",
    "verian": "Verian",
    "IPSOS": "Ipsos",
    "CLUSTER17": "Cluster17",
}
BASES = dict(MAP.words["base"])
LAG = pd.Timedelta(days=2)
# grades that judge, best first, by scale: favourable, unfavourable
SCALES = {
    "pt1": ((1, 2), (4, 5)),
    "pt2": ((1, 2), (3, 4)),
    "pt3": ((1, 2), (3, 4)),
    "pt4": ((1, 2), (3,)),
}
SOURCE = "MieuxVoter/presidentielle2027"


def build(source: Path) -> list[Part]:
    """Everything of the folder but `election.yaml`."""
    polls = _polls(source)
    people = _people(polls.tables["inputs/polls.csv"])
    known = frozenset(people["candidate"])
    return [
        part("candidates", {"candidates.csv": people}, YEAR),
        _candidacies(known),
        polls,
        _grades(source, known),
        _events(),
        _prices(known),
    ]


def facts_yaml() -> str:
    """The content of election.yaml."""
    rounds = {}
    for number, named in DAYS.items():
        last = last_legal_moment(pd.Timestamp(named))
        rounds[number] = {
            "vote_on": f'"{named}"',
            "announced_on": f'"{ANNOUNCED_ON}"   # by the government; until a decree sets the day',
            "known_at": f'"{named}T20:00:00"',
            "polls_until": f'"{last:%Y-%m-%dT%H:%M:%S}"',
            "n_advance": 2 if number == 1 else 1,
            "candidates": "open   # whoever polls test, until the official list",
        }
    return election_yaml(NAME, TITLE, "FR", rounds)


def _polls(source: Path) -> Part:
    raw = _questions(source)
    twice = raw[raw.duplicated(["poll_id", "candidat"])]
    require(twice.empty, POLLS, f"names a candidate twice in {twice['poll_id'].head(3).tolist()}")
    unknown = sorted(set(raw["candidat"]) - set(parties_of(2027, "tested")))
    require(not unknown, POLLS, f"no party is given for {unknown[:5]}")
    raw = raw.assign(
        round=raw["tour"].map({name: int(number) for name, number in MAP.rounds.items()}),
        institute=raw["nom_institut"].replace(INSTITUTES),
        sponsor=raw["commanditaire"].str.replace(", ", "; "),
        mode=None,
        start_date=raw["debut_enquete"],
        end=pd.to_datetime(raw["fin_enquete"]),
        sample_size=raw["echantillon"],
        sample_expressed=None,
        base=raw["population"],
        hypothesis=raw["hypothese"],
        rolling="False",
        slug=raw["candidat"].map(person),
        share=(raw["intentions"].astype(float) / 100).round(5),
        source=SOURCE,
    )
    require(bool(raw["round"].notna().all()), POLLS, f"a round is none of {list(MAP.rounds)}")
    kept, left_out = usable(raw, merged=False)
    first = kept[kept["round"].eq(1)]
    assert MAP.published_in is not None
    day_of = MAP.published_in.day
    named = [day_of(*row) for row in zip(kept["filename"], kept["end"], strict=True)]
    stated = pd.Series(named, index=kept.index, dtype="datetime64[ns]")
    known = stated.fillna(kept["end"] + LAG) + DAY_END
    basis = stated.notna().map({True: "stated", False: "rule"})
    table = tabulated(kept, known, basis, BASES)
    return part(
        "polls",
        {"inputs/polls.csv": table, "slates.csv": _slates(kept)},
        YEAR,
        left_out=left_out,
        slates=[],
        dates=[],
        n_people=first["slug"].nunique(),
        n_slates=first.groupby("poll_id")["slug"].agg(frozenset).nunique(),
        months=months(table),
        excluded=[f"Left out: {poll} ({reason})." for poll, reason in MAP.left_out.items()],
        last_evenings=[],
    )


def _questions(source: Path) -> pd.DataFrame:
    """The rows of the compilation that ask all voters how they would vote."""
    earlier, later = read_raw(source / POLLS), read_raw(LATER_POLLS)
    both = sorted(set(earlier["poll_id"]) & set(later["poll_id"]))
    require(not both, str(LATER_POLLS), f"holds {both[:3]}, which {POLLS} has too")
    about = [name for name in later if name in earlier]
    rows = later.melt(about, var_name="candidat", value_name="intentions")
    raw = pd.concat([earlier, rows.dropna(subset="intentions")], ignore_index=True)
    absent = sorted(set(MAP.left_out) - set(raw["poll_id"]))
    require(not absent, POLLS, f"has no {absent}, which the map leaves out")
    return raw[~raw["poll_id"].isin(list(MAP.left_out))]


def _slates(kept: pd.DataFrame) -> pd.DataFrame:
    first = kept[kept["round"].eq(1) & kept["hypothesis"].notna()]
    asked = first.groupby("poll_id").agg(slate=("hypothesis", "first"), who=("slug", frozenset))
    by_name = asked.groupby("slate")["who"].nunique()
    require(
        bool(by_name.eq(1).all()), POLLS, f"{by_name[by_name > 1].index.tolist()} has two lists"
    )
    by_list = asked.groupby("who")["slate"].nunique()
    require(bool(by_list.eq(1).all()), POLLS, "one list of candidates has two names")
    pairs = asked.drop_duplicates("slate").explode("who")
    pairs = pairs.assign(number=pairs["slate"].str[1:].astype(int))
    ordered = pairs.sort_values(["number", "who"])
    return pd.DataFrame({"slate": ordered["slate"], "candidate": ordered["who"]})


def _people(polls: pd.DataFrame) -> pd.DataFrame:
    tested = {person(name): (name, party) for name, party in parties_of(2027, "tested").items()}
    return pd.DataFrame(
        [
            {
                "candidate": who,
                "name": tested[who][0],
                "family": FAMILY_OF[tested[who][1].casefold()],
                "party": tested[who][1],
                "incumbent": False,
            }
            for who in sorted(polls["candidate"].unique())
        ]
    )


def _candidacies(known: frozenset[str]) -> Part:
    raw = read_raw(CANDIDACIES)
    rows = [
        {
            "candidate": person(row["name"]),
            "status": status,
            "published_on": pd.Timestamp(row[status]) + DAY_END,
            "basis": "rule",
            "source": f"{SOURCE} candidats.csv",
        }
        for row in raw.to_dict("records")
        for status in ("declared", "withdrawn")
        if isinstance(row[status], str)
    ]
    table = pd.DataFrame(rows)
    untested = int((~table["candidate"].isin(known)).sum())
    table = table[table["candidate"].isin(known)].sort_values(["published_on", "candidate"])
    return part(
        "candidacies", {"candidacies.csv": table}, YEAR, n_days=len(table), untested=untested
    )


def _grades(source: Path, known: frozenset[str]) -> Part:
    raw = read_raw(source / GRADES)
    raw = raw.assign(candidate=raw["candidate"].map(person), end=pd.to_datetime(raw["end_date"]))
    strange = sorted(set(raw["poll_type_id"]) - set(SCALES))
    require(not strange, GRADES, f"has grades on scales that are not known: {strange}")
    grades = raw[[f"intention_mention_{number}" for number in range(1, 7)]].astype(float) / 100
    sums = grades.sum(axis=1)
    require(bool(sums.between(0.97, 1.03).all()), GRADES, "has grades that do not sum to 100")
    sides = []
    for side in (0, 1):
        fraction = pd.Series(0.0, index=raw.index)
        for scale, judged in SCALES.items():
            columns = [f"intention_mention_{number}" for number in judged[side]]
            here = raw["poll_type_id"].eq(scale)
            fraction = fraction.mask(here, grades[columns].sum(axis=1))
        sides.append(fraction.round(4))
    table = pd.DataFrame(
        {
            "source": raw["institut"].str.lower(),
            "round": 1,
            "day": raw["end"],
            "candidate": raw["candidate"],
            "favourable": sides[0],
            "unfavourable": sides[1],
            "n": raw["nb_people"].astype(float).astype("Int64"),
            "published_on": raw["end"] + LAG + DAY_END,
            "available_on": raw["end"] + DAY_END,
            "provenance": "MieuxVoter/mj-database-2027 " + raw["poll_id"],
        }
    )
    left_out = int((~table["candidate"].isin(known)).sum())
    table = table[table["candidate"].isin(known)]
    return part(
        "ratings_2027",
        {"inputs/ratings.csv": table.sort_values(RATING)},
        YEAR,
        n_graded=len(table),
        left_out=left_out,
    )


def _events() -> Part:
    table = read_raw(EVENTS)
    table["published_on"] = pd.to_datetime(table["published_on"]) + DAY_END
    table.insert(3, "basis", "rule")
    return part("events_2027", {"events.csv": table}, YEAR, n_events=len(table))


def _prices(known: frozenset[str]) -> Part:
    table = read_raw(PRICES)
    strangers = sorted(set(table["candidate"]) - known)
    require(not strangers, str(PRICES), f"quotes {strangers[:3]}, whom no poll tested")
    table["share"] = table["share"].astype(float)
    table["published_on"] = pd.to_datetime(table["published_on"])
    table.insert(4, "available_on", None)
    ordered = table.sort_values(["quantity", "share"], ascending=[False, False], kind="stable")
    return part(
        "prices_2027",
        {"inputs/claims.csv": ordered},
        YEAR,
        n_people=table["candidate"].nunique(),
        n_prices=len(table),
    )
