"""Publications: frozen, released, read by anyone, restated, withdrawn; and the council's own words on a year."""

import csv
import io
import zipfile
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.reporting import archive, publishing, recount, rendering
from services.reporting.canonical import digest
from services.reporting.publication import Publication
from services.reporting.rendering import WAYS
from shared.database import writer
from tests.http.conftest import Api
from tests.http.described import routes

ANYONE = {"Authorization": ""}
YEAR = "2024-25"
GONE = {"reason": "A table counted complaints twice."}
NOTHING = "01939e6c-7a00-7000-8000-00000000ffff"


def ended_case(api: Api, day: str, **different: Any) -> str:
    """A complaint that came in on a day and was over the same day: nothing of it changes as days pass."""
    reference = api.complaint(received_at=f"{day}T09:00:00Z", **different)
    api.post(f"/v1/cases/{reference}/withdrawal", withdrawn_on=day)
    return reference


def test_no_document_names_a_case(api: Api) -> None:
    """Those of suppressed figures, of figures that are shown, and of averages alike."""
    api.clock.turn("2025-03-20")
    references = [ended_case(api, "2025-03-20") for _ in range(7)]
    references += [ended_case(api, "2025-03-20", channel="letter") for _ in range(2)]
    for report in ("annual", "statutory"):
        frozen = api.post("/v1/publications", report=report, year=YEAR)["id"]
        api.post(path(frozen, "release"), approved_by="Cabinet")
        for format_ in WAYS:
            content = anyones(api, frozen, format=format_).content
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as archived:
                    content = b"".join(map(archived.read, archived.namelist()))
            assert b"how people complained" in content.lower() or report == "statutory"
            assert not [reference for reference in references if reference.encode() in content]


@pytest.fixture
def published(api: Api) -> str:
    """The annual report of 2024-25, frozen as at its last day; nine complaints were received in March."""
    api.clock.turn("2025-03-20")
    for _ in range(6):
        ended_case(api, "2025-03-20")
    for _ in range(3):
        ended_case(api, "2025-03-20", service_area="all_age_disability", channel="letter")
    api.clock.turn("2025-06-02")
    told = api.post("/v1/publications", report="annual", year=YEAR, as_at="2025-03-31")
    assert (told["status"], told["position"], told["released_on"]) == ("frozen", api.head() - 1, None)
    reference: str = told["id"]
    return reference


def path(reference: str, *more: str) -> str:
    return "/".join(("/v1/publications", reference, *more))


def anyones(api: Api, reference: str, status: int = 200, **query: Any) -> httpx.Response:
    answer = api.ask("GET", path(reference), params=query, headers=ANYONE)
    assert answer.status_code == status, answer.text
    return answer


def figure(told: Any, table: str, row: str, column: str = "complaints") -> Any:
    [found] = [
        each
        for tables in told["tables"]
        if tables["name"] == table
        for each in tables["rows"]
        if (each["row"], each["column"]) == (row, column)
    ]
    return found


def state(api: Api, reference: str) -> Publication:
    return publishing.every(api.register, "COV")[reference]


def faults(api: Api, reference: str) -> list[str]:
    [(found, wrong)] = recount.verify(api.register, "COV", reference)
    assert found == reference
    return wrong


def test_a_life_over_http(api: Api) -> None:
    """From the council's words to the withdrawal, as whoever may publish and as anyone."""
    api.complaint()
    assert api.ask("PUT", "/v1/narratives/2026-27", json={"introduction": "Our report."}).status_code == 200
    frozen = api.post("/v1/publications", report="annual", year="2026-27")["id"]
    anyones(api, frozen, 404)
    api.post(path(frozen, "release"), approved_by="Cabinet")
    for format_ in WAYS:
        assert anyones(api, frozen, format=format_).content
    assert anyones(api, frozen).json()["narrative"]["introduction"] == "Our report."
    api.post(path(frozen, "withdrawal"), **GONE)
    anyones(api, frozen, 410)
    assert [item["status"] for item in api.get("/v1/publications")["items"]] == ["withdrawn"]


# --- the whole story --------------------------------------------------------------------------------------------------


def test_a_report_is_frozen_released_read_by_anyone_and_restated_by_the_one_case_that_came_late(
    api: Api, published: str
) -> None:
    anyones(api, published, 404)
    mine = api.get(path(published))
    api.clock.turn("2025-06-20")
    approved = {"approved_by": "Cabinet", "approved_on": "2025-06-18", "response": "We welcome it."}
    assert api.post(path(published, "release"), **approved)["status"] == "released"

    public = anyones(api, published).json()
    assert (public["governance"], public["released_on"]) == (approved, "2025-06-20")
    assert {name: public[name] for name in ("tables", "manifest", "documents")} == {
        name: mine[name] for name in ("tables", "manifest", "documents")
    }
    assert figure(public, "complaints by type", "statutory")["value"] == 9
    assert not any("trace" in row for table in public["tables"] for row in table["rows"])

    frozen = api.ask("GET", path(published, "figures")).content
    late = ended_case(api, "2025-03-27")
    assert anyones(api, published).json() == public
    assert api.ask("GET", path(published, "figures")).content == frozen
    assert faults(api, published) == []

    restated = api.get(path(published, "restatement"))["changes"]
    changed = {(change["table"], change["row"], change["column"]): change for change in restated}
    received = changed["complaints by type", "statutory", "complaints"]
    assert (received["before"], received["after"]) == (9, 10)
    assert {case["reference"] for change in restated for case in change["cases"]} == {late}
    assert "representation_received" in received["cases"][0]["what"]
    assert api.get(path(published, "restatement"), to="2025-03-31") == {"changes": []}


def test_a_small_number_is_shown_to_the_authoritys_readers_and_to_nobody_else(api: Api, published: str) -> None:
    api.post(path(published, "release"))
    public = anyones(api, published).json()
    hidden = [row for table in public["tables"] for row in table["rows"] if row.get("suppressed")]
    assert hidden
    assert {(row["value"], row["numerator"], row["denominator"]) for row in hidden} == {(None, None, None)}
    assert figure(public, "how people complained", "letter")["suppressed"] is True
    lines = list(csv.DictReader(anyones(api, published, format="csv").text.splitlines()))
    assert {"table": "how people complained", "row": "letter", "value": "[c]"}.items() <= next(
        line.items() for line in lines if line["row"] == "letter"
    )
    full = api.get(path(published, "figures"))
    [year] = [year for year in full["years"] if year["year"] == YEAR]
    [channels] = [table for table in year["tables"] if table["name"] == "how people complained"]
    assert [each["value"] for each in channels["figures"] if each["row"] == "letter"] == [3]


def test_whoever_has_no_key_sees_the_released_publication_and_nothing_else(api: Api, published: str) -> None:
    api.post(path(published, "release"))
    closed = 0
    for route in routes(api):
        asked = route.about(published)
        answer = api.ask(**asked, headers=ANYONE)
        open_ = (route.method, route.path) == ("GET", "/v1/publications/{id}")
        assert (str(route), answer.status_code) == (str(route), 200 if open_ else 401)
        closed += not open_
    assert closed > 50


# --- what is handed out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", [name for name in WAYS if name != "json"])
def test_a_document_is_the_bytes_that_were_frozen_under_their_hash(api: Api, published: str, format_: str) -> None:
    api.post(path(published, "release"))
    first = anyones(api, published, format=format_)
    assert digest(first.content) == anyones(api, published).json()["documents"][format_]
    assert first.headers["etag"] == f'"{digest(first.content)}"'
    assert (first.headers["cache-control"], first.headers["content-type"]) == (
        "public, max-age=300",
        WAYS[format_].media_type,  # type: ignore[index] # it is one of them
    )
    ended_case(api, "2025-06-02")
    assert anyones(api, published, format=format_).content == first.content
    again = api.ask(
        "GET", path(published), params={"format": format_}, headers={**ANYONE, "If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_a_page_is_shown_under_the_policy_of_its_day(api: Api, published: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which names its own style by hash: a later release of the pages has another."""
    api.post(path(published, "release"))
    policy = WAYS["html"].policy
    monkeypatch.setattr(rendering, "WAYS", {**WAYS, "html": WAYS["html"]._replace(policy="default-src another")})
    assert anyones(api, published, format="html").headers["content-security-policy"] == policy


@pytest.mark.parametrize("report", ["annual", "statutory"])
def test_what_is_listed_cannot_be_counted(api: Api, report: str) -> None:
    """A list that says where, when or how often would give back what the tables suppress."""
    api.clock.turn("2025-03-20")
    for area, times in {"older_people": 6, "finance": 1, "telecare": 1}.items():
        for _ in range(times):
            case = f"/v1/cases/{ended_case(api, '2025-03-20', service_area=area)}"
            api.post(f"{case}/learning", recorded_on="2025-03-20", lesson="Calls were not returned.", action="Do it.")
    api.clock.turn("2025-06-02")
    frozen = api.post("/v1/publications", report=report, year=YEAR)["id"]
    told = api.get(path(frozen))
    assert told["service_improvements"] == [{"lesson": "Calls were not returned.", "action": "Do it."}]
    assert "count" not in told["matters_of_general_importance"][0]
    page = api.ask("GET", path(frozen), params={"format": "html"}).text
    assert page.count("Calls were not returned.") == 2  # a matter, and what follows from it


def test_a_year_of_which_nothing_is_known_is_not_published(api: Api) -> None:
    ended_case(api, "2025-03-20")
    answer = api.ask("POST", "/v1/publications", json={"report": "annual", "year": "2015-16"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:redress:problem:nothing-known")


def test_what_is_not_released_is_for_no_cache(api: Api, published: str) -> None:
    assert api.ask("GET", path(published)).headers["cache-control"] == "private, no-cache"


def test_the_public_hash_is_that_of_a_manifest_which_only_readers_see(api: Api, published: str) -> None:
    api.post(path(published, "release"))
    manifest = api.ask("GET", path(published, "manifest"))
    public = anyones(api, published)
    assert digest(manifest.content) == public.json()["manifest"]
    content = manifest.json()
    assert content["kept"]["figures"]["hash"] == digest(api.ask("GET", path(published, "figures")).content)
    assert content["kept"]["figures"]["hash"] not in public.text
    assert content["salt"] not in public.text
    assert {"calendar", "code_lists", "policies", "code", "head"} <= content.keys()


def test_two_freezings_of_the_same_report_have_manifests_that_do_not_give_one_another_away(
    api: Api, published: str
) -> None:
    again = api.post("/v1/publications", report="annual", year=YEAR, as_at="2025-03-31")["id"]
    first, second = (api.get(path(each, "manifest")) for each in (published, again))
    assert first["kept"]["figures"] == second["kept"]["figures"]
    assert first["salt"] != second["salt"]


def test_what_a_reader_may_see_depends_on_authority_and_scope(api: Api, published: str) -> None:
    for key, status in (
        (api.key("reports:read"), 200),
        (api.key("reports:publish"), 200),
        (api.key("cases:read"), 404),
        (api.of("BIR"), 404),
    ):
        assert api.ask("GET", path(published), key=key).status_code == status
    assert api.ask("GET", path(published), key="nonsense").status_code == 401
    for more in (("figures",), ("manifest",), ("restatement",)):
        assert api.ask("GET", path(published, *more), key=api.of("BIR")).status_code == 404
        assert api.ask("GET", path(published, *more), headers=ANYONE).status_code == 401
    assert api.ask("GET", path(published, "restatement"), key=api.key("reports:read")).status_code == 403
    for more in ("release", "withdrawal"):
        answer = api.ask("POST", path(published, more), key=api.of("BIR"), json={} if more == "release" else GONE)
        assert answer.status_code == 404
    assert api.ask("POST", path(published, "release"), key=api.key("reports:read"), json={}).status_code == 403
    assert api.ask("GET", "/v1/publications", key=api.of("BIR")).json() == {"items": [], "next": None}


def test_a_restatement_does_not_name_a_restricted_case(api: Api, published: str) -> None:
    late = ended_case(api, "2025-03-27")
    restricted = {"staff": ["key:00000000"], "reason": "staff_complained_of"}
    api.post(f"/v1/cases/{late}/restriction", **restricted)
    changes = api.get(path(published, "restatement"))["changes"]
    assert changes
    assert {case["reference"] for change in changes for case in change["cases"]} == {None}


def test_publications_are_listed_with_how_they_stand(api: Api, published: str) -> None:
    second = api.post("/v1/publications", report="statutory", year=YEAR, as_at="2025-03-31")["id"]
    api.post(path(second, "release"))
    first_page = api.get("/v1/publications", limit=1)
    assert [(item["id"], item["status"]) for item in first_page["items"]] == [(published, "frozen")]
    rest = api.get("/v1/publications", limit=1, cursor=first_page["next"])
    assert [(item["id"], item["report"], item["status"]) for item in rest["items"]] == [
        (second, "statutory", "released")
    ]
    assert rest["next"] is None


def test_the_statutory_totals_are_public(api: Api, published: str) -> None:
    told = api.post("/v1/publications", report="statutory", year=YEAR, as_at="2025-03-31")
    api.post(path(told["id"], "release"))
    assert figure(anyones(api, told["id"]).json(), "statutory return", "received")["value"] == 9
    assert published != told["id"]


# --- released, withdrawn, retried -------------------------------------------------------------------------------------


def test_a_withdrawn_publication_is_not_unsaid(api: Api, published: str) -> None:
    api.post(path(published, "release"))
    api.clock.turn("2025-07-01")
    assert api.post(path(published, "withdrawal"), **GONE)["status"] == "withdrawn"
    problem = anyones(api, published, 410).json()
    assert (problem["type"], problem["reason"]) == ("urn:redress:problem:withdrawn", GONE["reason"])
    assert (problem["released_on"], problem["withdrawn_on"]) == ("2025-06-02", "2025-07-01")
    assert api.get(path(published))["withdrawal_reason"] == GONE["reason"]
    assert faults(api, published) == []


@pytest.mark.parametrize(
    ("before", "step", "body", "status", "kind", "field"),
    [
        (["withdrawal"], "release", {}, 409, "already-withdrawn", None),
        (["release"], "release", {}, 409, "already-released", None),
        (["release", "withdrawal"], "release", {}, 409, "already-withdrawn", None),
        (["release", "withdrawal"], "withdrawal", GONE, 409, "already-withdrawn", None),
        ([], "release", {"approved_on": "2025-06-03"}, 422, "in-the-future", "approved_on"),
        ([], "release", {"approvedby": "x"}, 422, "invalid", "approvedby"),
        (["release"], "withdrawal", {**GONE, "withdrawn_on": "2025-06-02"}, 422, "invalid", "withdrawn_on"),
        (["release"], "withdrawal", {}, 422, "invalid", "reason"),
    ],
)
def test_what_cannot_become_of_a_publication(
    api: Api,
    published: str,
    before: list[str],
    step: str,
    body: dict[str, Any],
    status: int,
    kind: str,
    field: str | None,
) -> None:
    for each in before:
        api.post(path(published, each), **(GONE if each == "withdrawal" else {}))
    head = api.head()
    answer = api.ask("POST", path(published, step), json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:redress:problem:{kind}")
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert api.head() == head


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({"report": "weekly", "year": YEAR}, "invalid", "report"),
        ({"report": "annual", "year": "2024"}, "invalid", "year"),
        ({"report": "annual", "year": "2024-26"}, "bad-year", "year"),
        ({"report": "annual", "year": "2027-28"}, "year-not-begun", "year"),
        ({"report": "annual", "year": YEAR, "as_at": "2026-11-21"}, "in-the-future", "as_at"),
        ({"report": "annual", "year": YEAR, "as_at": "2024-03-31"}, "before-the-year", "as_at"),
        ({"report": "annual", "year": YEAR, "as_at": "2025-03-31"}, "before-the-log", "as_at"),
        ({"report": "annual", "year": YEAR, "as_at": "yesterday"}, "invalid", "as_at"),
        ({"report": "annual", "year": YEAR, "format": "html"}, "invalid", "format"),
        ({"report": "annual"}, "invalid", "year"),
    ],
)
def test_what_cannot_be_published(api: Api, body: dict[str, Any], kind: str, field: str) -> None:
    api.complaint()
    head = api.head()
    answer = api.ask("POST", "/v1/publications", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:redress:problem:{kind}"), answer.text
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert api.head() == head


@pytest.mark.parametrize("reference", [NOTHING, "nonsense", "COV-2026-000001", "..%2Fcases"])
def test_an_id_of_nothing_leads_nowhere(api: Api, reference: str) -> None:
    for more in ("", "/figures", "/manifest", "/restatement"):
        assert api.ask("GET", f"/v1/publications/{reference}{more}").status_code == 404
    for more, body in {"release": {}, "withdrawal": GONE}.items():
        assert api.ask("POST", f"/v1/publications/{reference}/{more}", json=body).status_code == 404
    assert api.ask("GET", f"/v1/publications/{reference}", headers=ANYONE).status_code == 404


def test_a_restatement_is_to_a_day_from_its_own_until_today(api: Api, published: str) -> None:
    for day, kind in {"2025-03-30": "too-early", "2025-06-03": "in-the-future"}.items():
        told = api.get(path(published, "restatement"), 422, to=day)
        assert (told["type"], told["errors"][0]["field"]) == (f"urn:redress:problem:{kind}", "to")


def test_a_retry_gets_the_first_answer(api: Api, published: str) -> None:
    bodies = {
        "/v1/publications": {"report": "annual", "year": YEAR},
        path(published, "release"): {},
        path(published, "withdrawal"): GONE,
    }
    for number, (address, body) in enumerate(bodies.items()):
        headers = {"Idempotency-Key": f"k{number}"}
        first = api.ask("POST", address, json=body, headers=headers)
        assert first.status_code == 201, first.text
        ended_case(api, "2025-06-02")
        head = api.head()
        again = api.ask("POST", address, json=body, headers=headers)
        assert (again.status_code, again.json(), again.headers.get("idempotent-replayed")) == (
            201,
            first.json(),
            "true",
        )
        assert api.head() == head
    reused = api.ask("POST", path(published, "release"), json={"response": "x"}, headers={"Idempotency-Key": "k1"})
    assert reused.status_code == 422


def test_a_stale_release_is_refused(api: Api, published: str) -> None:
    for tag, status in {'"2"': 412, '"1"': 201}.items():
        answer = api.ask("POST", path(published, "release"), json={}, headers={"If-Match": tag})
        assert answer.status_code == status


# --- beside one another -----------------------------------------------------------------------------------------------


def test_what_was_released_meanwhile_must_be_heeded(api: Api, published: str) -> None:
    """Either was suppressed without knowing of the other: together they might reveal what each leaves out."""
    ended_case(api, "2025-03-27", channel="letter")
    other = api.post("/v1/publications", report="annual", year=YEAR)["id"]
    api.post(path(published, "release"))
    refused = api.ask("POST", path(other, "release"), json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:redress:problem:published-meanwhile")
    anew = api.post("/v1/publications", report="annual", year=YEAR)["id"]
    assert api.get(path(anew, "manifest"))["heeded"] == [published]
    assert api.post(path(anew, "release"))["status"] == "released"


def test_of_two_releases_at_the_same_moment_one_is_refused(api: Api, published: str) -> None:
    other = api.post("/v1/publications", report="annual", year=YEAR)["id"]
    answers = api.together(*(api.asking("POST", path(each, "release"), json={}) for each in (published, other)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_what_earlier_releases_printed_of_the_year_is_handed_to_the_suppression(
    api: Api, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post(path(published, "release"))
    api.post(path(published, "withdrawal"), **GONE)
    heeded: list[Any] = []

    def suppressed(tables: Any, earlier: Any = ()) -> Any:
        heeded.extend(earlier if tables else ())  # nothing is known of the years before
        return tuple(tables)

    monkeypatch.setattr(publishing, "suppressed", suppressed)
    api.post("/v1/publications", report="annual", year=YEAR)
    [before] = heeded
    assert before["complaints by type", "statutory", "complaints"] == 9
    assert before["how people complained", "letter", "complaints"] is None


# --- verification -----------------------------------------------------------------------------------------------------


def spoiled(api: Api, statement: sa.Executable) -> None:
    """As whoever owns the database can."""
    with writer(api.register.engine).begin() as connection:
        for trigger in ("documents_no_update", "documents_no_delete"):
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}"))
        connection.execute(statement)


@pytest.mark.parametrize("statement", [archive.documents.delete(), archive.documents.update().values(content=b"x")])
def test_the_database_refuses_to_change_a_document(api: Api, published: str, statement: sa.Executable) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="never change"), api.register.engine.begin() as connection:
        connection.execute(statement)
    assert faults(api, published) == []


def test_documents_that_were_changed_or_lost_are_told(api: Api, published: str) -> None:
    frozen, documents = state(api, published).frozen, archive.documents
    html = frozen.documents[-1].hash
    spoiled(api, documents.update().filter_by(hash=html).values(content=b"another"))
    assert faults(api, published) == [f"what is kept under {html} is not it"]
    spoiled(api, documents.delete().filter_by(hash=html))
    assert faults(api, published) == [f"nothing is kept under {html}"]


def test_figures_that_the_log_does_not_give_are_told_one_by_one(api: Api, published: str) -> None:
    """As whoever has the database's rights might forge them: documents, manifest and event, each with its new hash."""
    frozen = state(api, published).frozen
    kept = archive.kept(api.register.engine, "COV", state(api, published).kept)
    figures = kept[frozen.figures].content.replace(b'"row":"statutory","value":9', b'"row":"statutory","value":8')
    assert figures != kept[frozen.figures].content
    manifest = kept[frozen.manifest].content.replace(frozen.figures.encode(), digest(figures).encode())
    row = {"authority": "COV", "media_type": "x", "policy": ""}
    rows = [{**row, "hash": digest(each), "content": each} for each in (figures, manifest)]
    spoiled(api, archive.documents.insert().values(rows))
    forged = Publication(
        changed(frozen, figures=digest(figures), manifest=digest(manifest)),
    )
    told = recount.faults(api.register, "COV", forged)
    assert [line for line in told if "complaints by type, statutory, complaints: 8 " in line] == told
    assert len(told) == 1


def changed(event: Any, **changes: Any) -> Any:
    return type(event)(**{name: changes.get(name, getattr(event, name)) for name in event.__slots__})


def test_the_recount_believes_no_read_model(api: Api, published: str) -> None:
    spoiled(api, sa.text("UPDATE case_facts SET channel = 'fax'"))
    assert faults(api, published) == []


def test_later_events_and_figures_change_nothing_that_was_frozen(api: Api, published: str) -> None:
    body = {
        "name": "ombudsman_uphold_rate",
        "subject": "Coventry City Council",
        "year": YEAR,
        "value": 40,
        "unit": "per cent",
        "source": "letter",
    }
    assert api.ask("PUT", "/v1/reference-figures", json=body).status_code == 200
    ended_case(api, "2025-03-27")
    assert faults(api, published) == []


# --- narratives -------------------------------------------------------------------------------------------------------

SAID = {"introduction": "This is our report.", "action_taken": "Calls are logged.\n\nEach week someone checks."}


def test_the_councils_words_are_in_reports_from_the_day_on_which_they_were_recorded(api: Api) -> None:
    api.complaint()
    address = "/v1/narratives/2026-27"
    assert api.get(address, 404)["type"] == "urn:redress:problem:not-found"
    assert api.get("/v1/reports/annual/2026-27")["narrative"] is None
    assert api.ask("PUT", address, json={"introduction": "A draft.", "subject_matter": "x"}).status_code == 200
    assert api.ask("PUT", address, json=SAID).status_code == 200
    api.clock.turn("2026-11-23")
    assert api.ask("PUT", address, json={"introduction": "Later."}).status_code == 200
    told = api.get(address, as_at="2026-11-20")
    assert {name: text for name, text in told.items() if text} == SAID
    for report in ("annual", "statutory"):
        reported = api.get(f"/v1/reports/{report}/2026-27", as_at="2026-11-20")
        assert reported["narrative"] == told
        assert api.get(f"/v1/reports/{report}/2026-27")["narrative"]["introduction"] == "Later."
    assert api.get("/v1/reports/statutory/2026-27", pathway="children")["narrative"] is None
    assert api.get(address, 404, as_at="2026-11-19")
    frozen = api.post("/v1/publications", report="annual", year="2026-27")["id"]
    assert api.get(path(frozen))["narrative"]["introduction"] == "Later."


@pytest.mark.parametrize(
    ("year", "body", "kind", "field"),
    [
        ("2027-28", SAID, "year-not-begun", "year"),
        ("2026-28", SAID, "bad-year", "year"),
        ("2026-27", {}, "nothing-said", "introduction"),
        ("2026-27", {"introduction": "x" * 10_001}, "invalid", "introduction"),
        ("2026-27", {"introduction": ""}, "invalid", "introduction"),
        ("2026-27", {"introduction": "\x07"}, "invalid", "introduction"),
        ("2026-27", {"conclusion": "x"}, "invalid", "conclusion"),
    ],
)
def test_what_cannot_be_said_of_a_year(api: Api, year: str, body: dict[str, Any], kind: str, field: str) -> None:
    answer = api.ask("PUT", f"/v1/narratives/{year}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:redress:problem:{kind}")
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert api.head() == 0


def test_a_narrative_needs_its_scope_and_is_recorded_once_for_each_key(api: Api) -> None:
    address, keyed = "/v1/narratives/2026-27", {"Idempotency-Key": "k"}
    assert api.ask("PUT", address, json=SAID, key=api.key("reports:read")).status_code == 403
    assert api.ask("GET", address, key=api.key("reports:write")).status_code == 403
    for _ in range(2):
        assert api.ask("PUT", address, json=SAID, headers=keyed).status_code == 200
    assert api.head() == 1
