"""The query of a list that has filters, as one model, which Pydantic reads in one step.

Of each parameter that a function takes, FastAPI makes out at every request what its type is: for fifteen of them that
takes longer than the list. What is asked and how it is refused is the same either way, and so is the description.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request as HttpRequest

from shared.commands import kinds


class ListQuery(BaseModel):
    """What a list may be asked: a field for each parameter, declared as FastAPI has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Queried:
    """A dependency that reads a query."""

    def __init__(self, model: type[ListQuery]) -> None:
        self.model = model

    async def __call__(self, http: HttpRequest) -> ListQuery:
        """What is asked; of a parameter that is there twice, the last. Raises `RequestValidationError`."""
        try:
            return self.model.model_validate(dict(http.query_params))
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            raise RequestValidationError([{**fault, "loc": ("query", *fault["loc"])} for fault in faults]) from None


def queried(model: type[ListQuery]) -> Any:
    """The dependency that gives a route its query. It comes after the one that finds out who asks."""
    return Depends(_Queried(model))


def known(dependant: Dependant) -> Iterator[tuple[str, frozenset[type]]]:
    """The parameters that a route takes in its query, each with which of date and datetime it is."""
    taken = [(parameter.alias, parameter.field_info.annotation) for parameter in dependant.query_params]
    if isinstance(dependant.call, _Queried):
        taken += [(field.alias or name, field.annotation) for name, field in dependant.call.model.model_fields.items()]
    for name, annotation in taken:
        yield name, kinds(annotation) - {bool}
    for inner in dependant.dependencies:
        yield from known(inner)


def described(dependant: Dependant) -> Iterator[dict[str, Any]]:
    """The parameters of the models among a route's dependencies, as FastAPI describes its own."""
    if isinstance(dependant.call, _Queried):
        yield from _described(dependant.call.model)
    for inner in dependant.dependencies:
        yield from described(inner)


def _described(model: type[ListQuery]) -> Iterator[dict[str, Any]]:
    whole = model.model_json_schema()
    for name, schema in whole["properties"].items():
        if schema.get("default", "") is None:
            del schema["default"]
        told = {"description": schema["description"]} if "description" in schema else {}
        required = name in whole.get("required", ())
        yield {"name": name, "in": "query", "required": required, "schema": schema, **told}
