"""`python -m bench.one NAME FILE [--quick]`: one measurement in this process; a line of JSON a figure into FILE as it comes."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import signal
import sys
from pathlib import Path

import structlog

from bench.measurements import MEASUREMENTS


def main() -> None:
    """Measures; a measurement that fails leaves the figures that it had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(MEASUREMENTS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    # What a measurement started is ended by its own leaving, which the signal alone would not bring about.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chosen = MEASUREMENTS[given.name]
    sizes = chosen.quick if given.quick else chosen.whole
    with given.file.open("a", encoding="utf-8") as out:
        for figure in importlib.import_module(chosen.module).measure(**sizes):
            out.write(json.dumps(figure.as_json()) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
