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

// The writing side. There must be one per ring.
class Producer {
  #control
  #capacity
  #tail // where the next record goes
  #published // the value of the shared tail
  #headSeen // the shared head as last read
  #reserved = 0 // what the reserved record occupies
  #isUrgent = false // something was committed since the consumer was last looked after
  #overflow = [] // messages that wait for room, oldest first; the first may be partly in the ring

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
    const message = { kind, chunks, left: length, index: 0, at: 0 }
    this.#overflow.push(message)
    if (this.#overflow.length === 1 && this.flushOverflow()) return true
    const { index, at } = message
    message.chunks = chunks.slice(index).map((chunk, n) => Buffer.from(n === 0 ? chunk.subarray(at) : chunk))
    message.index = 0
    message.at = 0
    return false
  }

  // Writes what waits, as far as there is room. True if nothing waits any more; otherwise publish, and
  // `waitForRoom`.
  flushOverflow () {
    let complete = 0
    while (complete < this.#overflow.length && this.#flush(this.#overflow[complete])) complete++
    if (complete === this.#overflow.length) this.#overflow.length = 0
    else if (complete > 0) this.#overflow.splice(0, complete)
    return this.#overflow.length === 0
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
    const occupied = RECORD_HEADER_OCTETS + ((payloadLength + RECORD_ALIGNMENT - 1) & ALIGNMENT_MASK)
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
      this.#copy(message, offset, offset + length)
      this.commit()
      message.left -= length
      if (isLast) return true
    } while (true)
  }

  #copy (message, offset, end) {
    while (offset < end) {
      const chunk = message.chunks[message.index]
      const length = Math.min(chunk.length - message.at, end - offset)
      this.octets.set(length === chunk.length ? chunk : chunk.subarray(message.at, message.at + length), offset)
      offset += length
      message.at += length
      if (message.at === chunk.length) {
        message.index++
        message.at = 0
      }
    }
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
      const occupied = RECORD_HEADER_OCTETS + ((length + RECORD_ALIGNMENT - 1) & ALIGNMENT_MASK)
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
