"""Questions to a language model, at an address or by a local command, and a file of its replies."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.core.errors import ConfigError, DataError

SHOWN = 300  # characters of a foreign text in an error


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a reply depends on.

    Attributes
    ----------
    model : str
        Its name, as the address knows it.
    prompt : str
    seed : int
    temperature : float
        0 and above.
    """

    model: str
    prompt: str
    seed: int
    temperature: float

    @property
    def key(self) -> str:
        """SHA-256 of the four values.

        Examples
        --------
        >>> Question(model="m", prompt="p", seed=1, temperature=1.0).key[:12]
        'fca7f09e6509'
        """
        whole = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(whole.encode()).hexdigest()


Ask = Callable[[Question], str]


class Replies:
    """A file of replies, one JSON object a line: key, model, prompt, seed, answer and when asked.

    Parameters
    ----------
    path : Path, optional
        Read if it exists; new replies are added at its end. Nothing is kept without one.

    Raises
    ------
    ConfigError
        If its folder does not exist.
    DataError
        If a line is no reply.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._known: dict[str, str] = {}
        if path and not path.parent.is_dir():
            raise ConfigError(
                f"replies is '{path}', and there is no folder {path.parent}; create it, or name "
                "a file elsewhere"
            )
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.is_file() else []
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                question = Question(**{name: row[name] for name in Question.__annotations__})
                key, answer = str(row["key"]), str(row["answer"])
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{path}, line {number}: no reply of a language model ({error!r}); accepted: "
                    "a JSON object with key, model, prompt, seed, temperature and answer"
                ) from error
            if key != question.key:
                raise DataError(
                    f"{path}, line {number}: the key is not that of model, prompt, seed and "
                    "temperature; the line was edited: remove it, and ask again"
                )
            self._known[key] = answer

    def __len__(self) -> int:
        return len(self._known)

    def to(self, question: Question, ask: Ask | None) -> str | None:
        """The reply to a question: the one on file, or a new one; None where nobody can be asked.

        Parameters
        ----------
        question : Question
        ask : callable, optional
            Who is asked.
        """
        if question.key in self._known:
            return self._known[question.key]
        if ask is None:
            return None
        answer = ask(question)
        self._known[question.key] = answer
        if self.path is not None:
            row = {"key": question.key, **asdict(question), "answer": answer}
            row["asked_on"] = datetime.now(UTC).isoformat(timespec="seconds")
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return answer


def over_http(base_url: str, key_variable: str, timeout_s: float) -> Ask:
    """Ask an address that speaks the protocol of OpenAI's chat completions.

    Parameters
    ----------
    base_url : str
        Such as ``http://localhost:11434/v1``; ``/chat/completions`` is added.
    key_variable : str
        Environment variable that holds the key; empty where none is needed.
    timeout_s : float
        Seconds until an answer is given up.

    Raises
    ------
    ConfigError
        If the address is none, or the variable is not set.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ConfigError(
            f"base_url is '{base_url}'; accepted: an address that begins with http:// or https://"
        )
    headers = {"Content-Type": "application/json"}
    if key_variable:
        if not os.environ.get(key_variable):
            raise ConfigError(
                f"key_variable is '{key_variable}', and this environment variable is not set; "
                f"export {key_variable}=…, or leave key_variable empty where no key is needed"
            )
        headers["Authorization"] = f"Bearer {os.environ[key_variable]}"
    address = f"{base_url.rstrip('/')}/chat/completions"

    def ask(question: Question) -> str:
        body = {
            "model": question.model,
            "messages": [{"role": "user", "content": question.prompt}],
            "seed": question.seed,
            "temperature": question.temperature,
        }
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                said = answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            words = error.read().decode("utf-8", "replace")[:SHOWN]
            raise DataError(f"{address} answers {error.code} {error.reason}: {words}") from error
        except OSError as error:  # no such host, refused, too slow
            raise DataError(f"{address} cannot be reached: {error}") from error
        return _content(said, address)

    return ask


def by_command(command: str, timeout_s: float) -> Ask:
    """Ask a local command: the prompt to its standard input, the answer from its standard output.

    Parameters
    ----------
    command : str
        Split as a shell would; ``{seed}``, ``{model}`` and ``{temperature}`` are filled in.
    timeout_s : float
        Seconds until it is given up.
    """

    def ask(question: Question) -> str:
        values = asdict(question)
        words = [_filled(word, values) for word in shlex.split(command)]
        try:
            done = subprocess.run(
                words, input=question.prompt, capture_output=True, text=True, timeout=timeout_s
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DataError(f"the command {words[0]!r} gave no answer: {error}") from error
        if done.returncode != 0:
            raise DataError(
                f"the command {words[0]!r} ended with status {done.returncode}: "
                f"{done.stderr.strip()[-SHOWN:]}"
            )
        return done.stdout

    return ask


def _filled(word: str, values: dict[str, Any]) -> str:
    for name in ("seed", "model", "temperature"):
        word = word.replace(f"{{{name}}}", str(values[name]))
    return word


def _content(said: str, address: str) -> str:
    try:
        content = json.loads(said)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise DataError(
            f"{address} answers, but not as chat completions do (choices[0].message.content): "
            f"{said[:SHOWN]}"
        ) from error
    return str(content)
