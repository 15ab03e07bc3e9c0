// What every client does with what came: an answer that is none is no call that counts. And what is sent: a body, and a
// stream of one. No client lives here.

import { Readable } from 'node:stream'

const PIECE = Buffer.alloc(64 * 1024, 'x')

/**
 * @param {number} status of the answer
 * @param {number} [octets] of its content, as far as the client saw them
 * @returns {number|undefined} `octets`
 * @throws {Error} the status is not 200
 */
export function accepted (status, octets) {
  if (status !== 200) throw new Error(`the server answered ${status}`)
  return octets
}

/** Counts what an async iterable of chunks gives. */
export async function counted (chunks) {
  let octets = 0
  for await (const chunk of chunks) octets += chunk.length
  return octets
}

/** A stream of so many octets, in pieces of 64 KiB. */
export function streamOf (octets) {
  let left = octets
  return new Readable({
    highWaterMark: PIECE.length,
    read () {
      if (left === 0) {
        this.push(null)
        return
      }
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE
      left -= piece.length
      this.push(piece)
    }
  })
}
