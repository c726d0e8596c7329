"""Places: what people type is found where it is, offline, and nothing they type can break it."""

import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from geopy.distance import geodesic, great_circle
from geopy.geocoders import Nominatim, Photon
from hypothesis import given
from hypothesis import strategies as st

from directory import atlas
from directory.places import (
    OfflineGeocoder,
    Place,
    PlaceKind,
    find_place,
    format_postcode,
    is_known_postcode,
    miles,
    miles_from,
    online_geocoder,
    place_around,
    places_named,
    places_within,
)

# Every 5,000th postcode of the source the packed file was made from.
with (Path(__file__).parent / "postcodes_sample.csv").open(encoding="utf-8", newline="") as _file:
    SAMPLE = list(csv.DictReader(_file))

BRITAIN = (st.floats(49.9, 60.8), st.floats(-8.2, 1.7))


def found(text: str) -> Place:
    place = find_place(text)
    assert place is not None, text
    return place


def test_sampled_postcodes_stand_where_the_source_puts_them() -> None:
    wrong = []
    for row in SAMPLE:
        place = found(row["postcode"])
        expected = int(row["lat_e4"]) / 10_000, int(row["lon_e4"]) / 10_000, row["ladcd"]
        if (place.latitude, place.longitude, place.district_code) != expected:
            wrong.append(place)
    assert len(SAMPLE) == 349
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["E3 3BQ", "e33bq", "E3  3bq.", " e3\t3bq ", "E3-3BQ", "Ｅ３　３ＢＱ", "e3 3bq", "(E3 3BQ)"],
)
def test_a_postcode_is_understood_however_it_is_typed(text: str) -> None:
    place = found(text)
    assert (place.name, place.kind) == ("E3 3BQ", PlaceKind.POSTCODE)
    assert (place.district_code, place.area) == ("E09000030", "Tower Hamlets")
    assert miles(place.latitude, place.longitude, 51.5286, -0.0152) < 0.01


def test_the_letter_o_typed_for_nought_is_forgiven() -> None:
    assert found("SE1 OAA") == found("SE1 0AA")


def test_an_address_is_where_its_postcode_is() -> None:
    assert found("12 High Street, Horsham RH12 1AA.") == found("RH12 1AA")


@pytest.mark.parametrize(
    "text",
    ["E3 3B", "E3 3BQX", "E33B", "E99", "E3 7", "E3 3CI", "ZZ1 1ZZ", "E3 7AA", "QQ", "1AA", "3BQ"],
)
def test_part_of_a_postcode_or_an_unknown_one_is_nowhere(text: str) -> None:
    assert find_place(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "latitude", "longitude"),
    [
        ("E3", PlaceKind.OUTCODE, 51.528, -0.025),
        ("e14", PlaceKind.OUTCODE, 51.506, -0.018),
        ("SW1A", PlaceKind.OUTCODE, 51.503, -0.132),
        ("E3 3", PlaceKind.SECTOR, 51.524, -0.015),
        ("rh16 1", PlaceKind.SECTOR, 51.006, -0.098),
    ],
)
def test_outcodes_and_sectors_are_the_middle_of_their_postcodes(
    text: str, kind: PlaceKind, latitude: float, longitude: float
) -> None:
    place = found(text)
    assert (place.name, place.kind) == (text.upper(), kind)
    assert miles(place.latitude, place.longitude, latitude, longitude) < 0.5


def test_an_outcode_lies_in_the_district_most_of_its_postcodes_lie_in() -> None:
    assert [found(text).area for text in ("E3", "PR1", "BB11", "LA4", "RH12", "BS3")] == [
        "Tower Hamlets",
        "Preston",
        "Burnley",
        "Lancaster",
        "Horsham",
        "Bristol",
    ]


def test_beyond_the_irish_sea_a_postcode_is_known_by_its_outcode() -> None:
    place = found("BT1 1AA")
    assert (place.name, place.kind, place.area) == ("BT1", PlaceKind.OUTCODE, "Belfast")
    assert found("IM1").area == "Isle of Man"
    assert not is_known_postcode("BT1 1AA")


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "district"),
    [
        ("Bromley-by-Bow", 51.525, -0.012, "E09000030"),
        ("bromley by bow", 51.525, -0.012, "E09000030"),
        ("Bow", 51.528, -0.025, "E09000030"),
        ("Poplar", 51.509, -0.016, "E09000030"),
        ("Tower Hamlets", 51.517, -0.037, "E09000030"),
        ("Preston", 53.759, -2.699, "E07000123"),
        ("Burnley", 53.789, -2.240, "E07000117"),
        ("LANCASTER", 54.047, -2.801, "E07000121"),
        ("Morecambe", 54.073, -2.866, "E07000121"),
        ("Horsham", 51.063, -0.327, "E07000227"),
        ("Haywards Heath, West Sussex", 51.000, -0.104, "E07000228"),
        ("haywards heath west sussex", 51.000, -0.104, "E07000228"),
        ("Burgess Hill", 50.955, -0.130, "E07000228"),
        ("East Grinstead", 51.125, -0.007, "E07000228"),
        ("Bristol", 51.454, -2.590, "E06000023"),
        ("Hebden Bridge", 53.742, -2.013, "E08000033"),
        ("St. Helens", 53.454, -2.737, "E08000013"),
        ("saint helens", 53.454, -2.737, "E08000013"),
        ("Kings Lynn", 52.752, 0.395, "E07000146"),
        ("Newport", 51.584, -2.998, "W06000022"),
        ("Inverness", 57.478, -4.225, "S12000017"),
        ("Pont y Pŵl", 51.703, -3.041, "W06000020"),
        ("Hull", 53.744, -0.333, "E06000010"),
    ],
)
def test_towns_are_found_by_the_names_people_use(
    text: str, latitude: float, longitude: float, district: str
) -> None:
    place = found(text)
    assert miles(place.latitude, place.longitude, latitude, longitude) < 1
    assert (place.kind, place.district_code) == (PlaceKind.PLACE, district)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Bow, Mid Devon", "Bow, Devon"),
        ("Bow, Tower Hamlets, London, UK", "Bow, Tower Hamlets"),
        ("Ashford", "Ashford, Kent"),
        ("Ashford, Surrey", "Ashford, Surrey"),
        ("Preston, Lancs", "Preston, Lancashire"),
        ("Richmond", "Richmond, North Yorkshire"),
        ("Richmond, Surrey", "Richmond, London"),
        ("Bangor", "Bangor, Gwynedd"),
        ("Bangor, Northern Ireland", "Bangor, Northern Ireland"),
        ("Bromley", "Bromley, London"),
        ("Mile End", "Mile End, Tower Hamlets"),
        ("Hebden Bridge, Ohio", "Hebden Bridge, Calderdale"),
        ("Bournemouth, Christchurch and Poole", "Bournemouth, Christchurch and Poole, Dorset"),
    ],
)
def test_of_several_places_the_largest_is_meant_unless_more_is_said(text: str, label: str) -> None:
    assert found(text).label == label


@pytest.mark.parametrize(
    "text",
    ["", " ", ",", "Nowhereton", "Springfield, Ohio", "Horsham football club", "street market"],
)
def test_a_name_we_do_not_hold_is_nowhere(text: str) -> None:
    assert find_place(text) is None


@pytest.mark.parametrize("text", ["51.52,-0.02", "51.52 -0.02", "(51.52, -0.02)", "51.52; −0.02"])
def test_a_pair_of_degrees_is_a_point(text: str) -> None:
    place = found(text)
    assert (place.kind, place.latitude, place.longitude) == (PlaceKind.POINT, 51.52, -0.02)


@pytest.mark.parametrize("text", ["40.7,-74", "-0.02,51.52", "999,999", "51.52", "51.52,-0.02,7"])
def test_a_pair_of_degrees_outside_the_kingdom_is_nowhere(text: str) -> None:
    assert find_place(text) is None


def test_suggestions_tell_namesakes_apart_and_each_can_be_chosen() -> None:
    for text in (
        "Bow",
        "preston",
        "newp",
        "heath",
        "Mount Pleasant",
        "Bournemouth",
        "st j",
        "Aird",
    ):
        suggestions = places_named(text)
        labels = [place.label for place in suggestions]
        assert 1 < len(suggestions) <= 8
        assert len(set(labels)) == len(labels)
        assert [find_place(label) for label in labels] == suggestions


def test_suggestions_begin_with_the_very_name_and_the_largest_place() -> None:
    assert [place.label for place in places_named("Bow")][:2] == [
        "Bow, Tower Hamlets",
        "Bow, Devon",
    ]
    assert places_named("haywards h")[0].label == "Haywards Heath, West Sussex"
    assert places_named("Ashford, Surrey")[0].label == "Ashford, Surrey"
    assert "Boston Spa" in {place.name for place in places_named("spa", limit=50)}


def test_two_names_of_one_spot_are_one_suggestion() -> None:
    points = [(place.latitude, place.longitude) for place in places_named("newc", limit=50)]
    assert len(set(points)) == len(points) > 20


def test_there_are_never_more_suggestions_than_asked_for() -> None:
    assert len(places_named("a", limit=3)) == 3
    assert len(places_named("a", limit=10_000)) == 50
    assert places_named("a", limit=0) == places_named("") == places_named("x" * 101) == []


@given(st.text(max_size=120))
def test_nothing_anyone_types_breaks_a_look_up(text: str) -> None:
    place = find_place(text)
    assert place is None or (-9 < place.longitude < 2 and 49 <= place.latitude <= 61)
    assert all(suggestion.name for suggestion in places_named(text))
    assert format_postcode(text) is None or not is_known_postcode(text) or place is not None


@given(st.text(alphabet="E3BQ SW1A0O,.-'é\n\t9&ß٣", max_size=40))
def test_nothing_like_a_postcode_or_a_name_breaks_a_look_up(text: str) -> None:
    postcode = format_postcode(text)
    assert postcode is None or format_postcode(postcode) == postcode
    find_place(text)


def test_a_very_long_text_is_nowhere() -> None:
    assert find_place("E3 3BQ" + " " * 95) is None
    assert find_place("\ufdfa" * 100) is None  # one letter that unfolds into eighteen
    assert format_postcode("E3 3BQ" + " " * 95) is None


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("sw1a1aa", "SW1A 1AA"),
        ("M1 1AE", "M1 1AE"),
        ("ec1a-1bb", "EC1A 1BB"),
        ("bt11aa", "BT1 1AA"),
        ("E3 3CI", None),  # C and I never stand there
        ("QA1 1AA", None),
        ("E3", None),
        ("hello", None),
    ],
)
def test_postcodes_are_written_as_the_post_office_writes_them(
    typed: str, written: str | None
) -> None:
    assert format_postcode(typed) == written


def test_a_well_formed_postcode_need_not_be_a_real_one() -> None:
    assert is_known_postcode("e3 3bq")
    assert format_postcode("E3 7AA") == "E3 7AA"
    assert not is_known_postcode("E3 7AA")
    assert not is_known_postcode("nonsense")


@given(*BRITAIN, *BRITAIN)
def test_many_distances_at_once_equal_geopys_one_by_one(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    [together] = miles_from(lat1, lon1, [lat2], [lon2])
    alone = great_circle((lat1, lon1), (lat2, lon2)).miles
    assert miles(lat1, lon1, lat2, lon2) == alone
    assert together == pytest.approx(alone, rel=1e-6, abs=1e-9)


def test_the_sphere_is_within_four_thousandths_of_the_true_earth() -> None:
    points = [(place.latitude, place.longitude) for place in map(found, ("E3 3BQ", "PR1", "TR19"))]
    points += [(51.53, -0.02), (60.4, -1.2), (57.5, -7.3)]
    for one, other in product(points, points):
        true = geodesic(one, other).miles
        assert miles(*one, *other) == pytest.approx(true, rel=0.004)


def test_distances_to_none_are_none() -> None:
    assert miles_from(51.5, 0.0, np.array([]), np.array([])).size == 0


def test_a_spot_is_called_by_the_best_known_place_within_a_mile_or_the_nearest() -> None:
    assert place_around(53.759, -2.699).label == "Preston, Lancashire"
    assert place_around(51.0638, -0.3300).label == "Horsham, West Sussex"
    far_from_all = place_around(58.0, -4.6)
    assert 1 < miles(58.0, -4.6, far_from_all.latitude, far_from_all.longitude) < 15


def test_a_piece_of_the_map_names_its_largest_places_first() -> None:
    names = [place.name for place in places_within(53.7, -3.0, 54.1, -2.2, limit=5)]
    assert len(names) == 5
    assert set(names[:2]) == {"Lancaster", "Preston"}
    assert places_within(50.0, -8.0, 50.1, -7.9) == []


def test_our_geocoder_answers_as_geopys_do() -> None:
    geocoder = OfflineGeocoder()
    one = geocoder.geocode("Haywards Heath, West Sussex", timeout=1)
    assert one.address == "Haywards Heath, West Sussex"
    assert (one.latitude, one.longitude) == (50.9959, -0.1005)
    many = geocoder.geocode("Bow", exactly_one=False)
    assert [place.address for place in many][:2] == ["Bow, Tower Hamlets", "Bow, Devon"]
    assert [place.address for place in geocoder.geocode("E3 3BQ", exactly_one=False)] == [
        "E3 3BQ, Tower Hamlets"
    ]
    assert geocoder.geocode("Nowhereton") is None
    assert geocoder.geocode("Nowhereton", exactly_one=False) is None


def test_a_deployment_may_name_an_online_geocoder() -> None:
    assert isinstance(online_geocoder("nominatim", user_agent="kith-tests"), Nominatim)
    assert isinstance(online_geocoder("Photon", timeout=3), Photon)
    assert isinstance(online_geocoder("offline"), OfflineGeocoder)


def test_a_geocoder_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no geocoder called 'gogle'.*google.*nominatim.*offline"):
        online_geocoder("gogle")


def test_threads_that_come_at_once_share_one_atlas() -> None:
    atlas._open.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        atlases = {id(one) for one in pool.map(lambda _: atlas.atlas(), range(32))}
    assert len(atlases) == 1


def test_the_shared_columns_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        atlas.atlas().lats[0] = 0


def test_nothing_is_read_before_the_first_look_up() -> None:
    code = "from directory import atlas, places; assert atlas._open.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_the_packed_file_is_small_and_its_licence_lies_beside_it() -> None:
    assert atlas.PACKED.stat().st_size < 6_000_000
    licence = atlas.PACKED.with_name("LICENCE-places.txt").read_text(encoding="utf-8")
    for owner in ("OS data", "Royal Mail data", "National Statistics data"):
        assert f"Contains {owner} ©" in licence
    assert "Open Government Licence v3.0" in licence
