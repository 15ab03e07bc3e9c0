'use strict'

// Where a zstd content ends, by its frames: at every place of it.

const assert = require('node:assert')
const { randomBytes } = require('node:crypto')
const { describe, test } = require('node:test')
const { Readable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { text } = require('node:stream/consumers')
const zlib = require('node:zlib')
const { ZstdFrames } = require('../../lib/interceptor/zstd-frames.js')

/** Whether all of these octets are a whole content. */
async function isWhole (octets, size = octets.length || 1) {
  const chunks = []
  for (let at = 0; at < octets.length; at += size) chunks.push(octets.subarray(at, at + size))
  try {
    await pipeline(Readable.from(chunks), new ZstdFrames(), text)
    return true
  } catch (error) {
    assert.deepStrictEqual([error.code, error.message], ['Z_BUF_ERROR', 'unexpected end of file'])
    return false
  }
}

// RFC 8878: a frame with one raw block `abc` and no checksum; one with a run of `a` and a checksum, whose value nobody
// looks at here; a skippable frame.
const RAW = Buffer.from('28b52ffd' + '20' + '03' + '190000' + '616263', 'hex')
const RUN = Buffer.from('28b52ffd' + '04' + '58' + '2b0000' + '61' + '00000000', 'hex')
const SKIPPED = Buffer.from('502a4d18' + '02000000' + 'ffff', 'hex')

for (const [name, frames] of [['a raw block', [RAW]], ['a run with a checksum', [RUN]], ['a skippable frame before another', [SKIPPED, RAW]], ['two frames', [RAW, RUN]]]) {
  test(`${name} is whole at its end and nowhere else`, async () => {
    const octets = Buffer.concat(frames)
    const ends = frames.map((frame, index) => Buffer.concat(frames.slice(0, index + 1)))
      .filter((part) => part.includes(Buffer.from('28b52ffd', 'hex'))).map((part) => part.length)
    const whole = []
    for (let length = 0; length <= octets.length; length++) {
      if (await isWhole(octets.subarray(0, length), 1)) whole.push(length)
    }
    assert.deepStrictEqual(whole, ends)
  })
}

test('behind a frame, what may begin another is one that is cut off, and what may not is not the content\'s', async () => {
  for (const [behind, expected] of [['28', false], ['28b52f', false], ['5f2a', false], ['00', true], ['0000', true], ['282a', true], ['5f2a18', true], ['602a', true]]) {
    for (const size of [1, 100]) {
      assert.strictEqual(await isWhole(Buffer.concat([RAW, Buffer.from(behind, 'hex')]), size), expected, behind)
    }
  }
})

test('what is no frame is for the decoder to refuse', async () => {
  assert.strictEqual(await isWhole(Buffer.from('no zstd')), true)
})

if (zlib.zstdCompressSync !== undefined) {
  describe('what node:zlib writes', () => {
    for (const [name, options] of [
      ['as it does', {}],
      ['with a checksum', { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } }],
      ['without its size', { params: { [zlib.constants.ZSTD_c_contentSizeFlag]: 0 } }]
    ]) {
      test(`${name} is whole, and not without its last octet`, async () => {
        for (const content of ['', 'a', 'a'.repeat(300_000), randomBytes(400_000).toString('hex')]) {
          const octets = zlib.zstdCompressSync(content, options)
          for (const size of [1000, octets.length]) {
            assert.deepStrictEqual([await isWhole(octets, size), await isWhole(octets.subarray(0, -1), size)], [true, false])
          }
        }
      })
    }
  })
}
