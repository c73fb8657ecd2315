// What js-libp2p 3 and Helia need and Node 20 does not have.
import { WebSocket } from 'ws'

globalThis.WebSocket ??= WebSocket
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((...both) => { [resolve, reject] = both })
  return { promise, resolve, reject }
}
