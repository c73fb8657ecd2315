"""Proof files (spec/proof.md): making one, and checking one from its bytes alone."""

from . import chunklist, dagcbor, paths, structs, tree, trust
from .fault import Fault, require
from .ids import DAG_CBOR, block_id, hash256
from .limits import MAX_BLOCK_BYTES

MAX_PROOF_BYTES = 16777216
FIELDS = ("head", "kind", "part", "path", "nodes", "blocks", "format")


def byte_strings(value, clause: str) -> None:
    good = isinstance(value, list) and all(type(item) is bytes for item in value)
    require(good, clause, "not a list of byte strings")


def parse(data: bytes) -> dict:
    """PROOF-1."""
    value = dagcbor.decode(data, MAX_PROOF_BYTES)
    require(isinstance(value, dict), "ENC-6", "not a map")
    require(isinstance(value.get("format"), int), "ENC-6", "no format")
    require(value["format"] <= 1, "ENC-9", "needs a newer version")
    structs.check_fields(value, FIELDS)
    require(type(value["head"]) is bytes, "ENC-6", "head is not bytes")
    for key in ("kind", "part", "path"):
        require(isinstance(value[key], str), "ENC-6", f"{key} is not text")
    byte_strings(value["nodes"], "ENC-6")
    byte_strings(value["blocks"], "ENC-6")
    require(value["format"] == 1, "PROOF-1", "format is not 1")
    require(value["kind"] == "proof", "PROOF-1", "kind is not proof")
    return value


def check_head(data: bytes):
    """PROOF-2: (archive id, head, release)."""
    first = structs.parse_head(data)["roots"][0]
    archive = hash256(first["payload"])
    return archive, *trust.check_alone(archive, data)


def check_nodes(part: dict, path: str, nodes):
    """The entry of a path in a part, or None; the totals of the part too."""
    try:
        found = tree.check_proof(bytes(part["root"]), path, nodes)
    except Fault as fault:
        clause = "PROOF-4" if fault.clause == "PROOF" else fault.clause
        raise Fault(clause, fault.why) from None
    level, items = dagcbor.decode(nodes[0], MAX_BLOCK_BYTES)
    wanted = (part["files"], part["bytes"])
    for data in nodes:
        level, items = dagcbor.decode(data, MAX_BLOCK_BYTES)
        require(tree.totals(level, items) == wanted, "TREE-5", "totals are wrong")
        if level > 0:
            raw = path.encode()
            item = next((i for i in items if i[0].encode() >= raw), items[-1])
            wanted = (item[2], item[3])
    return found


def check_absent(release: dict, path: str, nodes) -> None:
    """PROOF-5."""
    for part in release["parts"]:
        require(len(nodes) > 0, "PROOF-5", "no nodes for a part")
        require(block_id(DAG_CBOR, nodes[0]) == bytes(part["root"]), "PROOF-5", "not this part's root")
        count = 1 + tree.check_node(nodes[0], None, True, True)[0]
        require(len(nodes) >= count, "PROOF-5", "nodes of a part are missing")
        found = check_nodes(part, path, nodes[:count])
        require(found is None, "PROOF-5", "the path is in the release")
        nodes = nodes[count:]
    require(not nodes, "PROOF-5", "nodes of no part")


def check_blocks(item, blocks) -> bytes:
    """PROOF-6 and PROOF-7: the bytes of a file."""
    size, link = item[2], bytes(item[3])
    clause = "PROOF-6" if len(item) == 4 else "PROOF-7"
    rest = list(reversed(blocks))

    def fetch(name: bytes) -> bytes:
        require(bool(rest), clause, "a block is missing")
        data = rest.pop()
        require(len(data) <= MAX_BLOCK_BYTES, clause, "a block of more than 262144 bytes")
        require(block_id(name[1], data) == bytes(name), clause, "not the block that is named")
        return data

    # read_list asks for the nodes depth first and for no chunk, so the order is that of the proof.
    data = chunklist.read_file(link, size, item[4] if len(item) == 5 else None, fetch)
    require(not rest, clause, "blocks that do not belong to the file")
    return data


def check(data: bytes) -> dict:
    """What a proof proves."""
    value = parse(data)
    archive, head, release = check_head(value["head"])
    path, nodes = value["path"], value["nodes"]
    paths.check_path(path)
    root = structs.parse_root(head["roots"][-1]["payload"])
    facts = {"archive": archive, "head": head, "release": release, "root": root, "path": path}
    if value["part"] == "":
        check_absent(release, path, nodes)
        require(not value["blocks"], "PROOF-5", "blocks of a file that is absent")
        return facts | {"part": None, "entry": None, "content": None}
    part = next((p for p in release["parts"] if p["name"] == value["part"]), None)
    require(part is not None, "PROOF-3", "the release has no such part")
    found = check_nodes(part, path, nodes)
    require(found is not None, "PROOF-4", "the part has no such file")
    content = check_blocks(found, value["blocks"])
    return facts | {"part": part["name"], "entry": found, "content": content}


def file_blocks(link: bytes, listed: bool, blocks: dict):
    """The blocks of a file in the order of PROOF-6 and PROOF-7."""
    if not listed:
        return [blocks[bytes(link)]]
    out, chunks = [], []

    def walk(name: bytes) -> None:
        out.append(blocks[bytes(name)])
        level, items = dagcbor.decode(out[-1], MAX_BLOCK_BYTES)
        for item in items:
            if level == 0:
                chunks.append(blocks[bytes(item[0])])
            else:
                walk(item[0])

    walk(link)
    return out + chunks


def value(head: bytes, part: str, path: str, nodes, blocks) -> dict:
    """The fields of a proof."""
    return {
        "head": head,
        "kind": "proof",
        "part": part,
        "path": path,
        "nodes": list(nodes),
        "blocks": list(blocks),
        "format": 1,
    }
