"""Withdrawals, the notice, the bulletin, and the bounds of a ledger (spec/withdraw.md)."""

from itertools import pairwise

from . import dagcbor, envelope
from .envelope import NOTICE_CONTEXT
from .fault import require
from .fields import check_date, check_fields, check_format, uint
from .ids import as_hash, check_block_id, derive
from .limits import MAX_BULLETIN_BYTES, MAX_NOTICE_WITHDRAWN, MAX_NOTICES, MAX_PAYLOAD_BYTES

REASONS = 7


def item(archive: bytes, content: bytes) -> bytes:
    """The name under which the content that an entry links to is withdrawn (WD-1)."""
    return derive("yadgar 2026 withdrawn", archive + check_block_id(content))


def check_list(rows, most: int) -> None:
    """WD-2 and WD-3. A list that is there has something in it."""
    require(isinstance(rows, list) and rows, "ENC-6", "no list of withdrawals")
    require(len(rows) <= most, "WD-2", "too many withdrawals")
    for row in rows:
        require(isinstance(row, list) and len(row) == 4, "ENC-6", "fields of a withdrawal")
        name, date, reason, sequence = row
        good = type(name) is bytes and isinstance(date, str)
        good = good and isinstance(reason, int) and isinstance(sequence, int)
        require(good and len(name) == 32, "ENC-6", "types in a withdrawal")
        require(reason < REASONS, "WD-3", "no such reason")
        check_date(date, "WD-2")
    ascending = all(a[0] < b[0] for a, b in pairwise(rows))
    require(ascending, "WD-2", "items ascending, each once")


def parse_notice(payload: bytes) -> dict:
    value = dagcbor.decode(payload, MAX_PAYLOAD_BYTES)
    check_format(value, "WD-5")
    must = ("date", "kind", "format", "archive", "sequence", "withdrawn", "root-version")
    check_fields(value, must)
    require(value["kind"] == "notice", "WD-5", "kind is not notice")
    check_date(value["date"], "WD-5")
    as_hash(value["archive"], "ENC-6")
    sequence = uint(value, "sequence")
    uint(value, "root-version")
    require(value["withdrawn"] != [], "WD-5", "a notice of nothing")
    check_list(value["withdrawn"], MAX_NOTICE_WITHDRAWN)
    same = all(row[3] == sequence for row in value["withdrawn"])
    require(same, "WD-2", "a withdrawal of another release")
    return value


def check_notice(archive: bytes, root: dict, newest: int, one: dict) -> dict:
    """WD-5: a notice under the last trust root of the head that is trusted; the newest release known."""
    envelope.check_shape(one)
    require(len(dagcbor.encode(one)) <= MAX_PAYLOAD_BYTES, "WD-5", "larger than a notice may be")
    notice = parse_notice(one["payload"])
    require(notice["archive"] == archive, "WD-5", "a notice of another archive")
    require(notice["root-version"] == root["version"], "WD-5", "under another trust root")
    require(notice["sequence"] <= newest, "WD-5", "of a release that is not known")
    envelope.check(one, NOTICE_CONTEXT, archive, [root["release"]], "WD-5")
    return notice


def parse_bulletin(data: bytes) -> dict:
    """The bulletin by itself; its notices are judged under the head that is trusted."""
    from . import fork  # it needs the structures, which need this module

    value = dagcbor.decode(data, MAX_BULLETIN_BYTES)
    check_format(value, "WD-9")
    check_fields(value, ("kind", "format", "notices"), ("fork",))
    require(value["kind"] == "bulletin", "WD-9", "kind is not bulletin")
    notices = value["notices"]
    require(isinstance(notices, list), "ENC-6", "notices are a list")
    require(len(notices) <= MAX_NOTICES, "WD-9", "more than 64 notices")
    for one in notices:
        envelope.check_shape(one)
    if "fork" in value:
        fork.check_form(value["fork"])
    return value


def within(spent: int, had: int, least: int) -> bool:
    return spent <= least or spent * 50 <= had


def honours(had, spent, loss):
    """HOLD-2 on (records, files): what is spent then, or None when the act is held."""
    after = (spent[0] + loss[0], spent[1] + loss[1])
    good = within(after[0], had[0], 3) and within(after[1], had[1], 16)
    return after if good or loss == (0, 0) else None


def passes(had, spent, dropped: int, shown: int, new: int):
    """HOLD-3: what is spent then, or None when the release is held."""
    after = (spent[0] + dropped, spent[1])
    good = dropped == 0 or within(after[0], had[0], 3)
    left = sum(had) - sum(after)
    return after if good and new * 2 >= max(shown, left) else None
