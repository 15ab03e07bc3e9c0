'use strict'

// The JavaScript side of the ring of records in shared memory: the twin of ring/src/{producer,consumer}.rs, with
// the layout that ring/src/layout.rs describes. It knows nothing of what the records say, and rings no bell
// itself: it tells its caller when one is due.
//
// Positions count octets and wrap at 2^32; here they are the same 32 bits as signed integers, hence the `| 0`.

const {
  CONTROL_OCTETS, TAIL_WORD, HEAD_WORD, CONSUMER_ASLEEP_WORD, PRODUCER_WAITING_WORD, RECORD_HEADER_OCTETS,
  RECORD_ALIGNMENT, FLAGS_SHIFT, KIND_MASK, FLAG_MORE, FLAG_PAD, MINIMUM_CAPACITY, MAXIMUM_CAPACITY, RECORD_DIVISOR
} = require('./layout')

const ALIGNMENT_MASK = -RECORD_ALIGNMENT
const PAD = FLAG_PAD << FLAGS_SHIFT

// What waits for room lies in pieces of this size, or larger for a message that is.
const WAITING_OCTETS = 64 * 1024

// The writing side. There must be one per ring.
class Producer {
  #control
  #capacity
  #tail // where the next record goes
  #published // the value of the shared tail
  #headSeen // the shared head as last read
  #reserved = 0 // what the reserved record occupies
  #isUrgent = false // something was committed since the consumer was last looked after
  #overflow = [] // what waits for room, oldest first

  constructor (memory) {
    const capacity = capacityOf(memory)
    this.#control = new Int32Array(memory, 0, CONTROL_OCTETS >> 2)
    this.#capacity = capacity
    this.#tail = Atomics.load(this.#control, TAIL_WORD)
    this.#published = this.#tail
    this.#headSeen = Atomics.load(this.#control, HEAD_WORD)
    this.octets = Buffer.from(memory, CONTROL_OCTETS, capacity)
    this.words = new Int32Array(memory, CONTROL_OCTETS, capacity >> 2)
    this.maxPayload = maxPayloadOf(capacity)
  }

  get hasOverflow () {
    return this.#overflow.length !== 0
  }

  // Room for one record. Returns where its payload goes in `octets`, a multiple of 8, or -1: the message is larger
  // than `maxPayload`, there is no room, or older messages wait for room; then `push` takes it.
  reserve (kind, payloadLength) {
    if (this.#overflow.length !== 0 || payloadLength > this.maxPayload) return -1
    return this.#reserve(kind, payloadLength)
  }

  // The reserved record is complete. Nothing is visible before `publish`. For one that is not urgent a consumer that
  // sleeps is not woken: it finds the record when it wakes up for another reason.
  commit (isUrgent = true) {
    this.#tail = (this.#tail + this.#reserved) | 0
    this.#reserved = 0
    if (isUrgent) this.#isUrgent = true
  }

  // Takes a message of any size, the concatenation of `chunks` (Uint8Arrays). True if all of it is in the ring; otherwise
  // the rest waits, and so does every later message, in order. What waits is a copy: the chunks may change afterwards.
  push (kind, chunks) {
    let length = 0
    for (const chunk of chunks) length += chunk.length
    const message = new Chunks(kind, chunks, length)
    if (this.#overflow.length === 0 && this.#flush(message)) return true
    const { left } = message
    const at = this.queue(kind, left)
    message.copy(this.waiting.octets, at, left)
    return false
  }

  // Room for one message behind what waits, where `reserve` has found none. Returns where its payload goes in the octets
  // and words of `waiting`. It is committed; it goes into the ring with `flushOverflow`.
  queue (kind, payloadLength) {
    this.#reserved = 0
    const last = this.#overflow.at(-1)
    if (last !== undefined && last.hasRoomFor(payloadLength)) return last.add(kind, payloadLength)
    const added = new Waiting(payloadLength)
    this.#overflow.push(added)
    return added.add(kind, payloadLength)
  }

  // Where `queue` has found room.
  get waiting () {
    return this.#overflow.at(-1)
  }

  // Writes what waits, as far as there is room. True if nothing waits any more; otherwise publish, and
  // `waitForRoom`.
  flushOverflow () {
    while (this.#overflow.length !== 0) {
      const first = this.#overflow[0]
      while (!first.isEmpty) {
        if (!this.#flush(first)) return false
        first.next()
      }
      this.#overflow.shift()
    }
    return true
  }

  // Makes everything committed so far visible. True if the consumer sleeps and must be woken, which is told once.
  publish () {
    if (this.#published !== this.#tail) {
      this.#published = this.#tail
      // Dekker: tail before the flag here, the flag before tail in `sleep`. Atomics are sequentially consistent.
      Atomics.store(this.#control, TAIL_WORD, this.#tail)
    }
    // What waits for room needs a consumer that makes some, whatever fills the ring.
    if (!this.#isUrgent && this.#overflow.length === 0) return false
    this.#isUrgent = false
    return Atomics.load(this.#control, CONSUMER_ASLEEP_WORD) !== 0 &&
      Atomics.exchange(this.#control, CONSUMER_ASLEEP_WORD, 0) !== 0
  }

  // Asks for a bell once there is more room than when the last attempt failed; publish first. False if room was made
  // in the meantime: flush again instead of waiting.
  waitForRoom () {
    Atomics.store(this.#control, PRODUCER_WAITING_WORD, 1)
    const head = Atomics.load(this.#control, HEAD_WORD)
    if (head === this.#headSeen && head !== this.#tail) return true
    this.#headSeen = head
    Atomics.store(this.#control, PRODUCER_WAITING_WORD, 0)
    return false
  }

  // The header of a record, behind a pad if the rest of the data area is too short. Like the reservation itself,
  // the pad counts only with `commit`.
  #reserve (kindAndFlags, payloadLength) {
    const occupied = occupiedBy(payloadLength)
    let start = this.#tail & (this.#capacity - 1)
    const rest = this.#capacity - start
    const reserved = occupied > rest ? rest + occupied : occupied
    if (reserved > this.#capacity - ((this.#tail - this.#headSeen) | 0)) {
      this.#headSeen = Atomics.load(this.#control, HEAD_WORD)
      if (reserved > this.#capacity - ((this.#tail - this.#headSeen) | 0)) return -1
    }
    if (reserved !== occupied) {
      this.words[start >> 2] = rest - RECORD_HEADER_OCTETS
      this.words[(start >> 2) + 1] = PAD
      start = 0
    }
    this.words[start >> 2] = payloadLength
    this.words[(start >> 2) + 1] = kindAndFlags
    this.#reserved = reserved
    return start + RECORD_HEADER_OCTETS
  }

  // Writes the next fragments of a message. True if it is complete.
  #flush (message) {
    do {
      const isLast = message.left <= this.maxPayload
      const length = isLast ? message.left : this.maxPayload
      const offset = this.#reserve(isLast ? message.kind : message.kind | (FLAG_MORE << FLAGS_SHIFT), length)
      if (offset < 0) return false
      message.copy(this.octets, offset, length)
      this.commit()
      message.left -= length
      if (isLast) return true
    } while (true)
  }
}

// A message on its way into the ring: what its `kind` is, how many octets are `left` of it, and `copy`, which puts the next
// ones into the ring.

// One that lies in pieces.
class Chunks {
  #chunks
  #index = 0
  #at = 0

  constructor (kind, chunks, left) {
    this.kind = kind
    this.left = left
    this.#chunks = chunks
  }

  copy (octets, offset, length) {
    const end = offset + length
    while (offset < end) {
      const chunk = this.#chunks[this.#index]
      const part = Math.min(chunk.length - this.#at, end - offset)
      octets.set(part === chunk.length ? chunk : chunk.subarray(this.#at, this.#at + part), offset)
      offset += part
      this.#at += part
      if (this.#at === chunk.length) {
        this.#index++
        this.#at = 0
      }
    }
  }
}

// The first of those that wait for room, one behind the other in one piece of memory, as in the ring itself. An object, or
// memory of its own, for each would be most of what thousands of requests in one tick take.
class Waiting {
  #start = 0 // of the first message
  #at = 0 // where the next octet of it is
  #end = 0

  constructor (payloadLength) {
    this.kind = 0
    this.left = 0
    this.octets = Buffer.allocUnsafeSlow(Math.max(WAITING_OCTETS, occupiedBy(payloadLength)))
    this.words = new Int32Array(this.octets.buffer)
  }

  get isEmpty () {
    return this.#start === this.#end
  }

  hasRoomFor (payloadLength) {
    return occupiedBy(payloadLength) <= this.octets.length - this.#end
  }

  // Returns where the payload goes.
  add (kind, payloadLength) {
    const start = this.#end
    this.words[start >> 2] = payloadLength
    this.words[(start >> 2) + 1] = kind
    this.#end += occupiedBy(payloadLength)
    if (start === this.#start) this.#begin()
    return start + RECORD_HEADER_OCTETS
  }

  // The first is in the ring.
  next () {
    this.#start += occupiedBy(this.words[this.#start >> 2])
    if (!this.isEmpty) this.#begin()
  }

  copy (octets, offset, length) {
    this.octets.copy(octets, offset, this.#at, this.#at + length)
    this.#at += length
  }

  #begin () {
    this.left = this.words[this.#start >> 2]
    this.kind = this.words[(this.#start >> 2) + 1]
    this.#at = this.#start + RECORD_HEADER_OCTETS
  }
}

// The reading side, a cursor over the messages. There must be one per ring.
//
// After `next()` returned true the message is `kind` and the `length` octets at `offset` of `octets` (as numbers: of
// `words`, at `offset >> 2`), until the next `next()` or `release()`. `octets` and `words` are the data area of the
// ring, or, if `isReassembled`, memory that belongs to this message alone and is never used again.
class Consumer {
  #control
  #capacity
  #ringOctets
  #ringWords
  #position // where the next record starts
  #released // the value of the shared head
  #tailSeen // the shared tail as last read
  #assembly = null // the octets of the fragments of a message that is not complete
  #assemblyKind = 0
  #assemblyLength = 0

  constructor (memory) {
    const capacity = capacityOf(memory)
    this.#control = new Int32Array(memory, 0, CONTROL_OCTETS >> 2)
    this.#capacity = capacity
    this.#ringOctets = Buffer.from(memory, CONTROL_OCTETS, capacity)
    this.#ringWords = new Int32Array(memory, CONTROL_OCTETS, capacity >> 2)
    this.#position = Atomics.load(this.#control, HEAD_WORD)
    this.#released = this.#position
    this.#tailSeen = this.#position
    this.octets = this.#ringOctets
    this.words = this.#ringWords
    this.kind = 0
    this.offset = 0
    this.length = 0
    this.isReassembled = false
  }

  // Moves on to the next message that is completely there. False if there is none; then `release`, because
  // fragments of a message that is larger than the ring may have been taken in.
  next () {
    if (this.isReassembled) this.#leaveAssembly()
    const mask = this.#capacity - 1
    while (true) {
      if (this.#position === this.#tailSeen) {
        this.#tailSeen = Atomics.load(this.#control, TAIL_WORD)
        if (this.#position === this.#tailSeen) return false
      }
      const start = this.#position & mask
      const length = this.#ringWords[start >> 2]
      const kindAndFlags = this.#ringWords[(start >> 2) + 1]
      const occupied = occupiedBy(length)
      if (length < 0 || length > mask || occupied > ((this.#tailSeen - this.#position) | 0) ||
        occupied > this.#capacity - start || (kindAndFlags === PAD && occupied !== this.#capacity - start)) {
        throw corrupt()
      }
      this.#position = (this.#position + occupied) | 0
      if (kindAndFlags === PAD) continue
      const flags = kindAndFlags >>> FLAGS_SHIFT
      this.kind = kindAndFlags & KIND_MASK
      this.offset = start + RECORD_HEADER_OCTETS
      this.length = length
      if (flags === 0 && this.#assembly === null) return true
      this.#assemble(flags)
      if (flags === 0) return true
    }
  }

  // Gives back the room of everything that `next` has gone over, the current message included. True if the producer
  // waits for room and must be woken, which is told once.
  release () {
    if (this.#released === this.#position) return false
    this.#released = this.#position
    // Dekker: head before the flag here, the flag before head in `waitForRoom`. Atomics are sequentially consistent.
    Atomics.store(this.#control, HEAD_WORD, this.#position)
    return Atomics.load(this.#control, PRODUCER_WAITING_WORD) !== 0 &&
      Atomics.exchange(this.#control, PRODUCER_WAITING_WORD, 0) !== 0
  }

  // Asks for a bell with the next publication; release first. False if something is there already: go on instead of
  // sleeping.
  sleep () {
    Atomics.store(this.#control, CONSUMER_ASLEEP_WORD, 1)
    if (Atomics.load(this.#control, TAIL_WORD) === this.#position) return true
    this.wakeUp()
    return false
  }

  // Takes the wish for a bell back, after waking up for another reason. A bell may have been rung already.
  wakeUp () {
    Atomics.store(this.#control, CONSUMER_ASLEEP_WORD, 0)
  }

  // Adds the current record to the message that is being put together, and shows it if it is complete.
  #assemble (flags) {
    if ((flags !== 0 && flags !== FLAG_MORE) || (this.#assembly !== null && this.kind !== this.#assemblyKind)) {
      throw corrupt()
    }
    if (this.#assembly === null) {
      this.#assembly = Buffer.allocUnsafeSlow(this.#capacity / RECORD_DIVISOR * 2)
      this.#assemblyKind = this.kind
      this.#assemblyLength = 0
    }
    const length = this.#assemblyLength + this.length
    if (length > this.#assembly.length) {
      const larger = Buffer.allocUnsafeSlow(this.#assembly.length * 2)
      larger.set(this.#assembly)
      this.#assembly = larger
    }
    this.#ringOctets.copy(this.#assembly, this.#assemblyLength, this.offset, this.offset + this.length)
    this.#assemblyLength = length
    if (flags === FLAG_MORE) return
    this.isReassembled = true
    this.octets = this.#assembly
    this.words = new Int32Array(this.#assembly.buffer)
    this.offset = 0
    this.length = length
  }

  #leaveAssembly () {
    this.isReassembled = false
    this.#assembly = null
    this.octets = this.#ringOctets
    this.words = this.#ringWords
  }
}

function occupiedBy (payloadLength) {
  return RECORD_HEADER_OCTETS + ((payloadLength + RECORD_ALIGNMENT - 1) & ALIGNMENT_MASK)
}

function capacityOf (memory) {
  const capacity = memory.byteLength - CONTROL_OCTETS
  if (capacity < MINIMUM_CAPACITY || capacity > MAXIMUM_CAPACITY || (capacity & (capacity - 1)) !== 0) {
    throw new RangeError(`${memory.byteLength} octets are no ring`)
  }
  return capacity
}

function maxPayloadOf (capacity) {
  return capacity / RECORD_DIVISOR - RECORD_HEADER_OCTETS
}

function corrupt () {
  return new Error('the ring holds a record that no producer writes')
}

module.exports = { Producer, Consumer }
