"""`centralino schema`: the contract, printed from the types of this very program; and registered, where wanted."""

from __future__ import annotations

import json
from collections import Counter
from difflib import get_close_matches
from importlib.resources import files
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from schemas.contract import asyncapi, json_schema
from schemas.contract.types import PUBLIC_TYPES, PublicType
from stream.cli import options
from stream.cli.console import err, out
from stream.cli.problem import Problem
from stream.cli.schema_registry import Incompatible, Level, Registry, subjects
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


@app.command()
def register(
    compatibility: Annotated[
        Level | None, typer.Option(help="Have the registry keep this rule for each subject from now on.")
    ] = None,
) -> None:
    """Register each type in the schema registry of the settings, under TOPIC-TYPE. May be run any number of times."""
    settings = options.settings()
    access = settings.schema_registry()
    if access is None:
        raise Problem("schema_registry_url is not set: there is no registry to register the types in", 2)
    found: Counter[str] = Counter()
    with Registry(access) as registry:
        for subject, content in subjects(settings.topic_prefix):
            found[_register(registry, subject, content, compatibility)] += 1
    out.print(f"{found['new']} registered, {found['old']} were there")
    if found["refused"]:
        raise Problem(
            f"{found['refused']} refused by the registry's own rules: new optional fields pass FORWARD, which"
            " `--compatibility FORWARD` sets for each subject"
        )


def _register(registry: Registry, subject: str, content: dict[str, Any], level: Level | None) -> str:
    """What became of it: new, old, refused."""
    kept = level is None or registry.keep(subject, level)
    try:
        told = registry.register(subject, content)
    except Incompatible as refused:
        rule = registry.compatibility(subject)
        err.print(f"refused     {subject}  {rule}: {refused}", soft_wrap=True, markup=False)
        return "refused"
    if level is not None and not kept:
        registry.keep(subject, level)
    if told.new:
        out.print(f"registered  {subject}  {told.id}", soft_wrap=True, markup=False)
    return "new" if told.new else "old"


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
