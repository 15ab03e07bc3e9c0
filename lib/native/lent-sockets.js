'use strict'

// Sockets that live in JavaScript and are lent to the engine, which runs HTTP over them as over its own: their
// octets go to it as they come, and what it has to say is written to them. It says how much it has taken, and is
// told how much was written, so that neither side holds more than a window.
//
//   CONNECTING ──connected──► OPEN ──end──► ENDED
//        └───────────────error, close─────────┴──► FAILED;   drop: from every state

const { SocketError, InformationalError, InvalidArgumentError, ClientDestroyedError } = require('../core/errors')

// How much the engine may hold that it has not taken.
const WINDOW = 256 * 1024

class LentSockets {
  #submissions
  #sockets = new Map()

  /** @param {import('./submission').Submissions} submissions */
  constructor (submissions) {
    this.#submissions = submissions
  }

  /** How many there are. */
  get size () {
    return this.#sockets.size
  }

  /** The engine wants a socket for `dispatcher`, with a peer of this name where that is not its own. */
  connect (id, dispatcher, serverName) {
    const lent = new LentSocket(id, this.#submissions)
    this.#sockets.set(id, lent)
    lent.connect(dispatcher, serverName)
  }

  write (id, octets) {
    this.#sockets.get(id)?.write(octets)
  }

  release (id, octets) {
    this.#sockets.get(id)?.release(octets)
  }

  finish (id) {
    this.#sockets.get(id)?.finish()
  }

  drop (id) {
    this.#sockets.get(id)?.drop()
    this.#sockets.delete(id)
  }

  /** Why a socket failed. */
  errorOf (id) {
    return this.#sockets.get(id)?.error ?? new SocketError('closed')
  }

  /** The engine is gone. */
  dropAll () {
    for (const id of [...this.#sockets.keys()]) {
      this.drop(id)
    }
  }
}

class LentSocket {
  /** Why it failed. */
  error = null

  #id
  #submissions
  #dispatcher = null
  #socket = null
  #untaken = 0
  #hasEnded = false
  #isDropped = false

  constructor (id, submissions) {
    this.#id = id
    this.#submissions = submissions
  }

  connect (dispatcher, serverName) {
    this.#dispatcher = dispatcher
    let isAnswered = false
    const answer = (error, socket) => {
      if (isAnswered) {
        return
      }
      isAnswered = true
      if (this.#isDropped || dispatcher.destroyed) {
        socket?.on('error', ignore).destroy(new ClientDestroyedError())
      } else if (error) {
        this.#fail(error)
      } else if (socket?.alpnProtocol === 'h2') {
        socket.on('error', ignore).destroy()
        this.#fail(new InformationalError('HTTP/2 is not supported'))
      } else if (!socket) {
        this.#fail(new InvalidArgumentError('connect gave neither an error nor a socket'))
      } else {
        this.#open(socket)
      }
    }
    try {
      dispatcher.connectSocket(serverName, answer)
    } catch (error) {
      answer(error)
    }
  }

  write (octets) {
    const socket = this.#socket
    if (socket.destroyed) {
      this.#fail(this.#closed())
      return
    }
    socket.write(octets, (error) => {
      if (!error) {
        this.#submissions.lentWritten(this.#id, octets.length)
      }
    })
  }

  release (octets) {
    const wasFull = this.#untaken >= WINDOW
    this.#untaken -= octets
    if (wasFull && this.#untaken < WINDOW) {
      this.#socket.resume()
    }
  }

  finish () {
    this.#socket.end()
  }

  drop () {
    this.#isDropped = true
    const socket = this.#socket
    if (socket === null) {
      return
    }
    this.#dispatcher.route.returned(socket)
    if (!socket.destroyed) {
      if (this.#hasEnded && !socket.writableEnded) {
        socket.end()
      }
      socket.destroy()
    }
  }

  #open (socket) {
    this.#socket = socket
    if (socket.destroyed) {
      this.#fail(socket.errored ?? this.#closed())
      return
    }
    // What is under way holds the event loop; an idle socket does not.
    socket.unref?.()
    socket.on('error', (error) => this.#fail(error))
    socket.once('end', () => this.#end())
    socket.on('close', () => this.#close())
    socket.on('data', (chunk) => this.#data(chunk))
    // Whoever had it before may have paused it.
    socket.resume()
    this.#dispatcher.route.lent(socket)
    this.#submissions.lentConnected(this.#id, socket)
  }

  #data (chunk) {
    const octets = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (octets.length === 0 || this.#isDropped) {
      return
    }
    this.#untaken += octets.length
    this.#submissions.lentData(this.#id, octets)
    if (this.#untaken >= WINDOW) {
      this.#socket.pause()
    }
  }

  #end () {
    this.#hasEnded = true
    // libuv makes an end of a reset that comes together with octets. A write that is under way hears of the reset behind
    // that, in the same turn.
    setImmediate(() => {
      if (this.error === null && !this.#isDropped) {
        this.#submissions.lentEnded(this.#id)
      }
    })
  }

  #close () {
    if (!this.#hasEnded) {
      this.#fail(this.#closed())
    }
  }

  #closed () {
    return new SocketError('closed', infoOf(this.#socket))
  }

  #fail (error) {
    if (this.error === null && !this.#isDropped) {
      this.error = error
      this.#submissions.lentFailed(this.#id)
    }
  }
}

/** A socket as undici's SocketError tells of it. */
function infoOf (socket) {
  return {
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    remoteFamily: socket.remoteFamily,
    timeout: socket.timeout,
    bytesWritten: socket.bytesWritten,
    bytesRead: socket.bytesRead
  }
}

function ignore () {}

module.exports = { LentSockets }
