"""The proof that no forecast used what was not public: look-ahead audit and frozen records."""

from bench.audit.look_ahead import Verdict, audit
from bench.audit.vote import Vote

__all__ = ["Verdict", "Vote", "audit"]
