"""The gate against personal data: evidence is aggregates; whoever can be told apart stays out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError

REASON = (
    "what identifiable people think of candidates is data on political opinions, which GDPR "
    "art. 9(1) forbids to process without a ground of art. 9(2); evidence is counts and fractions. "
    "Sum by day and candidate, leave this column out, and delete the file that was refused"
)
MANY = 20  # rows from which a column can be said to tell people apart
_COLUMNS = {
    "e-mail addresses": "email e_mail mail courriel email_address",
    "phone numbers": "phone phone_number telephone tel mobile gsm portable",
    "postal addresses": "address adresse street street_address rue home_address",
    "network addresses or devices": "ip ip_address device device_id imei cookie cookie_id idfa",
    "accounts": "user user_id userid username user_name screen_name handle account account_id "
    "account_name author author_id author_name profile profile_url twitter_handle pseudo",
    "single people": "voter voter_id person person_id respondent respondent_id panelist "
    "panelist_id participant participant_id citizen_id elector_id ssn nir passport",
    "names of people": "first_name last_name firstname lastname surname forename given_name "
    "family_name full_name fullname prenom nom nom_prenom",
    "days of birth": "birth birthday birthdate birth_date date_of_birth dob date_naissance",
    "what people wrote": "text full_text tweet tweet_text post post_text comment comments message "
    "body bio verbatim free_text open_answer caption",
    "places of people": "lat lon lng latitude longitude gps geolocation coordinates",
}
NAMES = {word: what for what, words in _COLUMNS.items() for word in words.split()}

_URL = re.compile(r"https?://\S+|www\.\S+")
_VALUES = {
    "e-mail addresses": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone numbers": re.compile(
        r"(?<![\d.])(?:\+\d{1,3}[ .()-]*\d(?:[ .()-]*\d){7,11}|0[1-9](?:[ .-]\d\d){4}|0[67]\d{8}"
        r"|\(\d{3}\) ?\d{3}[ .-]\d{4})(?!\d)"
    ),
    "account handles": re.compile(r"^\s*@\w{2,30}\s*$"),
    "postal addresses": re.compile(
        r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée"
        r"|quai|\w+ (?:street|road|lane|drive|avenue))\b",
        re.IGNORECASE,
    ),
    "network addresses": re.compile(r"^\s*(?:\d{1,3}\.){3}\d{1,3}\s*$"),
}
_ACCOUNT_LINK = (
    r"https?://(?:\w+\.)?(?:twitter|x|facebook|instagram|tiktok|vk)\.com/|https?://t\.me/"
)
_PERSON = r"[^\W\d_a-z][\w'’.-]+(?: [^\W\d_a-z][\w'’.-]*){1,3}"
_ID = r"[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{8,20}"


def refuse_personal(
    raw: pd.DataFrame, path: Path, *, promised: Collection[str], counts: Collection[str] = ()
) -> None:
    """Refuse a table that looks like data on persons; the message never repeats a value.

    Parameters
    ----------
    raw : pandas.DataFrame
        Every column of the file, as read.
    path : Path
        For the message.
    promised : collection of str
        Columns that the bench knows; their names are fine, their values are looked at.
    counts : collection of str
        Columns that count people; all ones mean a row per person.

    Raises
    ------
    DataError
        With the column, what it seems to hold, and why that is refused.

    Examples
    --------
    >>> refuse_personal(pd.DataFrame({"source": ["ask ann@example.org"]}), Path("polls.csv"),
    ...                 promised=["source"])
    Traceback (most recent call last):
    ...
    bench.core.errors.DataError: polls.csv: column 'source' seems to hold e-mail addresses
    (row 0); refused: what identifiable people think of candidates is data on political opinions,
    which GDPR art. 9(1) forbids to process without a ground of art. 9(2); evidence is counts and
    fractions. Sum by day and candidate, leave this column out, and delete the file that was refused
    """
    for column, what, where in _found(raw, promised, counts):
        raise DataError(f"{path}: column '{column}' seems to hold {what}{where}; refused: {REASON}")


def _found(
    raw: pd.DataFrame, promised: Collection[str], counts: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    for column in raw.columns:
        name = re.sub(r"[^a-z0-9]+", "_", _snake(str(column))).strip("_")
        if column not in promised and name in NAMES:
            yield str(column)[:60], NAMES[name], " by its name"
    for column in counts:
        if column in raw and len(raw) >= MANY:
            people = pd.to_numeric(raw[column], errors="coerce")
            if (people == 1).mean() > 0.9:
                yield column, "one person per row", ""
    for column in raw.columns:
        values = raw[column].dropna()
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
            if column not in promised and pd.api.types.is_integer_dtype(values):
                yield from _identifiers(str(column), values.astype(str))
            continue
        words = values.astype(str)
        yield from _in_cells(str(column), words)
        yield from _identifiers(str(column), words)
        # a promised `name` is that of somebody who stands for office, or might have
        yield from _in_column(str(column), words, public=column == "name" and column in promised)


def _in_cells(column: str, words: pd.Series) -> Iterator[tuple[str, str, str]]:
    bare = words.drop_duplicates().str.replace(_URL, " ", regex=True)
    for what, pattern in _VALUES.items():
        hit = bare.str.contains(pattern)
        if hit.any():
            yield column[:60], what, f" (row {hit.idxmax()})"


def _identifiers(column: str, words: pd.Series) -> Iterator[tuple[str, str, str]]:
    if _tells_apart(words) and words.str.fullmatch(_ID).mean() > 0.9:
        yield column[:60], "an identifier for every row", ""


def _in_column(column: str, words: pd.Series, *, public: bool) -> Iterator[tuple[str, str, str]]:
    if not _tells_apart(words):
        return
    links = words.str.match(_ACCOUNT_LINK).mean()
    prose = words[~words.str.match(_URL)].str.count(r"\w+")
    if links > 0.5:
        yield column[:60], "links to accounts or their posts", ""
    elif len(prose) > len(words) / 2 and prose.mean() >= 8:
        yield column[:60], "free text, another in every row", ""
    elif not public and words.nunique() > 30 and words.str.fullmatch(_PERSON).mean() > 0.7:
        yield column[:60], "names of people", ""


def _tells_apart(words: pd.Series) -> bool:
    return len(words) >= MANY and words.nunique() > 0.5 * len(words)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
