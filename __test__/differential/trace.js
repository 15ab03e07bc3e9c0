'use strict'

// What a scenario saw, in an order and a notation in which two runs can be compared: an entry is a line
// `lane event details`. A lane is an actor: a request (`a`, `b`, ...), the `client`, a diagnostics channel.
// Whatever differs between two runs of the same program (ports, boundaries, how bytes are cut into chunks) is made equal here.

const { inspect } = require('node:util')

const LONG_RUN = /([^])\1{63,}/g

/** Latin1 text of bytes or of a string, with long runs of one character abbreviated. */
function text (bytes) {
  const latin1 = typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer ?? bytes, bytes.byteOffset, bytes.byteLength).latin1Slice()
  return latin1.replace(LONG_RUN, (run, character) => `<${run.length} x ${character}>`)
}

function show (value) {
  return inspect(value, { depth: 6, breakLength: Infinity, compact: true, sorted: true, maxArrayLength: null, maxStringLength: null })
}

/** What of an error is the contract: class name, code, message, and the fields of its kind. */
function error (value) {
  if (!(value instanceof Error)) return `thrown ${show(value)}`
  const facts = [`${value.name}`]
  if (value.code !== undefined) facts.push(String(value.code))
  facts.push(JSON.stringify(value.message))
  for (const key of ['statusCode', 'errno', 'syscall', 'body']) {
    if (value[key] !== undefined) facts.push(`${key}=${show(value[key])}`)
  }
  if (value.headers != null) facts.push(`headers=${show(value.headers)}`)
  if (value.socket != null) facts.push('with socket facts')
  return facts.join(' ')
}

/** Raw header fields (Buffers or strings, flat) as a list of `name: value`. */
function fields (raw) {
  if (raw == null) return String(raw)
  const list = []
  for (let n = 0; n < raw.length; n += 2) list.push(`${text(raw[n])}: ${text(raw[n + 1])}`)
  return `[${list.join(' | ')}]`
}

class Trace {
  #entries = []
  #waiting = []
  #finished = false
  #replace

  /** `replace(line)` makes a line independent of this run. */
  constructor (replace) {
    this.#replace = replace
  }

  add (lane, event, details = '') {
    if (this.#finished) return
    this.#entries.push({ lane, event, details })
    this.#check()
  }

  /** Data of one lane that arrives in a row is one entry, however it was cut. */
  data (lane, chunk) {
    if (this.#finished) return
    const last = this.#entries.at(-1)
    if (last?.event === 'data' && last.lane === lane) {
      last.bytes.push(Buffer.from(chunk))
    } else {
      this.#entries.push({ lane, event: 'data', bytes: [Buffer.from(chunk)] })
    }
    this.#check()
  }

  #count (lane, events) {
    return this.#entries.filter((entry) => entry.lane === lane && events.includes(entry.event)).length
  }

  /** Resolves once `lane` has seen one of `events` at least `count` times. */
  seen (lane, events, count = 1) {
    const wanted = Array.isArray(events) ? events : [events]
    if (this.#count(lane, wanted) >= count) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ lane, wanted, count, resolve }))
  }

  /** Resolves once `lane` has received at least that many octets. */
  received (lane, octets) {
    const ready = () => this.#octets(lane) >= octets
    if (ready()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ ready, resolve }))
  }

  #octets (lane) {
    let sum = 0
    for (const entry of this.#entries) {
      if (entry.lane === lane && entry.event === 'data') for (const chunk of entry.bytes) sum += chunk.length
    }
    return sum
  }

  #check () {
    this.#waiting = this.#waiting.filter((one) => {
      const ready = one.ready ? one.ready() : this.#count(one.lane, one.wanted) >= one.count
      if (ready) one.resolve()
      return !ready
    })
  }

  /** The last entry of a lane with one of these events comes after the last with one of those. */
  isLast (lane, event, others) {
    const last = (wanted) => this.#entries.findLastIndex((entry) => entry.lane === lane && wanted.includes(entry.event))
    return last([event]) > last(others)
  }

  finish () {
    this.#finished = true
    return this.lines()
  }

  lines () {
    return this.#entries.map(({ lane, event, details, bytes }) => {
      const end = bytes ? JSON.stringify(text(Buffer.concat(bytes))) : details
      return this.#replace(`${lane} ${event}${end === '' ? '' : ` ${end}`}`)
    })
  }
}

/** The lines of every lane by itself; data that only other lanes had separated is one piece again. */
function byLane (lines) {
  const lanes = {}
  for (const line of lines) {
    const [lane, event] = line.split(' ', 2)
    const list = lanes[lane] ??= []
    const start = `${lane} data "`
    if (event === 'data' && list.at(-1)?.startsWith(start)) list.push(list.pop().slice(0, -1) + line.slice(start.length))
    else list.push(line)
  }
  return lanes
}

module.exports = { Trace, byLane, text, show, error, fields }
