"""The Ombudsman's list beside the register's: what matches, differs, is alone, and cannot be read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.ombudsman.enquiry import Enquiry, Remedy
from services.ombudsman.list_file import read_list
from services.ombudsman.published import AnnualLetter, ListedDecision, ReconcileDecisions, reason_of, remedies_of
from services.ombudsman.reconciliation import Difference, LetterCount, Lone, Reconciliation, reconcile
from shared.authority import authority
from shared.errors import Rejected
from shared.events import Compliance, OmbudsmanCategory
from shared.year import Year

CODES = authority("COV").codes
YEAR = Year.of("2023-24")
DECIDED_ON = date(2024, 2, 27)


def enquiry(
    category: OmbudsmanCategory | None = "upheld", decided_on: str | None = "2024-02-27", **more: Any
) -> Enquiry:
    told = date.fromisoformat(decided_on) if decided_on and category else None
    return Enquiry(received_on=date(2023, 10, 10), category=category, decided_on=told, **more)


def remedy(kind: str) -> Remedy:
    return Remedy(1, kind, DECIDED_ON, None, None)


def listed(reference: str = "23 007 039", category: str = "Upheld", decided_on: str = "2024-02-27", **more: Any) -> Any:
    return ListedDecision.model_validate(
        {"reference": reference, "category": category, "decided_on": decided_on, **more}
    )


def compared(ours: Mapping[str, Enquiry], *theirs: ListedDecision, **letter: Any) -> Reconciliation:
    return reconcile(YEAR, ours, theirs, AnnualLetter(**letter) if letter else None, CODES)


# --- matches, differences, what is alone ----------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["23 007 039", "23007039", "23-007-039", " 23 007 039 "])
def test_the_same_decision_under_the_same_digits_is_a_match(reference: str) -> None:
    found = compared({"23 007 039": enquiry()}, listed(reference))
    assert found == Reconciliation("2023-24", 1, ("23 007 039",), (), (), (), ())


@pytest.mark.parametrize(
    ("ours", "theirs", "field", "mine", "other"),
    [
        (enquiry("not_upheld"), {}, "category", "not_upheld", "upheld"),
        (enquiry(decided_on="2024-02-26"), {}, "decided_on", "2024-02-26", "2024-02-27"),
        (enquiry(reason="no_fault"), {"reason": "fault & injustice"}, "reason", "no_fault", "fault_and_injustice"),
        (enquiry(), {"reason": "fault, no injustice"}, "reason", None, "fault_no_injustice"),
        (enquiry(), {"reason": "Something new"}, "reason", None, "Something new"),
        (enquiry(), {"remedy": "Apology; Training and guidance"}, "remedy", None, "apology, practice_changed"),
        (enquiry(remedies=(remedy("apology"),)), {"remedy": ""}, "remedy", "apology", None),
        (enquiry(remedies=(remedy("apology"),)), {"remedy": "Bouquet"}, "remedy", "apology", "Bouquet"),
    ],
)
def test_what_the_two_sides_tell_otherwise_is_said_field_by_field(
    ours: Enquiry, theirs: dict[str, str], field: str, mine: str | None, other: str | None
) -> None:
    found = compared({"23 007 039": ours}, listed(**theirs))
    assert found.differences == (Difference("23 007 039", field, mine, other),)
    assert found.matches == ()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (enquiry(reason="no_fault"), {}),
        (enquiry(reason="no_fault"), {"reason": ""}),
        (enquiry(remedies=(remedy("apology"),)), {}),
        (enquiry(), {"remedy": ""}),
        (enquiry(), {"remedy": "None"}),
        (enquiry(remedies=(remedy("charges_refund"),)), {"remedy": "Financial redress: Quantifiable Loss"}),
        (enquiry(remedies=(remedy("apology"), remedy("financial"))), {"remedy": "Financial redress,\r\nApology"}),
        (enquiry(reason="already_remedied"), {"reason": "Injustice remedied during organisation's complaint process"}),
    ],
)
def test_what_a_list_does_not_tell_or_tells_in_other_words_is_no_difference(
    ours: Enquiry, theirs: dict[str, str]
) -> None:
    assert compared({"23 007 039": ours}, listed(**theirs)).matches == ("23 007 039",)


def test_a_decision_that_the_register_awaits_differs_and_one_of_another_year_does_too() -> None:
    ours = {"1": enquiry(None), "2": enquiry(decided_on="2024-04-02")}
    found = compared(ours, listed("1"), listed("2"))
    assert [(d.reference, d.field, d.ours) for d in found.differences] == [
        ("1", "category", None),
        ("1", "decided_on", None),
        ("2", "decided_on", "2024-04-02"),
    ]
    assert found.alone_here == ()


def test_what_only_one_side_has_is_alone() -> None:
    ours = {
        "1": enquiry(decided_on="2023-04-01"),
        "2": enquiry(decided_on="2024-03-31"),
        "3": enquiry(decided_on="2023-03-31"),
        "4": enquiry(decided_on="2024-04-01"),
        "5": enquiry(None),
    }
    found = compared(ours, listed("9", "Advice given"))
    assert [lone.reference for lone in found.alone_here] == ["1", "2"]
    assert found.alone_there == (Lone("9", "advice_given", DECIDED_ON),)


def test_of_two_spelt_alike_the_one_that_is_listed_is_meant_and_the_other_is_alone() -> None:
    found = compared({"23 007 039": enquiry(), "23007039": enquiry()}, listed("23007039"))
    assert found.matches == ("23007039",)
    assert [lone.reference for lone in found.alone_here] == ["23 007 039"]


def test_every_listed_decision_is_told_once() -> None:
    ours = {"1": enquiry(), "2": enquiry("not_upheld", "2024-01-02"), "3": enquiry()}
    found = compared(ours, listed("1"), listed("2"), listed("9"))
    differing = {difference.reference for difference in found.differences}
    assert (found.listed, len(found.matches), len(differing), len(found.alone_there)) == (3, 1, 1, 1)


# --- the annual letter ----------------------------------------------------------------------------------------------


def confirmed(compliance: Compliance, on: str) -> Enquiry:
    earlier = enquiry(decided_on="2023-01-10")
    told = replace(earlier, received_on=date(2022, 10, 10), compliance=compliance)
    return replace(told, compliance_confirmed_on=date.fromisoformat(on))


OURS = {
    "1": enquiry(reason="already_remedied"),
    "2": enquiry("upheld"),
    "3": enquiry("not_upheld", reason="already_remedied"),
    "4": enquiry("referred_back"),
    "5": enquiry(None),
    "6": replace(enquiry(), received_on=date(2023, 3, 31)),
    "7": enquiry(decided_on="2024-04-01"),
    "C": confirmed("complied", "2023-04-01"),
    "D": confirmed("complied_late", "2024-03-31"),
    "E": confirmed("not_complied", "2024-03-31"),
    "F": confirmed("complied", "2024-04-01"),
}


@pytest.mark.parametrize(
    ("count", "references"),
    [
        ("received", "1 2 3 4 5 7"),
        ("decided", "1 2 3 4 6"),
        ("upheld", "1 2 6"),
        ("not_upheld", "3"),
        ("referred_back", "4"),
        ("advice_given", ""),
        ("already_remedied", "1"),
        ("complied", "C"),
        ("complied_late", "D"),
        ("not_complied", "E"),
    ],
)
def test_a_count_of_the_letter_stands_beside_the_enquiries_that_the_register_counts(
    count: str, references: str
) -> None:
    mine = tuple(references.split())
    (told,) = compared(OURS, **{count: len(mine) + 1}).letter
    assert told == LetterCount(count, len(mine), len(mine) + 1, same=False, references=mine, of=None)
    (told,) = compared(OURS, **{count: len(mine)}).letter
    assert told.same


@pytest.mark.parametrize(
    ("count", "stated", "ours", "same", "of"),
    [
        ("uphold_rate", "75", 75, True, "1 2 3 6"),
        ("uphold_rate", "60", 75, False, "1 2 3 6"),
        ("compliance_rate", "67", 67, True, "C D E"),
        ("compliance_rate", "67.0", 67, True, "C D E"),
        ("compliance_rate", "66.7", 66.7, True, "C D E"),
        ("compliance_rate", "66.67", 66.67, True, "C D E"),
        ("compliance_rate", "33", 67, False, "C D E"),
    ],
)
def test_a_rate_is_of_what_the_ombudsman_divides_by_and_rounded_as_the_letter_is(
    count: str,
    stated: str,
    ours: float,
    same: bool,  # noqa: FBT001 - a column of the table above
    of: str,
) -> None:
    (told,) = compared(OURS, **{count: Decimal(stated)}).letter
    assert (told.ours, told.same, told.of) == (ours, same, tuple(of.split()))


def test_a_rate_of_nothing_is_none() -> None:
    (told,) = compared({}, uphold_rate=0).letter
    assert told == LetterCount("uphold_rate", None, 0, same=False, references=(), of=())


def test_a_letter_is_answered_in_what_it_states_and_no_more() -> None:
    assert [told.count for told in compared(OURS, received=0, not_upheld=1).letter] == ["received", "not_upheld"]
    assert compared(OURS).letter == ()


# --- the Ombudsman's words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Upheld", "upheld"),
        ("NOT UPHELD", "not_upheld"),
        ("not_upheld", "not_upheld"),
        ("Closed after initial enquiries", "closed_after_initial_enquiries"),
        ("Referred back for local resolution", "referred_back"),
        ("premature, referred back for local resolution", "referred_back"),
        ("Invalid or incomplete", "incomplete_or_invalid"),
        ("Incomplete/Invalid", "incomplete_or_invalid"),
        ("  Advice   given ", "advice_given"),
    ],
)
def test_decisions_are_understood_in_the_ombudsmans_words(words: str, category: str) -> None:
    assert listed(category=words).category == category


@pytest.mark.parametrize("words", ["", "Upheld?!No", "partially upheld", "Adult care services"])
def test_any_other_word_is_no_decision(words: str) -> None:
    with pytest.raises(ValidationError, match="no decision of the Ombudsman"):
        listed(category=words)


@pytest.mark.parametrize("day", ["2024-02-27", "27/02/2024", " 27/2/2024 "])
def test_days_are_understood_as_iso_and_as_england_write_them(day: str) -> None:
    assert listed(decided_on=day).decided_on == DECIDED_ON


@pytest.mark.parametrize("day", ["", "02/27/2024", "2024-02-30", "27/02/24", "27 February 2024", "20240227", "45349"])
def test_any_other_day_is_refused(day: str) -> None:
    with pytest.raises(ValidationError, match=r"not a date such as|no such day"):
        listed(decided_on=day)


def test_every_reason_is_known_by_its_code_and_by_its_label() -> None:
    edition = CODES.edition("ombudsman_reasons", DECIDED_ON)
    for value in edition.values:
        assert reason_of(value.code, edition) == reason_of(value.label.upper(), edition) == value.code


def test_every_remedy_of_the_register_is_known_by_its_code_and_by_its_label() -> None:
    for value in CODES.edition("remedies", DECIDED_ON).values:
        assert remedies_of(value.code) == remedies_of(value.label.upper())
        assert len(remedies_of(value.code)) == 1


def test_a_reference_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(Rejected, match=r"items\.2 has the reference of items\.0"):
        ReconcileDecisions(year="2023-24", items=(listed("1 1"), listed("2"), listed("11")))


# --- the file -------------------------------------------------------------------------------------------------------

HEADINGS = "reference,category,decided_on,decision,reason,remedy"


def test_a_file_is_read_with_mark_quotes_windows_lines_and_columns_that_are_not_asked_for() -> None:
    content = (
        '\ufeff"Authority, or provider",Case Reference,Category,Decided,Decision,Decision Reason,Remedy\r\n'
        'Coventry,23 007 039,"Adult care, services",27/02/2024,Upheld,"fault, no injustice","Apology,\r\nTraining"\r\n'
        "\r\n"
        "Coventry,23 000 712,Adult,2023-05-02,Advice given,,\r\n"
    )
    assert read_list(content.encode()) == (
        listed(reason="fault, no injustice", remedy="Apology,\r\nTraining"),
        listed("23 000 712", "Advice given", "2023-05-02", remedy=""),
    )


def test_a_file_without_a_column_for_the_decision_has_it_under_category() -> None:
    assert read_list(b"reference,category,decided_on\n1,not upheld,2024-02-27\n") == (listed("1", "not_upheld"),)


def test_where_category_has_the_decision_another_word_under_decision_does_no_harm() -> None:
    content = f"{HEADINGS}\n1,Upheld,2024-02-27,Final,,\n".encode()
    assert read_list(content)[0].category == "upheld"


def test_a_column_of_remedies_that_is_empty_throughout_tells_nothing() -> None:
    one, two = "1,Upheld,2024-02-27,,,", "2,Upheld,2024-02-27,,,Apology"
    assert [d.remedy for d in read_list(f"{HEADINGS}\n{one}\n".encode())] == [None]
    assert [d.remedy for d in read_list(f"{HEADINGS}\n{one}\n{two}\n".encode())] == ["", "Apology"]


def test_a_list_of_no_decisions_is_a_list() -> None:
    assert read_list(f"{HEADINGS}\n".encode()) == ()


GOOD = "1,Upheld,2024-02-27,,,"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: there are no headings"),
        ("category,decided_on\n", "line 1, column reference: there is no such column"),
        ("reference,category\n", "line 1, column decided_on: there is no such column"),
        ("reference,decided_on\n", "line 1, column category: there is no such column"),
        (f"{HEADINGS},decided\n", "line 1, column decided_on: there are two such columns"),
        (f"{HEADINGS}\n{GOOD}\n2,Zebedee,2024-02-27,,,\n", "line 3, column category: This is no decision"),
        (f"{HEADINGS}\n{GOOD}\n2,Adult,2024-02-27,Zebedee,,\n", "line 3, column decision: This is no decision"),
        (f"{HEADINGS}\n{GOOD}\n2,Upheld,2024-02-27,Not upheld,,\n", "line 3, column decision: it contradicts"),
        (f"{HEADINGS}\n{GOOD}\n\n2,Upheld,Zebedee,,,\n", "line 4, column decided_on: This is not a date"),
        (f'{HEADINGS}\n1,Upheld,2024-02-27,,,"a\nb"\n2,Upheld,,,,\n', "line 4, column decided_on: This is not a date"),
        (f"{HEADINGS}\n{GOOD}\n,Upheld,2024-02-27,,,\n", "line 3, column reference: "),
        (f"{HEADINGS}\n{GOOD}\n2,Upheld,2024-02-27,,,{'x' * 2001}\n", "line 3, column remedy: "),
        (f"{HEADINGS}\n{GOOD}\n2,Upheld,2024-02-27,,\n", "line 3: it has 5 cells, and the headings 6"),
        (f"{HEADINGS}\n{GOOD}\n2,Upheld,2024-02-27,,,Apology, Zebedee\n", "line 3: it has 7 cells"),
        (f"{HEADINGS}\n11,Upheld,2024-02-27,,,\n{GOOD}\n1 1,Upheld,2024-02-27,,,\n", "line 4, column reference: it is"),
        (f'{HEADINGS}\n{GOOD}\n2,"Zebedee,2024-02-27,,,\n', "line 3: its quotation marks do not pair"),
        (f"{HEADINGS}\n{GOOD}\n2,\xff".encode("latin-1"), "line 3: this is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_line_and_column(content: str | bytes, said: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_list(content.encode() if isinstance(content, str) else content)
    assert refused.value.rule == "unreadable_list"
    assert refused.value.detail.startswith(said)
    assert (refused.value.field or "") in said
    assert "Zebedee" not in str(refused.value)
