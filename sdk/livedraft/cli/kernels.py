"""``livedraft kernels``: which operations there are, and a judge for anybody's kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from livedraft.errors import ConfigError, did_you_mean
from livedraft.files import check_writable, replacing

from .extras import needs_extra


@click.group(short_help="List the fused operations; judge a kernel.")
def kernels() -> None:
    """Fused operations for few-step diffusion, and a bench that judges any kernel.

    \b
    livedraft kernels list
    livedraft kernels bench mine.py:norm_modulate
    """


@kernels.command("list", short_help="List the operations.")
def list_() -> None:
    """List the operations by name, with their types and what a kernel of yours may err by."""
    with needs_extra("kernels", "livedraft kernels list"):
        from livedraft.kernels.ops import every

        for operation in every():
            spec = operation.spec
            click.secho(spec.name, bold=True)
            click.echo(f"  {spec.summary}")
            types = (
                f"{str(dtype).removeprefix('torch.')} {spec.tolerance[dtype]:.0e}"
                for dtype in spec.dtypes
            )
            click.echo(f"  {', '.join(spec.parameters)}")
            click.echo(f"  relative error at most: {', '.join(types)}")


@kernels.command(short_help="Judge a kernel: compiles, correct, stable, fast.")
@click.argument("target", metavar="FILE.py[:name]")
@click.option("--op", "operation", help="The operation that it computes.  (default: its name)")
@click.option(
    "--definition",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A definition of your own, in place of --op: reference, inputs, workloads. It is run.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the verdict here, as JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, not a table.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Mixed with a secret one, which the verdict tells.",
)
@click.option("--secret", default="", help="The secret seed of a verdict, to repeat it.")
@click.option(
    "--limit",
    type=click.FloatRange(1, 86400),
    default=300.0,
    show_default=True,
    help="Seconds for each of the kernel's processes.",
)
@click.option("--allow", multiple=True, help="A rule of the static look not to hold against it.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
@click.option(
    "--speed",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="auto: on a GPU. always: on a CPU too, where a Triton kernel is interpreted.",
)
@click.pass_context
def bench(
    context: click.Context,
    /,
    target: str,
    operation: str | None,
    definition: Path | None,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Judge the kernel in FILE.py, the function NAME of it, and say what is wrong with it.

    \b
    livedraft kernels bench mine.py                     the function is named like an operation
    livedraft kernels bench mine.py:fused --op norm_modulate
    livedraft kernels bench mine.py --definition mine_definition.py -o verdict.json
    livedraft kernels bench norm_modulate               the one that ships

    Without a GPU it is judged in Triton's interpreter, and speed is not judged. The file runs as
    you, in processes of its own that know neither the seed nor your environment: that keeps cheats
    out of the judging, and is no sandbox. The exit status is 1 where a kernel does not pass.
    """
    if operation and definition:
        raise ConfigError("--op and --definition exclude each other", fix="give one of them")
    if output:
        check_writable(output)
    with needs_extra("kernels", "livedraft kernels bench"):
        import torch

        from livedraft.kernels.bench import Unusable, table
    if options["device"] == "cuda" and not torch.cuda.is_available():
        raise ConfigError("there is no CUDA device here", fix="leave --device out")
    try:
        verdict = _judged(target, operation or "", definition, options)
    except Unusable as error:
        raise ConfigError(str(error), fix=error.fix) from error
    text = json.dumps(verdict.to_json(), indent=1)
    if output:
        with replacing(output) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else table(verdict))
    context.exit(0 if verdict.passed else 1)


def _judged(target: str, operation: str, definition: Path | None, options: dict[str, Any]) -> Any:
    from livedraft.kernels.bench import Options, checked, from_file, judge, ours, read, shipped
    from livedraft.kernels.bench.rules import RULES
    from livedraft.kernels.ops import NAMES

    allow = frozenset(options.pop("allow"))
    for unknown in allow - RULES.keys():
        raise ConfigError(f"there is no rule '{unknown}'", fix=did_you_mean(unknown, RULES))
    if target in NAMES:
        source, allow = shipped(target), allow | shipped(target).needs
        operation = target
    else:
        source = read(target, NAMES, operation)
    name = operation or source.function
    if source.broken and not (name or definition):
        raise ConfigError(f"{source.file} did not import: {source.broken}", fix="mend it")
    if not definition and name not in NAMES:
        fix = f"{did_you_mean(name, NAMES)} --definition is for one of your own"
        raise ConfigError(f"there is no operation '{name}'", fix=fix)
    meant = from_file(definition) if definition else ours(name)
    judged = Options(allow=allow, limit_s=options.pop("limit"), **options)
    return judge(source, checked(meant), judged)
