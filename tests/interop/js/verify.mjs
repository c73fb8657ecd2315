// What is checked of a head and of blocks, by the documents in protocol/spec and the libraries of others alone.
import { blake3 } from '@noble/hashes/blake3.js'
import { sha512 } from '@noble/hashes/sha2.js'
import * as ed from '@noble/ed25519'
import { decode, encode } from 'cborg'

ed.hashes.sha512 = sha512

export const hash = (bytes) => blake3(bytes)
export const hex = (bytes) => Buffer.from(bytes).toString('hex')
export const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0

export function must (what, clause) {
  if (!what) throw new Error(`broken: ${clause}`)
}

/** A link: tag 42 around 00 and a binary block id (ID-2). */
export class Link {
  constructor (id) {
    this.id = id
  }
}

/** The parts of a binary block id (ID-1). */
export function parse (id) {
  must(id.length === 36 && id[0] === 1 && id[2] === 0x1e && id[3] === 0x20, 'ID-1')
  must(id[1] === 0x55 || id[1] === 0x71, 'ID-1')
  return { codec: id[1], digest: id.subarray(4) }
}

export function read (bytes) {
  return decode(bytes, {
    strict: true,
    rejectDuplicateMapKeys: true,
    tags: {
      42: (inner) => {
        const link = inner()
        must(link.length === 37 && link[0] === 0, 'ID-2')
        parse(link.subarray(1))
        return new Link(link.subarray(1))
      }
    }
  })
}

/** A block has the hash of its id. */
export function checkBlock (id, bytes) {
  must(bytes.length <= 262144, 'SYNC-1')
  must(same(hash(bytes), parse(id).digest), 'SYNC-6')
}

const SIGN1 = Buffer.from('d28443a10127a0f65840', 'hex')
const PROTECTED = Buffer.from('a10127', 'hex')

/** The keys whose signatures stand under an envelope (ENV-1 to ENV-5). */
function signers (envelope, context, archive) {
  const aad = Buffer.concat([Buffer.from(context, 'ascii'), Buffer.from([0]), archive])
  const message = encode(['Signature1', PROTECTED, aad, envelope.payload])
  const keys = []
  for (const [key, sign1] of envelope.signatures) {
    must(sign1.length === 74 && same(sign1.subarray(0, 10), SIGN1), 'ENV-1')
    must(ed.verify(sign1.subarray(10), message, key, { zip215: false }), 'ENV-3')
    keys.push(hex(key))
  }
  must(keys.every((key, n) => n === 0 || keys[n - 1] < key), 'ENV-4')
  return keys
}

function agrees (role, keys) {
  return role.keys.filter((key) => keys.includes(hex(key))).length >= role.threshold
}

/** The release of a head, when it is one of this archive (TRUST-1 to TRUST-9). */
export function checkHead (bytes, archive) {
  const head = read(bytes)
  let before
  head.roots.forEach((envelope, n) => {
    const root = read(envelope.payload)
    const keys = signers(envelope, 'yadgar trust-root v1', archive)
    must(root.version === n + 1, 'TRUST-5')
    if (before === undefined) {
      must(same(hash(envelope.payload), archive), 'TRUST-2')
    } else {
      must(same(root.prev, hash(before.payload)) && same(root.archive, archive), 'TRUST-5')
      must(agrees(before.root.root, keys), 'TRUST-5')
    }
    must(agrees(root.root, keys), 'TRUST-4')
    before = { root, payload: envelope.payload }
  })
  const release = read(head.release.payload)
  const keys = signers(head.release, 'yadgar release v1', archive)
  must(same(release.archive, archive) && release['root-version'] === before.root.version, 'TRUST-6')
  must(agrees(before.root.release, keys), 'TRUST-7')
  must(parse(head.link.id).codec === 0x71, 'TRUST-8')
  must(same(parse(head.link.id).digest, hash(head.release.payload)), 'TRUST-8')
  must(release.sequence >= 1 && (release.prev === undefined) === (release.sequence === 1), 'TRUST-9')
  return { release, link: head.link.id, name: before.root.name, signatures: keys.length }
}

/** All links of a structure, in order. */
export function links (value, out = []) {
  if (value instanceof Link) out.push(value.id)
  else if (Array.isArray(value)) value.forEach((item) => links(item, out))
  else if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) {
    Object.values(value).forEach((item) => links(item, out))
  }
  return out
}

/** The 32 bytes of an archive id in text form (ID-3). */
export function archiveOf (text) {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  let bits = ''
  for (const letter of text) {
    must(letters.includes(letter), 'ID-3')
    bits += letters.indexOf(letter).toString(2).padStart(5, '0')
  }
  must(text.length === 52 && /^0*$/.test(bits.slice(256)), 'ID-3')
  return Buffer.from(bits.slice(0, 256).match(/.{8}/g).map((byte) => parseInt(byte, 2)))
}
