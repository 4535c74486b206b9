"""`python -m benchmarks [NAME...]`: run benchmarks and print what they found."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.result import save

# modules that are no benchmarks
PARTS = ("__main__", "defects", "label_sets", "planting", "result", "shared", "tables")
NAMES = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in PARTS)


def main(names: list[str]) -> int:
    """Run the named benchmarks, all of them when none is named; 2 for a name that is none."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark '{unknown[0]}'; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        result = importlib.import_module(f"benchmarks.{name}").run()
        path = save(name, result)
        print(f"{name}  n = {result.n}, seeds {result.seeds}  -> {path.name}")
        for key, number in result.metrics.items():
            interval = f"  ({number['low']:.4g} to {number['high']:.4g})" if number["low"] is not None else ""
            beside = f"; published {number['published']:.4g}" if "published" in number else ""
            print(f"  {key:<44} {number['value']:.4g} {number['unit']}{interval}{beside}")
    return 0


sys.exit(main(sys.argv[1:]))
