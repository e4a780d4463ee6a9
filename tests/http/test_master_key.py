"""A server goes on by the master key that it began with, until that is not the one in force any more."""

from shared.rotation import rotate
from shared.settings import Settings
from tests.http.conftest import COMPLAINT, Api


def test_a_server_that_still_holds_the_earlier_master_key_says_so_and_serves_no_garbage(api: Api) -> None:
    reference = api.complaint()
    head = api.head()
    rotate(api.register.engine, Settings(home=api.home))
    ready = api.ask("GET", "/health/ready")
    assert (ready.status_code, "master key" in ready.json()["detail"]) == (503, True)
    opened = api.ask("GET", f"/v1/cases/{reference}/personal-data", params={"reason": "a test"})
    received = api.ask("POST", "/v1/complaints", json=COMPLAINT)
    corrected = {"field": "complainant.name", "value": "B", "reason": "audit"}
    correction = api.ask("POST", f"/v1/cases/{reference}/correction", json=corrected)
    for answer in (opened, received, correction):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "master key" in answer.json()["detail"]
    assert api.head() == head
    assert api.get("/v1/personal-data-reads")["items"] == []
    assert api.get(f"/v1/cases/{reference}")["reference"] == reference


def test_a_retry_after_a_change_of_the_master_key_gets_the_first_answer(api: Api) -> None:
    sent = {"json": COMPLAINT, "headers": {"Idempotency-Key": "form"}}
    first = api.ask("POST", "/v1/complaints", **sent)
    rotate(api.register.engine, Settings(home=api.home))
    begun_anew = type(api.register).open(Settings(home=api.home), api.clock)
    before, api.app.state.register = api.register, begun_anew
    try:
        again = api.ask("POST", "/v1/complaints", **sent)
        reused = api.ask("POST", "/v1/complaints", json={**COMPLAINT, "channel": "phone"}, headers=sent["headers"])
        told = api.get(f"/v1/cases/{first.json()['reference']}/personal-data", reason="a test")
    finally:
        api.app.state.register = before
        begun_anew.close()
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")
    assert reused.status_code == 422
    assert told["complainant"] == COMPLAINT["complainant"]
