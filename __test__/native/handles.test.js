'use strict'

// The functions of an engine that are called all the time, as they are, and what they refuse.

const { test } = require('node:test')
const assert = require('node:assert')
const { Engine } = require('../../lib/native/binding.js')
const { CONTROL_OCTETS, MINIMUM_CAPACITY, SLABS, LARGE_SLABS, SLAB_OCTETS } = require('../../lib/native/layout')
const { Trays } = require('../../lib/native/trays')

// An engine that nobody asks for anything; it ends with the process.
function handles () {
  const ring = () => new Uint8Array(new SharedArrayBuffer(CONTROL_OCTETS + MINIMUM_CAPACITY))
  return new Engine(ring(), ring(), new Uint8Array(new Trays().memory), () => {}).handles()
}

test('they need nothing to be called on', () => {
  const { ring, hold, letGo } = handles()
  for (const call of [ring, hold, letGo, ring, letGo]) {
    assert.strictEqual(call(), undefined)
  }
})

test('a slab is refused where it is none, or has no place', () => {
  const { lend } = handles()
  const slab = Buffer.allocUnsafeSlow(SLAB_OCTETS)
  lend(0, slab)
  for (const [place, memory] of [
    [0, slab],
    [1, slab.subarray(1)],
    [SLABS, slab],
    [SLABS + LARGE_SLABS, Buffer.allocUnsafeSlow(4 * SLAB_OCTETS)]
  ]) {
    assert.throws(() => lend(place, memory), { code: 'InvalidArg', message: 'no slab, or no place for it' })
  }
  assert.throws(() => lend(1, new Int32Array(SLAB_OCTETS)), { code: 'InvalidArg', message: 'a Uint8Array is expected' })
  assert.throws(() => lend('1', slab), { code: 'NumberExpected' })
  assert.throws(() => lend(), { code: 'NumberExpected' })
})
