from services.cases import case_list
from shared import deadlines
from shared.events import CaseEscalated, PanelReported
from tests.scenario import (
    COVENTRY,
    LATER,
    acknowledge_on,
    agree_statement_on,
    answer_on,
    breached,
    due,
    escalate_on,
    extend_to,
    given,
    hold_panel_on,
    in_time,
    late,
    pause_on,
    received_on,
    recorded,
    rejected,
    report_panel_on,
    resume_on,
    status,
)

OPEN = given(received_on("2026-11-02"), acknowledge_on("2026-11-05"), pathway="children")
ANSWERED = OPEN.when(*answer_on("2026-11-16"))
STAGE_2 = ANSWERED.when(escalate_on("2026-11-20"))
AGREED = STAGE_2.when(agree_statement_on("2026-12-04"))
STAGE_3 = AGREED.when(*answer_on("2026-12-29", by="staff-9"), escalate_on("2027-01-04"))


def test_stage_1_is_answered_by_the_10th_working_day() -> None:
    """SI 2006/1738 reg 14: local resolution within 10 working days."""
    OPEN.then(due("acknowledgement", "2026-11-05"), in_time("acknowledgement"), due("stage_1", "2026-11-16"))
    ANSWERED.then(in_time("stage_1"), breached())
    OPEN.when(*answer_on("2026-11-17")).then(late("stage_1", 1), breached("children.stage_1"))


def test_stage_1_becomes_20_working_days_and_more_is_a_breach() -> None:
    """SI 2006/1738 reg 14: 10 working days, and 10 more where the complaint is complex."""
    OPEN.when(extend_to("2026-11-30", "2026-11-13")).then(due("stage_1", "2026-11-30"), breached())
    OPEN.when(extend_to("2026-12-01", "2026-11-13")).then(
        due("stage_1", "2026-12-01"), breached("children.stage_1.cap")
    )
    twice = OPEN.when(extend_to("2026-11-23", "2026-11-13"), extend_to("2026-12-01", "2026-11-20"))
    twice.then(breached("children.stage_1.cap"))


def test_stage_1_is_suspended_until_an_advocate_is_appointed() -> None:
    """The time may be "suspended until an advocate is appointed"."""
    OPEN.when(pause_on("2026-11-04"), resume_on("2026-11-25")).then(due("stage_1", "2026-12-07"), breached())


def test_the_complainant_has_20_working_days_to_ask_for_stage_2_and_a_late_request_is_a_breach() -> None:
    """Getting the best from complaints (DfES 2006): 20 working days to ask for stage 2."""
    ANSWERED.then(due("stage_2_request", "2026-12-14"))
    assert ANSWERED.case.clocks["stage_2_request"].deadline.binds == "complainant"
    ANSWERED.when(escalate_on("2026-12-14")).then(in_time("stage_2_request"), breached(), status("escalated"))
    ANSWERED.when(escalate_on("2026-12-15")).then(
        late("stage_2_request", 1), breached("children.stage_2_request"), status("escalated")
    )


def test_stage_2_is_counted_from_the_agreed_statement_with_the_requests_clock_beside_it() -> None:
    """SI 2006/1738 reg 17: 25 working days from the day on which the statement of complaint is agreed."""
    STAGE_2.then(recorded(CaseEscalated, stage="stage_2"), due("stage_2_from_request", "2026-12-29"))
    assert "stage_2" not in STAGE_2.case.clocks
    AGREED.then(due("stage_2", "2027-01-13"), due("stage_2_from_request", "2026-12-29"))
    AGREED.when(*answer_on("2026-12-29", by="staff-9")).then(
        in_time("stage_2"), in_time("stage_2_from_request"), breached()
    )
    AGREED.when(*answer_on("2027-01-13", by="staff-9")).then(
        in_time("stage_2"), late("stage_2_from_request", 10), breached("children.stage_2_from_request")
    )
    AGREED.when(*answer_on("2027-01-14", by="staff-9")).then(
        late("stage_2", 1), breached("children.stage_2", "children.stage_2_from_request")
    )


def test_stage_2_becomes_65_working_days_by_either_way_of_counting() -> None:
    """SI 2006/1738 reg 17: 25 working days, extended to 65 in all."""
    both = AGREED.when(extend_to("2027-02-24", "2026-12-18")).then(breached())
    both.then(due("stage_2", "2027-02-24"), due("stage_2_from_request", "2027-02-24"))
    AGREED.when(extend_to("2027-02-25", "2026-12-18")).then(breached("children.stage_2_from_request.cap"))
    AGREED.when(extend_to("2027-03-10", "2026-12-18")).then(breached("children.stage_2_from_request.cap"))
    AGREED.when(extend_to("2027-03-11", "2026-12-18")).then(
        breached("children.stage_2.cap", "children.stage_2_from_request.cap")
    )


def test_a_stage_2_whose_statement_is_never_agreed_is_late_all_the_same() -> None:
    """The Ombudsman found fault where agreeing the statement took nearly a year."""
    STAGE_2.when(*answer_on("2026-12-30", by="staff-9")).then(breached("children.stage_2_from_request"))


def test_the_statement_is_agreed_once_and_at_stage_2() -> None:
    OPEN.when(agree_statement_on("2026-11-04")).then(rejected("no_such_step"))
    AGREED.when(agree_statement_on("2026-12-07")).then(rejected("done_already"))
    STAGE_2.when(agree_statement_on("2026-11-19")).then(rejected("too_early", "agreed_on"))
    STAGE_2.when(agree_statement_on("2026-12-04"), today="2026-12-03").then(rejected("in_the_future", "agreed_on"))


def test_stage_2_is_not_investigated_by_who_answered_stage_1() -> None:
    """SI 2006/1738 reg 17: a stage 2 investigation is not the first stage's own."""
    AGREED.when(*answer_on("2026-12-18", by="staff-1")[:1]).then(breached("children.separate_decider"))


def test_the_complainant_has_20_working_days_to_ask_for_stage_3_and_a_late_request_is_a_breach() -> None:
    """SI 2006/1738 reg 18: within 20 working days of the adjudication."""
    answered = AGREED.when(*answer_on("2026-12-29", by="staff-9")).then(due("stage_3_request", "2027-01-27"))
    answered.when(escalate_on("2027-01-27")).then(in_time("stage_3_request"), breached())
    answered.when(escalate_on("2027-01-28")).then(late("stage_3_request", 1), breached("children.stage_3_request"))


def test_the_panel_meets_reports_and_is_answered_each_in_its_time() -> None:
    """SI 2006/1738 reg 19 and reg 20: 30 working days to meet, 5 to report, 15 to answer."""
    story = STAGE_3.then(due("panel", "2027-02-15"))
    held = story.when(hold_panel_on("2027-02-15")).then(in_time("panel"), due("panel_report", "2027-02-22"), breached())
    reported = held.when(report_panel_on("2027-02-22")).then(
        recorded(PanelReported), in_time("panel_report"), due("stage_3", "2027-03-15"), breached()
    )
    reported.when(*answer_on("2027-03-15", by="staff-7")).then(in_time("stage_3"), breached(), status("responded"))
    reported.when(*answer_on("2027-03-16", by="staff-7")).then(late("stage_3", 1), breached("children.stage_3"))


def test_a_late_panel_and_a_late_report_are_breaches_and_still_facts() -> None:
    held = STAGE_3.when(hold_panel_on("2027-02-16")).then(late("panel", 1), breached("children.panel"))
    held.when(report_panel_on("2027-02-24")).then(late("panel_report", 1), breached("children.panel_report"))


def test_a_panel_reports_after_it_has_met() -> None:
    STAGE_3.when(report_panel_on("2027-02-22")).then(rejected("panel_not_held"))
    STAGE_3.when(hold_panel_on("2027-02-15"), report_panel_on("2027-02-14")).then(rejected("too_early", "reported_on"))
    STAGE_3.when(hold_panel_on("2027-02-15"), hold_panel_on("2027-02-16")).then(rejected("done_already"))
    AGREED.when(hold_panel_on("2026-12-18")).then(rejected("no_such_step"))


def test_stage_3_is_the_last_and_is_not_extended() -> None:
    story = STAGE_3.when(hold_panel_on("2027-02-15"), report_panel_on("2027-02-22"))
    story.when(extend_to("2027-04-30", "2027-03-01")).then(rejected("no_extension"))
    story.when(*answer_on("2027-03-15", by="staff-7"), escalate_on("2027-03-16")).then(rejected("no_such_stage"))


def test_the_complainants_own_time_runs_out_without_the_case_being_late() -> None:
    """Whoever does not ask for the next stage lets the matter rest; nothing is for the council to do."""
    for story in (ANSWERED, AGREED.when(*answer_on("2026-12-29", by="staff-9"))):
        policy = COVENTRY.policies.in_force("children", story.case.received_on)
        assert deadlines.rag(tuple(story.case.clocks.values()), LATER, policy, COVENTRY.calendar) is None
        ((row,),) = (write.rows for write in case_list.rows("COV", story.case))
        assert (row["next_deadline"], row["next_due_on"]) == (None, None)
