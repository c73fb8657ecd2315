// Reads a CAR from a URL, or from standard input without one, with the library of the IPLD project, checks every block and that all that hangs on the
// root is there, depth first. One line of JSON at the end.
import { CarBlockIterator } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import { blake3 } from '@noble/hashes/blake3.js'
import * as raw from 'multiformats/codecs/raw'
import { createUnsafe } from 'multiformats/block'

const codecs = new Map([[raw.code, raw], [dagCbor.code, dagCbor]])
const url = process.argv[2]
const reply = url && await fetch(url, { headers: { accept: 'application/vnd.ipld.car' } })
if (reply && reply.status !== 200) throw new Error(`status ${reply.status}`)
const reader = await CarBlockIterator.fromIterable(reply ? reply.body : process.stdin)
const [root] = await reader.getRoots()
const here = new Map()
const order = []
for await (const { cid, bytes } of reader) {
  if (Buffer.compare(Buffer.from(blake3(bytes)), Buffer.from(cid.multihash.digest)) !== 0) {
    throw new Error(`not the block ${cid}`)
  }
  if (here.has(cid.toString())) throw new Error(`twice: ${cid}`)
  const view = createUnsafe({ bytes, cid, codec: codecs.get(cid.code) })
  here.set(cid.toString(), [...view.links()].map(([, link]) => link.toString()))
  order.push(cid.toString())
}
const walked = []
const walk = (id) => {
  if (walked.includes(id)) return
  if (!here.has(id)) throw new Error(`missing: ${id}`)
  walked.push(id)
  here.get(id).forEach(walk)
}
walk(root.toString())
const dfs = walked.every((id, n) => order[n] === id) && walked.length === order.length
console.log(JSON.stringify({ root: root.toString(), blocks: order.length, dfs }))
