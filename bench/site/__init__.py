"""The static site: its first page, and the pages of reviewed results and of runs."""

from bench.site.build import build_site

__all__ = ["build_site"]
