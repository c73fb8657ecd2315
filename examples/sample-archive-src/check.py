#!/usr/bin/env python3
"""Checks the generated site: links, no outside requests, no scripts or inline
styles, names of files, records, marks, sizes. Needs blake3."""

import base64
import html.parser
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "protocol" / "vectors"))
from generate import dagcbor, ids  # noqa: E402

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "sample-archive")
VOID = {"meta", "link", "img", "br", "hr", "input"}
FORBIDDEN = {"script", "style", "iframe", "object", "embed", "base", "form", "svg", "video", "audio"}
problems = []


class Page(html.parser.HTMLParser):
    def __init__(self, name):
        super().__init__()
        self.name, self.stack, self.refs, self.ids, self.seen, self.text = name, [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag in FORBIDDEN:
            problems.append(f"{self.name}: <{tag}>")
        for key, value in attrs:
            if key == "style" or key.startswith("on") or key in ("srcset", "ping", "http-equiv"):
                problems.append(f"{self.name}: attribute {key}")
            if key in ("href", "src"):
                self.refs.append(value)
            if key == "id":
                self.ids.append(value)
        if len({k for k, _ in attrs}) != len(attrs):
            problems.append(f"{self.name}: attribute twice in <{tag}>")
        if tag == "img" and not {"alt", "width", "height"} <= {k for k, _ in attrs}:
            problems.append(f"{self.name}: img without alt or size")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            problems.append(f"{self.name}: </{tag}> does not match")

    def handle_data(self, data):
        self.text.append(data)


pages, files = {}, [p for p in ROOT.rglob("*") if p.is_file()]
names = {p.relative_to(ROOT).as_posix() for p in files}
for name in sorted(names):
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9._-]*(/[a-zA-Z0-9][a-zA-Z0-9._-]*)*", name) or len(name) > 180:
        problems.append(f"bad file name {name}")
    if name != name.lower() and name not in ("LICENSE.txt", "font/OFL.txt"):
        problems.append(f"not lower case: {name}")
    raw = (ROOT / name).read_bytes()
    if name.endswith(".jpg"):
        if raw[:3] != b"\xff\xd8\xff" or b"Exif" in raw or b"\xff\xc2" in raw or len(raw) > 14 * 1024:
            problems.append(f"{name}: not a plain small baseline JPEG")
        continue
    if name.endswith((".woff2", ".cbor")):
        continue
    text = raw.decode("utf-8")
    if re.search("[\u202a-\u202e\u2066-\u2069\ufeff]", text):
        problems.append(f"{name}: bidi control character")
    if name.endswith((".html", ".css")) and re.search(r"https?:|//[a-z]|javascript:|@import|[\"'(]data:", text):
        problems.append(f"{name}: outside reference")
    if name.endswith(".html"):
        page = Page(name)
        page.feed(text)
        page.close()
        if page.stack:
            problems.append(f"{name}: left open {page.stack}")
        body = "".join(page.text)
        for need in ("دادهٔ نمونهٔ ساختگی", "Fictional sample data"):
            if need not in body:
                problems.append(f"{name}: mark missing: {need}")
        if page.seen.count("h1") != 1 or len(set(page.ids)) != len(page.ids):
            problems.append(f"{name}: h1 or ids")
        if not text.startswith("<!DOCTYPE html>"):
            problems.append(f"{name}: no doctype")
        if not name.startswith("en/"):
            latin = re.sub(r"<title>.*?</title>", "", text)
            latin = re.sub(r'<(bdi|span|p|a)\b[^>]*(dir="ltr"|lang="en")[^>]*>.*?</\1>', "", latin, flags=re.S)
            found = re.search("[0-9]", re.sub(r"<[^>]+>", "", latin).replace("CC0", ""))
            if found:
                problems.append(f"{name}: Latin digit in a Persian page")
        if re.search("[يكى]", re.sub(r'<dd>(<bdi lang="..">[^<]*</bdi>(<br>)?)+</dd>', "", text)):
            problems.append(f"{name}: Arabic letter in Persian text")
        pages[name] = page

for name, page in pages.items():
    for ref in page.refs:
        path, _, fragment = ref.partition("#")
        if path.startswith("/") or ":" in path:
            problems.append(f"{name}: not relative: {ref}")
            continue
        target = name
        if path:
            full = (ROOT / name).parent / path
            try:
                target = full.resolve().relative_to(ROOT.resolve()).as_posix()
            except ValueError:
                problems.append(f"{name}: leaves the site: {ref}")
                continue
        if target not in names:
            problems.append(f"{name}: broken link {ref}")
        elif fragment and fragment not in pages[target].ids:
            problems.append(f"{name}: no anchor {ref}")

records = [dagcbor.decode((ROOT / n).read_bytes(), 65536) for n in sorted(names) if n.startswith("records/")]
for r in records:
    rid = base64.b32encode(r["id"]).decode().rstrip("=").lower()
    ok = (re.fullmatch("[a-z2-7]{26}", rid) and f"records/{rid}.cbor" in names and r["fictional"] == "yes"
          and ("names" in r) != ("name_label" in r)
          and r["died_at"]["edtf"] and r["verification"]["reviewers"] >= 2)
    groups = {s["group"] for s in r["sources"]}
    kinds = {"document" for s in r["sources"] if s["kind"] in ("official_document", "testimony_public")}
    level = r["verification"]["level"]
    ok = ok and len(groups) == r["verification"]["groups"] and (level not in ("verified", "corroborated") or len(groups) >= 2)
    ok = ok and (level != "verified" or {"document", "testimony"} & set(r["verification"].get("methods", ())) | kinds)
    ok = ok and (r["minor"] != "yes" or not ("media" in r or "story" in r))
    ok = ok and all(m["path"] in names and (ROOT / m["path"]).stat().st_size == m["bytes"]
                    and ids.hash256((ROOT / m["path"]).read_bytes()) == m["hash"] for m in r.get("media", ()))
    if not ok:
        problems.append(f"record {rid}")
if len({r["id"] for r in records}) != len(records):
    problems.append("two records with one id")

total = sum(p.stat().st_size for p in files)
if total > 1_500_000:
    problems.append(f"{total} bytes in all")
unreached = names - {"index.html", "font/vazirmatn-regular.woff2", "font/vazirmatn-bold.woff2"}
for name, page in pages.items():
    for ref in page.refs:
        unreached.discard(((ROOT / name).parent / ref.partition("#")[0]).resolve().relative_to(ROOT.resolve()).as_posix())
problems += [f"nothing links to {n}" for n in sorted(unreached)]
print("\n".join(problems) or f"fine: {len(names)} files, {len(pages)} pages, {len(records)} records, {total} bytes")
sys.exit(bool(problems))
