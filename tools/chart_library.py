"""Makes the JavaScript that pages draw charts with: `python -m tools.chart_library`."""

from __future__ import annotations

import gzip
from pathlib import Path

import bench.report.html

PATH = Path(bench.report.html.__file__).parent / "vega.js.gz"
SNIPPET = "window.vegaEmbed = vegaEmbed;"


def bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed (BSD-3-Clause) of the installed vl-convert, compressed.

    The same version gives the same bytes.
    """
    import vl_convert

    versions = ", ".join(
        (
            f"Vega {vl_convert.get_vega_version()}",
            f"Vega-Lite {vl_convert.get_vegalite_versions()[-1]}",
            f"Vega-Embed {vl_convert.get_vega_embed_version()}",
        )
    )
    script = f"/*! {versions}; BSD-3-Clause, University of Washington. */\n"
    return gzip.compress((script + vl_convert.javascript_bundle(SNIPPET)).encode(), 9, mtime=0)


if __name__ == "__main__":
    PATH.write_bytes(bundle())
