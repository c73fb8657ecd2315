"""What each kind of case does with its input. Returns the expected values; refuses by a Fault."""

from . import (
    beacon,
    carrier,
    chunklist,
    courier,
    dagcbor,
    ed25519,
    envelope,
    fork,
    formula,
    have,
    ids,
    invite,
    jalali,
    mirrors,
    parity,
    paths,
    peers,
    persian,
    places,
    record,
    record_succession,
    spoken,
    static,
    structs,
    sync_frames,
    tree,
    trust,
    verify,
    withdraw,
)
from .fault import Fault, require
from .limits import MAX_BLOCK_BYTES, MAX_HEAD_BYTES

KINDS = {}


def kind(name: str):
    def add(function):
        KINDS[name] = function
        return function

    return add


def store(nodes):
    blobs = [formula.data(n) if isinstance(n, list) else bytes.fromhex(n) for n in nodes]
    held = {ids.block_id(ids.DAG_CBOR, blob): blob for blob in blobs}

    def fetch(name: bytes) -> bytes:
        require(bytes(name) in held, "TREE-8", "a node that is not there")
        return held[bytes(name)]

    return fetch


@kind("item")
def item(given):
    dagcbor.decode(formula.given(given), MAX_BLOCK_BYTES)
    return {}


STRUCTURES = {
    "trust-root": structs.parse_root,
    "release": structs.parse_release,
    "head": structs.parse_head,
    "notice": withdraw.parse_notice,
    "fork": fork.parse,
    "bulletin": withdraw.parse_bulletin,
    "list-node": lambda data: chunklist.check_list_node(data, None, True, True),
    "have": have.parse,
    "static-head": static.parse_head,
    "static-catalog": static.parse_catalog,
    "static-index": static.parse_index,
    "volume": parity.check_mark,
    "parity": parity.check_set,
    "tree-node": lambda data: tree.check_node(data, None, True, True),
}


@kind("structure")
def structure(given):
    STRUCTURES[given["type"]](formula.given(given))
    return {}


@kind("block-id")
def block_id(given):
    raw = ids.check_block_id(bytes.fromhex(given["hex"]))
    codec = {ids.RAW: "raw", ids.DAG_CBOR: "dag-cbor"}[raw[1]]
    return {"text": ids.block_id_text(raw), "codec": codec, "digest": raw[4:].hex()}


@kind("block-id-text")
def block_id_text(given):
    return {"hex": ids.parse_block_id_text(given["text"]).hex()}


@kind("link")
def link(given):
    value = dagcbor.decode(bytes.fromhex(given["hex"]), 64)
    require(isinstance(value, dagcbor.Link), "ID-2", "not a link")
    return {"id": value.hex()}


@kind("block")
def block(given):
    codec = {"raw": ids.RAW, "dag-cbor": ids.DAG_CBOR}[given["codec"]]
    raw = ids.block_id(codec, formula.given(given))
    return {"id": raw.hex(), "text": ids.block_id_text(raw)}


@kind("archive-id")
def archive_id(given):
    return {"hex": ids.parse_archive_text(given["text"]).hex()}


@kind("archive-of-root")
def archive_of_root(given):
    raw = bytes.fromhex(given["hex"])
    structs.parse_root(raw)
    return {"id": ids.hash256(raw).hex(), "text": ids.archive_text(ids.hash256(raw))}


@kind("public-key")
def public_key(given):
    raw = bytes.fromhex(given["hex"])
    require(ed25519.usable(raw), "ID-4", "weak key or no key")
    return {"key_id": ids.key_id(raw)}


@kind("dht-key")
def dht_key(given):
    return {"hex": ids.dht_key(bytes.fromhex(given["archive"])).hex()}


@kind("dht-key-bytes")
def dht_key_bytes(given):
    ids.check_dht_key(bytes.fromhex(given["hex"]))
    return {}


@kind("gossip-topic")
def gossip_topic(given):
    return {"topic": ids.gossip_topic(bytes.fromhex(given["archive"]))}


@kind("path")
def path(given):
    paths.check_path(given["path"])
    return {}


@kind("path-set")
def path_set(given):
    for one in given["paths"]:
        paths.check_path(one)
    paths.check_set(given["paths"])
    return {}


@kind("media")
def media(given):
    return {"media": paths.media_type(given["path"])}


@kind("sig-structure")
def sig_structure(given):
    payload, archive = bytes.fromhex(given["payload"]), bytes.fromhex(given["archive"])
    return {"hex": envelope.to_be_signed(given["context"], archive, payload).hex()}


def roles_of(given):
    return [
        {"keys": [bytes.fromhex(k) for k in r["keys"]], "threshold": r["threshold"]} for r in given
    ]


@kind("envelope")
def signed(given):
    value = dagcbor.decode(formula.given(given), MAX_HEAD_BYTES)
    envelope.check_shape(value)
    archive = bytes.fromhex(given["archive"])
    envelope.check(value, given["context"], archive, roles_of(given["roles"]))
    return {}


@kind("judge")
def judge(given):
    """The heads one after the other; clause and missing hash are those of the last."""
    archive, state, verdicts = bytes.fromhex(given["archive"]), None, []
    ancestors = [bytes.fromhex(h) for h in given["ancestors"]]
    for head in given["heads"]:
        answer = trust.judge(archive, state, formula.given(head), ancestors)
        verdicts.append(answer.verdict)
        state = answer.state
    out = {"verdict": verdicts[-1], "clause": answer.clause, "verdicts": verdicts}
    out["state"] = trust.describe(state)
    return out | ({"missing": answer.missing.hex()} if answer.missing else {})


@kind("fork")
def fork_proof(given):
    proven = fork.check(bytes.fromhex(given["archive"]), formula.given(given))
    releases = [ids.hash256(payload).hex() for payload in proven.releases]
    return {"agreed": proven.agreed and proven.agreed.hex(), "releases": releases}


@kind("notice")
def notice(given):
    """An envelope under the last trust root of a head."""
    archive = bytes.fromhex(given["archive"])
    head, release = trust.check_alone(archive, bytes.fromhex(given["head"]))
    one = dagcbor.decode(formula.given(given), MAX_HEAD_BYTES)
    root = structs.parse_root(head["roots"][-1]["payload"])
    value = withdraw.check_notice(archive, root, release["sequence"], one)
    return {"items": [row[0].hex() for row in value["withdrawn"]]}


@kind("withdrawn-item")
def withdrawn_item(given):
    content = ids.check_block_id(bytes.fromhex(given["id"]))
    return {"item": withdraw.item(bytes.fromhex(given["archive"]), content).hex()}


@kind("ledger")
def ledger(given):
    """Acts one after the other; a held one changes nothing."""
    had, spent, out = given["had"], (0, 0), []
    for act in given["acts"]:
        if "withdraw" in act:
            after = withdraw.honours(had, spent, tuple(act["withdraw"]))
        else:
            after = withdraw.passes(had, spent, *act["release"])
        out.append(after is not None)
        spent = after or spent
    return {"honoured": out, "spent": list(spent)}


@kind("file")
def file(given):
    data = formula.data(given["data"])
    link, blocks, listed = chunklist.add_file(data)
    sizes = chunklist.split_file(data)
    out = {"lengths": sizes, "link": link.hex(), "hash": ids.hash256(data).hex(), "list": listed}
    out["nodes"] = sum(name[1] == ids.DAG_CBOR for name in blocks)
    out["blocks"] = [name.hex() for name in blocks if name[1] == ids.RAW][:4]
    return out


@kind("list")
def chunk_list(given):
    items = formula.chunks(given)
    root, nodes, level = chunklist.build_list(items)
    size = sum(i[1] for i in items)
    require(chunklist.read_list(root, size, nodes.__getitem__) == items, "CHUNK-4", "own list")
    return {"root": root.hex(), "nodes": len(nodes), "level": level, "bytes": size}


@kind("list-check")
def list_check(given):
    root = bytes.fromhex(given["root"])
    chunks = chunklist.read_list(root, given["bytes"], store(given["nodes"]))
    return {"blocks": len(chunks)}


@kind("tree")
def build(given):
    items = [tree.entry(name, data)[0] for name, data in formula.files(given)]
    root, nodes, level = tree.build_tree(items)
    files, size = tree.totals(0, items)
    tree.read_tree(root, files, size, nodes.__getitem__)
    totals = {"files": files, "bytes": size}
    return {"root": root.hex(), "nodes": len(nodes), "level": level, **totals}


@kind("tree-check")
def tree_check(given):
    root, fetch = bytes.fromhex(given["root"]), store(given["nodes"])
    entries, _, _ = tree.read_tree(root, given["files"], given["bytes"], fetch)
    paths.check_set([e[0] for e in entries])
    return {"paths": [e[0] for e in entries]}


@kind("proof")
def proof(given):
    nodes = [bytes.fromhex(h) for h in given["nodes"]]
    found = tree.check_proof(bytes.fromhex(given["root"]), given["path"], nodes)
    return {"link": found[3].hex() if found else None}


@kind("varint")
def varint(given):
    raw = bytes.fromhex(given["hex"])
    value, end = carrier.read_varint(raw, 0)
    require(end == len(raw), "CAR-4", "bytes after the varint")
    return {"value": value}


def contents(found: carrier.Contents) -> dict:
    root = found.root.hex() if found.root else None
    return {"root": root, "blocks": [n.hex() for n in found.blocks], "skipped": found.skipped}


@kind("carrier")
def read_carrier(given):
    """Undamaged carriers are accepted; of damaged ones "blocks" and "skipped" are to be found."""
    found = carrier.read(formula.data(given["data"]))
    return contents(found) | {"fault": found.faults[0].clause if found.faults else None}


@kind("import")
def import_carrier(given):
    report = verify.verify(bytes.fromhex(given["archive"]), formula.data(given["data"]))
    digests = {name: ids.hash256(data).hex() for name, data in report.files.items()}
    return {"files": digests, "complete": not report.missing}


@kind("frame")
def frame(given):
    got = sync_frames.parse(formula.given(given))
    out = {"frame": got["kind"]}
    for key in ("archive", "id"):
        out |= {key: got[key].hex()} if key in got else {}
    for key in ("head", "bulletin", "bundle", "data"):
        out |= {key + "_bytes": len(got[key])} if key in got else {}
    out |= {"encoding": got["encoding"]} if "encoding" in got else {}
    return out | ({"ids": len(got["ids"])} if "ids" in got else {})


@kind("frame-length")
def frame_length(given):
    return {"length": sync_frames.parse_length(bytes.fromhex(given["hex"]))}


@kind("bundle-frame")
def bundle_frame(given):
    return {"names": b"".join(sync_frames.open_bundle(formula.given(given))).hex()}


@kind("block-frame")
def block_frame(given):
    return {"hash": ids.hash256(sync_frames.open_block(formula.given(given))).hex()}


def wanted(event):
    """Ids first..first+count: raw blocks of the decimal number as text."""
    numbers = range(event["first"], event["first"] + event["count"])
    return [ids.block_id(ids.RAW, str(n).encode()) for n in numbers]


@kind("static-member")
def static_member(given):
    index = static.parse_index(bytes.fromhex(given["index"]))
    plain = static.open_member(index["members"][0], bytes.fromhex(given["stored"]))
    return {"hashes": [ids.hash256(one).hex() for one in plain]}


@kind("static-ranges")
def static_ranges(given):
    index = static.parse_index(bytes.fromhex(given["index"]))
    return {"ranges": static.ranges(index, given["wanted"], given["gap"], given["most"])}


@kind("session")
def session(given):
    asker = sync_frames.Asker()
    for event in given["events"]:
        if event["do"] == "want":
            asker.want(wanted(event))
        elif event["do"] in ("block", "missing"):
            asker.answer(wanted(event))
        else:
            asker.end()
    return {"unanswered": len(asker.open)}


@kind("invite")
def read_invite(given):
    archive, addresses, urls, unknown = invite.parse(given["text"])
    return {"archive": archive.hex(), "addresses": addresses, "urls": urls, "unknown": unknown}


@kind("make-invite")
def make_invite(given):
    urls = given.get("urls", [])
    for url in urls:
        places.check_url(url)
    return {"text": invite.make(bytes.fromhex(given["archive"]), given["addresses"], urls)}


@kind("spoken")
def read_spoken(given):
    archive, found, unknown = spoken.parse(given["text"])
    return {"archive": archive.hex(), "places": found, "unknown": unknown}


@kind("make-spoken")
def make_spoken(given):
    numbers = spoken.make(bytes.fromhex(given["archive"]), given["places"])
    return {"numbers": numbers, "en": spoken.said(numbers, 1), "fa": spoken.said(numbers, 0)}


@kind("mirrors")
def read_mirrors(given):
    places_found, unknown = mirrors.parse(bytes.fromhex(given["hex"]))
    return {"places": places_found, "unknown": unknown}


@kind("beacon")
def read_beacon(given):
    said = beacon.read(bytes.fromhex(given["hex"]), bytes.fromhex(given["archive"]), given["from"])
    return {"known": said is not None} | (said or {})


@kind("make-beacon")
def make_beacon(given):
    archives = [a and bytes.fromhex(a) for a in given["archives"]]
    text = bytes.fromhex(given["body"])
    return {"hex": beacon.make(bytes.fromhex(given["random"]), archives, text, given["from"]).hex()}


@kind("courier-write")
def courier_write(given):
    return {"lines": courier.write(bytes.fromhex(given["hex"]))}


@kind("courier-length")
def courier_length(given):
    lines = courier.write(ids.xof(given["seed"], given["length"]))
    return {"lines": len(lines), "first": lines[0], "last": lines[-1]}


@kind("courier-read")
def courier_read(given):
    return courier.read(given["text"])


@kind("courier-long")
def courier_long(given):
    return courier.read("x" * given["length"])


@kind("words")
def words(given):
    numbers, lines = invite.six_numbers(bytes.fromhex(given["archive"])), invite.word_lines()
    return {"numbers": numbers} | ({"lines": [lines[n] for n in numbers]} if lines else {})


@kind("persian-key")
def persian_key(given):
    text = given["text"]
    return {"key": persian.fold(text), "nospace": persian.nospace(text)}


@kind("persian-order")
def persian_order(given):
    return {"sorted": sorted(given["texts"], key=persian.order)}


@kind("record")
def read_record(given):
    """A file of the tree by itself: path, and what readers compute."""
    value = record.parse(formula.given(given))
    path = record.record_path(value)
    require(given.get("path", path) == path, "REC-3", "a record's path is its id")
    out = {"path": path, "gone": value["status"] in record.GONE}
    if "verification" in value:
        groups = len({source["group"] for source in value["sources"]})
        out |= {"level": record.level(value), "groups": groups}
    return out


@kind("succession")
def succession(given):
    """What a release takes back of a record of the one before; `new` is null where it has none."""
    old = record.parse(bytes.fromhex(given["old"]))
    new = None if given["new"] is None else record.parse(bytes.fromhex(given["new"]))
    return {"faults": record_succession.faults(old, new)}


@kind("date")
def fuzzy_date(given):
    """One date text; its first and last day as numbers, 1 is 0001-01-01 Gregorian."""
    when = jalali.When(given["text"], given["calendar"])
    return {"first": when.first, "last": when.last, "certain": when.certain}


@kind("dates-agree")
def dates_agree(given):
    west, east = jalali.When(given["edtf"], "edtf"), jalali.When(given["jalali"], "jalali")
    require(jalali.agree(west, east), "REC-7", "not the same days")
    return {}


@kind("lacks")
def lacks(given):
    """What is lacking, as it is written; which of other content blocks seem to lack."""

    def name(codec, number):
        return ids.block_id(codec, f"lacking {number}".encode())

    names = [name(ids.DAG_CBOR, n) for n in range(given["nodes"])]
    names += [name(ids.RAW, n) for n in range(given["blocks"])]
    value = have.make(names)
    found = have.check_lacks(value)
    require(all(have.lacking(found, n) for n in names), "HAVE-4", "own set")
    asked = range(given["first"], given["first"] + given["asked"])
    seem = [n for n in asked if have.lacking(found, name(ids.RAW, n))]
    return {"hex": dagcbor.encode(value).hex(), "seem": seem}


@kind("parity")
def parity_rows(given):
    """The hash of every shard of parity, row by row."""
    volumes = [formula.data(v) for v in given["volumes"]]
    rows = parity.rows_of(list(map(len, volumes)), given["shard"])
    out = []
    for row in range(rows):
        shards = parity.encode(parity.regions(volumes, given["shard"], row), given["parity"])
        out.append([ids.hash256(shard).hex() for shard in shards])
    return {"rows": out}


@kind("make-peer")
def make_peer(given):
    return {"hex": peers.make(bytes.fromhex(given["seed"]), given["seq"], given["addrs"]).hex()}


@kind("peer")
def peer(given):
    return peers.describe(peers.parse(bytes.fromhex(given["hex"])))


@kind("peer-list")
def peer_list(given):
    read = peers.parse_list(bytes.fromhex(given["hex"]))
    return {"peers": [[one["key"].hex(), one["scope"]] for one in read]}


def run(name: str, given: dict) -> dict:
    if name not in KINDS:
        raise KeyError(name)
    return KINDS[name](given)


__all__ = ["Fault", "run"]
