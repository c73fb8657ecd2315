// js-libp2p asks a mirror for the head and all blocks of an archive by protocol/spec/sync.md, and checks them.
// node sync.mjs MULTIADDR ARCHIVE: one line of JSON at the end. Any transport of the address will do.
import './node20.mjs'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { decompress } from 'fzstd'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { archiveOf, checkBlock, checkHead, hex, links, must, parse, read, same } from './verify.mjs'

const PROTOCOL = '/yadgar/sync/1'
const [GET_HEAD, HEAD, WANT, BLOCK, MISSING, BYE, GET_BULLETIN, BULLETIN] = [1, 2, 3, 4, 5, 6, 7, 8]
const MAX_FRAME = 262400
const MAX_WANT = 512
const PATIENCE = 120_000

/** Frames over a stream. */
class Frames {
  constructor (stream) {
    this.stream = stream
    this.pieces = stream[Symbol.asyncIterator]()
    this.held = Buffer.alloc(0)
  }

  async send (kind, body = Buffer.alloc(0)) {
    const front = Buffer.alloc(5)
    front.writeUInt32BE(body.length + 1)
    front[4] = kind
    if (!this.stream.send(Buffer.concat([front, body]))) await this.stream.onDrain()
  }

  async take (length) {
    while (this.held.length < length) {
      const next = await this.pieces.next()
      if (next.done) throw new Error('the stream ended')
      const piece = next.value instanceof Uint8Array ? next.value : next.value.subarray()
      this.held = Buffer.concat([this.held, piece])
    }
    const taken = this.held.subarray(0, length)
    this.held = this.held.subarray(length)
    return taken
  }

  async next () {
    const length = (await this.take(4)).readUInt32BE()
    must(length >= 1 && length <= MAX_FRAME, 'SYNC-6')
    const frame = await this.take(length)
    return { kind: frame[0], body: frame.subarray(1) }
  }

  /** What is told of an archive; undefined for nothing. */
  async about (ask, answer, archive) {
    await this.send(ask, archive)
    const { kind, body } = await this.next()
    must(kind === answer && same(body.subarray(0, 32), archive), 'SYNC-2')
    return body.length > 32 ? Buffer.from(body.subarray(32)) : undefined
  }

  /** The blocks of these ids; each answer is one that was asked for. */
  async blocks (ids) {
    const owed = new Set(ids.map(hex))
    await this.send(WANT, Buffer.concat(ids))
    const came = []
    while (owed.size > 0) {
      const { kind, body } = await this.next()
      if (kind === MISSING) throw new Error(`missing: ${body.length / 36} blocks`)
      must(kind === BLOCK, 'SYNC-6')
      const id = Buffer.from(body.subarray(1, 37))
      must(owed.delete(hex(id)), 'SYNC-2')
      must(body[0] === 0 || body[0] === 1, 'SYNC-1')
      const data = Buffer.from(body.subarray(37))
      const plain = body[0] === 0 ? data : Buffer.from(decompress(data, new Uint8Array(plainLength(data))))
      checkBlock(id, plain)
      came.push({ id, bytes: plain })
    }
    return came
  }
}

/** The content size that a zstd frame names, at most that of a block; without one all of it. */
function plainLength (frame) {
  const kind = frame[4]
  const single = (kind >> 5) & 1
  const flag = kind >> 6
  const at = 5 + (1 - single) + [0, 1, 2, 4][kind & 3]
  const size = [single ? frame[at] : 262144, frame.readUInt16LE(at) + 256, 0, 0][flag]
  const length = flag === 2 ? frame.readUInt32LE(at) : flag === 3 ? Number(frame.readBigUInt64LE(at)) : size
  must(length <= 262144, 'SYNC-1')
  return length
}

/** The way of Rust's libp2p to name a WebSocket's path, in the way of js-libp2p. */
function inItsWay (address) {
  const path = (text) => encodeURIComponent(decodeURIComponent(text).replace(/^\//, ''))
  return address
    .replace(/\/x-parity-wss\/([^/]+)/, (_, text) => `/tls/ws/http-path/${path(text)}`)
    .replace(/\/x-parity-ws\/([^/]+)/, (_, text) => `/ws/http-path/${path(text)}`)
}

/** WebSockets as they are, but for its filter, which lets no address with a path through. */
const webSocketsWithPath = (components) => {
  const transport = webSockets()(components)
  const filter = transport.dialFilter.bind(transport)
  const bare = (address) => multiaddr(address.toString().replace(/\/http-path\/[^/]+/, ''))
  transport.dialFilter = (all) => all.filter((address) => filter([bare(address)]).length > 0)
  return transport
}

const [address, archiveText] = process.argv.slice(2)
const archive = archiveOf(archiveText)
const node = await createLibp2p({
  transports: [tcp(), webSocketsWithPath],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  // Nothing here is about speed.
  connectionManager: {
    dialTimeout: PATIENCE,
    addressDialTimeout: PATIENCE,
    outboundUpgradeTimeout: PATIENCE,
    outboundStreamProtocolNegotiationTimeout: PATIENCE
  },
  services: { identify: identify({ timeout: PATIENCE }) }
})
const stream = await node.dialProtocol(multiaddr(inItsWay(address)), PROTOCOL, {
  signal: AbortSignal.timeout(PATIENCE)
})
const frames = new Frames(stream)
const bulletin = await frames.about(GET_BULLETIN, BULLETIN, archive)
const unknown = await frames.about(GET_HEAD, HEAD, Buffer.alloc(32, 7))
must(unknown === undefined, 'SYNC-4')
const head = checkHead(await frames.about(GET_HEAD, HEAD, archive), archive)
const seen = new Set()
let wanted = [head.link]
let bytes = 0
let files = 0
while (wanted.length > 0) {
  const next = []
  const fresh = wanted.filter((id) => !seen.has(hex(id)) && seen.add(hex(id)))
  for (let at = 0; at < fresh.length; at += MAX_WANT) {
    for (const block of await frames.blocks(fresh.slice(at, at + MAX_WANT))) {
      bytes += block.bytes.length
      if (parse(block.id).codec === 0x71) next.push(...links(read(block.bytes)))
      else files += 1
    }
  }
  wanted = next
}
await frames.send(BYE)
must((await frames.next()).kind === BYE, 'SYNC-5')
console.log(JSON.stringify({
  release: CID.decode(head.link).toString(),
  sequence: head.release.sequence,
  name: head.name,
  signatures: head.signatures,
  bulletin: bulletin !== undefined,
  blocks: seen.size,
  content: files,
  bytes
}))
await node.stop()
process.exit(0)
