"""Mutants of the core: what can be changed in a module and still pass for code. Cosmic Ray says what."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

SAME_KIND = re.compile(
    r"core/(NumberReplacer|AddNot|Replace(True|False|And|Or|Break|Continue)With\w+|ZeroIterationForLoop"
    r"|ExceptionReplacer|RemoveDecorator|ReplaceUnaryOperator_\w+"
    r"|ReplaceComparisonOperator_(Is_IsNot|IsNot_Is|\w+?_(Eq|NotEq|Lt|LtE|Gt|GtE|In|NotIn))"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Div_Mul|Mod_Mul|Pow_Mul|BitOr_BitAnd"
    r"|BitAnd_BitOr|LShift_RShift|RShift_LShift))"
)
"""Operators whose result could pass for code; `a + b` to `a >> b` and its like only make the share look better."""


class Mutant(NamedTuple):
    """One change: of which module, by which operator, on which line, and the source with it."""

    module: str
    operator: str
    line: int
    change: str
    source: str


class Without(ast.NodeTransformer):
    """Drops what changes no behaviour: annotations of functions and of their variables, imports for them."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Nothing of what a type checker alone reads, however it is asked for."""
        names = {inner.id for inner in ast.walk(node.test) if isinstance(inner, ast.Name)}
        return None if "TYPE_CHECKING" in names else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function without annotations."""
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        for inner in ast.walk(node):
            if isinstance(inner, ast.AnnAssign):
                inner.annotation = ast.Constant(None)
        return self.generic_visit(node)


def behaviour(source: str) -> str:
    """What two sources have in common when they do the same by being the same."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(Without().visit(tree))


def source_of(module: str) -> Path:
    """Where a module of the core is, `agents.time` for one."""
    return Path("stream/core", *module.split(".")).with_suffix(".py")


def mutants(module: str) -> Iterator[Mutant]:
    """All mutants of a module of the core."""
    original = source_of(module).read_text()
    seen = {behaviour(original)}
    for name in sorted(filter(SAME_KIND.fullmatch, operator_names())):
        operator = get_operator(name)
        occurrence = 0
        while (source := mutate_code(original, operator(), occurrence)) is not None:
            occurrence += 1
            try:
                does = behaviour(source)
            except SyntaxError:
                continue
            if does not in seen:
                seen.add(does)
                line, change = changed(original, source)
                yield Mutant(module, name.removeprefix("core/"), line, change, source)


def changed(original: str, source: str) -> tuple[int, str]:
    """The number of the first line that differs, and how the lines read now."""
    before, after = original.splitlines(), source.splitlines()
    line = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    told = [text[1:].strip() for text in difflib.ndiff(before, after) if text[0] == "+"]
    return line + 1, " ".join(told)
