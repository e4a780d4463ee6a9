"""What the routes tell of the policies and code lists that an authority goes by."""

from dataclasses import asdict
from typing import Any

from shared.authority import Value, authority
from shared.policy import Rule, policy_book
from shared.retention import schedule


def pathways_out(code: str) -> dict[str, Any]:
    """Every pathway, each edition with its clocks and duties, and which rules changed or ended on its first day."""
    items = []
    for pathway in policy_book(code).every:
        editions, before = [], dict[str, str]()
        for day, policy in pathway.editions():
            rules = [_rule(rule) for rule in policy.rules]
            now = {rule["id"]: str(rule) for rule in rules}
            editions.append(
                {
                    "in_force_from": day,
                    "version": policy.version,
                    "rules": rules,
                    "duties": [{"id": d.id, "kind": d.kind, "source": d.source} for d in policy.duties],
                    "changed": [rule["id"] for rule in rules if before and str(rule) not in before.values()],
                    "ended": sorted(before.keys() - now.keys()),
                }
            )
            before = now
        items.append({"pathway": pathway.name, "title": pathway.title, "stages": pathway.stages, "editions": editions})
    return {"items": items}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "deadline": rule.name,
        "kind": rule.kind,
        "stage": rule.stage,
        "anchor": rule.anchor,
        "met_by": rule.met_by,
        "value": rule.value,
        "unit": rule.unit,
        "counting": rule.counting,
        "extension": rule.extension,
        "extension_to": rule.extension_to,
        "pausable": rule.pausable,
        "binds": rule.binds,
        "source": rule.source,
        "in_force_from": rule.in_force_from,
        "in_force_to": rule.in_force_to,
    }


def code_lists_out(code: str) -> dict[str, Any]:
    """Every code list, edition by edition; where a code moved to another row, the edition says from which."""
    codes = authority(code).codes
    lists: dict[str, Any] = {}
    for name, editions in codes.lists.items():
        shown, before = [], dict[str, Value]()
        for edition in editions:
            values = [_value(value, before.get(value.code)) for value in edition.values]
            shown.append({"in_force_from": edition.in_force_from, "values": values})
            before = {value.code: value for value in edition.values}
        lists[name] = shown
    return {"version": codes.version, "lists": lists}


def _value(value: Value, before: Value | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": value.code, "label": value.label, "row": value.row}
    shown |= {name: found for name in ("of", "pathway") if (found := getattr(value, name))}
    if before and before.row != value.row:
        shown["row_before"] = before.row
    return shown


def retention_out(code: str) -> dict[str, Any]:
    """The schedule of an authority: its rules, its own first, the grounds of erasure, and the reasons of a hold."""
    found = schedule(code)
    return {
        "rules": [asdict(rule) for rule in found.rules],
        "erasure_grounds": [asdict(ground) for ground in found.grounds],
        "legal_hold_reasons": [asdict(reason) for reason in found.hold_reasons],
    }
