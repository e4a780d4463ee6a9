"""Which remedies are money, the council's and the Ombudsman's alike."""

from shared.errors import bad_value

FINANCIAL = "financial"
REFUND = "charges_refund"
PAYMENTS = (FINANCIAL, REFUND)
"""The codes of remedies that are a sum of money; charges worked out anew are refunded, and no financial remedy."""


def check_amount(remedy: str, amount_pence: int | None) -> None:
    """Refuse a payment without its amount, and an amount of what is no payment.

    Raises:
        Rejected: `amount_needed` or `no_payment`, on field `amount_pence`.
    """
    if remedy in PAYMENTS and amount_pence is None:
        raise bad_value("amount_needed", "amount_pence", "a payment needs its amount in pence")
    if amount_pence is not None and remedy not in PAYMENTS:
        raise bad_value("no_payment", "amount_pence", f"{remedy} is no payment and has no amount")
