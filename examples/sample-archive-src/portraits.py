"""Stylised, faceless portraits for the sample archive. Nobody real: every
picture is drawn from a small seed (the slug) and two facts of the fictional
record (woman or man, age), so the same table gives the same picture."""

import colorsys
import io
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

W, H = 320, 400  # size of the finished picture
S = 2  # drawn at twice the size, then reduced
LIMIT = 14 * 1024

# sky top, sky bottom, light, far shape, near shape, cloth, second cloth
PALETTES = [
    ("#22324f", "#c98b6b", "#f6dba4", "#5a4a66", "#3b3550", "#8c3b3f", "#e9d9c2"),
    ("#123b46", "#8fb5a3", "#f3e6bd", "#3f7370", "#28545a", "#d0a04f", "#f4ecd9"),
    ("#3a2a4d", "#d58f8a", "#fbd9b0", "#7a4f72", "#543a5e", "#2f5d62", "#ecdcd0"),
    ("#4a2f2a", "#d9a45c", "#ffe7b0", "#93603f", "#6a4333", "#35506b", "#f0dfc0"),
    ("#1c2d2a", "#7d9a6b", "#efe6b4", "#45684f", "#2e4a3d", "#a34f38", "#e8e0c4"),
    ("#2b3350", "#93a6c9", "#f4efdf", "#566690", "#3b4870", "#7b4a6b", "#e4e3ea"),
    ("#5a2733", "#e0a08a", "#fde6c8", "#9b5156", "#733b45", "#3f5a4c", "#f2ddd0"),
    ("#17344f", "#5f9fb5", "#f7e9c4", "#34708c", "#235572", "#c9784b", "#e6eef0"),
    ("#3d3a2c", "#c2b27a", "#fbf0c7", "#7f744e", "#5d5538", "#6b3f4f", "#efe8cf"),
    ("#2a1f38", "#8b6fa8", "#f0d9e2", "#5b4577", "#41305a", "#b98a3e", "#e9e0ee"),
    ("#0f2a33", "#d4a07a", "#ffe0a6", "#446069", "#2b464f", "#5d6f3e", "#efe3cf"),
    ("#403048", "#c9c0a8", "#fff3d2", "#7c6d7c", "#5c4e62", "#27575f", "#e6e0d2"),
]
SKINS = ["#e8c3a0", "#d9ab83", "#c8946c", "#eed0b2", "#b98560"]
HAIRS = ["#1d1a1c", "#2b211d", "#3a2a20", "#241d26", "#4a3526"]
GREYS = ["#8d8a88", "#a7a29b", "#77757a"]


def rgb(value):
    return tuple(int(value[i : i + 2], 16) for i in (1, 3, 5))


def mix(a, b, t):
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


def turn(colour, hue):
    h, l, s = colorsys.rgb_to_hls(*(c / 255 for c in colour))
    return tuple(round(c * 255) for c in colorsys.hls_to_rgb((h + hue) % 1, l, s))


def curve(points, steps=18):
    """Smooth closed outline through the points (Catmull-Rom)."""
    out, n = [], len(points)
    for i in range(n):
        p0, p1, p2, p3 = (points[(i + k - 1) % n] for k in range(4))
        for j in range(steps):
            t = j / steps
            out.append(
                tuple(
                    0.5
                    * (
                        2 * p1[k]
                        + (p2[k] - p0[k]) * t
                        + (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * t * t
                        + (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * t**3
                    )
                    for k in (0, 1)
                )
            )
    return out


class Canvas:
    def __init__(self, top, bottom):
        w, h = W * S, H * S
        ramp = Image.new("RGB", (1, 64))
        for y in range(64):
            ramp.putpixel((0, y), mix(top, bottom, y / 63))
        self.w, self.h = w, h
        self.image = ramp.resize((w, h), Image.BICUBIC)

    def paint(self, draw_mask, colour, blur=0, opacity=1.0):
        mask = Image.new("L", (self.w, self.h), 0)
        draw_mask(ImageDraw.Draw(mask))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * S))
        if opacity < 1:
            mask = mask.point([round(v * opacity) for v in range(256)])
        self.image.paste(colour, (0, 0), mask)
        return mask

    def shape(self, points, colour, **more):
        pts = [(x * S, y * S) for x, y in points]
        return self.paint(lambda d: d.polygon(pts, fill=255), colour, **more)

    def oval(self, cx, cy, rx, ry, colour, **more):
        box = [(cx - rx) * S, (cy - ry) * S, (cx + rx) * S, (cy + ry) * S]
        return self.paint(lambda d: d.ellipse(box, fill=255), colour, **more)

    def box(self, x0, y0, x1, y1, colour, radius=0, **more):
        b = [x0 * S, y0 * S, x1 * S, y1 * S]
        return self.paint(
            lambda d: d.rounded_rectangle(b, radius * S, fill=255), colour, **more
        )


def ridge(rng, base, height, waves):
    phase = [rng.uniform(0, 6.3) for _ in range(3)]
    points = []
    for x in range(-4, W + 8, 4):
        y = base
        for k, p in enumerate(phase):
            y -= height / (k + 1) * math.sin(x / W * waves * (k + 1) + p)
        points.append((x, y))
    return points + [(W + 8, H + 4), (-8, H + 4)]


def scene(c, rng, kind, light, far, near):
    """What stands behind the person."""
    if kind == "sun":
        x, y, r = rng.uniform(110, 210), rng.uniform(120, 165), rng.uniform(84, 112)
        c.oval(x, y, r * 1.5, r * 1.5, light, blur=34, opacity=0.45)
        c.oval(x, y, r, r, light, opacity=0.85)
        c.shape(ridge(rng, 268, 16, 7), far)
        c.shape(ridge(rng, 312, 12, 9), near)
    elif kind == "moon":
        for _ in range(26):
            x, y, r = rng.uniform(8, 312), rng.uniform(8, 210), rng.uniform(0.7, 1.9)
            c.oval(x, y, r, r, light, opacity=0.9)
        side = rng.choice((66, 254))
        c.oval(side, 74, 62, 62, light, blur=24, opacity=0.35)
        c.oval(side, 74, 28, 28, light)
        peaks, x = [(-10, H)], -10
        while x < W + 20:
            peaks.append((x, rng.uniform(170, 262)))
            x += rng.uniform(30, 62)
        c.shape(peaks + [(W + 10, H)], far)
        c.shape(ridge(rng, 318, 14, 8), near)
    elif kind == "arch":
        half, top = rng.uniform(104, 122), rng.uniform(34, 62)
        arch = [(160 - half, H + 5), (160 - half, 150)]
        for k in range(1, 20):
            t = k / 20
            arch.append((160 - half * (1 - t) ** 0.62, 150 - (150 - top) * t**0.8))
        arch.append((160, top - 6))
        arch += [(320 - x, y) for x, y in reversed(arch[:-1])]
        c.shape(arch, near)
        inner = [(160 + (x - 160) * 0.88, y + 13 if y < 400 else y) for x, y in arch]
        c.shape(inner, light, opacity=0.82)
        c.oval(160, 170, 90, 100, mix(light, (255, 255, 255), 0.5), blur=30, opacity=0.5)
    elif kind == "sea":
        y0 = rng.uniform(205, 240)
        x, r = rng.uniform(90, 230), rng.uniform(58, 78)
        c.oval(x, y0 - 30, r * 1.7, r * 1.7, light, blur=30, opacity=0.4)
        c.oval(x, y0 - 20, r, r, light, opacity=0.92)
        c.box(-5, y0, W + 5, H + 5, far)
        for k in range(9):
            y = y0 + 8 + k * 17 + rng.uniform(-3, 3)
            half = rng.uniform(16, 74)
            c.box(x - half, y, x + half, y + 4, light, 2, opacity=0.55)
    elif kind == "cypress":
        c.oval(160, 190, 150, 110, light, blur=44, opacity=0.65)
        c.shape(ridge(rng, 296, 8, 6), far)
        for x in sorted(rng.sample(range(14, 310, 26), 6)):
            h, w = rng.uniform(120, 215), rng.uniform(13, 20)
            foot = 318
            c.shape(
                curve([(x, foot - h), (x + w, foot - h * 0.36), (x + w * 0.5, foot),
                       (x - w * 0.5, foot), (x - w, foot - h * 0.36)]),
                mix(far, near, rng.uniform(0.5, 1)),
            )
        c.shape(ridge(rng, 326, 6, 5), near)
    elif kind == "lanterns":
        for _ in range(9):
            x, y, s = rng.uniform(14, 306), rng.uniform(20, 230), rng.uniform(5, 10)
            c.oval(x, y, s * 2.6, s * 2.8, light, blur=8, opacity=0.55)
            c.box(x - s, y - s * 1.3, x + s, y + s * 1.3, light, s * 0.6)
        c.shape(ridge(rng, 300, 12, 6), far)
        c.shape(ridge(rng, 336, 9, 10), near)
    elif kind == "rain":
        c.oval(160, 150, 120, 120, light, blur=40, opacity=0.6)
        for _ in range(54):
            x, y, n = rng.uniform(-20, 330), rng.uniform(-10, 330), rng.uniform(14, 40)
            c.shape([(x, y), (x + 1.6, y), (x - n * 0.25 + 1.6, y + n), (x - n * 0.25, y + n)],
                    light, opacity=0.4)
        c.shape(ridge(rng, 306, 14, 5), far)
        c.shape(ridge(rng, 338, 8, 8), near)
    else:  # fields
        c.oval(rng.uniform(80, 240), 128, 62, 62, light, opacity=0.9)
        for k in range(6):
            shade = mix(far, near, k / 5)
            c.shape(ridge(rng, 222 + k * 24, 9 - k, 4 + k), mix(shade, light, 0.12 * (k % 2)))


SCENES = ["sun", "moon", "arch", "sea", "cypress", "lanterns", "rain", "fields"]


def person(c, rng, woman, age, light, cloth, cloth2, shade):
    cx = 160 + rng.uniform(-10, 10)
    cy = 176 + rng.uniform(-6, 8)  # middle of the head
    rx, ry = rng.uniform(44, 49) - (2 if woman else 0), rng.uniform(57, 62)
    wide = rng.uniform(104, 114) if woman else rng.uniform(118, 134)
    skin = mix(rgb(rng.choice(SKINS)), light, 0.18)
    hair = rgb(rng.choice(GREYS if age > 50 else HAIRS))
    if 40 < age <= 50 and rng.random() < 0.5:
        hair = mix(hair, rgb("#8d8a88"), 0.4)
    left = rng.random() < 0.5  # side of the light
    chin = cy + ry
    style = rng.choice(
        ["long", "bob", "bun", "scarf", "scarf", "loose"] if woman
        else ["short", "short", "curly", "side", "cap", "beard", "beard", "bald" if age > 40 else "side"]
    )
    # behind the head
    if style == "long":
        c.shape(curve([(cx, cy - ry - 16), (cx + rx + 20, cy - 20), (cx + rx + 22, cy + 80),
                       (cx + rx + 8, chin + 92), (cx - rx - 8, chin + 92),
                       (cx - rx - 22, cy + 80), (cx - rx - 20, cy - 20)]), hair)
    elif style in ("bob", "loose"):
        c.shape(curve([(cx, cy - ry - 16), (cx + rx + 19, cy - 18), (cx + rx + 20, cy + 56),
                       (cx + 20, cy + 66), (cx - 20, cy + 66),
                       (cx - rx - 20, cy + 56), (cx - rx - 19, cy - 18)]), hair)
    elif style == "bun":
        c.oval(cx, cy - ry - 14, 25, 22, hair)
        c.oval(cx, cy - 12, rx + 9, ry - 2, hair)
    elif style == "curly":
        for k in range(13):
            a = math.pi * (0.98 + 1.04 * k / 12)
            c.oval(cx + math.cos(a) * (rx + 3), cy - 14 + math.sin(a) * (ry - 6), 17, 17, hair)
    # neck, shoulders
    neck = mix(skin, shade, 0.32)
    c.box(cx - 23, cy + 30, cx + 23, chin + 52, neck, 10)
    base = chin + 34
    body = curve([(cx - 30, base - 8), (cx + 30, base - 8), (cx + wide * 0.72, base + 24),
                  (cx + wide, base + 72), (cx + wide + 12, H + 40),
                  (cx - wide - 12, H + 40), (cx - wide, base + 72), (cx - wide * 0.72, base + 24)])
    body_mask = c.shape(body, cloth)
    collar = rng.choice(["round", "vee", "shirt", "high"])
    if collar == "round":
        c.oval(cx, base - 6, 40, 27, cloth2)
        c.oval(cx, base - 12, 31, 22, neck)
    elif collar == "vee":
        c.shape([(cx - 37, base - 12), (cx + 37, base - 12), (cx, base + 52)], cloth2)
        c.shape([(cx - 27, base - 14), (cx + 27, base - 14), (cx, base + 36)], neck)
    elif collar == "shirt":
        c.shape([(cx - 24, base - 14), (cx + 24, base - 14), (cx, base + 20)], neck)
        for s in (-1, 1):
            c.shape([(cx + s * 29, base - 20), (cx, base + 18), (cx + s * 25, base + 34),
                     (cx + s * 46, base + 2)], cloth2)
        c.box(cx - 1.5, base + 22, cx + 1.5, H, mix(cloth, shade, 0.5))
    else:
        c.box(cx - 32, base - 24, cx + 32, base + 16, cloth2, 12)
    # head
    head_points = curve([(cx, cy - ry), (cx + rx * 0.8, cy - ry * 0.62), (cx + rx, cy - ry * 0.05),
                         (cx + rx * 0.8, cy + ry * 0.58), (cx + rx * 0.3, cy + ry * 0.97),
                         (cx - rx * 0.3, cy + ry * 0.97), (cx - rx * 0.8, cy + ry * 0.58),
                         (cx - rx, cy - ry * 0.05), (cx - rx * 0.8, cy - ry * 0.62)])
    if style not in ("scarf", "long", "bob", "loose"):
        for s in (-1, 1):
            c.oval(cx + s * (rx + 1), cy + 6, 8, 13, neck)
    head = c.shape(head_points, skin)
    # the half of the face that lies in shadow
    half = Image.new("L", head.size, 0)
    d = ImageDraw.Draw(half)
    edge = [(cx + (4 if left else -4), cy - ry - 4), (cx + (14 if left else -14), cy - 8),
            (cx + (6 if left else -6), cy + 18), (cx + (2 if left else -2), chin + 4)]
    far_x = cx + 90 if left else cx - 90
    d.polygon([(x * S, y * S) for x, y in edge + [(far_x, chin + 4), (far_x, cy - ry - 4)]], fill=110)
    half = half.filter(ImageFilter.GaussianBlur(2 * S))
    c.image.paste(shade, (0, 0), ImageChops.multiply(half, head))
    # hair, beard, scarf, cap over the head
    top = [(cx - rx - 5, cy + 2), (cx - rx - 6, cy - 34), (cx - rx * 0.6, cy - ry - 8),
           (cx, cy - ry - 15), (cx + rx * 0.6, cy - ry - 8), (cx + rx + 6, cy - 34), (cx + rx + 5, cy + 2)]
    if style in ("short", "beard", "side"):
        part = rng.uniform(-22, 22) if style == "side" else 0
        fringe = [(cx + rx - 6, cy - 18), (cx + 22 + part, cy - 33), (cx - 16 + part, cy - 38),
                  (cx - rx + 6, cy - 18)]
        c.shape(curve(top + fringe, 8), hair)
    elif style in ("long", "bob", "loose", "bun"):
        part = rng.uniform(-16, 16)
        c.shape(curve([(cx - rx - 8, cy + 12), (cx - rx - 10, cy - 30), (cx - rx * 0.55, cy - ry - 10),
                       (cx, cy - ry - 16), (cx + rx * 0.55, cy - ry - 10), (cx + rx + 10, cy - 30),
                       (cx + rx + 8, cy + 12), (cx + rx - 5, cy - 12), (cx + part, cy - 46),
                       (cx - rx + 5, cy - 12)], 10), hair)
    elif style == "curly":
        for k in range(8):
            c.oval(cx - rx + 6 + k * (2 * rx - 12) / 7, cy - 43 - 9 * math.sin(k / 7 * math.pi), 14, 14, hair)
    elif style == "cap":
        c.shape(curve([(cx - rx - 5, cy - 22), (cx - rx * 0.7, cy - ry - 14), (cx, cy - ry - 24),
                       (cx + rx * 0.7, cy - ry - 14), (cx + rx + 5, cy - 22), (cx, cy - 31)], 10),
                mix(cloth2, shade, 0.35))
        c.box(cx - rx - 6, cy - 34, cx + rx + 6, cy - 20, mix(cloth2, shade, 0.55), 6)
    if style in ("beard", "bald") or (not woman and age > 45 and rng.random() < 0.5):
        c.shape(curve([(cx - rx, cy + 4), (cx - rx + 8, cy + 20), (cx - 20, cy + 30), (cx, cy + 27),
                       (cx + 20, cy + 30), (cx + rx - 8, cy + 20), (cx + rx, cy + 4),
                       (cx + rx * 0.84, cy + ry * 0.62), (cx + rx * 0.36, chin + 7), (cx, chin + 9),
                       (cx - rx * 0.36, chin + 7), (cx - rx * 0.84, cy + ry * 0.62)], 8), hair)
    if style in ("scarf", "loose"):
        tone = mix(cloth2, cloth, rng.uniform(0.1, 0.55))
        back = 8 if style == "scarf" else -4
        opening = 0.84 if style == "scarf" else 0.98
        outer = curve([(cx, cy - ry - 20), (cx + rx + 14, cy - 34), (cx + rx + 20, cy + 30),
                       (cx + rx + 12, chin + 14), (cx + 62, base + 26), (cx + 30, base + 58),
                       (cx, base + 70), (cx - 30, base + 58), (cx - 62, base + 26),
                       (cx - rx - 12, chin + 14), (cx - rx - 20, cy + 30), (cx - rx - 14, cy - 34)])
        hole = curve([(cx, cy - ry + 14 - back), (cx + rx * opening, cy - 20), (cx + rx * opening, cy + 22),
                      (cx + 22, chin - 1), (cx - 22, chin - 1),
                      (cx - rx * opening, cy + 22), (cx - rx * opening, cy - 20)])

        def cut(d):
            d.polygon([(x * S, y * S) for x, y in outer], fill=255)
            d.polygon([(x * S, y * S) for x, y in hole], fill=0)

        c.paint(cut, tone)
        fold = mix(tone, shade, 0.4)
        s = 1 if left else -1
        c.shape(curve([(cx - s * 30, chin + 8), (cx + s * 22, chin + 20), (cx + s * 56, base + 28),
                       (cx + s * 18, base + 40)], 10), fold, opacity=0.35)
    # a soft shadow over one shoulder, and the fall of the light on the other
    side = Image.new("L", body_mask.size, 0)
    d = ImageDraw.Draw(side)
    d.rectangle([cx * S, 0, W * S, H * S] if left else [0, 0, cx * S, H * S], fill=80)
    side = side.filter(ImageFilter.GaussianBlur(26 * S))
    c.image.paste(shade, (0, 0), ImageChops.multiply(side, body_mask))


def candle(c, x, light):
    """A small candle in the corner."""
    c.oval(x, 326, 40, 44, light, blur=16, opacity=0.6)
    c.box(x - 9, 346, x + 9, H + 4, mix(light, (255, 255, 255), 0.45), 3)
    c.box(x - 1, 336, x + 1, 348, (60, 45, 40))
    c.shape(curve([(x, 308), (x + 7, 328), (x, 339), (x - 7, 328)], 10), (255, 214, 120))
    c.shape(curve([(x, 320), (x + 3, 331), (x, 337), (x - 3, 331)], 8), (255, 246, 214))


def portrait(number, woman, age):
    rng = random.Random(f"yadgar-sample-portrait-{number}")
    palette = [rgb(v) for v in PALETTES[(number * 5 + number // 12) % len(PALETTES)]]
    hue = rng.uniform(-0.035, 0.035)
    top, bottom, light, far, near, cloth, cloth2 = (turn(v, hue) for v in palette)
    cloth = turn(cloth, rng.uniform(-0.04, 0.04))
    if rng.random() < 0.35:
        cloth, cloth2 = mix(cloth2, bottom, 0.25), cloth
    c = Canvas(top, bottom)
    scene(c, rng, SCENES[(number * 3 + number // 8) % len(SCENES)], light, far, near)
    person(c, rng, woman, age, light, cloth, cloth2, mix(top, (10, 12, 20), 0.35))
    if number % 4 == 2:
        candle(c, rng.choice((38, 282)), light)
    image = c.image.resize((W, H), Image.LANCZOS)
    for quality in range(84, 40, -3):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=False, subsampling=2)
        if out.tell() <= LIMIT:
            return out.getvalue()
    raise SystemExit(f"portrait {number} does not fit in {LIMIT} bytes")
