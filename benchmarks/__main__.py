"""`make bench`: every measurement beside its yardstick, in one run; writes `benchmarks/results.json`."""

import json
import sys
from functools import partial
from pathlib import Path

from benchmarks import appends, intake, reads, working_days

MEASUREMENTS = {
    "working days": working_days.measure,
    "appends": appends.measure,
    "intake": intake.measure,
    "reads": partial(reads.measure, reads.SMALL),
}


def main() -> None:
    """Measure, print ratios beside their targets, and keep them."""
    results = []
    for name, measure in MEASUREMENTS.items():
        print(f"{name} …", flush=True)
        results += measure()
    width = max(len(result["name"]) for result in results)
    print(f"\n{'':{width}}  {'ratio':>8}  {'target':>8}")
    for result in results:
        verdict = "" if result["met"] else "  missed"
        print(f"{result['name']:{width}}  {result['ratio']:8.2f}  {result['target']:8.2f}{verdict}")
    Path(__file__).with_name("results.json").write_text(json.dumps(results, indent=2) + "\n")


sys.exit(main())
