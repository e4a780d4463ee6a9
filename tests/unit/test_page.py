"""A report as a page: what it says, and that what others wrote is only ever text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from services.reporting.figures import Cell, Share, Table
from services.reporting.grid import DASH, printed
from services.reporting.pages.chapters import HEADINGS, ORDER, chapter_of, heading_of
from services.reporting.pages.page import page
from services.reporting.paper import Listing
from tests.papers import DRAFT_PAPER, HOSTILE, PUBLIC_PAPER, SUPPRESSED, YEARS, cell

DRAFT, PUBLIC = page(DRAFT_PAPER), page(PUBLIC_PAPER)


class _Read(HTMLParser):
    """The tags of a page, and the text of its rows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self._within = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
            self._within = True
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "tr"

    def handle_data(self, data: str) -> None:
        if self._within and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def rows(text: str) -> list[list[str]]:
    return _Read(text).rows


def test_counts_stand_beside_their_per_cents() -> None:
    assert ["Email", "3", "60%"] in rows(PUBLIC)
    assert ["Letter", "1", "20%"] in rows(PUBLIC)
    assert ["Phone", "0", "0%"] in rows(PUBLIC)
    assert ["Total", "5", ""] in rows(PUBLIC)


def test_what_is_suppressed_or_missing_says_so_and_zero_is_a_figure() -> None:
    found = rows(PUBLIC)
    assert ["Upheld", "[c]"] in found
    assert ["Withdrawn", "0"] in found
    assert ["Rate of nothing", "[z]", "per cent"] in found
    assert ["Not recorded", "[x]", "people"] in found
    for explained in ("[c] Confidential: not shown", "[x] Not available: no such figure", "[z] Not applicable:"):
        assert f"<li>{explained}" in PUBLIC
    assert "[c]" not in page(replace(PUBLIC_PAPER, tables=(YEARS,)))


@pytest.mark.parametrize(
    ("measure", "amount", "of", "text"),
    [
        ("pounds", 125_050, None, "£1,251"),
        ("pounds", -125_000, None, "\N{MINUS SIGN}£1,250"),
        ("per_cent", 2, 3, "67%"),
        ("average", 5, 2, "3"),
        ("ratio", 5, 2, "2.5"),
        ("figure", 3709, None, "3,709"),
        ("count", -3, None, "\N{MINUS SIGN}3"),
    ],
)
def test_a_figure_is_printed_with_its_sign(measure: str, amount: int, of: int | None, text: str) -> None:
    assert printed(cell("r", "c", amount, measure=measure, of=None if of is None else (Share("x", of),))) == text


@pytest.mark.parametrize("text", [DRAFT, PUBLIC], ids=["draft", "public"])
def test_what_others_wrote_is_text(text: str) -> None:
    tags = _Read(text).tags
    assert "script" not in {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"]
    assert "&lt;script&gt;" in text
    assert text.count(HOSTILE) == 0


def test_only_an_internal_page_leads_to_cases() -> None:
    assert '<a href="/v1/traces?a=b&amp;c=d">3</a>' in DRAFT
    assert "/v1/traces" not in PUBLIC
    assert "/v1/traces" not in page(replace(DRAFT_PAPER, public=True))


def test_a_page_says_whether_it_may_be_handed_out() -> None:
    assert "<strong>Draft for internal use</strong>: small numbers are shown" in DRAFT
    assert "<strong>Published</strong></p>" in PUBLIC
    assert "Draft" not in PUBLIC


def test_a_page_is_one_outline_with_a_name_for_everything_once() -> None:
    tags = _Read(DRAFT).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    named = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(named) == len(set(named))
    wanted = {str(a["href"])[1:] for tag, a in tags if tag == "a" and str(a["href"]).startswith("#")}
    wanted |= {
        name for _, a in tags for key in ("aria-labelledby", "aria-describedby") for name in str(a.get(key, "")).split()
    }
    assert wanted <= set(named)
    assert ("html", {"lang": "en-GB"}) in tags


def test_every_column_and_row_has_a_heading_with_its_scope() -> None:
    scopes = [attributes.get("scope") for tag, attributes in _Read(DRAFT).tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    assert len({len(row) for row in rows(page(replace(DRAFT_PAPER, tables=(YEARS,), listings=())))}) == 1


def test_the_councils_own_words_come_in_paragraphs() -> None:
    assert '<h2 id="words-1">Foreword</h2>\n<p>First paragraph.</p>\n<p>Second: ' in PUBLIC


def test_a_list_prints_its_days_in_words_and_what_is_missing_as_a_dash() -> None:
    assert [HOSTILE, DASH, "2 July 2024", DASH, "3"] in rows(PUBLIC)
    assert PUBLIC.count("There is nothing to report.") == 2


def test_a_chart_says_in_words_what_it_shows() -> None:
    assert '<desc id="table-1-chart-desc">Email: 3; Letter: 1; Form: 1.</desc>' in PUBLIC
    shown = re.findall(r"<desc[^>]*>([^<]*)</desc>", PUBLIC)
    assert "Email, 2022-23: 3; Email, 2023-24: 4; Email, 2024-25: 5;" in " ".join(shown)


def test_what_adds_up_to_nothing_or_is_suppressed_has_no_chart() -> None:
    assert "<svg" not in page(replace(DRAFT_PAPER, tables=(SUPPRESSED, Table(name="t", cells=()))))


def test_several_measures_of_a_row_have_a_line_each() -> None:
    columns = [f"{what}: {year}" for what in ("complaints", "compliments") for year in ("2023-24", "2024-25")]
    table = Table(name="by month", cells=tuple(cell(row, c, 1) for row in ("April", "May") for c in columns))
    found = rows(page(replace(PUBLIC_PAPER, tables=(table,), listings=())))
    assert found == [
        ["What is counted", "2023-24", "2024-25", "Unit"],
        ["April", "1", "1", "complaints"],
        ["May", "1", "1", "complaints"],
        ["April", "1", "1", "compliments"],
        ["May", "1", "1", "compliments"],
    ]


def test_what_a_table_counts_stands_above_it_or_in_a_column_where_rows_differ() -> None:
    def of(*bases: str) -> str:
        cells = tuple(Cell(row=f"row {b}", column="n", basis=b, shares=(Share("x", 1),)) for b in bases)
        return page(replace(PUBLIC_PAPER, tables=(Table(name="t", cells=cells),), listings=()))

    assert "Counts: a." in of("a")
    assert "Counts: a; \N{LEFT SINGLE QUOTATION MARK}row b\N{RIGHT SINGLE QUOTATION MARK}: b." in of("a", "b")
    assert rows(of("a", "b", "c", "d"))[1:] == [[f"Row {b}", "1", b] for b in "abcd"]


def test_figures_that_contradict_one_another_are_said_to() -> None:
    doubtful = page(replace(PUBLIC_PAPER, tables=(replace(YEARS, agrees=False),)))
    assert "These figures do not agree" in doubtful
    assert "These figures do not agree" not in page(replace(PUBLIC_PAPER, tables=(YEARS,)))


def test_every_table_has_a_chapter_and_a_heading() -> None:
    assert {chapter_of(name) for name in HEADINGS} <= set(ORDER)
    assert (chapter_of("ombudsman remedies"), chapter_of("remedies")) == ("The Ombudsman", "Putting things right")
    assert (chapter_of("nothing like it"), heading_of("nothing like it")) == ("More figures", "Nothing like it")
    assert heading_of("statutory outcomes, three years") == "How each complaint ended, three years"


def test_the_years_of_a_table_stand_right_after_it() -> None:
    headings = re.findall(r"<h3[^>]*>([^<]*)</h3>", PUBLIC)
    first = headings.index("How people complained")
    assert headings[first + 1] == "How people complained, three years"


def test_the_same_paper_is_always_the_same_page() -> None:
    assert page(DRAFT_PAPER) == DRAFT


QUARTERS = ("2023-24 Q3", "2023-24 Q4", "2024-25 Q1", "2024-25 Q2", "2024-25 Q3")


def quarters(name: str, amounts: Mapping[str, Sequence[int]]) -> Table:
    cells = (cell(row, at, n) for row, found in amounts.items() for at, n in zip(QUARTERS, found, strict=True))
    return Table(name=name, cells=tuple(cells))


def test_a_trend_is_drawn_quarter_by_quarter_and_names_what_it_draws() -> None:
    compliments = quarters("compliments", {"received": (5, 4, 3, 2, 1), "stage 1 complaints": (1, 1, 1, 1, 1)})
    outcomes = quarters("statutory outcomes", {"upheld": (1, 2, 3, 4, 5), "not upheld": (0, 1, 1, 1, 1)})
    text = page(replace(DRAFT_PAPER, kind="quarterly", tables=(compliments, outcomes)))
    first, second = re.findall(r"<desc[^>]*>([^<]*)</desc>", text)
    assert first.startswith("2023-24 Q3, received: 5; 2023-24 Q4, received: 4; ")
    assert second.startswith("2023-24 Q3, upheld: 1; 2023-24 Q3, not upheld: 0; 2023-24 Q4, upheld: 2; ")


def test_the_key_figures_of_a_quarter_stand_beside_those_of_the_one_before() -> None:
    compliments = quarters("compliments", {"received": (5, 4, 3, 2, 1)})
    text = page(replace(DRAFT_PAPER, kind="quarterly", tables=(compliments,)))
    assert "<li><strong>1</strong> compliments received<span>2 the quarter before</span></li>" in text


def test_each_table_of_a_quarter_has_a_chapter_and_a_plain_heading() -> None:
    assert chapter_of("decided") == "How complaints ended"
    assert chapter_of("delay reasons") == chapter_of("open at quarter end") == "How long complaints took"
    assert heading_of("compliance with times by stage") == "Whether deadlines were kept, by stage"


def test_in_the_progress_list_the_cases_come_first_and_the_urgent_are_marked_in_words() -> None:
    counts = replace(SUPPRESSED, name="open complaints by colour")
    read = Listing(name="open complaints", columns=("Reference", "RAG"), rows=(("A", "Red"), ("B", "No deadline runs")))
    codes = Listing(name="open complaints", columns=("reference", "rag"), rows=(("A", "red"),), in_words=read)
    text = page(replace(DRAFT_PAPER, kind="progress", tables=(counts,), listings=(codes,)))
    assert re.findall(r"<h[23][^>]*>([^<]*)</h", text)[-5:-1] == [
        "Open complaints",
        "Every open complaint, the most urgent first",
        "How many are red, amber and green",
        "Contents",
    ]
    assert '<td><strong class="red">Red</strong></td>' in text
    assert "<td>No deadline runs</td>" in text
    assert "<td>red</td>" not in text


def test_a_public_page_says_at_its_head_what_is_hidden_and_prints_no_table_of_nothing_else() -> None:
    assert "Figures marked [c] are not shown" in PUBLIC
    assert "Figures marked [c]" not in DRAFT
    hidden = Table(name="hidden", cells=(cell("row", "complaints", 0, shares=(), suppressed=True),))
    text = page(replace(PUBLIC_PAPER, tables=(hidden,), listings=()))
    assert rows(text) == []
    assert "No figure of this table is shown" in text


def test_on_paper_a_figure_is_no_link() -> None:
    assert '<td class="number" data-printed="3"><a href="/v1/traces?a=b&amp;c=d">3</a>' in DRAFT
    assert "data-printed" not in re.sub(r"<style>.*?</style>", "", PUBLIC, flags=re.DOTALL)
