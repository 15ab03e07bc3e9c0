'use strict'

// Both sides of the ring in JavaScript: what goes in comes out, in order, whatever the sizes; in one thread against
// a model, and between two threads.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { Worker } = require('node:worker_threads')
const { Producer, Consumer } = require('../../lib/native/ring')
const layout = require('../../lib/native/layout')

const CAPACITY = 4096
const RING = require.resolve('../../lib/native/ring')

function ring (capacity = CAPACITY, position = 0) {
  const memory = new SharedArrayBuffer(layout.CONTROL_OCTETS + capacity)
  const control = new Int32Array(memory, 0, layout.CONTROL_OCTETS >> 2)
  control[layout.TAIL_WORD] = position
  control[layout.HEAD_WORD] = position
  return { memory, control, producer: new Producer(memory), consumer: new Consumer(memory) }
}

// Writes a message as the hot path does: in place if there is room, and otherwise by `push` or, of even kinds, where `queue`
// has room.
function write (producer, kind, octets) {
  const offset = producer.reserve(kind, octets.length)
  if (offset < 0 && kind % 2 === 0) {
    const offset = producer.queue(kind, octets.length)
    producer.waiting.octets.set(octets, offset)
    producer.commit()
    return
  }
  if (offset < 0) {
    producer.push(kind, [octets.subarray(0, octets.length >> 1), octets.subarray(octets.length >> 1)])
    return
  }
  producer.octets.set(octets, offset)
  producer.commit()
}

function read (consumer) {
  if (!consumer.next()) return null
  const { kind, offset, length } = consumer
  return { kind, octets: Buffer.from(consumer.octets.subarray(offset, offset + length)) }
}

// `deepEqual` of long buffers takes its time.
function assertSame (message, expected, where) {
  assert.equal(message.kind, expected.kind, where)
  assert.ok(message.octets.equals(expected.octets), where)
}

// xorshift32: enough to choose sizes, and the same on each run.
function randomFrom (seed) {
  let state = seed
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

function randomSize (below, maxPayload) {
  switch (below(8)) {
    case 0: return 0
    case 1: return below(maxPayload * 4)
    case 2: return maxPayload - 4 + below(9)
    default: return below(300)
  }
}

test('nothing is visible before it is published', () => {
  const { producer, consumer } = ring()
  write(producer, 7, Buffer.from('hello'))
  assert.equal(consumer.next(), false)
  assert.equal(producer.publish(), false)
  assert.deepEqual(read(consumer), { kind: 7, octets: Buffer.from('hello') })
  assert.equal(consumer.next(), false)
})

test('a reservation that is not committed leaves no trace', () => {
  const { producer, consumer } = ring(CAPACITY, CAPACITY - 16)
  assert.equal(producer.reserve(1, 100), 8)
  write(producer, 2, Buffer.from('12345678'))
  producer.publish()
  assert.deepEqual(read(consumer), { kind: 2, octets: Buffer.from('12345678') })
})

test('numbers are written and read as words at the offset of the payload', () => {
  const { producer, consumer } = ring()
  write(producer, 1, Buffer.from('odd'))
  const offset = producer.reserve(0xffff, 8)
  producer.words[offset >> 2] = -5
  producer.words[(offset >> 2) + 1] = 0x7fffffff
  producer.commit()
  producer.publish()
  assert.ok(consumer.next())
  assert.ok(consumer.next())
  assert.equal(consumer.kind, 0xffff)
  assert.equal(consumer.words[consumer.offset >> 2], -5)
  assert.equal(consumer.words[(consumer.offset >> 2) + 1], 0x7fffffff)
})

test('a record is laid out as the contract says', () => {
  const { memory, control, producer } = ring()
  write(producer, 7, Buffer.from('abcde'))
  write(producer, 9, Buffer.alloc(0))
  producer.publish()
  const words = new Int32Array(memory, layout.CONTROL_OCTETS)
  assert.deepEqual([words[0], words[1], words[4], words[5]], [5, 7, 0, 9])
  assert.equal(Buffer.from(memory, layout.CONTROL_OCTETS + 8, 5).toString(), 'abcde')
  assert.equal(control[layout.TAIL_WORD], 24)
})

test('a pad fills the end of the data area', () => {
  const { memory, control, producer, consumer } = ring(CAPACITY, CAPACITY - 16)
  write(producer, 1, Buffer.alloc(9, 9))
  producer.publish()
  const words = new Int32Array(memory, layout.CONTROL_OCTETS)
  assert.deepEqual([words[1020], words[1021]], [8, layout.FLAG_PAD << layout.FLAGS_SHIFT])
  assert.deepEqual(read(consumer), { kind: 1, octets: Buffer.alloc(9, 9) })
  consumer.release()
  assert.equal(control[layout.HEAD_WORD], CAPACITY + 24)
})

test('a record that ends with the data area needs no pad', () => {
  const { control, producer, consumer } = ring(CAPACITY, CAPACITY - 16)
  write(producer, 1, Buffer.alloc(8, 1))
  write(producer, 2, Buffer.alloc(8, 2))
  producer.publish()
  assert.equal(control[layout.TAIL_WORD], CAPACITY + 16)
  assert.equal(read(consumer).kind, 1)
  assert.equal(read(consumer).kind, 2)
})

for (const [name, position] of [['2^31', 0x7ffffc00], ['2^32', -1024]]) {
  test(`positions wrap at ${name}`, () => {
    const { producer, consumer } = ring(CAPACITY, position)
    for (let round = 0; round < 100; round++) {
      write(producer, round, Buffer.alloc(100, round))
      producer.publish()
      assert.deepEqual(read(consumer), { kind: round, octets: Buffer.alloc(100, round) })
      consumer.release()
    }
  })
}

test('a ring can be filled to the last octet, and room comes back with release', () => {
  const { producer, consumer } = ring()
  for (let kind = 0; kind < 256; kind++) write(producer, kind, Buffer.alloc(8))
  assert.equal(producer.hasOverflow, false)
  assert.equal(producer.reserve(256, 0), -1)
  producer.publish()
  for (let kind = 0; kind < 256; kind++) assert.equal(read(consumer).kind, kind)
  assert.equal(producer.reserve(256, 0), -1)
  consumer.release()
  assert.notEqual(producer.reserve(256, 0), -1)
})

test('a message above the largest payload comes out in one piece of memory that is never used again', () => {
  const { producer, consumer } = ring()
  const octets = Buffer.from(Array.from({ length: 2000 }, (_, index) => index))
  assert.equal(producer.reserve(5, octets.length), -1)
  assert.equal(producer.push(5, [octets.subarray(0, 3), octets.subarray(3, 3), octets.subarray(3)]), true)
  write(producer, 6, Buffer.from('after'))
  producer.publish()
  assert.ok(consumer.next())
  assert.equal(consumer.isReassembled, true)
  const kept = consumer.octets.subarray(consumer.offset, consumer.offset + consumer.length)
  assert.equal(consumer.words[consumer.offset >> 2], octets.readInt32LE(0))
  assert.deepEqual(read(consumer), { kind: 6, octets: Buffer.from('after') })
  assert.equal(consumer.isReassembled, false)
  assert.deepEqual(kept, octets)
})

test('messages of any size wait in order, and go in as room appears', () => {
  const { producer, consumer } = ring()
  const first = Buffer.alloc(100_000, 'abc')
  const given = Buffer.from(first)
  assert.equal(producer.push(1, [given]), false)
  given.fill('x')
  assert.equal(producer.reserve(2, 0), -1, 'there may be room, but older messages wait')
  assert.equal(producer.push(2, []), false)
  assert.equal(producer.push(3, [Buffer.from('three')]), false)
  const messages = []
  while (messages.length < 3) {
    producer.publish()
    for (let message = read(consumer); message !== null; message = read(consumer)) messages.push(message)
    consumer.release()
    producer.flushOverflow()
  }
  assert.equal(producer.hasOverflow, false)
  assert.deepEqual(messages, [
    { kind: 1, octets: first }, { kind: 2, octets: Buffer.alloc(0) }, { kind: 3, octets: Buffer.from('three') }
  ])
  assert.notEqual(producer.reserve(4, 0), -1)
})

test('messages that are written where they wait go in as room appears, in order with those that are pushed', () => {
  const { producer, consumer } = ring()
  let kind = 0
  while (producer.reserve(kind, 8) !== -1) {
    producer.commit()
    kind++
  }
  for (let more = 0; more < 20_000; more++) {
    const offset = producer.queue(kind, 8)
    assert.equal(offset % 8, 0)
    producer.waiting.words[offset >> 2] = kind++
    producer.commit()
  }
  assert.equal(producer.push(kind++, [Buffer.alloc(100_000, 'abc')]), false)
  producer.queue(kind++, 0)
  assert.equal(producer.hasOverflow, true)
  const lengths = []
  let seen = 0
  while (seen < kind) {
    producer.publish()
    while (consumer.next()) {
      assert.equal(consumer.kind, seen & 0xffff)
      if (seen >= kind - 20_002 && consumer.length === 8) assert.equal(consumer.words[consumer.offset >> 2], seen)
      lengths.push(consumer.length)
      seen++
    }
    consumer.release()
    producer.flushOverflow()
  }
  assert.deepEqual(lengths.slice(-3), [8, 100_000, 0])
  assert.equal(producer.hasOverflow, false)
  assert.notEqual(producer.reserve(1, 0), -1)
})

test('a reservation that is not committed leaves no trace of itself behind a message that waits', () => {
  const { producer, consumer } = ring()
  producer.reserve(1, 100)
  const offset = producer.queue(2, 8)
  producer.waiting.octets.write('12345678', offset)
  producer.commit()
  assert.equal(producer.flushOverflow(), true)
  producer.publish()
  assert.deepEqual(read(consumer), { kind: 2, octets: Buffer.from('12345678') })
  assert.equal(consumer.next(), false)
})

test('a sleeping consumer is to be woken once', () => {
  const { control, producer, consumer } = ring()
  assert.equal(consumer.sleep(), true)
  assert.equal(producer.publish(), false, 'nothing new, nobody to wake')
  write(producer, 1, Buffer.alloc(0))
  assert.equal(producer.publish(), true)
  write(producer, 2, Buffer.alloc(0))
  assert.equal(producer.publish(), false)
  assert.equal(consumer.sleep(), false, 'there is something to read')
  assert.equal(control[layout.CONSUMER_ASLEEP_WORD], 0)
})

test('a record that is not urgent wakes nobody, but what waits for room behind such records does', () => {
  const { producer, consumer } = ring()
  assert.equal(consumer.sleep(), true)
  while (producer.reserve(1, 8) !== -1) producer.commit(false)
  assert.equal(producer.publish(), false)
  assert.equal(producer.push(2, [Buffer.alloc(8)]), false)
  assert.equal(producer.publish(), true)
  assert.equal(producer.waitForRoom(), true)
})

test('a consumer that woke up by itself needs no bell', () => {
  const { producer, consumer } = ring()
  assert.equal(consumer.sleep(), true)
  consumer.wakeUp()
  write(producer, 1, Buffer.alloc(0))
  assert.equal(producer.publish(), false)
})

test('a waiting producer is to be woken once', () => {
  const { producer, consumer } = ring()
  assert.equal(producer.waitForRoom(), false, 'an empty ring has room')
  assert.equal(producer.push(1, [Buffer.alloc(9000)]), false)
  producer.publish()
  assert.equal(producer.waitForRoom(), true)
  assert.equal(consumer.next(), false)
  assert.equal(consumer.release(), true)
  assert.equal(consumer.release(), false)
  assert.equal(producer.waitForRoom(), false, 'room was made since the last attempt')
  assert.equal(producer.flushOverflow(), false)
})

for (const [name, published, length, kindAndFlags] of [
  ['is longer than what is published', 16, 9, 1],
  ['is longer than the ring', 16, 1 << 30, 1],
  ['has a length whose rounding overflows', 16, 0x7fffffff, 1],
  ['has a negative length', 16, -8, 1],
  ['is a pad that does not reach to the end', 16, 8, layout.FLAG_PAD << layout.FLAGS_SHIFT],
  ['has unknown flags', 16, 8, 4 << layout.FLAGS_SHIFT],
  ['has both flags', 16, 8, 3 << layout.FLAGS_SHIFT]
]) {
  test(`a record that ${name} is an error`, () => {
    const { memory, control, consumer } = ring()
    const words = new Int32Array(memory, layout.CONTROL_OCTETS)
    words[0] = length
    words[1] = kindAndFlags
    control[layout.TAIL_WORD] = published
    assert.throws(() => consumer.next(), /no producer writes/)
  })
}

test('memory that is no ring is refused', () => {
  for (const length of [0, 4096, 256 + 2048, 256 + 4104]) {
    assert.throws(() => new Producer(new SharedArrayBuffer(length)), RangeError)
    assert.throws(() => new Consumer(new SharedArrayBuffer(length)), RangeError)
  }
})

test('every sequence of operations agrees with a queue', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const below = randomFrom(seed * 2654435761 | 1)
    const { producer, consumer } = ring(CAPACITY << below(3), below(1 << 20) * 8 - (1 << 22))
    const expected = []
    let done = 0
    for (let step = 0; step < 1500; step++) {
      switch (below(8)) {
        case 0: case 1: case 2: {
          const octets = Buffer.alloc(randomSize(below, producer.maxPayload), `${step} `)
          write(producer, step, octets)
          expected.push({ kind: step, octets })
          break
        }
        case 3:
          producer.flushOverflow()
          break
        case 4:
          producer.publish()
          break
        case 5:
          consumer.release()
          break
        default: {
          const message = read(consumer)
          if (message !== null) assertSame(message, expected[done++], `seed ${seed}, step ${step}`)
        }
      }
    }
    for (let rounds = 0; done < expected.length; rounds++) {
      assert.ok(rounds < 100_000, 'everything comes out in the end')
      producer.flushOverflow()
      producer.publish()
      for (let message = read(consumer); message !== null; message = read(consumer)) {
        assertSame(message, expected[done++], `seed ${seed}`)
      }
      consumer.release()
    }
  }
})

test('two threads exchange everything in order', async () => {
  const MESSAGES = 20_000
  const { memory, consumer } = ring()
  // The bells: a word each, counted up and notified.
  const bells = new SharedArrayBuffer(8)
  const worker = new Worker(`
    const { workerData: { memory, bells, messages, path } } = require('node:worker_threads')
    const { Producer } = require(path)
    const words = new Int32Array(bells)
    const producer = new Producer(memory)
    function publish () {
      if (!producer.publish()) return
      Atomics.add(words, 0, 1)
      Atomics.notify(words, 0)
    }
    for (let message = 0; message < messages; message++) {
      const length = message % 500 === 0 ? 9000 : message * 31 % 600
      const offset = producer.reserve(message & 0xffff, length)
      if (offset >= 0) {
        producer.octets.fill(message & 0xff, offset, offset + length)
        producer.commit()
      } else {
        producer.push(message & 0xffff, [Buffer.alloc(length, message & 0xff)])
      }
      if (message % 5 === 0) publish()
      while (producer.hasOverflow) {
        publish()
        const seen = Atomics.load(words, 1)
        if (producer.waitForRoom()) Atomics.wait(words, 1, seen)
        producer.flushOverflow()
      }
    }
    publish()
  `, { eval: true, workerData: { memory, bells, messages: MESSAGES, path: RING } })
  const exited = once(worker, 'exit')
  const words = new Int32Array(bells)
  let expected = 0
  // Atomics.wait, not a promise: the two threads shall meet at full speed. A lost bell would block for ever, so the
  // wait has an end, and reaching it is a failure.
  await once(worker, 'online')
  while (expected < MESSAGES) {
    while (consumer.next()) {
      const length = expected % 500 === 0 ? 9000 : expected * 31 % 600
      const { kind, offset } = consumer
      assert.equal(kind, expected & 0xffff)
      assert.equal(consumer.length, length)
      for (let at = offset; at < offset + length; at++) {
        if (consumer.octets[at] !== (expected & 0xff)) assert.fail(`message ${expected} is damaged`)
      }
      expected++
    }
    if (consumer.release()) {
      Atomics.add(words, 1, 1)
      Atomics.notify(words, 1)
    }
    const seen = Atomics.load(words, 0)
    if (expected < MESSAGES && consumer.sleep()) {
      assert.notEqual(Atomics.wait(words, 0, seen, 60_000), 'timed-out', 'a bell got lost')
    }
  }
  await exited
})
