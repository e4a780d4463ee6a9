"""What is true of every case, whatever is asked of it in whatever order: possible or not, early, late or absurd."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases import case_list
from services.cases import commands as do
from services.cases.case import Case, evolve, fold
from services.cases.course import moving_deadlines, review_deadlines
from services.cases.decide import decide, receive
from services.cases.replay import read_again
from shared import codec, deadlines, events
from shared.errors import Rejected
from shared.events import CaseEvent, Commitment, Deadline, Finding, Outcome
from tests.scenario import COVENTRY, LATER

ONE_DAY = timedelta(days=1)
OUTCOMES: tuple[Outcome, ...] = ("upheld", "partially_upheld", "not_upheld")
PATHWAYS = ("adult_social_care", "corporate", "children", "public_health")


def always(*examples: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """For every example, however long a busy machine takes over it."""
    return lambda test: settings(deadline=None, max_examples=60)(given(*examples)(test))


@dataclass(frozen=True)
class Ask:
    """What is asked in a step: of which kind, how many days after the step before, and what its arguments go by."""

    kind: type[do.CaseCommand]
    gap: int
    ahead: int
    number: int
    yes: bool
    absurd: date | None

    @classmethod
    def by_chance(cls, kind: type[do.CaseCommand], seed: int, *, absurd: bool) -> "Ask":
        """Mostly plausible: near its forerunner, on a day that could be; a number is drawn faster than six."""
        chance = Random(seed)
        return cls(
            kind,
            gap=chance.choice((0, 1, 3, chance.randint(0, 12), chance.randint(0, 120), -1 if absurd else 0)),
            ahead=chance.choice((chance.randint(0, 60), chance.randint(0, 9), chance.randint(-9, 9), 36_500)),
            number=chance.randint(0, 2),
            yes=chance.random() < 0.5,
            absurd=date.fromordinal(chance.randint(1, date.max.toordinal())) if absurd and seed % 15 == 1 else None,
        )

    def command(self, day: date) -> do.CaseCommand:
        """The command as asked on a day."""
        when, other = day, day + ONE_DAY * self.ahead
        if self.absurd:
            when, other = (when, self.absurd) if self.yes else (self.absurd, other)
        return self.kind.model_validate(ARGUMENTS[self.kind](self, when, other))


def _findings(ask: Ask) -> dict[str, Any]:
    """Two concerns are the rule here; now and then there is a finding too many."""
    found = [OUTCOMES[(ask.number + n * ask.yes) % 3] for n in range(3 if ask.ahead == 13 else 2)]
    return {
        "outcome": found[0] if len(set(found)) == 1 else "partially_upheld",
        "findings": [Finding(n, outcome) for n, outcome in enumerate(found, 1)],
    }


ARGUMENTS: dict[type[do.CaseCommand], Callable[[Ask, date, date], dict[str, Any]]] = {
    do.RouteCase: lambda a, day, _: {"pathway": PATHWAYS[a.number + a.yes], "routed_on": day},
    do.RefuseCase: lambda a, day, _: {
        "refused_on": day,
        "ground": "out_of_time",
        "notified_on": day if a.yes else None,
    },
    do.ResolveInformally: lambda a, day, _: {"resolved_on": day, "satisfied": a.yes},
    do.AcknowledgeComplaint: lambda a, day, _: {
        "acknowledged_on": day,
        "method": "letter" if a.number else "pigeon",
        "discussion_offered": a.yes,
    },
    do.SetResponsePeriod: lambda a, day, due: {"due_on": due, "set_on": day, "agreed": a.yes},
    do.AssignCase: lambda a, day, _: {"officer": f"staff-{a.number}", "assigned_on": day},
    do.ExtendDeadline: lambda a, day, due: {
        "new_due_on": due,
        "extended_on": day,
        "reason": "complexity",
        "agreed_with_complainant": a.yes,
    },
    do.EscalateCase: lambda a, day, _: {"requested_on": day, "stage": None if a.yes else "stage_2"},
    do.AgreeStatement: lambda _, day, __: {"agreed_on": day},
    do.HoldPanel: lambda _, day, __: {"held_on": day},
    do.ReportPanel: lambda _, day, __: {"reported_on": day},
    do.PauseClock: lambda a, day, _: {"reason": "advocate_awaited" if a.number else "idleness", "paused_on": day},
    do.ResumeClock: lambda _, day, __: {"resumed_on": day},
    do.DecideStage: lambda a, day, _: {"decided_on": day, "decided_by": f"staff-{a.number}", **_findings(a)},
    do.SendResponse: lambda a, day, _: {"sent_on": day, "signed_by": "staff-2", "ombudsman_right_given": a.yes},
    do.TellProgress: lambda _, day, __: {"told_on": day, "method": "phone"},
    do.NotifyLateness: lambda _, day, __: {"notified_on": day, "delay_reason": "complexity"},
    do.AgreeRemedy: lambda a, day, due: {
        "type": "financial" if a.yes else "apology",
        "agreed_on": day,
        "amount_pence": 100 if a.number else None,
        "due_on": due,
    },
    do.CompleteRemedy: lambda a, day, _: {"number": a.number, "completed_on": day},
    do.RecordLearning: lambda _, day, due: {"lesson": "Listen.", "recorded_on": day, "due_on": due},
    do.CompleteLearning: lambda a, day, _: {"number": a.number, "completed_on": day},
    do.ContactProvider: lambda a, day, _: {"provider": "A", "responded_on" if a.yes else "contacted_on": day},
    do.LinkCase: lambda a, day, _: {
        "reference": f"COV-2026-00000{a.number}",
        "relation": "related",
        "linked_on": day,
    },
    do.RecordCharacteristics: lambda a, day, _: {"sex": "female" if a.yes else "elf", "recorded_on": day},
    do.RestrictCase: lambda a, day, _: {
        "staff": ["key:1a2b3c4d"] if a.yes else [],
        "reason": "safeguarding",
        "restricted_on": day,
    },
    do.RecordFlags: lambda a, day, _: {"flags": ["safe_contact" if a.yes else "elf"], "recorded_on": day},
    do.WithdrawCase: lambda _, day, __: {"withdrawn_on": day},
    do.TransferCase: lambda _, day, __: {"transferred_on": day, "to": "NHS Trust"},
    do.CloseCase: lambda _, day, __: {"closed_on": day},
    do.ReopenCase: lambda _, day, __: {"reopened_on": day, "reason": "new_evidence"},
    do.CorrectCase: lambda a, day, other: {
        "field": "received_at" if a.yes else "channel",
        "value": f"{other}T00:30" if a.yes else "letter",
        "reason": "audit",
        "corrected_on": day,
    },
    do.CorrectPersonalData: lambda a, day, _: {
        "party": "complainant",
        "field": "email",
        "commitment": f"sha256:{a.number}" if a.yes else None,
        "reason": "audit",
        "corrected_on": day,
    },
    do.SetLegalHold: lambda a, day, _: {
        "action": "place" if a.number else "lift",
        "reason": "litigation" if a.ahead % 2 else None,
        "set_on": day,
    },
    do.ErasePersonalData: lambda a, _, __: {
        "ground": ("request", "court_order", "unlawful_processing")[a.number],
        "party": "complainant" if a.yes else None,
    },
}
every_kind = tuple(ARGUMENTS)
ANSWER = (do.DecideStage, do.SendResponse)
# What makes a long history is asked in its usual order often enough.
USUAL = (
    (do.AcknowledgeComplaint,),
    ANSWER,
    (*ANSWER, do.EscalateCase),
    (*ANSWER, do.CloseCase),
    (*ANSWER, do.AcknowledgeComplaint),
    (*ANSWER, do.ReopenCase),
    (do.EscalateCase, *ANSWER),
    (do.WithdrawCase, do.ReopenCase),
    (do.CloseCase, do.ReopenCase),
    (do.SetResponsePeriod, do.ExtendDeadline),
    (do.PauseClock, do.ResumeClock),
    (do.PauseClock, do.ExtendDeadline, do.ResumeClock),
    (*ANSWER, do.EscalateCase, do.AgreeStatement, *ANSWER, do.EscalateCase, do.HoldPanel, do.ReportPanel, *ANSWER),
    (do.AgreeRemedy, do.CompleteRemedy),
    (do.SetLegalHold, do.ErasePersonalData, do.SetLegalHold),
    (do.ErasePersonalData, *ANSWER, do.CloseCase, do.ErasePersonalData),
)


def asked(*kinds: type[do.CaseCommand], absurd: bool = True) -> st.SearchStrategy[list[Ask]]:
    """Single commands, and the usual runs of those that are all among `kinds`."""
    runs = [(kind,) for kind in kinds] + [run for run in USUAL if set(run) <= set(kinds)] * 5
    fragment = st.tuples(st.sampled_from(runs), st.integers(0, 2**24))
    return st.lists(fragment, min_size=2, max_size=9).map(
        lambda drawn: [
            Ask.by_chance(kind, seed + n, absurd=absurd) for run, seed in drawn for n, kind in enumerate(run)
        ]
    )


def received_from(first: datetime) -> st.SearchStrategy[datetime]:
    return st.datetimes(first, datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


receipts = st.builds(
    lambda when, pathway, orally, concerns: do.ReceiveComplaint(
        channel="email",
        received_at=when,
        service_area="older_people",
        pathway=pathway,
        made_orally=orally,
        concerns=[do.ConcernIn(category="communication")] * concerns,
        complainant=do.Person(name="A"),
    ),
    when=st.one_of(received_from(datetime(2013, 4, 1, 12)), received_from(datetime(2026, 3, 25))),  # noqa: DTZ001
    pathway=st.sampled_from((None, *PATHWAYS, "corporate", "children")),
    orally=st.booleans(),
    concerns=st.sampled_from((2, 2, 2, 1)),
)
Story = tuple[do.ReceiveComplaint, list[Ask]]
stories = st.tuples(receipts, asked(*every_kind))


@dataclass(frozen=True)
class Step:
    """What a command made of a case; nothing where it was refused."""

    before: Case
    command: do.CaseCommand
    recorded: tuple[CaseEvent, ...]
    after: Case


def begin(receipt: do.ReceiveComplaint) -> list[CaseEvent]:
    assert receipt.received_at
    sealed = tuple(Commitment(party, "name", "sha256:0") for party in ("complainant", "narrative"))
    return receive(receipt, sealed, COVENTRY, receipt.received_at)


def play(story: Story, today: date | None = LATER) -> Iterator[Step]:
    """Each step of a story; `today` None is the day of the step."""
    case = fold(begin(story[0]))
    assert case is not None
    day = case.received_on
    for step in story[1]:
        day += ONE_DAY * step.gap
        command, before = step.command(day), case
        try:
            recorded = tuple(decide(case, command, COVENTRY, today or day))
        except Rejected:
            recorded = ()
        for event in recorded:
            case = evolve(case, event)
        yield Step(before, command, recorded, case)


def told(story: Story) -> list[CaseEvent]:
    return [*begin(story[0]), *(event for step in play(story) for event in step.recorded)]


def test_every_command_of_a_case_is_asked() -> None:
    assert set(ARGUMENTS) == set(do.CaseCommand.__args__)


@always(stories)
def test_a_command_is_refused_or_gives_events_that_the_case_takes(
    story: Story,
) -> None:
    for step in play(story):
        assert step.after.version == step.before.version + len(step.recorded)
        assert case_list.rows("COV", step.after)
        for clock in step.after.clocks.values():
            assert clock.deadline.due_on < COVENTRY.calendar.last


@always(stories)
def test_a_replay_gives_the_same_case(story: Story) -> None:
    history = told(story)
    case = fold(history)
    assert fold(history) == case
    kept = [codec.decode(codec.type_name(event), 1, codec.encode(event)) for event in history]
    assert kept == history
    assert fold(kept) == case
    *_, last = (*play(story), None)
    assert last is None or last.after == case


@always(stories)
def test_nothing_happens_before_receipt_or_after_today(story: Story) -> None:
    for step in play(story):
        for event in step.recorded:
            assert step.before.received_on <= getattr(event, event.OCCURRED) <= LATER


@always(stories)
def test_no_deadline_is_before_its_clock_starts_nor_any_clock_before_receipt(
    story: Story,
) -> None:
    for event in told(story):
        for deadline in _deadlines(event):
            assert deadline.anchor_on <= deadline.due_on
            assert {deadline.policy[:7], deadline.calendar[:7]} == {"sha256:"}
    for step in play(story):
        for clock in step.after.clocks.values():
            assert step.after.received_on <= clock.set.anchor_on <= clock.set.due_on
            assert step.after.received_on <= clock.deadline.anchor_on <= clock.deadline.due_on


def _deadlines(event: CaseEvent) -> tuple[Deadline, ...]:
    return getattr(event, "deadlines", ())


@always(stories)
def test_a_stage_is_decided_once_and_answered_once_unless_it_is_reopened(
    story: Story,
) -> None:
    decided, answered = set[str](), set[str]()
    for event in told(story):
        match event:
            case events.StageDecided(stage=stage):
                assert stage not in decided
                decided.add(stage)
            case events.ResponseSent(stage=stage):
                assert stage in decided - answered
                answered.add(stage)
            case events.CaseReopened():
                last = max(decided | answered, default=None)
                decided -= {last}
                answered -= {last}
            case events.CaseRouted():
                assert not decided


AFTERLIFE = (
    events.CaseClosed
    | events.CaseReopened
    | events.CaseCorrected
    | events.CaseLinked
    | events.CharacteristicsRecorded
    | events.CaseRestricted
    | events.FlagsRecorded
    | events.RemedyAgreed
    | events.RemedyCompleted
    | events.LearningRecorded
    | events.LearningCompleted
    | events.LegalHoldPlaced
    | events.LegalHoldLifted
    | events.PersonalDataErased
)


@always(stories)
def test_an_ended_case_takes_nothing_but_what_outlives_it(story: Story) -> None:
    for step in play(story):
        if step.before.closed_on or step.before.ending:
            for event in step.recorded:
                escalated = isinstance(event, events.CaseEscalated) and not step.before.ending
                assert isinstance(event, AFTERLIFE) or escalated


@always(stories)
def test_a_closed_case_awaits_nothing_and_an_ended_one_neither(story: Story) -> None:
    for step in play(story):
        if step.after.closed_on or step.after.ending:
            assert all(clock.stopped_on for clock in step.after.clocks.values())


@always(stories)
def test_a_clock_that_was_met_stays_met_until_it_is_set_anew(story: Story) -> None:
    for step in play(story):
        anew = {deadline.name for event in step.recorded for deadline in _deadlines(event)}
        corrected = any(isinstance(event, events.CaseCorrected) for event in step.recorded)
        routed = any(isinstance(event, events.CaseRouted) for event in step.recorded)
        for name, clock in step.before.clocks.items():
            if clock.met_on and not routed and (corrected or name not in anew):
                assert step.after.clocks[name].met_on == clock.met_on


@always(stories)
def test_the_breaches_of_a_case_are_those_of_its_events(story: Story) -> None:
    history = told(story)
    case = fold(history)
    assert case is not None
    assert list(case.breaches) == [breach for event in history for breach in getattr(event, "breaches", ())]
    assert all(breach.source for breach in case.breaches)


@always(stories)
def test_a_status_is_one_that_the_list_knows(story: Story) -> None:
    ended = {"closed", "withdrawn", "refused", "resolved_informally", "transferred", "responded"}
    for step in play(story):
        assert step.after.status in {*case_list.OPEN_STATUSES, *ended}
        awaited = step.after.current is None or step.after.current.responded_on is None
        assert (step.after.status in case_list.OPEN_STATUSES) == (
            awaited and not step.after.ending and not step.after.closed_on
        )


@always(stories)
def test_the_list_shows_the_colour_that_the_case_has(story: Story) -> None:
    """A row is written once and read on any later day; the case is asked on the day itself."""
    case, day = fold(begin(story[0])), date.min
    for step in play(story, today=None):
        case = step.after
        day = max([day, *(_occurred(event) for event in step.recorded)])
    assert case is not None
    ((row,),) = (write.rows for write in case_list.rows("COV", case))
    policy = COVENTRY.policies.in_force(case.pathway or "", case.received_on)
    written = max(day, case.received_on)
    due = row["next_due_on"] or written
    for today in {written, *(due + ONE_DAY * near for near in range(-12, 3))}:
        if today >= written:
            colour = deadlines.rag(tuple(case.clocks.values()), today, policy, COVENTRY.calendar)
            assert case_list.rag(row, today) == colour


def _occurred(event: CaseEvent) -> date:
    return getattr(event, event.OCCURRED)


ONWARDS = tuple(kind for kind in every_kind if kind not in (do.RouteCase, do.ReopenCase, do.CorrectCase))


@always(st.tuples(receipts, asked(*ONWARDS, absurd=False)))
def test_what_stood_on_a_day_does_not_change_with_what_comes_later(story: Story) -> None:
    """Unless the past itself is put right, another way is taken, or what had ended goes on."""
    known: list[tuple[date, Case]] = []
    for step in play(story, today=None):
        known += [(_occurred(event), step.after) for event in step.recorded]
    for (day, then), (following, _) in pairwise(known):
        if day < following:
            for name, clock in then.clocks.items():
                now = known[-1][1].clocks[name]
                stood, stands = (deadlines.standing(each, day, COVENTRY.calendar) for each in (clock, now))
                assert stands == stood


days_off = st.sets(st.dates(date(2026, 1, 1), date(2028, 12, 31)).filter(lambda day: day.weekday() < 5), max_size=60)


@always(stories, days_off)
def test_a_review_moves_running_clocks_once_and_nothing_else(story: Story, off: set[date]) -> None:
    """In its own calendar no deadline moves; in a newer one each moves to where that calendar has it, and stays."""
    newer = COVENTRY.calendar.with_proclaimed(dict.fromkeys(off, "A day off"))
    rules = replace(COVENTRY, authority=replace(COVENTRY.authority, calendar=newer))
    for step in play(story):
        assert moving_deadlines(step.after, COVENTRY) == ()
    if not (moving := moving_deadlines(step.after, rules)):
        return
    case = evolve(step.after, review_deadlines(step.after, rules, LATER)[0])
    assert moving_deadlines(case, rules) == ()
    for name, before in step.after.clocks.items():
        after = case.clocks[name]
        assert after.set == before.set
        assert (after.deadline != before.deadline) == (name in {deadline.name for deadline in moving})
        assert after.deadline == before.deadline or not before.stopped_on
        assert after.deadline.due_on >= after.deadline.anchor_on


@always(stories)
def test_read_again_under_its_own_policy_a_case_is_what_it_was(story: Story) -> None:
    """Unless an extension went beyond the cap, which the reading holds to, or the case has had another policy."""
    history = told(story)
    case = fold(history)
    assert case is not None
    once = sum(isinstance(event, events.CaseRouted) for event in history) == 1
    if once and case.pathway and not any(breach.rule.endswith(".cap") for breach in case.breaches):
        policies = {COVENTRY.policies.in_force(case.pathway, step.after.received_on).version for step in play(story)}
        if len(policies) == 1:
            policy = COVENTRY.policies.in_force(case.pathway, case.received_on)
            assert read_again(history, policy, COVENTRY.calendar) == case
