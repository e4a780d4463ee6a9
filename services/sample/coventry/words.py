"""Every word of the sample that a form would leave free, invented: names that fit anybody, and lessons."""

from typing import Any

FIRST_NAMES = (
    *("Alex", "Blake", "Casey", "Devon", "Ellis", "Frankie"),
    *("Harper", "Indy", "Jules", "Kit", "Lane", "Morgan"),
)
LAST_NAMES = ("Ashdown", "Birchley", "Cloverton", "Dunmere", "Elmwood", "Fernley", "Gorseby", "Hazelton", "Ivybridge")
PROVIDER = "Example Home Care"
THANKS = "Thank you to everyone who helped."
COMMENT = "The leaflet is hard to find."
LESSONS = {  # by subcategory: the lesson, and what is done about it
    "delays_in_communication": (
        "Enquiries that cannot be answered at once need an early reply that says when an answer will come.",
        "Each team acknowledges a message by the next working day and keeps a log of call-backs.",
    ),
    "quality_of_communication": (
        "Families hear from several professionals and are not always told who does what.",
        "Ask for communication preferences at the first contact, and name one person to turn to.",
    ),
    "delay_in_service": (
        "People waiting for a service were not told why, or for how long.",
        "Waiting lists are reviewed each week, and everyone on them has a letter with contact details.",
    ),
    "standard_of_service": (
        "A review was held, and the support plan was not changed after it.",
        "Managers check a sample of plans each month against the reviews before them.",
    ),
    "access_to_service": (
        "Eligibility was spoken of before an assessment had been made.",
        "Remind staff that eligibility follows the assessment, and give signposting in writing.",
    ),
    "quality_of_care": (
        "The length of commissioned calls was not checked until someone complained.",
        "Commissioning compares the length of calls with the order each quarter.",
    ),
    "incorrect_information": (
        "Two teams gave different answers about the same process.",
        "One dated page of guidance was agreed by both teams.",
    ),
    "standard_of_work": (
        "Work on an adaptation was signed off without a visit.",
        "Approval of repairs and special equipment needs a visit and a photograph.",
    ),
    "financial_assessment": (
        "Charges from the first day of a service were not always explained before it began.",
        "Practitioners record that the charging policy was explained, and send it in writing.",
    ),
    "attitude": (
        "Conversations about money need more care than they were given.",
        "Team meetings discuss examples of sensitive conversations.",
    ),
    "other_matters": (
        "People were not always told that their case was to be closed.",
        "A closing letter with contact details is sent before a case is closed.",
    ),
    None: (
        "Concerns about safety at home were passed on and not followed up.",
        "The duty manager confirms each referral on the day.",
    ),
}


def person(n: int, channel: str = "") -> dict[str, Any]:
    """An invented person; who writes by e-mail or form has an address."""
    first, last = FIRST_NAMES[7 * n % 12], LAST_NAMES[(n + n // 9) % 9]
    by_mail = {"email": f"{first}.{last}@example.org".lower()} if channel in ("email", "web_form") else {}
    return {"name": f"{first} {last}"} | by_mail
