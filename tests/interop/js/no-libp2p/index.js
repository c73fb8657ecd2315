// Helia without its default libp2p node, which brings WebRTC and hundreds of packages: only `createHelia` uses it,
// and the tests use `createHeliaLight`.
export function withLibp2p () {
  throw new Error('this Helia has no libp2p')
}
