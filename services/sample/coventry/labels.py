"""The codes behind the printed labels. Several labels may print one code, and one label several codes."""

from collections.abc import Iterable, Mapping
from itertools import cycle

Codes = Mapping[str, tuple[str, ...]]

SERVICE_AREAS: Codes = {
    "All Age Disability (Assessment & Case Management)": ("all_age_disability",),
    "Adult Commissioning": ("adult_commissioning",),
    "Assessment & Case Management OP": ("older_people",),
    "Older People (Assessment & Case Management)": ("older_people",),
    "Adult Safeguarding": ("adult_safeguarding",),
    "ASC Enablement & Therapy Services": ("enablement_therapy",),
    "Occupational Therapy and Enablement / STMSI": ("enablement_therapy",),
    "Mental Health": ("mental_health",),
    "Community Discharge Team": ("community_discharge",),
    "Finance": ("finance",),
    "Hospital Team": ("hospital_team",),
    "Telecare Service": ("telecare",),
    "Internal Provider Services": ("internal_provider",),
    "Promoting Independence/intake": ("promoting_independence",),
    "Promoting Independence team": ("promoting_independence",),
    "All others": ("adult_safeguarding", "finance", "hospital_team", "telecare", "internal_provider"),
}
AREAS = [codes[0] for codes in SERVICE_AREAS.values()]
CHANNELS: Codes = {
    "email": ("email",),
    "contact centre or form": ("web_form", "contact_centre"),
    "letter": ("letter",),
    "phone": ("phone",),
}
ORAL = ("phone", "in_person", "contact_centre")
CATEGORIES = {
    "Financial issues": "financial",
    "Protection": "protection",
    "Environment/property": "environment_property",
    "Communication": "communication",
    "Standard of Service": "standard_of_service",
}
ISSUES = {
    "Delays in / no communication": ("communication", "delays_in_communication"),
    "Quality of communication": ("communication", "quality_of_communication"),
    "Delay in providing service": ("standard_of_service", "delay_in_service"),
    "Standard of service": ("standard_of_service", "standard_of_service"),
    "Access to service": ("standard_of_service", "access_to_service"),
    "Poor quality of care / Level of service": ("standard_of_service", "quality_of_care"),
    "Incorrect information given": ("communication", "incorrect_information"),
    "Standard of work": ("standard_of_service", "standard_of_work"),
    "Financial assessment / charges": ("financial", "financial_assessment"),
    "Attitude / Rudeness": ("communication", "attitude"),
    "Other matters": ("standard_of_service", "other_matters"),
}
OUTCOMES = {
    "upheld": "upheld",
    "partially upheld": "partially_upheld",
    "not upheld": "not_upheld",
    "withdrawn": "withdrawn",
}
REMEDIES = {"apology made": "apology", "service provided": "service_provided", "practice changed": "practice_changed"}
ETHNIC_GROUPS = {
    "White British": "white_british",
    "Indian": "indian",
    "Any other Asian background": "other_asian",
    "Caribbean": "caribbean",
    "Any other ethnic group": "other_ethnic_group",
    "White and Black Caribbean": "white_and_black_caribbean",
    "White and Asian": "white_and_asian",
    "Any other Black, African or Caribbean background": "other_black",
}
AGE_BANDS: Codes = {
    "under 16": ("0_15",),
    "16-24": ("16_17", "18_24"),
    "25-34": ("25_34",),
    "35-49": ("35_49",),
    "50-64": ("50_64",),
    "65+": ("65_74", "75_84", "85_over"),
}


def in_codes(labels: Iterable[str], codes: Codes) -> list[str]:
    """Each printed label as a code; codes that print as one label take turns."""
    turns = {label: cycle(values) for label, values in codes.items()}
    return [next(turns[label]) for label in labels]
