"""The ledgers of remedies and of learning over HTTP: states on a day, filters, sums, pages, and their rebuilding."""

from typing import Any

import pytest
import sqlalchemy as sa

from services import together
from services.cases.case_list import case_list
from services.cases.learning_list import learning
from shared import handling
from shared.remedies import remedies
from tests.http.conftest import Api

LETTER = "/v1/ombudsman/enquiries/26 004 117"
DECISION = {"decided_by": "staff-1", "findings": [{"concern": 1, "outcome": "upheld"}], "outcome": "upheld"}


def case(api: Api, **different: Any) -> str:
    return f"/v1/cases/{api.complaint(received_at='2026-03-02T10:00:00Z', **different)}"


def remedies_of_all_kinds(api: Api) -> str:
    """Two of the council's on a case that is closed, and two of the Ombudsman's about it; its reference."""
    path = case(api, service_area="mental_health")
    api.post(f"{path}/remedies", type="apology", agreed_on="2026-03-31")
    api.post(f"{path}/decision", decided_on="2026-04-01", **DECISION)
    api.post(f"{path}/response", sent_on="2026-04-01", signed_by="staff-2", ombudsman_right_given=True)
    money = {"type": "financial", "agreed_on": "2026-04-02", "amount_pence": 25_000, "due_on": "2026-11-19"}
    api.post(f"{path}/remedies", **money)
    api.post(f"{path}/closure", closed_on="2026-04-03")
    reference = path.rpartition("/")[2]
    api.post("/v1/ombudsman/enquiries", ombudsman_reference="26 004 117", received_on="2026-10-01", case=reference)
    api.post(f"{LETTER}/decision", decided_on="2026-10-05", category="advice_given")
    for due_on, pence in (("2026-11-20", 50_000), ("2026-10-20", 750)):
        required = {"type": "financial", "required_on": "2026-10-06", "amount_pence": pence, "due_on": due_on}
        api.post(f"{LETTER}/remedies", **required)
    api.post(f"{LETTER}/remedies/2/completion", completed_on="2026-10-22", evidence="payment_record")
    return reference


def listed(api: Api, **query: Any) -> list[tuple[str, int, str, int]]:
    return [(r["by"], r["number"], r["state"], r["days_late"]) for r in api.get("/v1/remedies", **query)["items"]]


def test_the_ledger_outlives_the_case_and_says_of_each_remedy_how_it_stands(api: Api) -> None:
    reference = remedies_of_all_kinds(api)
    answer = api.get("/v1/remedies")
    assert (answer["on"], answer["next"]) == ("2026-11-20", None)
    done, due, overdue, agreed = answer["items"]
    assert done == {
        "reference": "26 004 117",
        "number": 2,
        "by": "ombudsman",
        "case": reference,
        "pathway": "adult_social_care",
        "service_area": "mental_health",
        "type": "financial",
        "amount_pence": 750,
        "agreed_on": "2026-10-06",
        "due_on": "2026-10-20",
        "completed_on": "2026-10-22",
        "evidence": "payment_record",
        "state": "done",
        "days_late": 2,
    }
    assert (due["state"], due["days_late"], due["reference"]) == ("due", 0, "26 004 117")
    assert (overdue["state"], overdue["days_late"], overdue["case"]) == ("overdue", 1, reference)
    assert (agreed["state"], agreed["by"], agreed["service_area"]) == ("agreed", "council", "mental_health")
    assert answer["sums"] == [
        {"year": "2025-26", "type": "apology", "count": 1, "done": 0, "overdue": 0, "amount_pence": 0},
        {"year": "2026-27", "type": "financial", "count": 3, "done": 1, "overdue": 1, "amount_pence": 75_750},
    ]


def test_a_remedy_of_the_ombudsmans_about_nobody_known_is_in_the_ledger_too(api: Api) -> None:
    api.post("/v1/ombudsman/enquiries", ombudsman_reference="26 004 117", received_on="2026-10-01")
    api.post(f"{LETTER}/remedies", type="apology", required_on="2026-10-06")
    [remedy] = api.get("/v1/remedies")["items"]
    assert (remedy["by"], remedy["case"], remedy["pathway"], remedy["state"]) == ("ombudsman", None, None, "agreed")
    reference = api.complaint()
    api.post(f"{LETTER}/link", case=reference)
    [remedy] = api.get("/v1/remedies")["items"]
    assert (remedy["case"], remedy["pathway"]) == (reference, "adult_social_care")


def test_a_remedy_is_due_on_its_day_and_overdue_on_the_next(api: Api) -> None:
    remedies_of_all_kinds(api)
    assert listed(api, on="2026-11-20", state="due") == [("ombudsman", 1, "due", 0)]
    assert listed(api, on="2026-11-21", state="due") == []
    assert listed(api, on="2026-11-21", state="overdue") == [
        ("ombudsman", 1, "overdue", 1),
        ("council", 2, "overdue", 2),
    ]
    assert listed(api, on="2026-10-21", by="ombudsman") == [("ombudsman", 2, "overdue", 1), ("ombudsman", 1, "due", 0)]
    assert listed(api, on="2026-04-01") == [("council", 1, "agreed", 0)]


def test_each_filter_of_the_ledger_narrows_page_and_sums_alike(api: Api) -> None:
    remedies_of_all_kinds(api)
    expected = {
        ("by", "council"): [("council", 2), ("council", 1)],
        ("by", "ombudsman"): [("ombudsman", 2), ("ombudsman", 1)],
        ("state", "done"): [("ombudsman", 2)],
        ("state", "agreed"): [("council", 1)],
        ("type", "apology"): [("council", 1)],
        ("type", "flowers"): [],
        ("year", "2025-26"): [("council", 1)],
        ("year", "2026-27"): [("ombudsman", 2), ("ombudsman", 1), ("council", 2)],
        ("due_before", "2026-11-19"): [("ombudsman", 2)],
        ("due_before", "2026-11-20"): [("ombudsman", 2), ("council", 2)],
    }
    for (name, value), found in expected.items():
        answer = api.get("/v1/remedies", **{name: value})
        assert ((name, value), [(r["by"], r["number"]) for r in answer["items"]]) == ((name, value), found)
        assert sum(row["count"] for row in answer["sums"]) == len(found)


def test_the_pages_of_a_ledger_hold_each_line_once_and_its_sums_are_of_the_whole(api: Api) -> None:
    path = case(api)
    for n in range(5):
        api.post(f"{path}/remedies", type="apology", agreed_on=f"2026-03-1{n // 2}")
        api.post(f"{path}/learning", lesson=f"Lesson {n}.", recorded_on=f"2026-03-1{n // 2}")
    for route in ("/v1/remedies", "/v1/learning"):
        found, cursor = [], None
        while True:
            page = api.get(route, limit=2, **({"cursor": cursor} if cursor else {}))
            found += [item["number"] for item in page["items"]]
            assert [row["count"] for row in page.get("sums", ({"count": 5},))] == [5]
            if (cursor := page["next"]) is None:
                break
        assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v1/remedies", {"state": "lost"}, "state"),
        ("/v1/remedies", {"by": "nobody"}, "by"),
        ("/v1/remedies", {"year": "2026-28"}, "year"),
        ("/v1/remedies", {"on": "never"}, "on"),
        ("/v1/remedies", {"cursor": "W10"}, "cursor"),
        ("/v1/remedies", {"cursor": "WyIyMDI2LTExLTIwIiwiYSIsImIiLDE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ"}, "cursor"),
        ("/v1/learning", {"quarter": "5", "year": "2026-27"}, "quarter"),
        ("/v1/learning", {"quarter": "1"}, "year"),
        ("/v1/learning/quarters/2026-27/0", {}, "quarter"),
        ("/v1/learning/quarters/2026-27/4", {}, "quarter"),
        ("/v1/learning/quarters/2026/1", {}, "year"),
    ],
)
def test_what_no_ledger_could_answer_is_refused(api: Api, path: str, query: dict[str, str], field: str) -> None:
    problem = api.get(path, 422, **query)
    assert [fault["field"] for fault in problem["errors"]] == [field]


# --- learning ---------------------------------------------------------------------------------------------------------


def learnt(api: Api) -> tuple[str, str, str]:
    """A case with a form of four lines, a decided one without any, and one that is open; their references."""
    first, second, third = case(api), case(api, service_area="finance"), case(api)
    for path in (first, second):
        api.post(f"{path}/decision", decided_on="2026-05-05", **DECISION)
    for on, body in (
        ("2026-05-06", {"lesson": "Noted."}),
        ("2026-05-06", {"lesson": "Open.", "action": "Train.", "owner": "staff-4", "type": "training"}),
        ("2026-08-01", {"lesson": "Due.", "action": "Tell.", "due_on": "2026-11-20", "owner": "staff-5"}),
        ("2026-08-01", {"lesson": "Done.", "action": "Staff.", "due_on": "2026-08-10", "found": "Too few."}),
    ):
        api.post(f"{first}/learning", recorded_on=on, **body)
    api.post(f"{first}/learning/4/completion", completed_on="2026-08-12")
    found = tuple(path.rpartition("/")[2] for path in (first, second, third))
    assert len(found) == 3
    return found


def test_the_log_has_each_line_of_the_forms_and_names_the_forms_that_are_missing(api: Api) -> None:
    first, second, _ = learnt(api)
    items = api.get("/v1/learning")["items"]
    assert [(item["reference"], item["number"], item["state"]) for item in items] == [
        (first, 4, "done"),
        (first, 3, "open"),
        (first, 2, "open"),
        (first, 1, "noted"),
        (second, 1, "missing"),
    ]
    assert items[0] == {
        "reference": first,
        "number": 4,
        "pathway": "adult_social_care",
        "service_area": "older_people",
        "outcome": "upheld",
        "decided_on": "2026-05-05",
        "found": "Too few.",
        "lesson": "Done.",
        "action": "Staff.",
        "type": None,
        "owner": None,
        "due_on": "2026-08-10",
        "recorded_on": "2026-08-01",
        "completed_on": "2026-08-12",
        "state": "done",
    }
    assert {name for name, value in items[4].items() if value is None} == {
        *("found", "lesson", "action", "type", "owner", "due_on", "recorded_on", "completed_on")
    }


def test_each_filter_of_the_learning_log_narrows_it(api: Api) -> None:
    learnt(api)
    expected: dict[tuple[tuple[str, str], ...], list[int]] = {
        (("state", "missing"),): [1],
        (("state", "noted"),): [1],
        (("state", "open"),): [3, 2],
        (("state", "done"),): [4],
        (("state", "overdue"),): [],
        (("state", "overdue"), ("on", "2026-11-21")): [3],
        (("state", "overdue"), ("on", "2026-08-11")): [4],
        (("owner", "staff-4"),): [2],
        (("service_area", "finance"),): [1],
        (("year", "2025-26"),): [],
        (("year", "2026-27"),): [4, 3, 2, 1, 1],
        (("year", "2026-27"), ("quarter", "1")): [2, 1, 1],
        (("year", "2026-27"), ("quarter", "2")): [4, 3],
        (("due_before", "2026-11-20"),): [4],
        (("due_before", "2026-11-21"),): [4, 3],
    }
    found = {asked: [item["number"] for item in api.get("/v1/learning", **dict(asked))["items"]] for asked in expected}
    assert found == expected


# --- rebuilding -------------------------------------------------------------------------------------------------------


def test_the_ledgers_are_made_again_from_the_log_as_they_were(api: Api) -> None:
    remedies_of_all_kinds(api)
    learnt(api)
    case(api, provider="Example Home Care")
    tables = (remedies, learning, case_list)

    def held() -> list[list[tuple[Any, ...]]]:
        with api.register.engine.connect() as connection:
            return [sorted(map(tuple, connection.execute(sa.select(t)).all()), key=str) for t in tables]

    before = held()
    assert [len(rows) for rows in before] == [4, 6, 5]
    with api.register.engine.execution_options(writes=True).begin() as connection:
        for table in tables:
            connection.execute(sa.delete(table))
    for kind in together.lists("COV"):
        handling.relist(api.register, kind, "COV", lambda _: None)
    assert held() == before
