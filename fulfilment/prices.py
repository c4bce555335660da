"""A price in words."""

from fulfilment.answers import words
from fulfilment.blueprint import Blueprint


def price_words(blueprint: Blueprint) -> str:
    """ "CNY 120.00 / piece", "" where no price is named."""
    if not blueprint.price:
        return ""
    unit = words({"en": blueprint.unit.en, "zh": blueprint.unit.zh})
    amount = f"{blueprint.currency} {blueprint.price}"
    return f"{amount} / {unit}" if unit else amount
