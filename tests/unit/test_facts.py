from datetime import date

from services.reporting.facts import CaseFact, Facts
from shared import events as e
from tests.histories import History, folded, received, routed


def case(history: History) -> CaseFact:
    (found,) = history.facts().cases
    return found


def spells(history: History) -> list[tuple[str, str | None, str | None]]:
    return [(spell.entered_by, spell.pathway, spell.left_by) for spell in history.facts().spells]


def test_a_case_is_closed_by_its_response_and_not_by_its_decision() -> None:
    history = History().complaint("A", "2024-04-02").decide("A", "2024-04-10", "upheld")
    assert (case(history).outcome, case(history).closed_on) == ("upheld", None)
    history.respond("A", "2024-04-12")
    assert (case(history).closed_on, case(history).days_open) == (date(2024, 4, 12), 8)


def test_a_withdrawal_closes_a_case() -> None:
    withdrawn = case(History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03"))
    assert (withdrawn.outcome, withdrawn.closed_on, withdrawn.days_open) == ("withdrawn", date(2024, 4, 3), 1)


def test_a_complaint_withdrawn_after_its_decision_keeps_the_decision() -> None:
    history = History().complaint("A", "2024-04-02").decide("A", "2024-04-10", "upheld").withdraw("A", "2024-04-11")
    assert (case(history).outcome, case(history).closed_on) == ("upheld", date(2024, 4, 11))


def test_closing_the_file_of_a_decided_complaint_is_no_answer_to_it() -> None:
    history = History().complaint("A", "2024-04-02").decide("A", "2024-04-10", "upheld")
    history.tell("A", e.CaseClosed(closed_on=date(2024, 4, 11)))
    assert case(history).closed_on is None


def test_a_reopened_case_is_open_again_and_its_first_answer_stays_in_time() -> None:
    history = History().complaint("A", "2024-04-02").answer("A", "2024-04-10", "not_upheld").reopen("A", "2024-06-03")
    assert (case(history).outcome, case(history).closed_on) == (None, None)
    assert case(history).first_closed_on == date(2024, 4, 10)


def test_a_case_decided_anew_has_two_spells_and_one_decision_in_each() -> None:
    history = History().complaint("A", "2024-04-02").answer("A", "2024-04-10", "not_upheld").reopen("A", "2024-06-03")
    history.answer("A", "2024-06-20", "upheld")
    assert spells(history) == [
        ("received", "adult_social_care", "not_upheld"),
        ("reopened", "adult_social_care", "upheld"),
    ]


def test_a_decision_about_a_case_that_had_left_takes_it_up_again() -> None:
    history = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").decide("A", "2024-04-10", "upheld")
    assert spells(history)[1] == ("reopened", "adult_social_care", "upheld")


def test_the_first_route_says_where_a_complaint_was_received_however_late() -> None:
    history = History().complaint("A", "2024-04-02", pathway=None)
    assert spells(history) == [("received", None, None)]
    assert spells(history.route("A", "2024-04-09", "corporate")) == [("received", "corporate", None)]


def test_a_later_route_leaves_one_pathway_for_another_and_keeps_the_received_date() -> None:
    history = History().complaint("A", "2024-04-02", pathway="corporate").route("A", "2024-04-09", "adult_social_care")
    assert spells(history) == [("received", "corporate", "routed_out"), ("routed_in", "adult_social_care", None)]
    assert case(history).received_on == date(2024, 4, 2)
    assert case(history).local_standard_due_on == date(2024, 4, 30)


def test_only_what_was_made_orally_and_settled_in_time_is_outside_the_statutory_count() -> None:
    """SI 2009/309 reg 8(1)(c): "made orally and ... resolved to the complainant's satisfaction not later than the next
    working day after the day on which the complaint was made".
    """
    outside = {
        (orally, on): case(
            History().complaint("A", "2024-04-26", orally=orally).settle("A", on, orally=orally)
        ).outside_statutory_count
        for orally in (True, False)
        for on in ("2024-04-29", "2024-04-30")
    }
    assert outside == {
        (True, "2024-04-29"): True,  # a Monday, the next working day after a Friday
        (True, "2024-04-30"): False,
        (False, "2024-04-29"): False,
        (False, "2024-04-30"): False,
    }


def test_one_who_is_not_satisfied_has_not_settled() -> None:
    history = History().complaint("A", "2024-04-26", orally=True).settle("A", "2024-04-29", satisfied=False)
    assert (case(history).outcome, case(history).closed_on) == (None, None)


def test_a_settled_complaint_counts_once_it_is_reopened() -> None:
    history = History().complaint("A", "2024-04-26", orally=True).settle("A", "2024-04-29")
    assert case(history.reopen("A", "2024-05-03")).outside_statutory_count is False


def test_a_complaint_that_turns_out_to_have_been_written_counts() -> None:
    history = History().complaint("A", "2024-04-26", orally=True).settle("A", "2024-04-29")
    history.tell("A", corrected("made_orally", "true", "false"))
    assert case(history).outside_statutory_count is False
    assert not history.facts().spells[0].outside


def corrected(field: str, before: str, after: str) -> e.CaseCorrected:
    return e.CaseCorrected(
        corrected_on=date(2024, 5, 1), field=field, before=before, after=after, reason="recorded_wrongly"
    )


def test_a_corrected_receipt_moves_the_cohort_and_the_days_open() -> None:
    history = History().complaint("A", "2024-04-02").answer("A", "2024-04-10", "upheld")
    history.tell("A", corrected("received_at", "2024-04-02T11:00:00Z", "2024-03-31T23:30:00+00:00"))
    assert case(history).received_on == date(2024, 4, 1)  # half past midnight in London
    assert history.facts().spells[0].entered_on == date(2024, 4, 1)
    assert case(history).days_open == 7


def test_what_is_complained_of_came_in_with_its_case_however_that_is_corrected() -> None:
    """The concerns of a cohort are found by their own day of receipt."""
    history = History().complaint("A", "2024-04-02")
    history.tell("A", corrected("received_at", "2024-04-02T11:00:00Z", "2024-03-30T11:00:00+00:00"))
    assert {concern.received_on for concern in history.facts().concerns} == {date(2024, 3, 30)}


def test_codes_are_corrected() -> None:
    history = History().complaint("A", "2024-04-02")
    history.tell("A", corrected("service_area", "older_people", "telecare"))
    history.tell("A", corrected("channel", "email", "letter"))
    assert (case(history).service_area, case(history).channel) == ("telecare", "letter")


def test_characteristics_are_those_of_the_person_affected() -> None:
    history = History().complaint("A", "2024-04-02", represented=True)
    for whose, sex in (("person_affected", "female"), ("complainant", "male"), ("representative", "male")):
        history.tell("A", e.CharacteristicsRecorded(recorded_on=date(2024, 4, 3), whose=whose, sex=sex))
    history.tell(
        "A", e.CharacteristicsRecorded(recorded_on=date(2024, 4, 4), whose="person_affected", age_band="85_over")
    )
    assert (case(history).sex, case(history).age_band) == ("female", "85_over")


def test_a_complainant_who_speaks_for_nobody_else_is_the_person_affected() -> None:
    history = History().complaint("A", "2024-04-02")
    history.tell("A", e.CharacteristicsRecorded(recorded_on=date(2024, 4, 3), whose="complainant", sex="male"))
    assert case(history).sex == "male"


def test_findings_go_to_their_concerns() -> None:
    concerns = (e.Concern("communication", "attitude"), e.Concern("financial"))
    history = History().complaint("A", "2024-04-02", *concerns)
    history.decide("A", "2024-04-10", "partially_upheld", "upheld", "not_upheld")
    assert [(c.subcategory, c.finding) for c in history.facts().concerns] == [
        ("attitude", "upheld"),
        (None, "not_upheld"),
    ]


def test_each_way_in_which_the_ombudsman_ends_an_enquiry_is_a_category() -> None:
    history = History()
    for reference in ("1", "2", "3"):
        history.enquiry(reference, "2024-04-02")
    history.tell("1", e.ReturnedAsPremature(returned_on=date(2024, 4, 9)))
    history.tell("2", e.ClosedAfterEnquiries(closed_on=date(2024, 4, 9)))
    history.ombudsman("3", "2024-04-09", "upheld").tell("3", e.EnquiryLinked(linked_on=date(2024, 4, 9), case="A"))
    assert [(row.category, row.case_reference) for row in history.facts().enquiries] == [
        ("referred_back", None),
        ("closed_after_initial_enquiries", None),
        ("upheld", "A"),
    ]


def test_an_enquirys_reason_and_steps_are_facts() -> None:
    history = History()
    for reference in ("1", "2", "3"):
        history.enquiry(reference, "2024-04-02")
    history.tell("1", e.ReturnedAsPremature(returned_on=date(2024, 4, 9)))
    history.tell("2", e.ClosedAfterEnquiries(closed_on=date(2024, 4, 9), reason="out_of_time"))
    history.tell("3", e.InvestigationOpened(opened_on=date(2024, 4, 9), respond_by=date(2024, 5, 9)))
    history.tell("3", e.OmbudsmanDecided(decided_on=date(2024, 6, 4), category="upheld", reason="fault_and_injustice"))
    found = history.facts().enquiries
    assert [row.reason for row in found] == ["premature", "out_of_time", "fault_and_injustice"]
    assert (found[2].investigated_on, found[2].response_due_on) == (date(2024, 4, 9), date(2024, 5, 9))


def test_remedies_have_the_days_on_which_they_are_due_and_done() -> None:
    due_on, done_on = date(2024, 6, 4), date(2024, 6, 5)
    history = History().complaint("A", "2024-04-02").enquiry("1", "2024-04-02")
    for number in (1, 2):
        agreed = e.RemedyAgreed(
            agreed_on=date(2024, 5, 7), remedy=number, type="apology", amount_pence=None, due_on=due_on
        )
        required = e.RemedyRequired(
            required_on=date(2024, 5, 7), remedy=number, type="apology", amount_pence=None, due_on=due_on
        )
        history.tell("A", agreed).tell("1", required)
    for reference in ("A", "1"):
        history.tell(reference, e.RemedyCompleted(completed_on=done_on, remedy=2))
    assert [(r.by, r.number, r.due_on, r.completed_on) for r in history.facts().remedies] == [
        ("ombudsman", 1, due_on, None),
        ("ombudsman", 2, due_on, done_on),
        ("council", 1, due_on, None),
        ("council", 2, due_on, done_on),
    ]


def test_compliance_is_outstanding_once_a_remedy_is_required() -> None:
    history = History().enquiry("1", "2024-04-02").ombudsman("1", "2024-06-04", "upheld")
    said = [history.facts().enquiries[0].compliance]
    history.remedy("1", "2024-06-04", "apology", required=True)
    said.append(history.facts().enquiries[0].compliance)
    history.tell("1", e.ComplianceConfirmed(confirmed_on=date(2024, 9, 3), compliance="complied"))
    history.remedy("1", "2024-09-04", "apology", number=2, required=True)
    said.append(history.facts().enquiries[0].compliance)
    assert said == [None, "outstanding", "complied"]


def test_the_newest_reference_figure_of_a_subject_and_year_is_in_force() -> None:
    history = History()
    for value in (3650, 3651):
        figure = e.ReferenceFigureRecorded(
            recorded_on=date(2024, 4, 2),
            name="adults_in_long_term_support",
            subject="Coventry City Council",
            year="2023-24",
            value=value,
            unit="people",
            source="return",
        )
        history.tell("COV", figure)
    assert [row.value for row in history.facts().figures] == [3651]


def test_the_newest_narrative_of_a_year_is_in_force_as_a_whole() -> None:
    history, day = History(), date(2025, 6, 2)
    history.tell("COV", e.NarrativeRecorded(recorded_on=day, year="2023-24", introduction="Another year."))
    history.tell("COV", e.NarrativeRecorded(recorded_on=day, year="2024-25", introduction="A draft.", action_taken="x"))
    history.tell("COV", e.NarrativeRecorded(recorded_on=day, year="2024-25", introduction="Our report."))
    found = {row.year: (row.introduction, row.action_taken) for row in history.facts().narratives}
    assert found == {"2023-24": ("Another year.", None), "2024-25": ("Our report.", None)}


def test_a_breach_is_dated_by_the_event_that_records_it() -> None:
    told = e.ComplaintAcknowledged(
        acknowledged_on=date(2024, 4, 9),
        method="letter",
        discussion_offered=True,
        breaches=(e.Breach("acknowledged_late", "SI 2009/309 reg 13(3)"),),
    )
    (breach,) = History().complaint("A", "2024-04-02").tell("A", told).facts().breaches
    assert (breach.happened_on, breach.rule) == (date(2024, 4, 9), "acknowledged_late")


def test_a_case_is_never_left_before_it_was_entered() -> None:
    history = History().complaint("A", "2024-04-02")
    history.tell("A", e.CaseWithdrawn(withdrawn_on=date(2024, 4, 1)), "2024-04-02")
    (spell,) = history.facts().spells
    assert spell.left_on == spell.entered_on


def test_an_enquiry_of_the_same_name_as_a_case_leaves_it_alone() -> None:
    told = [("A", e.EnquiryReceived(received_on=date(2024, 4, 2))), ("A", received("complaint", "2024-04-02"))]
    facts = folded([*told, ("A", routed(date(2024, 4, 2), date(2024, 4, 2), "corporate"))])
    assert (len(facts.enquiries), facts.cases[0].pathway) == (1, "corporate")


def test_an_event_of_an_unknown_case_changes_nothing() -> None:
    assert folded([("A", e.CaseWithdrawn(withdrawn_on=date(2024, 4, 1)))]) == Facts()
