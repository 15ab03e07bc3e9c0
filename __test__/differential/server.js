'use strict'

// A server on raw TCP that follows a script of bytes. Every connection plays its own list of steps and keeps every
// octet it received, so that a scenario can state what was on the wire. It parses no more HTTP than the end of a head,
// and it never waits for time: only for bytes, for the peer's FIN, and for marks that the client's side of a scenario sets.

const net = require('node:net')

const CRLF2 = '\r\n\r\n'

/** Waits until the end of a request's head has come. */
const head = { step: 'until', text: CRLF2 }
/** Waits for text, and consumes up to its end. */
const until = (text) => ({ step: 'until', text })
/** Waits for that many octets. */
const take = (length) => ({ step: 'take', length })
/** Sends bytes. An array of lines is joined with CRLF. */
const send = (bytes) => ({ step: 'send', bytes: Array.isArray(bytes) ? bytes.join('\r\n') : bytes })
/** Sends FIN, and stays readable. */
const finish = { step: 'finish' }
/** Sends RST. */
const reset = { step: 'reset' }
/** Waits for the peer's FIN. */
const ended = { step: 'ended' }
/** Waits for a mark that the client's side (or another connection) sets. */
const wait = (mark) => ({ step: 'wait', mark })
/** Sets a mark. */
const mark = (name) => ({ step: 'mark', mark: name })

/** A whole answer with a content-length; more header fields may follow the body. */
const answer = (body = '', ...fields) =>
  send(['HTTP/1.1 200 OK', ...fields, `content-length: ${body.length}`, '', body])

/** Named facts that are true from now on; both sides of a scenario set them and wait for them. */
class Marks {
  #set = new Map()

  #entry (name) {
    let entry = this.#set.get(name)
    if (entry === undefined) {
      entry = {}
      entry.promise = new Promise((resolve) => { entry.resolve = resolve })
      this.#set.set(name, entry)
    }
    return entry
  }

  set (name) {
    this.#entry(name).resolve()
  }

  wait (name) {
    return this.#entry(name).promise
  }
}

class Connection {
  #socket
  #chunks = []
  #unread = ''
  #ended = false
  #closed = false
  #wake = []

  constructor (socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#unread += chunk.latin1Slice()
      this.#notify()
    })
    socket.on('end', () => { this.#ended = true; this.#notify() })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#closed = true
        this.#notify()
        resolve()
      })
    })
  }

  /** Everything that was received, as latin1. */
  get received () {
    return Buffer.concat(this.#chunks).latin1Slice()
  }

  #notify () {
    const wake = this.#wake
    this.#wake = []
    for (const one of wake) one()
  }

  /** Resolves with false when the connection ended before `ready` was true. */
  async #until (ready) {
    while (!ready()) {
      if (this.#closed || this.#ended) return false
      await new Promise((resolve) => this.#wake.push(resolve))
    }
    return true
  }

  async #play (step, marks) {
    switch (step.step) {
      case 'until': {
        if (!await this.#until(() => this.#unread.includes(step.text))) return false
        this.#unread = this.#unread.slice(this.#unread.indexOf(step.text) + step.text.length)
        return true
      }
      case 'take': {
        if (!await this.#until(() => this.#unread.length >= step.length)) return false
        this.#unread = this.#unread.slice(step.length)
        return true
      }
      case 'send':
        if (this.#closed) return false
        this.#socket.write(step.bytes, 'latin1')
        return true
      case 'finish':
        this.#socket.end()
        return true
      case 'reset':
        this.#socket.resetAndDestroy()
        return true
      case 'ended':
        await this.#until(() => this.#ended)
        return true
      case 'wait':
        await Promise.race([marks.wait(step.mark), this.#until(() => false)])
        return true
      case 'mark':
        marks.set(step.mark)
        return true
      default:
        throw new Error(`unknown step ${step.step}`)
    }
  }

  /** Plays the steps, then answers the peer's FIN with its own. */
  async play (steps, marks) {
    for (const step of steps) {
      if (!await this.#play(step, marks)) break
    }
    await this.#until(() => false)
    this.#socket.end()
  }

  destroy () {
    this.#socket.destroy()
  }
}

class ScriptedServer {
  #server

  /** `scripts` is a list of lists of steps: one for each connection, in the order in which they are accepted. */
  constructor (scripts, marks) {
    this.connections = []
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new Connection(socket)
      const steps = scripts[this.connections.length] ?? []
      this.connections.push(connection)
      marks.set(`connection ${this.connections.length}`)
      connection.play(steps, marks)
    })
  }

  async listen () {
    this.#server.listen(0, '127.0.0.1')
    await new Promise((resolve) => this.#server.once('listening', resolve))
    this.port = this.#server.address().port
  }

  /** Accepts no more connections. */
  async deafen () {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Resolves when every connection that was accepted has ended. */
  async quiet () {
    await Promise.all(this.connections.map((connection) => connection.closed))
  }

  async close () {
    for (const connection of this.connections) connection.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

module.exports = { ScriptedServer, Marks, head, until, take, send, finish, reset, ended, wait, mark, answer }
