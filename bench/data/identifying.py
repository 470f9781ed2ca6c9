"""What in a short free text points to a person: addresses, numbers, accounts, names, own words."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bench.core.errors import slug

FIRST_NAMES = Path(__file__).with_name("first_names.txt")
SEVERAL_NAMES = 3  # a citation may name one author; a column of people names many
NAMED = 0.2  # of the different texts: a list of first names never knows all
MOST_ACCOUNTS = 10  # whose posts a column may cite; institutes announce polls in theirs
OWN_WORDS = "what somebody wrote"
SPOKEN = 8  # words from which a sentence in the first person is what somebody wrote

_URL = re.compile(r"(?:https?://|www\.)\S+|\bmailto:\S+", re.IGNORECASE)
_AT = r"(?:@|\s?[\[({]\s?(?:at|arobase|ät|arroba|chiocciola)\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|point|punkt|punto|ponto)\s?[\])}]\s?)"
_MAIL = re.compile(rf"(?<![\w.+-])([\w.+-]+){_AT}([\w-]+(?:{_DOT}[\w-]+)+)", re.IGNORECASE)
_OFFICE = re.compile(
    r"press\w*|pr|prensa|stampa|imprensa|prasa|pers|medi\w+|contact\w*|kontakt|contatt\w*|"
    r"contacto|contato|info\w*|redac\w+|redak\w+|redazione|news\w*|office|buero|büro|sekretariat|"
    r"polls?|polling|survey\w*|umfrage\w*|sondages?|etudes|studien|research|data|webmaster|mail|"
    r"hello|service\w*|accueil|communication\w*",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@/.])@[\w][\w.]{1,40}(?:@[\w.-]+)?")
_IDENTIFIER = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}\b"
    r"|(?<![\w/+.])(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)[\w+/]{24,}={0,2}(?![\w/+.])",
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b", re.IGNORECASE)
_PLACE = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{3,}[,; ] ?-?\d{1,3}\.\d{3,}(?![\d.])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_INSURED = re.compile(  # social security: France, United States
    r"(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3}(?: ?\d\d)?(?!\d)"
    r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"
)
_PHONE = re.compile(
    r"(?<![\w.,/+-])(?:"
    r"(?:\+|00)\d{1,3}[ ./()-]*\d(?:[ ./()-]*\d){6,12}"  # international
    r"|\(0\d{1,5}\)[ ./-]*\d(?:[ ./-]*\d){4,9}"
    r"|0[1-9](?:[ ./-]*\d){7,10}"  # national, with its zero
    r"|\(\d{2,3}\) ?\d{3,5}[ .-]?\d{4}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|\d{3}[ -]\d{3}[ -]\d{3}"
    r"|\d{2} \d{4,5}[ -]\d{4}"
    r"|\d{2} \d{3} \d{2} \d{2}"
    r"|[2-9]\d{9}"
    r")(?:x\d+)?(?![\w/]|[.,-]\d)"
)
_ALONE = re.compile(r"\+?\d{9,15}")
_DATE = re.compile(
    r"(?<![\d./-])(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{8}_\d{4,8})"
    r"(?![./-]?\d)"
)
_REFERENCE = re.compile(
    r"(?:\bn[°ºo]s?\.?|\bnrs?\.?|\bnum\w*\.?|\bno\.|#|\bids?\b|\bdoi\b|\bhdl\b|\bisbn\b|\bissn\b|"
    r"\bref\w*\.?|\bnotice|\bfiles?|\bdocument\w*|\bdepot\b|\bpolls?\b|\bquestion|\brelease|"
    r"\bdetail|\bestudio|\bcommit|\bsha\d*|\bversion|\bpoz\.|\bisin)[ :/=°]*$",
    re.IGNORECASE,
)
# words for streets, by where the number stands
_NUMBER_FIRST = (
    "rue avenue av. boulevard bd place chemin impasse allée quai cours route".split()  # French
)
_NUMBER_AND_NAME = (  # English
    "street st road rd lane drive avenue ave way court close square place boulevard extension "
    "extensions stravenue spring springs mews gardens park terrace crescent"
).split()
_AT_THE_END = (  # German, Dutch: one word with the name
    "straße strasse str. weg gasse allee platz ring straat laan plein singel hof pad gracht kade "
    "steeg dreef boulevard"
).split()
_NUMBER_LAST = (  # Spanish, Italian, Portuguese, Polish
    "calle c/ avenida av. plaza paseo pasaje pasadizo ronda rambla cuesta glorieta callejón "
    "urbanización camino acceso alameda cañada vial via viale piazza corso borgo vicolo strada "
    "contrada stretto incrocio canale rotonda rua travessa praça largo quadra vila viaduto "
    "residencial recanto vereda praia distrito lagoa campo estrada ladeira parque jardim sítio "
    "trecho trevo ulica ul. aleja al. plac pl."
).split()


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


_STREET = re.compile(
    rf"\b\d{{1,4}} ?(?:bis|ter|[a-d])?,? {_any(_NUMBER_FIRST)}(?!\w)"
    rf"|\b\d{{1,5}} (?:[\w'.-]+ ){{1,3}}{_any(_NUMBER_AND_NAME)}\b"
    rf"|(?<![\w.-])[\w.-]*{_any(_AT_THE_END)},? ?\d{{1,4}}[a-z]?\b"
    rf"|\b\d{{1,4}},? [\w-]*{_any(_AT_THE_END)}(?!\w)"
    rf"|\b{_any(_NUMBER_LAST)} [\w .'’-]{{2,40}}?,? \d{{1,5}}\b",
    re.IGNORECASE,
)
_DOOR = re.compile(  # part of an address, beside the name of a person
    r"(?:flat|studio|apt\.?|suite) \w+.*|(?:rue|chemin|boulevard|avenue|place|impasse) .*"
    r"|(?!(?:19|20)\d\d )\d{1,5},? (?:[A-Z][\w'’-]+ ){1,2}[A-Z][\w'’-]+(?: (?:Suite|Apt\.?) \d+)?",
    re.IGNORECASE,
)
_OFFICES = re.compile(
    r"\b[A-Z]{3,}\b|\b(?:institut\w*|polling|research|press\w*|media|group\w*|universit\w*|"
    r"minist\w*|commission|office|agen\w*|sondage\w*|redak\w*|rédac\w*|public)\b"
)
_SPEAKER = re.compile(
    r"\b(?:i|i'm|i've|i'll|my|me|je|j'ai|moi|mon|ma|mes|ich|mir|mich|meine?[mnrs]?|yo|mi|mis|io|mio"
    r"|mia|miei|eu|meu|minha|ja|mój|moja|mnie|ik|mijn)\b",
    re.IGNORECASE,
)
_CITED = re.compile(r"\d{4}|\bdoi\b|\bpp?\.|https?://|\bvol\b|\btab\w*\b", re.IGNORECASE)
_PEOPLE = re.compile(r"[^\W\d_][\w'’.-]*(?:,? [^\W\d_][\w'’.-]*){1,4}")
# host: whether its path is an account, when it is not that of a post
_ACCOUNTS: dict[str, re.Pattern[str]] = {
    host: re.compile(pattern)
    for hosts, pattern in (
        ("twitter.com x.com", r"/(?!i/|search|hashtag/)\w+/?"),
        ("facebook.com fb.com instagram.com vk.com", r"/(?!p/|watch|events/|groups/)[\w.]+/?"),
        ("tiktok.com threads.net threads.com truthsocial.com", r"/@[\w.]+/?"),
        ("youtube.com", r"/(?:@|user/|channel/|c/)[\w.-]+/?"),
        ("linkedin.com", r"/in/.+"),
        ("bsky.app", r"/profile/[\w.:-]+/?"),
        ("t.me telegram.me", r"/\w+/?"),
        ("reddit.com", r"/u(?:ser)?/.+"),
    )
    for host in hosts.split()
}
_POSTS = {
    "twitter.com": r"/(\w+)/status/",
    "x.com": r"/(\w+)/status/",
    "bsky.app": r"/profile/([\w.:-]+)/post/",
    "facebook.com": r"/([\w.]+)/posts/",
    "tiktok.com": r"/@([\w.]+)/video/",
    "t.me": r"/(\w+)/\d+",
}


def identifying(text: str, known: Collection[str] = ()) -> str:
    """What in a text points to a person, in words; empty if nothing does.

    Parameters
    ----------
    text : str
        A URL, a citation, a remark.
    known : collection of str
        Letters of organisations (`bench.data.declared.letters`), whose addresses are offices.

    Examples
    --------
    >>> identifying("seen with jo.doe (at) example (dot) org")
    'an e-mail address'
    >>> identifying("Ifop, notice n° 0612345678, press@ifop.com")
    ''
    >>> identifying("https://bsky.app/profile/jo.bsky.social")
    'a link to an account'
    >>> identifying("https://x.com/ElabeSondages/status/1511987654321098765")
    ''
    """
    plain = normal(text)
    for url in _URL.findall(plain):
        if found := _in_url(url):
            return found
    plain = _URL.sub(" ", plain)
    if any(not _OFFICE.fullmatch(name) for name, _ in _MAIL.findall(plain)):
        return "an e-mail address"
    plain = _MAIL.sub(" ", plain)
    if _HANDLE.search(plain):
        return "an account"
    if _IDENTIFIER.search(_without_references(plain, _IDENTIFIER)):
        return "an identifier"
    if _is_network(plain):
        return "a network address or device"
    if _PLACE.search(plain):
        return "a place of a person"
    if any(_is_iban(match) for match in _IBAN.findall(plain)):
        return "an account of a bank"
    if _INSURED.search(plain):
        return "a number of a person"
    if _ALONE.fullmatch(plain) or _has_phone(plain):
        return "a phone number"
    if _is_home(plain, known):
        return "a postal address"
    spoken = len(re.findall(r"\w+", plain)) >= SPOKEN and not _CITED.search(text)
    return OWN_WORDS if spoken and _SPEAKER.search(plain) else ""


def identifying_together(texts: Iterable[str]) -> str:
    """What the different texts of a column are taken together; empty if nothing that matters.

    Examples
    --------
    >>> identifying_together(["Ann Ashe", "bob birch", "Clark, Carl"])
    'names of people'
    >>> identifying_together(["Le Monde", "Ifop 2017, p. 3", "Anne Muxel 2007"])
    ''
    """
    different = {normal(text) for text in texts}
    named = sum(_is_name(text) for text in different)
    if named >= SEVERAL_NAMES and named >= NAMED * len(different):
        return "names of people"
    authors = {one for text in different for url in _URL.findall(text) if (one := _author(url))}
    return "posts of many accounts" if len(authors) > MOST_ACCOUNTS else ""


def normal(text: str) -> str:
    """A text without what hides its meaning: signs of no width, wide letters, several spaces."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return " ".join(re.sub("[‐-―−]", "-", plain).split())


def _in_url(url: str) -> str:
    if url.lower().startswith("mailto:"):
        return "an e-mail address"
    host, path, mail = _parts(url)
    if mail:
        return "an e-mail address"
    pattern = _ACCOUNTS.get(host)
    if pattern is not None and pattern.fullmatch(path):
        return "a link to an account"
    # a server of the fediverse may have any name
    if re.fullmatch(r"/(?:@|users/)\w+(?:@[\w.-]+)?/?", path) and "medium" not in host:
        return "a link to an account"
    return ""


def _parts(url: str) -> tuple[str, str, bool]:
    """Host without `www`, path, and whether an address of somebody stands in it."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return "", "", False
    said = unquote(f"{parts.query} {parts.fragment}")
    mail = bool(parts.username) or any(
        not _OFFICE.fullmatch(name) for name, _ in _MAIL.findall(said)
    )
    return host, unquote(parts.path).rstrip(".,;)"), mail


def _author(url: str) -> str:
    host, path, _ = _parts(url)
    found = re.match(_POSTS[host], path) if host in _POSTS else None
    return f"{host}/{found[1].lower()}" if found else ""


def _without_references(text: str, pattern: re.Pattern[str]) -> str:
    """A text without the matches that follow a word such as notice, file or n°."""
    return pattern.sub(
        lambda match: " " if _REFERENCE.search(text[: match.start()]) else match[0], text
    )


def _has_phone(text: str) -> bool:
    text = _DATE.sub(" ", text)
    if re.search(r"\b(?:press|pressest\w+|presse|prensa|stampa|imprensa)\b", text, re.IGNORECASE):
        return False  # the number of an office
    return bool(_PHONE.search(_without_references(text, _PHONE)))


def _is_network(text: str) -> bool:
    if _MAC.search(text):
        return True
    for found in (*_IPV4.findall(text), *_IPV6.findall(text)):
        try:
            ipaddress.ip_address(found)
        except ValueError:
            continue
        if len(found) > 4:
            return True
    return False


def _is_iban(words: str) -> bool:
    """Whether the check digits are right (ISO 13616)."""
    plain = words.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_home(text: str, known: Collection[str]) -> bool:
    """Whether a text is an address beside nobody, or beside somebody who is no organisation."""
    if street := _STREET.search(text):
        before = text[: street.start()].strip(" ,;:-")
        words = slug(before).split("_")
        office = any("".join(words[: n + 1]) in known for n in range(len(words)))
        return not before or not (office or _OFFICES.search(before)) or _is_name(before)
    before, _, after = text.partition(",")
    return bool(_DOOR.fullmatch(after.strip())) and _is_name(before)


def _is_name(text: str) -> bool:
    """Whether a text is the name of a person and nothing else, in either order."""
    words = text.replace(",", " ").split()
    if not _PEOPLE.fullmatch(text) or len(words) > 5:
        return False
    known = _first_names()
    ends = (words[0], words[-1]) if "," in text else (words[0],)
    return any(part in known for word in ends for part in _letters(word).split("-")[:1])


def _letters(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower().replace("ł", "l"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def _first_names() -> frozenset[str]:
    lines = FIRST_NAMES.read_text(encoding="utf-8").splitlines()
    return frozenset(
        _letters(name) for line in lines if not line.startswith("#") for name in line.split()
    )
