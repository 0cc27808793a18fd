"""`centralino schema`: the contract, printed from the types of this very program; and registered, where wanted."""

from __future__ import annotations

import json
from difflib import get_close_matches
from importlib.resources import files
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from schemas.contract import asyncapi, json_schema
from schemas.contract.types import PUBLIC_TYPES, PublicType
from stream.cli.console import out
from stream.cli.problem import Problem
from stream.settings import Settings

_NEAR = 3


class _Types(TyperGroup):
    """A command a type, beside those that are written down."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command that is written down, or the one that prints a type. Raises `Problem` where there is neither."""
        return super().get_command(ctx, cmd_name) or _printing(_known(cmd_name))


app = typer.Typer(cls=_Types)


@app.callback(invoke_without_command=True, subcommand_metavar="[TYPE | COMMAND]")
def schema(
    ctx: typer.Context,
    list_: Annotated[bool, typer.Option("--list", help="The types: direction, name, topics.")] = False,
    asyncapi_: Annotated[bool, typer.Option("--asyncapi", help="The whole contract as AsyncAPI 3.0.")] = False,
) -> None:
    """The contract: print the JSON Schema of a TYPE such as customer.at_risk."""
    if list_:
        for public in PUBLIC_TYPES.values():
            out.print(f"{public.direction:<3}  {public.name:<32}  {' '.join(public.topics)}", soft_wrap=True)
    elif asyncapi_:
        _print(asyncapi.document(examples(), partitions()))
    elif ctx.invoked_subcommand is None:
        out.print(ctx.get_help(), markup=False, soft_wrap=True)


def examples() -> dict[str, Any]:
    """An event by the name of its type: of a story that our own code has told."""
    found: dict[str, Any] = json.loads((files("schemas.contract") / "examples.json").read_text(encoding="utf-8"))
    return found


def partitions() -> int:
    """Of a topic that we create, unless set otherwise."""
    return int(Settings.model_fields["partitions"].default)


def _known(name: str) -> PublicType:
    public = PUBLIC_TYPES.get(name)
    if public is None:
        near = get_close_matches(name.lower(), PUBLIC_TYPES, n=_NEAR, cutoff=0.6)
        meant = f"did you mean {' or '.join(near)}?" if near else "centralino schema --list tells all"
        raise Problem(f"there is no type {name!r}; {meant}", 2)
    return public


def _printing(public: PublicType) -> TyperCommand:
    def show() -> None:
        _print(json_schema.document(public))

    return TyperCommand(public.name, callback=show, help=f"The JSON Schema of {public.name}.", rich_markup_mode=None)


def _print(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
