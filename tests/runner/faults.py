"""A plug-in with every fault that a predictor can have, one at a time."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from bench.core import Evidence, Forecast, Predictor
from bench.core.evidence import EvidenceBatch


class Unprintable(Exception):
    """An error whose own message fails."""

    def __str__(self) -> str:
        raise ValueError("no words")


@dataclass(frozen=True, kw_only=True)
class Faulty(Predictor):
    """Equal shares, after the fault has happened."""

    family: ClassVar[str] = "faults"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    fault: str  # several joined by "-" come one after the other

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = list(evidence.candidates)
        equal = Forecast(share=pd.Series(1 / len(names), index=names))
        for fault in self.fault.split("-"):
            changed = getattr(self, f"_{fault}", lambda *_: None)(evidence, rng, equal)
        return equal if changed is None else changed

    def predict_batch(self, batch: EvidenceBatch) -> Any:
        equal = np.full((batch.size, len(batch.candidates)), 1 / len(batch.candidates))
        changed = getattr(self, f"_{self.fault}", lambda *_: None)(batch, None, equal)
        return equal if changed is None else changed

    def _batch_writes(self, batch: EvidenceBatch, *_: Any) -> None:
        batch.tables["polls"].values["share"][...] = 0.9

    def _batch_shape(self, batch: EvidenceBatch, rng: Any, equal: Any) -> Any:
        return equal[:1]

    def _batch_percent(self, batch: EvidenceBatch, rng: Any, equal: Any) -> Any:
        return 100 * equal

    def _batch_too_much(self, batch: EvidenceBatch, rng: Any, equal: Any) -> Any:
        return equal * 1.5

    def _batch_words(self, *_: Any) -> Any:
        return "shares"

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

    def _stranger(self, *_: Any) -> Forecast:
        return Forecast(share=pd.Series({"nobody": 1.0}))

    def _draws_shape(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        return Forecast(share=equal.share, draws=np.full((10, 1), 1.0))

    def _areas_of_objects(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        rows = pd.DataFrame([equal.share, equal.share], index=["01", 7])
        return Forecast(share=equal.share, areas=rows)

    def _converted_unprintable(self, evidence: Evidence, rng: Any, equal: Forecast) -> Forecast:
        return Forecast(share=equal.share, converted=Unprintable())  # type: ignore[arg-type]

    def _prints(self, *_: Any) -> None:
        print("\x1b[2J<script>" * 5000)
        print("\udce9 garbage", file=sys.stderr)

    def _closes_output(self, *_: Any) -> None:
        sys.stdout.close()
        sys.stderr.close()

    def _mutates_array(self, evidence: Evidence, *_: Any) -> None:
        evidence.tables["polls"]["share"].array[0] = 0.0

    def _mutates_table(self, evidence: Evidence, *_: Any) -> None:
        del evidence.tables["polls"]["share"]
        evidence.tables["polls"]["candidate"] = "ash"

    def _leaves_thread(self, *_: Any) -> None:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()

    # what is done to the process, and to others

    def _hangs_and_ignores(self, *_: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)

    def _stops_itself(self, *_: Any) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def _os_exit(self, *_: Any) -> None:
        os._exit(0)

    def _segfaults(self, *_: Any) -> None:
        ctypes.string_at(0)

    def _changes_folder(self, *_: Any) -> None:
        os.chdir("/")

    def _kills_group(self, *_: Any) -> None:
        os.killpg(0, signal.SIGKILL)

    def _closes_files(self, *_: Any) -> None:
        os.closerange(0, 1000)

    def _eats_memory(self, *_: Any) -> None:
        held = []
        while True:
            held.append(np.empty(2**24))

    def _prints_forever(self, *_: Any) -> None:
        while True:
            os.write(1, b"x" * 2**20)

    def _answers_forever(self, *_: Any) -> None:
        for number in range(3, 10):  # one of them is the line to the harness
            rest = memoryview(b"1" * 2**27)
            with contextlib.suppress(OSError):
                while rest:  # a signal may cut a write short
                    rest = rest[os.write(number, rest) :]
