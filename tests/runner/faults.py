"""A guest predictor with every fault that a predictor can have, one at a time."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from bench.core import Evidence, Forecast, Predictor


class Unprintable(Exception):
    """An error whose own message fails."""

    def __str__(self) -> str:
        raise ValueError("no words")


@dataclass(frozen=True, kw_only=True)
class Faulty(Predictor):
    """Equal shares, after the fault has happened."""

    family: ClassVar[str] = "faults"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    fault: str

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = list(evidence.candidates)
        equal = Forecast(share=pd.Series(1 / len(names), index=names))
        changed = getattr(self, f"_{self.fault}", lambda *_: None)(evidence, rng, equal)
        return equal if changed is None else changed

    def _raises(self, *_: Any) -> None:
        raise ZeroDivisionError("nothing to divide by")

    def _unprintable(self, *_: Any) -> None:
        raise Unprintable

    def _recurses(self, *given: Any) -> Any:
        return self._recurses(*given)

    def _sys_exit(self, *_: Any) -> None:
        sys.exit(0)

    def _interrupts(self, *_: Any) -> None:
        raise KeyboardInterrupt

    def _asserts_nothing(self, *_: Any) -> Any:
        return "macron"

    def _nan(self, evidence: Evidence, *_: Any) -> Forecast:
        return Forecast(share=pd.Series(np.nan, index=list(evidence.candidates)))

    def _infinite(self, evidence: Evidence, *_: Any) -> Forecast:
        return Forecast(share=pd.Series(np.inf, index=list(evidence.candidates)))

    def _percent(self, evidence: Evidence, *_: Any) -> Forecast:
        return Forecast(share=pd.Series(20.0, index=list(evidence.candidates)))

    def _sums_to_half(self, evidence: Evidence, *_: Any) -> Forecast:
        names = list(evidence.candidates)
        return Forecast(share=pd.Series(0.5 / len(names), index=names))

    def _stranger(self, *_: Any) -> Forecast:
        return Forecast(share=pd.Series({"nobody": 1.0}))

    def _draws_shape(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        return Forecast(share=equal.share, draws=np.full((10, 1), 1.0))

    def _draws_nan(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        return Forecast(share=equal.share, draws=np.full((10, len(equal.share)), np.nan))

    def _areas_of_objects(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        rows = pd.DataFrame([equal.share, equal.share], index=["\udce9", 7])
        return Forecast(share=equal.share, areas=rows)

    def _converted_unprintable(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        return Forecast(share=equal.share, converted=Unprintable())  # type: ignore[arg-type]

    def _prints(self, *_: Any) -> None:
        print("\x1b[2J<script>" * 5000)
        print("\udce9 garbage", file=sys.stderr)

    def _closes_output(self, *_: Any) -> None:
        sys.stdout.close()
        sys.stderr.close()

    def _changes_folder(self, *_: Any) -> None:
        os.chdir("/")

    def _mutates_array(self, evidence: Evidence, *_: Any) -> None:
        shares = evidence.tables["polls"]["share"].array
        raw = np.frombuffer(
            (ctypes.c_double * len(shares)).from_address(np.asarray(shares).ctypes.data)
        )
        raw[:] = 0.0

    def _mutates_table(self, evidence: Evidence, *_: Any) -> None:
        del evidence.tables["polls"]["share"]

    def _mutates_words(self, evidence: Evidence, *_: Any) -> None:
        evidence.tables["polls"]["candidate"] = "ash"

    def _forks(self, *_: Any) -> None:
        os.fork()

    def _leaves_thread(self, *_: Any) -> None:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()

    # only a process of its own survives these

    def _hangs(self, *_: Any) -> None:
        while True:
            time.sleep(3600)

    def _hangs_and_ignores(self, *_: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass

    def _os_exit(self, *_: Any) -> None:
        os._exit(0)

    def _segfaults(self, *_: Any) -> None:
        ctypes.string_at(0)

    def _kills_itself(self, *_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _aborts(self, *_: Any) -> None:
        os.abort()

    def _eats_memory(self, *_: Any) -> None:
        held = []
        while True:
            held.append(np.ones(2**24))

    def _prints_forever(self, *_: Any) -> None:
        while True:
            os.write(1, b"x" * 2**20)

    def _leaves_process(self, *_: Any) -> None:
        child = subprocess.Popen(["sleep", "600"])
        Path(os.environ["BENCH_TEST_LEFT"]).write_text(str(child.pid))
