"""The language in which people read: sentences, numbers and lists, in English and in French.

Sentences stand in the code in English, as ``_("{n} polls were public", n=3)``, and in French in
``locale/fr.po``. Numbers are formatted once, by the field of the sentence (``{error:.1f}``), and
take the form of the language there. Analyses store no sentence: what they have to say is kept as
a `Message`, and said when a report is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from numbers import Number
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.core.errors import no_such

if TYPE_CHECKING:
    from gettext import GNUTranslations

SOURCE = "en"
LANGUAGES = {"en": "English", "fr": "Français"}
MINUS = "\N{MINUS SIGN}"
NARROW, WIDE = "\u202f", "\u00a0"  # spaces at which no line is broken
_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


class Message(str):
    """A sentence, in English, that can be said later in the language of whoever reads it.

    Parameters
    ----------
    text : str
        In English, with named fields.
    **values
        By the name of the field: text, numbers, lists of these, or messages.

    Examples
    --------
    >>> kept = Message("{n} rows", n=3)
    >>> kept, Message.of(kept.to_json()).told()
    ('3 rows', '3 rows')
    """

    text: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, /, **values: Any) -> Message:
        """The sentence with its fields filled in."""
        with speaking(SOURCE):
            made = super().__new__(cls, WORDS.vformat(text, (), values) if values else text)
        made.text, made.values = text, values
        return made

    def told(self) -> str:
        """The sentence in the language that is spoken."""
        return _(self.text, **self.values)

    def to_json(self) -> list[Any]:
        """As JSON holds it."""
        return [self.text, {name: _to_json(value) for name, value in self.values.items()}]

    @classmethod
    def of(cls, kept: Any) -> Message:
        """What `to_json` gave; a plain text stays as it is."""
        if isinstance(kept, str):
            return cls("{text}", text=kept)
        return cls(kept[0], **{name: _from_json(value) for name, value in kept[1].items()})


def told(sentence: str) -> str:
    """The sentence in the language that is spoken, if it is one that can be said later."""
    return sentence.told() if isinstance(sentence, Message) else sentence


def kept(sentence: str) -> Any:
    """As JSON holds a sentence, for `Message.of`: one that can be said later with its values."""
    return sentence.to_json() if isinstance(sentence, Message) else sentence


def _to_json(value: Any) -> Any:
    if isinstance(value, Message):
        return {"said": value.to_json()}
    return [_to_json(one) for one in value] if isinstance(value, list | tuple) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Message.of(value["said"])
    return [_from_json(one) for one in value] if isinstance(value, list) else value


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say everything in this language until the end of the block.

    Raises
    ------
    ConfigError
        If there is no such language.

    Examples
    --------
    >>> with speaking("fr"):
    ...     _("Methods"), in_form("1,234.5"), in_form("12%") == "12\u202f%"
    ('Méthodes', '1\u202f234,5', True)
    """
    check_language(code)
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)


def check_language(code: str) -> None:
    """Refuse a language that nothing can be said in.

    Raises
    ------
    ConfigError
        As `speaking`.
    """
    if code not in LANGUAGES:
        raise no_such("the language", code, LANGUAGES)


def spoken() -> str:
    """Code of the language that is spoken now."""
    return _spoken.get()


class Speech(NamedTuple):
    """The language that is spoken, looked up once for many texts.

    Attributes
    ----------
    code : str
        Of the language.
    word, number : callable
        `_` of a message without fields, and `in_form`; English stays as it is.
    """

    code: str
    word: Callable[[str], str]
    number: Callable[[str], str]


def speech() -> Speech:
    """What says the words and numbers of a table in the language that is spoken."""
    code = _spoken.get()
    return Speech(code, str, str) if code == SOURCE else Speech(code, _, in_form)


def _(message: str, /, **values: Any) -> str:
    """A sentence in the language that is spoken, with its fields filled in.

    Parameters
    ----------
    message : str
        In English; fields as of `str.format`, by name.
    **values
        Numbers take the form of the language, lists become "a, b and c".

    Examples
    --------
    >>> _("{who}: {share:.1%} of {n:,}", who=["Ash", "Fir"], share=0.125, n=4000)
    'Ash and Fir: 12.5% of 4,000'
    """
    text = said_in(_spoken.get(), message)
    return agreeing(WORDS.vformat(text, (), values)) if values else text


def said_in(code: str, message: str) -> str:
    """A sentence without fields in a language, spoken or not; as it is where it has no translation.

    Examples
    --------
    >>> said_in("fr", "Methods"), said_in("en", "Methods")
    ('Méthodes', 'Methods')
    """
    return message if code == SOURCE or not message else catalogue(code).gettext(message)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """A sentence in its singular or plural, by `n`, which its fields know as well.

    Examples
    --------
    >>> ngettext("{n} poll", "{n} polls", 1), ngettext("{n} poll", "{n} polls", 2)
    ('1 poll', '2 polls')
    """
    code = _spoken.get()
    text = catalogue(code).ngettext(one, many, n) if code != SOURCE else one if n == 1 else many
    return agreeing(WORDS.vformat(text, (), {"n": n, **values}))


def agreeing(text: str) -> str:
    """A sentence whose points agree with their number: several begin at 2 in French.

    Examples
    --------
    >>> with speaking("fr"):
    ...     agreeing("0,6 points, 12,5 points")
    '0,6 point, 12,5 points'
    """
    if _spoken.get() != "fr":
        return text
    return re.sub(r"(?<![\d,\u202f])([01],\d+ point)s\b", r"\1", text)


def N_(message: str) -> str:  # noqa: N802 - the name by which extractors know it
    """The message as it is: for constants, which are said later by `_`."""
    return message


def retold(text: str, *messages: str) -> str:
    """A text that was made of one of these messages, in the language that is spoken.

    For texts of tables, whose files are in English.

    Examples
    --------
    >>> with speaking("fr"):
    ...     retold("a errs more than b", "{worse} errs more than {better}")
    'a se trompe davantage que b'
    """
    if _spoken.get() != SOURCE:
        for message in messages:
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(message))
            if found := re.fullmatch(pattern, text):
                return _(message, **found.groupdict())
    return text


def listed(names: Sequence[str]) -> str:
    """Names in a row of words.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = names or [""]
    return _("{names} and {last}", names=", ".join(most), last=last) if most else last


def in_form(number: str) -> str:
    """A number as Python writes it, in the form of the language that is spoken.

    Rounding happens once, before: Babel would round the decimal form of a float anew.
    """
    if _spoken.get() == SOURCE:
        return number
    number = re.sub(r"(?<=\d),(?=\d)", NARROW, number)
    return re.sub(r"(?<=\d)\.(?=\d)", ",", number).replace("%", f"{NARROW}%")


class _Words(Formatter):
    """Fields in the form of the language."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Message):
            return value.told()
        if isinstance(value, list | tuple):
            return listed([self.format_field(one, format_spec) for one in value])
        text = super().format_field(value, format_spec)
        return in_form(text.replace("-", MINUS)) if isinstance(value, Number) else text


WORDS = _Words()


@cache
def catalogue(code: str) -> GNUTranslations:
    """The sentences of a language, by those of the source."""
    import io
    from gettext import GNUTranslations

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with files("bench.core").joinpath("locale", f"{code}.po").open("rb") as file:
        known = read_po(file, locale=code)
    for message in known:
        if isinstance(message.string, str):
            message.string = typeset(message.string) if message.id else message.string
        else:
            message.string = tuple(map(typeset, message.string or ()))
    compiled = io.BytesIO()
    write_mo(compiled, known)
    compiled.seek(0)
    return GNUTranslations(compiled)


def typeset(text: str) -> str:
    """French with the spaces that keep signs on the line of their word.

    Examples
    --------
    >>> typeset("« oui » : 90 % ?") == "«\u00a0oui\u00a0»\u00a0: 90\u202f%\u202f?"
    True
    """
    text = re.sub(" (?=[;!?%])", NARROW, text)
    return re.sub(r"(?<=«) | (?=[:»](?:\W|$))", WIDE, text)
