"""The command `groundspeed`: what there is, whether it agrees, how fast it is, and the report.

Everything a command needs is imported when it runs: `--help` is quick, and an optional package is asked for
only by the command that uses it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="groundspeed",
    help="Spatial operations on GPUs and CPUs, and the referee that measures them.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
bench = typer.Typer(help="Measure with asv, report, compare.", no_args_is_help=True)
app.add_typer(bench, name="bench")
FORWARD = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

Operations = Annotated[
    list[str] | None, typer.Argument(help="Names of operations; default: all.", show_default=False)
]
LOCAL_REPORTS = Path("build", "reports")
"""Ignored by git: what is published in reports/ is replaced by `--out reports` only."""
PROFILES = "smoke (tests), quick (minutes) or full (hours)."
Records = Annotated[Path, typer.Option(help="Folder of the records.", envvar="GROUNDSPEED_RECORDS")]


def _table(rows: Iterable[tuple[str, ...]]) -> None:
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _stop(message: object, code: int = 1) -> typer.Exit:
    typer.echo(f"groundspeed: {message}", err=True)
    return typer.Exit(code)


def _load(module: str, extra: str) -> Any:
    """Import a part of Groundspeed, naming the extra to install when a package is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise _stop(f"this command needs {error.name}; pip install 'groundspeed[{extra}]'") from error


def _operation(name: str) -> Any:
    from groundspeed.referee import discovery

    try:
        return discovery.operation(name)
    except (KeyError, discovery.TopicError) as error:
        raise _stop(error.args[0]) from error


def _chosen(names: list[str] | None) -> list[Any]:
    from groundspeed.referee import discovery

    return [_operation(name) for name in names] if names else discovery.all_operations()


@app.command()
def ops(
    operations: Operations = None,
    stub: Annotated[
        bool, typer.Option("--stub", help="Write __init__.pyi anew, for editors to know every operation.")
    ] = False,
    calls: Annotated[
        bool, typer.Option("--calls", help="Count launches and waits of a call, on the emulator.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="With --calls: write the committed table.")
    ] = False,
) -> None:
    """List operations with their rule, and who computes them here.

    With names: every implementation of these, with its style and division, or the reason why it cannot run.
    """
    if calls:
        _device_calls(_chosen(operations), update)
        return
    if stub:
        from groundspeed import _public

        typer.echo(_public.write_stub())
        return
    from groundspeed.referee import discovery

    for operation in _chosen(operations):
        known = list(discovery.implementations(operation.name).values())
        reasons = [discovery.unavailable(one) for one in known]
        able = reasons.count("")
        typer.echo(f"{operation.family}/{operation.name}: {operation.rule}")
        if not operations:
            typer.echo(f"    {able} of {len(known)} implementations can run here")
            continue
        _table(
            ("   ", one.name, one.style, one.cores, one.division, reason or one.doc.partition("\n")[0])
            for one, reason in zip(known, reasons, strict=True)
        )


def _device_calls(chosen: list[Any], update: bool) -> None:
    """Print what one call of every smoke case does on a device; exit 1 where it rose."""
    from groundspeed.engines.choice import EngineUnavailable
    from groundspeed.referee import device_calls, discovery

    try:
        found = [
            device_calls.count(operation, case)
            for operation in chosen
            for case in discovery.cases(operation.name, "smoke")
        ]
    except EngineUnavailable as error:
        raise _stop(error) from error
    typer.echo("counted on the emulator, one call, inputs on the device and the result left there")
    heads = tuple(vars(found[0])) if found else ()
    _table([heads, *(tuple(f"{value}" for value in vars(row).values()) for row in found)])
    if update:
        device_calls.write_committed(found)
    elif risen := device_calls.risen(found, device_calls.read_committed()):
        raise _stop("\n".join(risen))


@app.command()
def verify(
    operations: Operations = None, profile: Annotated[str, typer.Option(help=PROFILES)] = "smoke"
) -> None:
    """Compare every implementation with the oracle; exit 1 unless one runs and all that run agree."""
    from groundspeed.referee import model
    from groundspeed.referee import verify as referee

    if profile not in model.PROFILES:
        raise _stop(f"--profile must be one of {', '.join(model.PROFILES)}, got {profile!r}")
    done = []
    for operation in _chosen(operations):
        for one in referee.verify(operation, profile):
            agreement = one.agreement
            done.append(one)
            note = agreement.reason or f"{agreement.compared:,} values, {agreement.tolerance}"
            typer.echo(
                f"{agreement.verdict:8} {one.operation:28} {one.case:24} {one.implementation:32} {note}"
            )
    counts = {
        verdict: sum(one.agreement.verdict == verdict for one in done) for verdict in ("pass", "missing")
    }
    wrong = len(done) - sum(counts.values())
    typer.echo(f"{counts['pass']} agree, {wrong} do not, {counts['missing']} cannot run here")
    if not referee.succeeded(done):
        raise _stop("something does not agree" if wrong else "nothing was verified")


@bench.command()
def run(
    operations: Operations = None,
    profile: Annotated[str, typer.Option(help=PROFILES, envvar="GROUNDSPEED_PROFILE")] = "quick",
    passes: Annotated[
        int, typer.Option(min=1, help="Processes per measurement; intervals need several.")
    ] = 2,
    budget: Annotated[float, typer.Option(help="Seconds after which no further pass is begun.")] = 3600.0,
    implementations: Annotated[str, typer.Option(help="Regular expression of implementations.")] = "",
    cases: Annotated[str, typer.Option(help="Regular expression of cases.")] = "",
    records: Records = Path("records"),
    machine: Annotated[
        str, typer.Option(help="Name of this machine; default: made of CPU, cores, GPU.")
    ] = "",
    append: Annotated[bool, typer.Option(help="Add to earlier records of this machine.")] = False,
) -> None:
    """Measure with asv, in passes, and write records; exit 2 when something did not agree with the oracle."""
    passes_module = _suite()
    names = tuple(operation.name for operation in _chosen(operations))
    try:
        chosen = names, implementations, cases
        status = passes_module.run(profile, passes, budget, records, machine, *chosen, append)
    except (RuntimeError, ValueError) as error:
        raise _stop(error) from error
    raise typer.Exit(status)


def _suite() -> Any:
    """What runs the benchmark suite, which lies in the source checkout and not in the installed package."""
    from groundspeed.referee.measure import checkout

    try:
        checkout.require()
    except RuntimeError as error:
        raise _stop(error) from error
    return _load("groundspeed.referee.measure.passes", "report")


@bench.command()
def report(
    records: Records = Path("records"),
    out: Annotated[
        Path, typer.Option(help="Folder of the reports; `reports` in a checkout publishes them.")
    ] = LOCAL_REPORTS,
    machine: Annotated[str, typer.Option(help="One machine's records only.")] = "",
    readme: Annotated[
        Path | None, typer.Option(help="Markdown file whose picture and table are replaced.", exists=True)
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Also a ladder of every case, and every figure as PNG.")
    ] = False,
) -> None:
    """Turn records, or published records, into <out>/<machine>/index.html, with figures, Markdown and CSV."""
    module = _load("groundspeed.referee.report.command", "report")
    try:
        module.report(records, out, machine or None, readme, figures)
    except (FileNotFoundError, ValueError) as error:
        raise _stop(error) from error


@bench.command()
def compare(
    base: Annotated[Path, typer.Argument(help="The older records: a folder, or published ones.")],
    head: Annotated[Path, typer.Argument(help="The newer records.")],
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Measure again what looks slower, and judge again.")
    ] = False,
) -> None:
    """Compare two sets of records; exit 1 on a regression, with reasons."""
    gate = _load("groundspeed.referee.report.gate", "report")
    try:
        status = gate.compare(base, head, _measure_again if confirm else None)
    except (FileNotFoundError, ValueError) as error:
        raise _stop(error) from error
    raise typer.Exit(status)


@bench.command()
def calibrate(
    records: Records = Path("records"),
    profile: Annotated[str, typer.Option(help=PROFILES, envvar="GROUNDSPEED_PROFILE")] = "quick",
    rounds: Annotated[int, typer.Option(min=1, help="At most so many.")] = 5,
    budget: Annotated[float, typer.Option(help="Seconds after which no further round is begun.")] = 240.0,
) -> None:
    """Measure this machine's noise floor: the same code twice by turns; a round takes about a minute."""
    noise = _load("groundspeed.referee.measure.noise", "report")
    try:
        noise.calibrate(records, profile, rounds, budget=budget)
    except (RuntimeError, ValueError) as error:
        raise _stop(error) from error


def _measure_again(suspected: list[Any], head: Path) -> None:
    """Add processes to suspected records, where they were measured."""
    from groundspeed.referee import machine as this

    confirm, suite = _load("groundspeed.referee.report.confirm", "report"), _suite()
    confirm.check_place(suspected, this.name(), this.git(Path.cwd(), "rev-parse", "HEAD"))
    try:
        confirm.remeasure(suspected, head, suite.run)
    except RuntimeError as error:
        raise _stop(error) from error


@app.command()
def warm(
    operations: Operations = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; default: one per core.")] = None,
) -> None:
    """Compile what first calls on the cpu engine would wait for, on all cores, and store it."""
    from groundspeed import warm as ahead

    try:
        done = ahead.warm(operations or None, jobs)
    except ValueError as error:
        raise _stop(error) from error
    _table((one.topic, one.name, f"{one.seconds:.1f} s") for one in done)


@app.command()
def machine() -> None:
    """Print what a record says of this machine: processor, memory, GPU, versions."""
    from groundspeed.referee import machine as this

    typer.echo(json.dumps(this.environment(Path.cwd()), indent=2))


@app.command(context_settings=FORWARD)
def data(context: typer.Context) -> None:
    """List, fetch and verify data sets; see `groundspeed data --help`."""
    _forward(_load("groundspeed.datasets.command", "report").app, context)


@app.command(context_settings=FORWARD)
def kernels(context: typer.Context) -> None:
    """Compile every CUDA kernel without a GPU and print the table; see `groundspeed kernels --help`."""
    single = typer.Typer(add_completion=False)
    single.command()(_load("groundspeed.referee.kernel_table.command", "compile").kernels)
    _forward(single, context)


def _forward(other: typer.Typer, context: typer.Context) -> None:
    other(args=context.args, prog_name=context.command_path)


if __name__ == "__main__":
    app()
