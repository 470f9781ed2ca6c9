"""`python -m bench`: hands over to the command line."""

import gc
import signal
import sys
from types import FrameType

ENDS = ("SIGTERM", "SIGHUP")  # a scheduler, `docker stop` and `kill`; a terminal that was closed


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    raise KeyboardInterrupt(signal.Signals(number))


def main() -> None:
    """Run the command line; a signal is answered from here on, while the rest is imported too."""
    gc.set_threshold(500_000)  # tables make no cycles: to look for some took a twentieth of a run
    for name in ENDS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is signal.SIG_DFL:  # not ignored, as by `nohup`
            signal.signal(number, _stop)
    try:
        from bench.cli.main import main as command_line

        command_line()
    except KeyboardInterrupt as error:
        said = [one for one in error.args if isinstance(one, signal.Signals)]
        number = said[0] if said else signal.SIGINT
        print(
            f"stopped ({number.name}); nothing half-written is left, and the same command goes on "
            "from what is finished",
            file=sys.stderr,
        )
        raise SystemExit(128 + number) from None


if __name__ == "__main__":
    main()
