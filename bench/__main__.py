"""`python -m bench`: hands over to the command line."""

import gc

from bench.runner.console import until_the_end


def main() -> None:
    """Run the command line; a signal is answered from here on, while the rest is imported too."""
    gc.set_threshold(500_000)  # tables make no cycles: to look for some took a twentieth of a run
    with until_the_end():
        from bench.cli.main import main as command_line

        command_line()


if __name__ == "__main__":
    main()
