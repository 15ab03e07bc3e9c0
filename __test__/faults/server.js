'use strict'

// A server on raw TCP that misbehaves as its script says: a function for each connection, in the order in which they are
// accepted, that waits for octets of the client and answers with octets. Connections beyond the scripts behave: they
// answer every request with 200 and `fine`. No script waits for time, only for octets, for the peer's end, for marks.

const net = require('node:net')
const { once } = require('node:events')

/** What is tested; another package's name shows what that makes of the same faults. */
const library = require(process.env.DODICI_FAULTS_LIBRARY ?? '../..')

/** The server's side of one connection. */
class Peer {
  #socket
  #taken = 0
  #wake = []
  #isOver = false
  /** Everything that was received, as latin1. */
  received = ''
  /** The client's FIN has come. */
  hasEnded = false
  /** How the connection broke, or null. */
  error = null

  constructor (socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.received += chunk.latin1Slice()
      this.#notify()
    })
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.hasEnded = true
        resolve()
        this.#notify()
      }
      socket.on('end', end).on('close', end)
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isOver = true
        resolve()
        this.#notify()
      })
    })
    socket.on('error', (error) => { this.error = error })
    /** resolves with what `mark` is called with: for what a script and its test agree upon. */
    this.marked = new Promise((resolve) => { this.mark = resolve })
  }

  #notify () {
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** How many requests have begun with a whole line. */
  get requests () {
    return this.received.split(/^[A-Z]+ \S+ HTTP\/1\.1\r\n/m).length - 1
  }

  /** The received text up to and with `text`, or null when the client ended before it. */
  async until (text) {
    for (;;) {
      const at = this.received.indexOf(text, this.#taken)
      if (at !== -1) {
        const from = this.#taken
        this.#taken = at + text.length
        return this.received.slice(from, this.#taken)
      }
      if (this.#isOver || this.hasEnded) return null
      await new Promise((resolve) => this.#wake.push(resolve))
    }
  }

  /** The next request's head, or null. */
  head () {
    return this.until('\r\n\r\n')
  }

  /** Resolves once so many request heads have come; takes nothing. */
  async heard (count) {
    while (this.requests < count) {
      if (this.#isOver || this.hasEnded) return false
      await new Promise((resolve) => this.#wake.push(resolve))
    }
    return true
  }

  /** Resolves once so many octets have come at all; false when they never will. */
  async atLeast (length) {
    while (this.received.length < length) {
      if (this.#isOver || this.hasEnded) return false
      await new Promise((resolve) => this.#wake.push(resolve))
    }
    return true
  }

  /** Writes octets; several pieces become lines. */
  send (...lines) {
    if (!this.#isOver) this.#socket.write(Buffer.isBuffer(lines[0]) ? lines[0] : lines.join('\r\n'), 'latin1')
    return this
  }

  /** A whole answer with a content-length. */
  answer (body = 'fine', ...fields) {
    return this.send('HTTP/1.1 200 OK', ...fields, `content-length: ${body.length}`, '', body)
  }

  /** FIN. */
  end () {
    this.#socket.end()
    return this
  }

  /** RST. */
  reset () {
    this.#socket.resetAndDestroy()
    return this
  }

  /** Reads nothing more until `resume`. */
  pause () {
    this.#socket.pause()
    return this
  }

  resume () {
    this.#socket.resume()
    return this
  }

  get socket () {
    return this.#socket
  }
}

/** Answers every request as it should. */
async function behave (peer) {
  while (await peer.head() !== null) peer.answer()
}

/**
 * Starts a server that ends with the test `t`. `scripts`: an async function of the peer for each connection.
 * Its `peers` are the connections so far, `connection(n)` resolves with the nth.
 */
function serve (t, ...scripts) {
  return serveOver(t, (listener) => net.createServer({ allowHalfOpen: true }, listener), ...scripts)
}

/** The same on the sockets of another kind of server. */
async function serveOver (t, createServer, ...scripts) {
  const peers = []
  const wake = []
  const faults = []
  const server = createServer((socket) => {
    const peer = new Peer(socket)
    const script = scripts[peers.length] ?? behave
    peers.push(peer)
    for (const one of wake.splice(0)) one()
    Promise.resolve(script(peer)).catch((error) => faults.push(error))
    // A client that has said its end gets ours, whatever the script still waits for.
    peer.ended.then(() => peer.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    for (const peer of peers) peer.socket.destroy()
    server.close()
    if (faults.length > 0) throw faults[0]
  })
  return {
    peers,
    port: server.address().port,
    origin: `http://127.0.0.1:${server.address().port}`,
    async connection (number) {
      while (peers.length < number) await new Promise((resolve) => wake.push(resolve))
      return peers[number - 1]
    },
    /** Accepts no more connections. */
    deafen () {
      return new Promise((resolve) => server.close(resolve))
    }
  }
}

/** A server and a client of it, both of which end with the test. */
async function meet (t, options, ...scripts) {
  const server = await serve(t, ...scripts)
  const client = new library.Client(server.origin, options)
  t.after(() => new Promise((resolve) => client.destroy(null, resolve)))
  return { server, client }
}

/** What a promise comes to, in one line: the status and body of a response, or the error's name, code and message. */
async function outcome (promise) {
  try {
    const value = await promise
    return value?.body === undefined ? value : `${value.statusCode} ${await value.body.text()}`
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`
  }
}

/** Never resolves. */
const never = () => new Promise(() => {})

/** Resolves in a later turn of the event loop, after what is due already. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What was asked of the library before this call has been taken up: it answers a request to another server. */
async function passed (t) {
  const { client } = await meet(t)
  await outcome(client.request({ path: '/', method: 'GET' }))
}

/**
 * A handler of a generation that notes what it hears. `on[event]` is called with the control of the exchange (`abort`,
 * `pause`, `resume`) and the event's details; `over` resolves with how the exchange ended.
 */
function listener (generation, on = {}) {
  const seen = []
  let settle
  const over = new Promise((resolve) => { settle = resolve })
  const control = { abort: null, pause: null, resume: null, paused: false }
  const hear = (event, details) => {
    seen.push(event)
    if (event === 'end' || event === 'upgrade') settle(event)
    if (event === 'error') settle(details)
    on[event]?.(control, details)
    return !control.paused
  }
  const first = {
    onConnect (abort) {
      control.abort = abort
      control.pause = () => { control.paused = true }
      hear('start')
    },
    onHeaders (statusCode, headers, resume, statusText) {
      control.resume = () => { control.paused = false; resume() }
      return hear(statusCode < 200 ? 'info' : 'head', { statusCode, headers, statusText })
    },
    onData: (chunk) => hear('data', chunk),
    onComplete: (trailers) => { hear('end', trailers) },
    onError: (error) => { hear('error', error) },
    onUpgrade: (statusCode, headers, socket) => { hear('upgrade', { statusCode, headers, socket }) },
    onBodySent: (chunk) => { hear('body-sent', chunk) },
    onRequestSent: () => { hear('request-sent') }
  }
  const second = {
    onRequestStart (controller) {
      control.abort = (reason) => controller.abort(reason)
      control.pause = () => controller.pause()
      control.resume = () => controller.resume()
      control.controller = controller
      hear('start')
    },
    onResponseStart (controller, statusCode, headers, statusText) {
      hear(statusCode < 200 ? 'info' : 'head', { statusCode, headers, statusText })
    },
    onResponseData: (controller, chunk) => { hear('data', chunk) },
    onResponseEnd: (controller, trailers) => { hear('end', trailers) },
    onResponseError: (controller, error) => { hear('error', error) },
    onRequestUpgrade: (controller, statusCode, headers, socket) => { hear('upgrade', { statusCode, headers, socket }) },
    onBodySent: (chunk) => { hear('body-sent', chunk) },
    onRequestSent: () => { hear('request-sent') }
  }
  return Object.assign(generation === 1 ? first : second, { seen, over, control })
}

module.exports = { Peer, library, serve, serveOver, meet, behave, outcome, never, turn, passed, listener }
