"""Histories told event by event, for tests of what reads the log: no database, no service, no rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from services.reporting.facts import Facts
from services.reporting.figures import Cell, net
from services.reporting.fold import fold
from shared import codec
from shared import events as e
from shared.calendar import load
from shared.clock import end_of_day, noon
from shared.log import Recorded

CALENDAR = load("england-and-wales")


def day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)


@dataclass
class History:
    """Events of one authority in order of recording; each is recorded on the day it happened unless `known` says."""

    told: list[tuple[str, date, e.Event]] = field(default_factory=list)

    def tell(self, reference: str, event: e.Event, known: str | date | None = None) -> "History":
        happened = getattr(event, event.OCCURRED)
        on = day(known) if known else happened if type(happened) is date else happened.date()
        self.told.append((reference, on, event))
        return self

    def complaint(
        self,
        reference: str,
        on: str,
        *concerns: e.Concern,
        pathway: str | None = "adult_social_care",
        known: str | None = None,
        channel: str = "email",
        area: str = "older_people",
        orally: bool = False,
        represented: bool = False,
        sent_by: str | None = None,
    ) -> "History":
        came = received("complaint", on, concerns, channel, area, orally=orally, represented=represented)
        self.tell(reference, replace(came, transferred_from=sent_by), known or on)
        return self.route(reference, on, pathway, known or on) if pathway else self

    def route(self, reference: str, on: str, pathway: str, known: str | None = None) -> "History":
        first = next(event for told, _, event in self.told if told == reference)
        assert isinstance(first, e.RepresentationReceived)
        return self.tell(reference, routed(first.received_on, day(on), pathway), known)

    def compliment(self, reference: str, on: str) -> "History":
        return self.tell(reference, received("compliment", on))

    def decide(self, reference: str, on: str, outcome: e.Outcome, *findings: e.Outcome) -> "History":
        found = tuple(e.Finding(number, finding) for number, finding in enumerate(findings or (outcome,), 1))
        decided = e.StageDecided(
            decided_on=day(on), stage="stage_1", outcome=outcome, decided_by="staff-1", findings=found
        )
        return self.tell(reference, decided)

    def respond(self, reference: str, on: str) -> "History":
        sent = e.ResponseSent(sent_on=day(on), stage="stage_1", signed_by="staff-2", ombudsman_right_given=True)
        return self.tell(reference, sent)

    def answer(self, reference: str, on: str, outcome: e.Outcome, *findings: e.Outcome) -> "History":
        return self.decide(reference, on, outcome, *findings).respond(reference, on)

    def withdraw(self, reference: str, on: str, known: str | None = None) -> "History":
        return self.tell(reference, e.CaseWithdrawn(withdrawn_on=day(on)), known)

    def settle(self, reference: str, on: str, *, orally: bool = True, satisfied: bool = True) -> "History":
        first = next(event for told, _, event in self.told if told == reference)
        assert isinstance(first, e.RepresentationReceived)
        latest_on = CALENDAR.next(first.received_on)
        settled = e.ResolvedInformally(
            resolved_on=day(on),
            made_orally=orally,
            satisfied=satisfied,
            latest_on=latest_on,
            outside_statutory_count=orally and satisfied and day(on) <= latest_on,
            calendar=CALENDAR.version,
        )
        return self.tell(reference, settled)

    def reopen(self, reference: str, on: str) -> "History":
        return self.tell(reference, e.CaseReopened(reopened_on=day(on), reason="new_evidence"))

    def enquiry(self, reference: str, on: str, case: str | None = None) -> "History":
        return self.tell(reference, e.EnquiryReceived(received_on=day(on), case=case))

    def ombudsman(self, reference: str, on: str, category: e.OmbudsmanCategory) -> "History":
        return self.tell(reference, e.OmbudsmanDecided(decided_on=day(on), category=category))

    def remedy(
        self, reference: str, on: str, kind: str, pence: int | None = None, *, number: int = 1, required: bool = False
    ) -> "History":
        if required:
            event: e.Event = e.RemedyRequired(
                required_on=day(on), remedy=number, type=kind, amount_pence=pence, due_on=None
            )
        else:
            event = e.RemedyAgreed(agreed_on=day(on), remedy=number, type=kind, amount_pence=pence, due_on=None)
        return self.tell(reference, event)

    def facts(self, as_at: str | date | None = None) -> Facts:
        """What was known at the end of a day."""
        told = [line for line in self.told if as_at is None or line[1] <= day(as_at)]
        return folded((reference, event) for reference, _, event in told)

    def recorded(self, authority: str = "COV") -> list[Recorded]:
        """The same as a log would give it."""
        return [
            recorded(authority, position, reference, event, known_on)
            for position, (reference, known_on, event) in enumerate(self.told, 1)
        ]


def folded(told: Iterable[tuple[str, e.Event]]) -> Facts:
    known: dict[str, Facts] = {}
    for reference, event in told:
        known[reference] = fold(known.get(reference, Facts()), reference, event, CALENDAR)
    return Facts.of(fact for facts in known.values() for fact in facts)


def received(
    kind: e.Kind,
    on: str | date,
    concerns: Sequence[e.Concern] = (),
    channel: str = "email",
    area: str = "older_people",
    *,
    orally: bool = False,
    represented: bool = False,
) -> e.RepresentationReceived:
    return e.RepresentationReceived(
        kind=kind,
        received_at=noon(day(on)),
        received_on=day(on),
        channel=channel,
        service_area=area,
        codes="sha256:codes",
        made_orally=orally,
        concerns=tuple(concerns) or (e.Concern("communication"),),
        represented=represented,
    )


def routed(received_on: date, on: date, pathway: str) -> e.CaseRouted:
    standard = e.Deadline(
        name="local_standard",
        due_on=CALENDAR.add(received_on, 20),
        rule="cov.local_standard",
        anchor="representation_received",
        anchor_on=received_on,
        policy="sha256:policy",
        calendar=CALENDAR.version,
        unit="working_days",
        met_by="response_sent",
        stage="stage_1",
    )
    return e.CaseRouted(
        routed_on=on,
        pathway=pathway,
        reason=None,
        policy="sha256:policy",
        calendar=CALENDAR.version,
        deadlines=(standard,) if pathway == "adult_social_care" else (),
    )


def recorded(authority: str, position: int, reference: str, event: e.Event, known_on: date) -> Recorded:
    known_at = end_of_day(known_on) - timedelta(hours=1)
    return Recorded(
        authority=authority,
        position=position,
        event_id=str(position),
        stream=f"case:{reference}",
        version=1,
        type=codec.type_name(event),
        schema_version=1,
        occurred=codec.occurred(event),
        recorded_at=known_at,
        known_at=known_at,
        actor="test",
        correlation=None,
        causation=None,
        payload=codec.encode(event).decode(),
        previous_hash="",
        hash="",
    )


def sums_to(parts: Iterable[Cell], whole: Cell) -> bool:
    """Whether the parts hold every contribution of the whole, once each, and nothing else."""
    return net((part.shares, 1) for part in parts) == net([(whole.shares, 1)])
