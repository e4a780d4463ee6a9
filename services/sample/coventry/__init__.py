"""Coventry's adult social care complaints of April 2022 to March 2025, as the lines of an import.

The council printed counts, not cases. `history()` tells cases that yield its counts, as at each day on which a report
knew the facts; `published()` is what was printed, from `published.csv`. The same call yields the same bytes.

Invented: every case, person, name, word, date and reference, the Ombudsman's own references among them, and whatever
no figure depends on, such as who acknowledged late, who was told of a delay, and which cases are related.

Forced: how many there are of each kind, outcome, channel, area, concern, issue, characteristic, remedy and sum, in
which month and year, and within which days. What forces a choice is said beside it. Figures marked in `published.csv`
as not holding are contradicted by the report that prints them, and no history could yield them all: the months of
2023-24, for one, add up to one complaint more than the year.

Informal complaints are told as made orally and settled to the complainant's satisfaction by the end of the next
working day. The council did not print that; it is invented, because nothing else takes a complaint out of the statutory
count (SI 2009/309 reg 8(1)(c)), and the printed counts leave them out.

Reference figures, of the Ombudsman on the councils of the region and of adults in long-term support, are no one's case
and are given as printed; the region's total is left to the report. How anything is counted is the business of
reporting, which knows nothing of this package.

From the print to the lines: `published` and `labels` (what was printed, and its codes), `plans`, `concerns` and
`cohorts` (what each complaint is made to be), `telling`, `beside` and `ombudsman` (its story), `lines` (when each step
is recorded, and under which reference).
"""

from collections.abc import Iterator

from services.sample.coventry.beside import reference_figures, tell_corporate, tell_informal, tell_praise
from services.sample.coventry.cohorts import cohort
from services.sample.coventry.lines import Body, Register
from services.sample.coventry.ombudsman import tell_ombudsman
from services.sample.coventry.plans import PLANS
from services.sample.coventry.published import Published, published
from services.sample.coventry.telling import tell_statutory

__all__ = ["Published", "history", "published"]


def history() -> Iterator[Body]:
    """The import file, line by line: its header, and then every command in the order of recording."""
    register = Register()
    complaints = [complaint for year in PLANS for complaint in cohort(year)]
    for complaint in complaints:
        tell_statutory(register, complaint)
    for year in PLANS:
        tell_informal(register, year)
        tell_corporate(register, year)
        tell_praise(register, year)
    tell_ombudsman(register, complaints)
    register.loose.extend(reference_figures())
    yield {"history": 1, "authority": "COV", "source": "Coventry sample: invented case histories"}
    yield from register.lines()
