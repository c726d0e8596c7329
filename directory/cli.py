"""Directory: its commands: bring listings in from a file, find them, index them anew."""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress

from core.actors import system
from core.db import is_empty
from core.settings import in_force
from directory import evaluating, exporting, judging, search
from directory.addresses import find_spot
from directory.feeds import limits
from directory.feeds.importing import Summary, import_feed, import_file
from directory.feeds.preview import left_out
from directory.feeds.proposals import Unreadable
from directory.listings import shown_listings
from directory.search.asking import MOST_MILES, MOST_PER_PAGE, USUAL_MILES

MOST_SHOWN = 50
NOT_SET_UP = "the database is not set up yet: run `flask db upgrade` first"

commands = AppGroup("directory", help="Activities and services: bring them in, find them.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(commands)


@commands.command("import")
@click.argument("file")
@click.option("--source", default="", help="Who publishes it. Without this: the file's name.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and change nothing.")
@click.option("--rejected", type=click.Path(path_type=Path), help="Write what was left out here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def import_listings(
    *, file: str, source: str, dry_run: bool, rejected: Path | None, as_json: bool
) -> None:
    """Bring in listings from FILE: all of it, or nothing at all.

    FILE is Open Referral UK (JSON or JSON lines), an HSDS datapackage (zip), a sheet (CSV), or the
    https address of one of these or of a live feed. The same again changes nothing.
    """
    try:
        summary = _bring_in(file, source.strip(), dry_run=dry_run)
        if rejected is not None:
            rejected.write_text(left_out(summary.problems), encoding="utf-8")
    except (Unreadable, OSError) as trouble:
        _say_error(_why(file, trouble), as_json=as_json)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({**asdict(summary), **({"dry_run": True} if dry_run else {})}))
    else:
        click.echo(_in_words(summary, dry_run=dry_run))


@commands.command("search")
@click.argument("text")
@click.option("--near", default="", help="A postcode or a place, such as BS5 or Burnley.")
@click.option(
    "--within",
    type=click.FloatRange(0, MOST_MILES, min_open=True),
    default=USUAL_MILES,
    show_default=True,
    help="Miles from there.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, MOST_PER_PAGE),
    default=20,
    show_default=True,
    help="How many.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def search_listings(*, text: str, near: str, within: float, limit: int, as_json: bool) -> None:
    """Find activities, as the site would. An empty TEXT finds them all."""
    if is_empty():
        _say_error(NOT_SET_UP, as_json=as_json)
        sys.exit(1)
    place = find_spot(near) if near.strip() else None
    if near.strip() and place is None:
        _say_error(f"There is no place or postcode called {near.strip()!r}.", as_json=as_json)
        sys.exit(2)
    found = _find(search.Query(text, near=place, within=within, per_page=limit))
    click.echo(json.dumps(found) if as_json else _results_in_words(found))


@commands.command("reindex")
def reindex() -> None:
    """Build the search index anew. The old one answers meanwhile."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Indexing activities")
        count = search.rebuild(lambda done, total: bar.update(task, completed=done, total=total))
    click.echo(f"{count} {'activity' if count == 1 else 'activities'} can be searched.")


@commands.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--exact", is_flag=True, help="Look for the words alone, whatever they mean.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def evaluate(*, file: Path, exact: bool, as_json: bool) -> None:
    """Score the search by FILE, which says whom each listing would help.

    FILE holds {"queries": [{"query": "…", "relevant": ["…"], "group": "…"}]}. A listing is named
    by its id, by the id its publisher gave it, or by the end of its address.
    """
    if is_empty():
        _say_error(NOT_SET_UP, as_json=as_json)
        sys.exit(1)
    try:
        with file.open("rb") as opened:
            judgements = evaluating.read(opened.read(evaluating.LARGEST + 1))
    except evaluating.Unfit as trouble:
        _say_error(f"{file.name} was not read: {trouble.reason}.", as_json=as_json)
        sys.exit(2)
    except OSError as trouble:
        _say_error(f"{file.name} was not read: {trouble.strerror}.", as_json=as_json)
        sys.exit(2)
    judging.make_ready()
    here = judging.here(judgements)
    scores = evaluating.evaluate(here.judgements, partial(judging.asked, exact=exact))
    told = {**scores.as_json(), "unknown": here.unknown}
    click.echo(json.dumps(told) if as_json else _scores_in_words(scores, here.unknown))


@commands.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(exporting.FORMATS)),
    default="hsds",
    show_default=True,
    help="hsds: the tables of HSDS in a zip; oruk-json: Open Referral UK.",
)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def export_listings(*, form: str, out: Path) -> None:
    """Write everything that is public into the file OUT; "-" writes it to the terminal."""
    if is_empty():
        _say_error(NOT_SET_UP, as_json=False)
        sys.exit(1)
    try:
        with click.open_file(str(out), "wb", atomic=str(out) != "-") as file:
            for chunk in exporting.FORMATS[form]():
                file.write(chunk)
    except OSError as trouble:
        _say_error(f"{out} cannot be written: {trouble.strerror}.", as_json=False)
        sys.exit(1)


def _find(query: search.Query) -> dict[str, Any]:
    settings = in_force()
    answer = search.search(query)
    away = {hit.id: hit.distance_miles for hit in answer.hits}
    results = [
        {
            "id": str(service.id),
            "source_id": service.source_id,
            "name": service.name,
            "organisation": service.organisation.name,
            "distance_miles": None if (miles := away[service.id]) is None else round(miles, 2),
            "url": f"{settings.base_url.rstrip('/')}/activities/{service.slug}",
        }
        for service in shown_listings(list(away))
    ]
    return {"total": answer.total, "results": results}


def _results_in_words(found: dict[str, Any]) -> str:
    lines = [f"{found['total']} found."]
    for each in found["results"]:
        away = "" if each["distance_miles"] is None else f" ({each['distance_miles']:.1f} miles)"
        lines += [f"\n{each['name']}, {each['organisation']}{away}", f"  {each['url']}"]
    return "\n".join(lines)


def _scores_in_words(scores: evaluating.Scores, unknown: int) -> str:
    rows = [*scores.groups.items(), ("all", scores.all)]
    width = max(len(name) for name, _ in rows)
    page = evaluating.PAGE
    lines = [f"{'':<{width}}  queries  nDCG@{page}  recall@{page}  nothing found"]
    lines += [
        f"{name:<{width}}  {of.queries:>7}  {of.ndcg:>7.3f}  {of.recall:>9.3f}"
        f"  {of.zero_results:>13.1%}"
        for name, of in rows
    ]
    if unknown:
        lines.append(f"\nListings it names that are not here: {unknown}.")
    return "\n".join(lines)


def _bring_in(file: str, source: str, *, dry_run: bool) -> Summary:
    is_feed = file.startswith(("http://", "https://"))
    path = Path(file) if is_feed else _checked(Path(file))
    if is_empty():
        raise Unreadable(NOT_SET_UP)
    by, console = system("import"), Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Bringing in listings")

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        if is_feed:
            return import_feed(file, by=by, source=source or file, progress=tell, dry_run=dry_run)
        name, source = Path(file).name, source or Path(file).stem
        return import_file(name, path, by=by, source=source, progress=tell, dry_run=dry_run)


def _checked(file: Path) -> Path:
    if file.stat().st_size > limits.present().most_bytes:
        megabytes = limits.present().most_bytes // limits.MEGABYTE
        raise Unreadable(f"it is larger than {megabytes} MB")
    return file


def _why(file: str, trouble: Unreadable | OSError) -> str:
    name = file if "://" in file else Path(file).name
    if isinstance(trouble, Unreadable):
        return f"{name} was not brought in: {trouble.reason}."
    return f"{name} was not brought in: {trouble.strerror or 'it cannot be opened'}."


def _say_error(why: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": why}))
    else:
        click.echo(why, err=True)


def _in_words(summary: Summary, *, dry_run: bool) -> str:
    did = f"{summary.created} new, {summary.updated} changed, {summary.unchanged} as they were"
    lines = [f"{did}, {summary.rejected} left out."]
    if dry_run:
        lines = [f"Nothing was changed. This would be: {lines[0]}"]
    fatal = [problem for problem in summary.problems if problem.fatal]
    notes = [problem for problem in summary.problems if not problem.fatal]
    for title, problems in (("Left out", fatal), ("Worth a look", notes)):
        if problems:
            lines.append(f"\n{title}:")
            lines += [f"  {problem}" for problem in problems[:MOST_SHOWN]]
        if len(problems) > MOST_SHOWN:
            lines.append(f"  and {len(problems) - MOST_SHOWN} more; --json shows them all")
    return "\n".join(lines)
