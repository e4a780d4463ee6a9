"""`make bench`: every measurement beside its yardstick, in one run; writes `benchmarks/results.json`.

`make bench-large` (`python -m benchmarks large`) measures what a million cases change, and keeps of it `growth.json`
and the chart `docs/growth.svg`.
"""

import json
import sys
from functools import partial
from pathlib import Path

from benchmarks import appends, growth, intake, reads, rebuild, reports, working_days

MEASUREMENTS = {
    "working days": working_days.measure,
    "appends": appends.measure,
    "intake": intake.measure,
    "reads": partial(reads.measure, reads.SMALL),
    "reports": reports.measure,
    "rebuild": partial(rebuild.measure, rebuild.SMALL, rebuild.LONG_LOG),
}


LARGE = {
    "reads": partial(reads.measure, reads.SMALL, reads.LARGE),
    "reports": partial(reports.measure, len(reports.AUTHORITIES)),
    "growth": partial(growth.measure, *growth.SIZES),
    "rebuild": partial(rebuild.measure, rebuild.LARGE, followed=(rebuild.SHORT, rebuild.LONG, rebuild.LONGEST)),
}


def main() -> None:
    """Measure, print ratios beside their targets, and keep them."""
    results = []
    large = sys.argv[1:] == ["large"]
    for name, measure in (LARGE if large else MEASUREMENTS).items():
        print(f"{name} …", flush=True)
        results += measure()
    width = max(len(result["name"]) for result in results)
    print(f"\n{'':{width}}  {'ratio':>8}  {'target':>8}")
    for result in results:
        verdict = "" if result["met"] else "  missed"
        print(f"{result['name']:{width}}  {result['ratio']:8.2f}  {result['target']:8.2f}{verdict}")
    if large:
        return
    Path(__file__).with_name("results.json").write_text(json.dumps(results, indent=2) + "\n")


sys.exit(main())
