"""A case is answered from what is held of it, and as if nothing were."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.cases import schemas
from services.cases.schemas import CaseOut
from shared.log import Append, Log
from shared.streams import Held
from tests.http.conftest import Api
from tests.http.statements import statements


def shown(api: Api, reference: str, status: int = 200, **more: Any) -> httpx.Response:
    answer = api.ask("GET", f"/v1/cases/{reference}", **more)
    assert answer.status_code == status, answer.text
    return answer


def held(api: Api, reference: str) -> Held[Any]:
    found = api.register.streams.held.get(("COV", f"case:{reference}"))
    assert found
    return found


def test_what_is_asked_again_is_answered_alike_from_what_is_held(api: Api) -> None:
    reference = api.complaint()
    first = shown(api, reference)
    before = held(api, reference)
    assert before.answer
    assert before.answer[1] == first.content
    again = shown(api, reference)
    assert held(api, reference) is before
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    CaseOut.model_validate_json(again.content, strict=True)


def test_what_another_process_recorded_is_in_the_next_answer(api: Api) -> None:
    reference = api.complaint()
    first = shown(api, reference)
    state = held(api, reference).state
    source = api.register.log.stream("COV", f"case:{reference}")
    other = Log(api.register.engine)
    told = replace(source[-1].event, pathway="corporate")  # any fact will do: it is routed anew
    other.append(Append("COV", f"case:{reference}", len(source), (told,), "another"))
    again = shown(api, reference)
    assert (first.headers["ETag"], again.headers["ETag"]) == (f'"{len(source)}"', f'"{len(source) + 1}"')
    assert (first.json()["pathway"], again.json()["pathway"]) == ("adult_social_care", "corporate")
    assert held(api, reference).state is not state


def test_the_answer_of_one_day_is_not_that_of_the_next(api: Api) -> None:
    reference = api.complaint()
    today = shown(api, reference).json()
    api.clock.turn("2027-11-19")
    later = shown(api, reference, headers={"Authorization": f"Bearer {api.key()}"}).json()
    assert {each["state"] for each in today["deadlines"]} == {"due"}
    assert "missed" in {each["state"] for each in later["deadlines"]}


@pytest.mark.parametrize(
    "as_held",
    [
        lambda held: Held("of another log", held.version, "0" * 64),
        lambda held: Held("of another log", held.version + 5, held.hash),
        lambda held: Held("of another log", 1, "0" * 64),
    ],
)
def test_what_is_held_of_another_log_is_let_go(api: Api, as_held: Callable[[Held[Any]], Held[Any]]) -> None:
    """As after an older database was restored under a process that runs."""
    reference = api.complaint()
    first = shown(api, reference)
    before = held(api, reference)
    api.register.streams.held.put(("COV", f"case:{reference}"), as_held(before))
    assert shown(api, reference).content == first.content
    assert held(api, reference).hash == before.hash


def test_a_restriction_holds_for_what_is_held_and_takes_no_more_asking_than_what_is_not_there(api: Api) -> None:
    reference, named, other = api.complaint(), api.key(), api.key()
    shown(api, reference, key=other)
    actor = f"key:{named.split('_')[1]}"
    body = {"staff": [actor], "reason": "staff_complained_of"}
    assert api.ask("POST", f"/v1/cases/{reference}/restriction", key=named, json=body).status_code == 201
    assert shown(api, reference, key=named).json()["restricted_to"] == [actor]
    assert held(api, reference).answer
    with statements(api.register.engine) as of_theirs:
        theirs = shown(api, reference, 404, key=other)
    with statements(api.register.engine) as of_nobodys:
        nobodys = shown(api, "COV-1999-999999", 404, key=other)
    assert theirs.content == nobodys.content
    assert of_theirs == of_nobodys
    assert of_theirs
    shown(api, reference, key=named)


def test_a_page_is_made_of_lines_as_they_are_described(api: Api) -> None:
    api.complaint()
    api.complaint(pathway="corporate", provider="Example Home Care")
    page = api.ask("GET", "/v1/cases", params={"limit": 1})
    assert schemas.CasePage.model_validate_json(page.content, strict=True).next
    [line] = page.json()["items"]
    assert tuple(line) == tuple(schemas.CaseListItem.model_fields)
