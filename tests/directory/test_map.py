"""Maps: what is drawn where, what each mark leads to, and how it is told without seeing it."""

from xml.etree import ElementTree

import pytest
from flask import Flask, render_template_string

from directory.outlines import CREDIT, DISTRICT, WARD, Box, outlines_in
from directory.places import Place, PlaceKind, find_place, miles
from directory.web import maps
from directory.web.maps import Drawing, Pin, draw, draw_one, ground, points
from tests.engines import on_sqlite

BOW = Box(-0.05, 51.51, 0.0, 51.54)
ENGLAND = Box(-6.0, 50.0, 2.0, 55.0)


def a_pin(latitude: float, longitude: float, name: str = "Knit and natter") -> Pin:
    return Pin(
        name, "Tuesdays, 10am", "Bow Common Hall", f"/activities/{name}", latitude, longitude
    )


def narrowed(latitude: float, longitude: float, within: float | None) -> str:
    return f"{latitude:.4f},{longitude:.4f},{within}"


def map_of(*pins: Pin, here: Place | None = None) -> Drawing:
    return draw(pins, here=here, narrow=narrowed)


def test_close_by_wards_are_drawn_and_from_afar_only_districts() -> None:
    near, far = list(outlines_in(BOW)), list(outlines_in(ENGLAND))
    assert {"Tower Hamlets", "Bow East"} <= {each.name for each in near}
    assert {each.level for each in near} == {DISTRICT, WARD}
    assert {each.level for each in far} == {DISTRICT}


def test_every_outline_is_a_closed_line_within_the_united_kingdom() -> None:
    whole = Box(-9, 49, 3, 61.5)
    for outline in outlines_in(Box(-180, -90, 180, 90)):
        for ring in outline.rings:
            assert len(ring.points) >= 3, outline.name
            assert all(whole.holds(*point) for point in ring.points), outline.name


def test_a_pin_alone_leads_to_its_activity_and_says_all_of_it() -> None:
    [mark] = map_of(a_pin(51.53, -0.02)).marks
    assert (mark.href, mark.count) == ("/activities/Knit and natter", 1)
    assert mark.words == "Knit and natter, Tuesdays, 10am, Bow Common Hall"


def test_pins_that_stand_close_become_one_circle_that_narrows_the_search() -> None:
    far = a_pin(51.60, -0.20)
    together = [a_pin(51.5300, -0.0200), a_pin(51.5340, -0.0240)]
    circle = next(mark for mark in map_of(far, *together).marks if mark.count == 2)
    assert circle.href == "51.5320,-0.0220,0.25"
    assert circle.words.startswith("2 activities near ")
    assert circle.words.endswith(": zoom in")


def test_what_narrowing_cannot_part_leads_to_the_list_of_that_building() -> None:
    [circle] = map_of(*[a_pin(51.53, -0.02)] * 5).marks
    assert circle.href == "51.5300,-0.0200,None"
    assert circle.words == "5 activities at Bow Common Hall"


def test_following_a_circle_comes_to_an_end() -> None:
    pins = [a_pin(51.5 + n * n / 9000, -0.03 + n / 300) for n in range(30)]
    for _ in range(8):
        circle = max(map_of(*pins).marks, key=lambda mark: mark.count)
        latitude, longitude, within = circle.href.split(",")
        if within == "None":
            return
        here = float(latitude), float(longitude)
        pins = [
            each for each in pins if miles(*here, each.latitude, each.longitude) < float(within)
        ]
        assert len(pins) >= circle.count
        if all(mark.count == 1 for mark in map_of(*pins).marks):
            return
    pytest.fail("behind every circle there is another")


def test_neighbours_that_no_map_can_part_lead_to_the_list() -> None:
    [circle] = map_of(a_pin(51.5300, -0.02), a_pin(51.5305, -0.02)).marks
    assert circle.href.endswith(",None")


def test_marks_do_not_lie_over_each_other() -> None:
    pins = [a_pin(51.5 + (n % 7) / 90, -0.1 + (n % 11) / 60) for n in range(77)]
    marks = map_of(*pins).marks
    assert sum(mark.count for mark in marks) == 77
    for mark in marks:
        others = [other for other in marks if other is not mark]
        assert all(abs(o.x - mark.x) > 10 or abs(o.y - mark.y) > 10 for o in others)


def test_everything_lies_on_the_paper_and_north_is_up() -> None:
    drawing = map_of(a_pin(51.50, -0.10), a_pin(51.56, 0.02), here=find_place("E3 3BQ"))
    spots = [(mark.x, mark.y) for mark in drawing.marks] + [drawing.here or (0, 0)]
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in spots)
    west, east = sorted(drawing.marks, key=lambda mark: mark.x)
    assert east.y < west.y


def test_no_pins_at_all_is_a_map_of_the_country() -> None:
    drawing = map_of()
    assert drawing.marks == ()
    assert len(drawing.land) > 200
    assert "London" in {name.text for name in drawing.names}


def test_names_are_not_written_over_each_other() -> None:
    names = draw_one(51.5294, -0.0184).names
    assert len(names) >= 4
    for name in names:
        for other in names:
            half = (len(name.text) + len(other.text)) * 3.6
            assert name is other or abs(name.y - other.y) > 20 or abs(name.x - other.x) > half


def test_the_ground_for_script_is_light_whatever_its_size() -> None:
    for box in (BOW, Box(-3, 53, -2, 54), ENGLAND):
        told = ground(box)
        corners = sum(
            len(line)
            for feature in told["features"]
            if feature["geometry"]
            for polygon in feature["geometry"]["coordinates"]
            for line in polygon
        )
        assert corners < 9_000
        assert told["attribution"] == CREDIT


def test_points_say_no_more_than_the_list_does() -> None:
    [point] = points([a_pin(51.5300012, -0.02)])["features"]
    assert point["geometry"] == {"type": "Point", "coordinates": [-0.02, 51.53]}
    assert set(point["properties"]) == {"name", "when", "where", "href"}


def drawn(app: Flask, drawing: Drawing) -> ElementTree.Element:
    page = '{% from "directory/drawn_map.html" import drawn_map %}{{ drawn_map(it, "Map") }}'
    with app.test_request_context():
        return ElementTree.fromstring(render_template_string(page, it=drawing))


@on_sqlite
def test_the_drawing_is_well_formed_and_every_mark_is_a_link_with_words(app: Flask) -> None:
    pins = [a_pin(51.5, -0.1, "A & B <i>"), a_pin(51.6, 0.1), a_pin(51.6, 0.1)]
    here = Place("here", PlaceKind.POINT, 51.55, 0.0)
    tree = drawn(app, draw(pins, here=here, narrow=narrowed))
    links = list(tree.iter("a"))
    assert (tree.get("role"), tree.get("aria-label")) == ("group", "Map")
    assert len(links) == 2
    assert all(link.get("href") and link.get("aria-label") for link in links)


@on_sqlite
def test_the_map_of_one_place_is_a_picture(app: Flask) -> None:
    tree = drawn(app, draw_one(51.5294, -0.0184))
    assert tree.get("role") == "img"
    assert not list(tree.iter("a"))


def test_a_wide_map_keeps_to_a_coarse_grid() -> None:
    lines = "".join(map_of(a_pin(50.8, -0.3), a_pin(54.0, -2.8)).land)
    assert len(lines) < 60_000
    assert maps.COARSE_PAPER > 1
