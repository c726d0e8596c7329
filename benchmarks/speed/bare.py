"""The floor: the least page with the same things on it that Flask, Jinja and SQL can give.

Twenty listings by their ids with group, place, time and price in one statement of SQL, sixty boxes
to tick; no search, no models, no translation, no headers, nothing of Kith.
"""

import itertools
import os
import threading
from typing import Any

from flask import Flask
from pysqlite3 import dbapi2

PAGE, PAGES = 20, 200
BOXES = [(f"Choice {number}", 7 * number) for number in range(60)]
NAV = ("Home", "Activities", "Map", "About", "Help")
LISTED = f"""
    SELECT s.slug, s.name, s.summary, o.name, l.name, l.city, h.byday, h.opens_at, c.amount
    FROM service s JOIN organisation o ON o.id = s.organisation_id
    JOIN service_at_location a ON a.service_id = s.id JOIN location l ON l.id = a.location_id
    JOIN schedule h ON h.service_id = s.id JOIN cost_option c ON c.service_id = s.id
    WHERE s.id IN ({", ".join("?" * PAGE)})
"""
TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ rows|length }} activities</title>
<link rel="stylesheet" href="/house.css"></head><body><a href="#main">Skip to main content</a>
<header><nav><ul>{% for each in nav %}<li><a href="/{{ each|lower }}">{{ each }}</a></li>
{% endfor %}</ul></nav></header><main id="main"><h1>{{ rows|length }} activities</h1>
<form><label for="q">What</label><input id="q" name="q" value="{{ q }}"><fieldset>
{% for name, count in boxes %}<label><input type="checkbox" name="f" value="{{ name }}">
{{ name }} ({{ count }})</label>{% endfor %}</fieldset><button>Search</button></form>
<ol>{% for slug, name, summary, group, hall, town, day, time, price in rows %}<li>
<h2><a href="/activities/{{ slug }}">{{ name }}</a></h2><p>{{ group }}</p><p>{{ summary }}</p>
<dl><dt>When</dt><dd>{{ day }} {{ time }}</dd><dt>Where</dt><dd>{{ hall }}, {{ town }}</dd>
<dt>Cost</dt><dd>{{ "Free" if price == 0 else price or "Ask" }}</dd></dl></li>{% endfor %}</ol>
</main></body></html>"""


def create_app() -> Flask:
    """The application over the database of KITH_DATABASE."""
    app = Flask(__name__)
    page = app.jinja_env.from_string(TEMPLATE)
    held = threading.local()

    def database() -> Any:
        if not hasattr(held, "database"):
            held.database = dbapi2.connect(os.environ["KITH_DATABASE"])
        return held.database

    wanted = f"SELECT id FROM service LIMIT {PAGE * PAGES}"
    ids = [id_ for (id_,) in database().execute(wanted)]
    del held.database  # made before the workers are forked
    pages = itertools.cycle([ids[at : at + PAGE] for at in range(0, len(ids), PAGE)])

    @app.get("/activities")
    def activities() -> str:
        rows = database().execute(LISTED, next(pages)).fetchall()
        return page.render(rows=rows, boxes=BOXES, nav=NAV, q="walking")

    return app
