"""`python -m bench`: hands over to the command line."""

from bench.cli.main import main

if __name__ == "__main__":
    main()
