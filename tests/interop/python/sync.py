"""py-libp2p asks a mirror for the head and all blocks of an archive by protocol/spec/sync.md, and checks them.

sync.py MULTIADDR ARCHIVE: one line of JSON at the end.
"""

import base64
import io
import json
import sys

import cbor2
import multiaddr
import trio
import zstandard
from blake3 import blake3
from libp2p import new_host
from libp2p.peer.peerinfo import info_from_p2p_addr
from nacl.signing import VerifyKey

PROTOCOL = "/yadgar/sync/1"
GET_HEAD, HEAD, WANT, BLOCK, MISSING, BYE, GET_BULLETIN, BULLETIN = range(1, 9)
MAX_FRAME = 262_400
MAX_BLOCK = 262_144
MAX_WANT = 512
SIGN1 = bytes.fromhex("d28443a10127a0f65840")
PROTECTED = bytes.fromhex("a10127")


def must(what, clause):
    if not what:
        raise SystemExit(f"broken: {clause}")


class Link:
    """Tag 42 around 00 and a binary block id (ID-2)."""

    def __init__(self, inner):
        must(len(inner) == 37 and inner[0] == 0, "ID-2")
        self.id = inner[1:]
        codec_of(self.id)


def codec_of(block_id):
    must(len(block_id) == 36 and block_id[0] == 1 and block_id[2:4] == b"\x1e\x20", "ID-1")
    must(block_id[1] in (0x55, 0x71), "ID-1")
    return block_id[1]


def digest(data):
    return blake3(data).digest()


def tagged(tag, _immutable):
    must(tag.tag == 42, "ENC-2")
    return Link(tag.value)


def read(data):
    source = io.BytesIO(data)
    value = cbor2.CBORDecoder(source, tag_hook=tagged).decode()
    must(source.tell() == len(data), "ENC-5")
    return value


def links(value):
    if isinstance(value, Link):
        yield value.id
    elif isinstance(value, dict):
        for item in value.values():
            yield from links(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from links(item)


def signers(envelope, context, archive):
    """The keys whose signatures stand under an envelope (ENV-1 to ENV-5)."""
    aad = context.encode("ascii") + b"\0" + archive
    message = cbor2.dumps(["Signature1", PROTECTED, aad, envelope["payload"]])
    keys = []
    for key, sign1 in envelope["signatures"]:
        must(len(sign1) == 74 and sign1[:10] == SIGN1, "ENV-1")
        VerifyKey(key).verify(message, sign1[10:])
        keys.append(key)
    must(keys == sorted(set(keys)), "ENV-4")
    return keys


def agrees(role, keys):
    return sum(key in keys for key in role["keys"]) >= role["threshold"]


def check_head(data, archive):
    """The release of a head, when it is one of this archive (TRUST-1 to TRUST-9)."""
    head = read(data)
    before = None
    for number, envelope in enumerate(head["roots"], 1):
        root = read(envelope["payload"])
        keys = signers(envelope, "yadgar trust-root v1", archive)
        must(root["version"] == number, "TRUST-5")
        if before is None:
            must(digest(envelope["payload"]) == archive, "TRUST-2")
        else:
            must(root["prev"] == digest(before[1]) and root["archive"] == archive, "TRUST-5")
            must(agrees(before[0]["root"], keys), "TRUST-5")
        must(agrees(root["root"], keys), "TRUST-4")
        before = (root, envelope["payload"])
    payload = head["release"]["payload"]
    release = read(payload)
    keys = signers(head["release"], "yadgar release v1", archive)
    must(release["archive"] == archive, "TRUST-6")
    must(release["root-version"] == before[0]["version"], "TRUST-6")
    must(agrees(before[0]["release"], keys), "TRUST-7")
    must(codec_of(head["link"].id) == 0x71 and head["link"].id[4:] == digest(payload), "TRUST-8")
    must(release["sequence"] >= 1 and ("prev" in release) == (release["sequence"] > 1), "TRUST-9")
    return release, head["link"].id, before[0]["name"], len(keys)


class Frames:
    """Frames over a stream."""

    def __init__(self, stream):
        self.stream = stream
        self.held = b""

    async def send(self, kind, body=b""):
        await self.stream.write((len(body) + 1).to_bytes(4, "big") + bytes([kind]) + body)

    async def take(self, length):
        while len(self.held) < length:
            piece = await self.stream.read(65_536)
            must(piece, "SYNC-5")
            self.held += piece
        taken, self.held = self.held[:length], self.held[length:]
        return taken

    async def next(self):
        length = int.from_bytes(await self.take(4), "big")
        must(1 <= length <= MAX_FRAME, "SYNC-6")
        frame = await self.take(length)
        return frame[0], frame[1:]

    async def about(self, ask, answer, archive):
        """What is told of an archive; None for nothing."""
        await self.send(ask, archive)
        kind, body = await self.next()
        must(kind == answer and body[:32] == archive, "SYNC-2")
        return body[32:] or None

    async def blocks(self, ids):
        """The blocks of these ids; each answer is one that was asked for."""
        owed = set(ids)
        await self.send(WANT, b"".join(ids))
        came = []
        while owed:
            kind, body = await self.next()
            must(kind != MISSING, "a block is missing")
            must(kind == BLOCK and body[0] in (0, 1), "SYNC-1")
            block_id, data = body[1:37], body[37:]
            must(block_id in owed, "SYNC-2")
            owed.remove(block_id)
            if body[0] == 1:
                data = zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BLOCK)
            must(len(data) <= MAX_BLOCK and digest(data) == block_id[4:], "SYNC-6")
            came.append((block_id, data))
        return came


async def walk(frames, first):
    """Gets everything that hangs on a block: number of blocks, of those with content, and bytes."""
    seen, wanted, content, size = set(), [first], 0, 0
    while wanted:
        fresh = [block_id for block_id in dict.fromkeys(wanted) if block_id not in seen]
        seen.update(fresh)
        wanted = []
        for at in range(0, len(fresh), MAX_WANT):
            for block_id, data in await frames.blocks(fresh[at : at + MAX_WANT]):
                size += len(data)
                if codec_of(block_id) == 0x71:
                    wanted.extend(links(read(data)))
                else:
                    content += 1
    return len(seen), content, size


async def main(address, archive):
    web_socket = "/ws/" in address
    host = new_host(
        muxer_preference="YAMUX", enable_tcp=not web_socket, enable_websocket=web_socket
    )
    info = info_from_p2p_addr(multiaddr.Multiaddr(address))
    async with host.run(listen_addrs=[]):
        with trio.fail_after(120):
            await host.connect(info)
            stream = await host.new_stream(info.peer_id, [PROTOCOL])
            frames = Frames(stream)
            bulletin = await frames.about(GET_BULLETIN, BULLETIN, archive)
            must(await frames.about(GET_HEAD, HEAD, b"\7" * 32) is None, "SYNC-4")
            head = await frames.about(GET_HEAD, HEAD, archive)
            release, link, name, signatures = check_head(head, archive)
            blocks, content, size = await walk(frames, link)
            await frames.send(BYE)
            must((await frames.next())[0] == BYE, "SYNC-5")
    told = {
        "sequence": release["sequence"], "name": name, "signatures": signatures,
        "bulletin": bulletin is not None, "blocks": blocks, "content": content, "bytes": size,
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    text = sys.argv[2].upper() + "===="
    trio.run(main, sys.argv[1], base64.b32decode(text))
