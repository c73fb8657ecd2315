// Helia: imports a carrier and walks the whole DAG (node helia.mjs carrier FILE), or gets the DAG of a block, block by
// block, from a gateway (node helia.mjs gateway URL CID). One line of JSON at the end.
import './node20.mjs'
import { readFile } from 'node:fs/promises'
import { car } from '@helia/car'
import { withHTTP } from '@helia/http'
import { CarReader } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import { blake3 } from '@noble/hashes/blake3.js'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { from } from 'multiformats/hashes/hasher'
import * as raw from 'multiformats/codecs/raw'
import { createUnsafe } from 'multiformats/block'

const hasher = from({ name: 'blake3', code: 0x1e, encode: (bytes) => blake3(bytes) })
const codecs = new Map([[raw.code, raw], [dagCbor.code, dagCbor]])
const [mode, source, cid] = process.argv.slice(2)

let helia = createHeliaLight({ codecs: [dagCbor], hashers: [hasher], start: false })
if (mode === 'gateway') {
  helia = withHTTP(helia, {
    delegatedRouters: [], recursiveGateways: [source], allowInsecure: true, allowLocal: true
  })
  // Helia 7.1 asks fallback routers, which gateways are, only after another one: with none it waits for ever.
  helia.addRouter({ name: 'nobody', async * findProviders () {} })
}
await helia.start()

async function bytesOf (id) {
  const found = await helia.blockstore.get(id, { signal: AbortSignal.timeout(60_000) })
  if (found instanceof Uint8Array) return found
  const pieces = []
  for await (const piece of found) pieces.push(piece)
  return Buffer.concat(pieces)
}

let root
if (mode === 'carrier') {
  const reader = await CarReader.fromBytes(await readFile(source))
  root = (await reader.getRoots())[0]
  await car(helia).import(reader)
} else {
  root = CID.parse(cid)
}
const seen = new Set()
let bytes = 0
const waiting = [root]
while (waiting.length > 0) {
  const id = waiting.pop()
  if (seen.has(id.toString())) continue
  seen.add(id.toString())
  const block = await bytesOf(id)
  const digest = await hasher.digest(block)
  if (Buffer.compare(digest.bytes, id.multihash.bytes) !== 0) throw new Error(`not the block ${id}`)
  bytes += block.length
  const codec = codecs.get(id.code)
  const view = createUnsafe({ bytes: block, cid: id, codec })
  for (const [, link] of view.links()) waiting.push(link)
}
console.log(JSON.stringify({ root: root.toString(), blocks: seen.size, bytes }))
await helia.stop()
process.exit(0)
