'use strict'

// What is kept of a body before anybody reads it, and the memory for it.

const { test } = require('node:test')
const assert = require('node:assert')
const { Aside } = require('../../lib/api/aside')
const blocks = require('../../lib/core/blocks')
const { RequestHandler } = require('../../lib/api/request')
const scraps = require('../../lib/api/scraps')
const { GivenOctets, LentOctets, takesOctets } = require('../../lib/core/octets')

// Octets of which no two neighbours are the same, so that one that is lost or told twice shows.
function octets (length) {
  return Buffer.from({ length }, (_, index) => 0x20 + index % 90)
}

// Memory in which octets lie behind others and before others: of its reader's, and of the ring, there where a word may
// begin and elsewhere.
const memories = {
  block (part) {
    const block = blocks.take(part.length)
    part.copy(block)
    return [new GivenOctets(block, true), 0]
  },
  given: (part) => [new GivenOctets(Buffer.concat([Buffer.from('before'), part, Buffer.from('behind')])), 6],
  lent: (part) => [lent(Buffer.concat([Buffer.from('beforeit'), part, Buffer.from('behind')])), 8],
  'lent, beside a word': (part) => [lent(Buffer.concat([Buffer.from('before'), part, Buffer.from('behind')])), 6]
}

// A ring is a multiple of words.
function lent (octets) {
  const ring = Buffer.allocUnsafeSlow((octets.length + 3) & ~3)
  ring.set(octets)
  return new LentOctets(ring)
}

// As the octets come: in pieces that lie somewhere in larger memory.
function copied (content, piece, expected, memory = memories.given) {
  const aside = new Aside()
  for (let at = 0; at < content.length; at += piece) {
    const part = content.subarray(at, at + piece)
    const [octets, start] = memory(part)
    aside.copy(octets, start, start + part.length, expected)
  }
  return aside
}

for (const [name, length, piece] of [
  ['none', 0, 1],
  ['a few', 100, 100],
  ['a few in pieces', 100, 7],
  ['a few in pieces of words', 100, 8],
  ['the largest scrap', scraps.LARGEST, scraps.LARGEST],
  ['more than a scrap', scraps.LARGEST + 1, scraps.LARGEST + 1],
  ['a block', blocks.SMALLEST, blocks.SMALLEST],
  ['several blocks', 100_000, 8_000],
  ['more than the largest block', 3 * blocks.LARGEST + 5, 65_536]
]) {
  for (const [what, expected] of [['what was announced', length], ['nothing announced', null], ['more announced', 2 * length + 9]]) {
    for (const [whose, memory] of Object.entries(memories)) {
      test(`${name}, with ${what}, come out whole as a text and as chunks (${whose})`, () => {
        const content = octets(length)
        assert.strictEqual(copied(content, piece, expected, memory).text(), content.latin1Slice())
        const aside = copied(content, piece, expected, memory)
        assert.ok(Buffer.concat(aside.chunks()).equals(content))
        assert.ok(Buffer.concat(aside.share()).equals(content))
        assert.strictEqual(aside.length, length)
      })
    }
  }
}

test('characters that are cut between pieces come out whole', () => {
  const text = 'dodici è dodici €'.repeat(1000)
  assert.strictEqual(copied(Buffer.from(text), 5, null).text(), text)
})

test('a byte order mark is no part of the text', () => {
  for (const piece of [2, 100]) {
    for (const memory of Object.values(memories)) {
      assert.strictEqual(copied(Buffer.from('\ufefftwelve'), piece, null, memory).text(), 'twelve')
    }
  }
})

test('chunks of others keep their place among what is copied', () => {
  const aside = new Aside()
  aside.copy(lent(Buffer.from('one ')), 0, 4, null)
  aside.push(Buffer.from('two '))
  aside.copy(lent(Buffer.from('three')), 0, 5, null)
  assert.strictEqual(aside.text(), 'one two three')
})

test('small bodies lie side by side, and none reaches into another', () => {
  const contents = Array.from({ length: 3 * 8192 / 64 }, (_, index) => Buffer.alloc(1 + index % 130, 0x20 + index % 90))
  const bodies = contents.map((content) => copied(content, content.length, content.length, memories.lent))
  bodies.forEach((body, index) => assert.strictEqual(body.text(), contents[index].latin1Slice()))
  bodies.forEach((body, index) => assert.ok(body.share()[0].equals(contents[index])))
})

test('the chunk of a small body is its own, and lies with no text of another', () => {
  const text = copied(Buffer.from('a text'), 10, null, memories.lent)
  const [chunk] = copied(Buffer.from('twelve'), 10, null, memories.lent).share()
  chunk.fill(0)
  assert.strictEqual(text.text(), 'a text')
})

test('a block in which a body has come is its memory, and used again', () => {
  const content = octets(60_000)
  const [memory] = memories.block(content)
  const aside = new Aside()
  aside.copy(memory, 0, content.length, content.length)
  assert.ok(memory.isKept)
  assert.strictEqual(aside.text(), content.latin1Slice())
  assert.strictEqual(aside.chunks()[0].buffer, memory.octets.buffer)
  aside.done()
  assert.strictEqual(blocks.take(65_536), memory.octets)
})

test('memory that nobody was given is used again', () => {
  const aside = copied(octets(65_536), 8192, 65_536)
  const [{ buffer }] = aside.chunks()
  aside.done()
  assert.strictEqual(blocks.take(65_536).buffer, buffer)
})

test('memory that somebody was given is his for good', () => {
  const content = octets(65_536)
  const aside = copied(content, 8192, 65_536)
  const given = aside.share()
  aside.done()
  const next = copied(Buffer.alloc(65_536, 'x'), 8192, 65_536)
  assert.ok(Buffer.concat(given).equals(content))
  next.done()
})

test('no more than a few MiB are kept', () => {
  const taken = Array.from({ length: 20 }, () => blocks.take(blocks.LARGEST))
  taken.forEach(blocks.giveBack)
  const known = new Set(taken)
  const again = Array.from({ length: 20 }, () => blocks.take(blocks.LARGEST)).filter((block) => known.has(block))
  assert.ok(again.length >= 1 && again.length <= 4, `${again.length} blocks of a MiB were kept`)
})

test('only the method itself takes octets: another in its place is told chunks', () => {
  class Wrapped extends RequestHandler {
    onResponseData (controller, chunk) {
      return super.onResponseData(controller, chunk)
    }
  }
  assert.strictEqual(typeof RequestHandler.prototype.onResponseData[takesOctets], 'function')
  assert.strictEqual(Wrapped.prototype.onResponseData[takesOctets], undefined)
})
