"""Makes the rows of ../figures/outlines.rs from Natural Earth, Admin 1 States and Provinces (1:10m, public domain).

Source: the table states_provinces of world_map.gpkg, which Debian's package qgis-common ships (Natural Earth 4.1.0).
Needs: shapely, topojson. Neighbours keep one common line, because they are simplified together.

    python3 provinces.py world_map.gpkg
"""
import json
import math
import sqlite3
import sys

import topojson
from shapely import wkb
from shapely.geometry import shape
from shapely.ops import polylabel, transform

CODES = {
    "Markazi": 0, "Gilan": 1, "Mazandaran": 2, "East Azarbaijan": 3, "West Azarbaijan": 4,
    "Kermanshah": 5, "Khuzestan": 6, "Fars": 7, "Kerman": 8, "Razavi Khorasan": 9, "Esfahan": 10,
    "Sistan and Baluchestan": 11, "Kordestan": 12, "Hamadan": 13, "Chahar Mahall and Bakhtiari": 14,
    "Lorestan": 15, "Ilam": 16, "Kohgiluyeh and Buyer Ahmad": 17, "Bushehr": 18, "Zanjan": 19,
    "Semnan": 20, "Yazd": 21, "Hormozgan": 22, "Tehran": 23, "Ardebil": 24, "Qom": 25, "Qazvin": 26,
    "Golestan": 27, "North Khorasan": 28, "South Khorasan": 29, "Alborz": 30,
}
ENVELOPE = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
WIDTH = 1000
TOLERANCE = 1.2
MIN_ISLAND = 12  # square units

def geometry(blob):
    return wkb.loads(blob[8 + ENVELOPE[(blob[3] >> 1) & 7]:])

# Albers equal-area conic, so that no province looks larger than it is.
P1, P2, LON0 = map(math.radians, (28, 37, 53.7))
N = (math.sin(P1) + math.sin(P2)) / 2
C = math.cos(P1) ** 2 + 2 * N * math.sin(P1)
def albers(lon, lat):
    rho = math.sqrt(C - 2 * N * math.sin(math.radians(lat))) / N
    theta = N * (math.radians(lon) - LON0)
    return rho * math.sin(theta), rho * math.cos(theta)
def project(lon, lat, z=None):
    points = [albers(x, y) for x, y in zip(lon, lat)]
    return [p[0] for p in points], [p[1] for p in points]

def main(source):
    rows = sqlite3.connect(source).execute(
        "select name, geom from states_provinces where iso_a2 = 'IR'")
    shapes = {CODES[name]: transform(project, geometry(blob)) for name, blob in rows}
    assert sorted(shapes) == list(range(31))
    boxes = [s.bounds for s in shapes.values()]
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    scale = (WIDTH - 8) / (max(b[2] for b in boxes) - left)
    height = round((max(b[3] for b in boxes) - top) * scale + 8)
    fit = lambda x, y: ([4 + (a - left) * scale for a in x], [4 + (a - top) * scale for a in y])
    keys = sorted(shapes)
    topo = topojson.Topology([transform(lambda x, y, z=None: fit(x, y), shapes[k]) for k in keys],
                             prequantize=False, toposimplify=TOLERANCE, prevent_oversimplify=True)
    features = json.loads(topo.to_geojson())["features"]
    print(f"// height {height}")
    total = 0
    for key, feature in zip(keys, features):
        g = shape(feature["geometry"])
        parts = list(getattr(g, "geoms", [g]))
        largest = max(parts, key=lambda p: p.area)
        parts = [p for p in parts if p is largest or p.area >= MIN_ISLAND]
        d = ""
        for part in parts:
            for ring in [part.exterior, *part.interiors]:
                points = []
                for x, y in ring.coords:
                    q = (round(x), round(y))
                    if not points or points[-1] != q:
                        points.append(q)
                points.pop()
                assert len(points) >= 3, key
                d += f"M{points[0][0]} {points[0][1]}l"
                steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(points, points[1:])]
                text = ""
                for dx, dy in steps:
                    for n in (dx, dy):
                        text += str(n) if n < 0 or not text else f" {n}"
                d += text + "z"
        spot = polylabel(largest, 1)
        room = round(spot.distance(largest.exterior))
        total += len(d)
        print(f'    at("IR-{key:02}", {round(spot.x)}, {round(spot.y)}, {room}, "{d}"),')
    print("bytes", total, file=sys.stderr)

main(sys.argv[1])
