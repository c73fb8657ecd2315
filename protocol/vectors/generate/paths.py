"""Paths and media types (spec/path.md)."""

import unicodedata

from .fault import Fault, require
from .limits import MAX_PATH_BYTES, MAX_PATH_DEPTH, MAX_SEGMENT_BYTES

BIDI = {0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
OTHER_FORBIDDEN = {0x2028, 0x2029, 0xFEFF}
RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    port + digit for port in ("COM", "LPT") for digit in "0123456789¹²³"
}
PLAIN = "application/octet-stream"
MEDIA = {
    "html htm": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "txt md": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "jpg jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "ogg opus": "audio/ogg",
    "m4a": "audio/mp4",
    "mp4 m4v": "video/mp4",
    "webm": "video/webm",
    "js mjs": "text/javascript; charset=utf-8",
}
BY_EXTENSION = {ext: media for exts, media in MEDIA.items() for ext in exts.split()}


def is_noncharacter(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def check_characters(text: str, clause: str) -> None:
    for char in text:
        code = ord(char)
        require(unicodedata.category(char) != "Cc", clause, "control character")
        require(code not in BIDI, clause, "bidi control")


def check_segment(segment: str) -> None:
    require(segment not in ("", ".", ".."), "PATH-2", "empty, . or .. segment")
    require(len(segment.encode()) <= MAX_SEGMENT_BYTES, "PATH-2", "segment too long")
    require(segment[-1] not in ". ", "PATH-4", "segment ends in . or space")
    require(segment[0] != " ", "PATH-4", "segment begins with space")
    stem = segment.split(".")[0].rstrip(" ").upper()
    require(stem not in RESERVED, "PATH-5", "reserved device name")


def check_path(path: str) -> str:
    require(1 <= len(path.encode()) <= MAX_PATH_BYTES, "PATH-1", "1 to 512 bytes")
    require(unicodedata.is_normalized("NFC", path), "PATH-1", "not NFC")
    check_characters(path, "PATH-3")
    for char in path:
        code = ord(char)
        bad = char in '\\:*?"<>|' or code in OTHER_FORBIDDEN or is_noncharacter(code)
        require(not bad, "PATH-3", f"character U+{code:04X}")
    segments = path.split("/")
    require(len(segments) <= MAX_PATH_DEPTH, "PATH-2", "too many segments")
    for segment in segments:
        check_segment(segment)
    return path


def folded(path: str) -> str:
    """Full case folding (C and F), then NFC: what must differ within a release."""
    return unicodedata.normalize("NFC", path.casefold())


def folders_of(path: str):
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def check_set(paths) -> None:
    """PATH-6 and PATH-7 over all entries of a release."""
    files, folders = {}, {}
    for path in paths:
        require(folded(path) not in files, "PATH-6", f"{path} collides")
        files[folded(path)] = path
    for path in paths:
        for folder in folders_of(path):
            key = folded(folder)
            if folders.setdefault(key, folder) != folder:
                raise Fault("PATH-6", f"folder {folder} collides with {folders[key]}")
            if key in files:
                clause = "PATH-7" if files[key] == folder else "PATH-6"
                raise Fault(clause, f"{folder} is a folder and an entry")


def media_type(path: str) -> str:
    name = path.split("/")[-1]
    if "." not in name:
        return PLAIN
    extension = name.rsplit(".", 1)[1]
    ascii_lower = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in extension)
    return BY_EXTENSION.get(ascii_lower, PLAIN)
