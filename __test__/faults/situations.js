'use strict'

// The life of a request as situations: how far a call has come when something happens to it. Each row brings a server
// to the point and resolves there. And the calls, each in a form that counts how often it is settled.

const { Readable, Writable } = require('node:stream')
const net = require('node:net')
const { Worker } = require('node:worker_threads')
const { once } = require('node:events')
const { listener, never, turn } = require('./server.js')

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'

/** A source that gives 16 KiB again and again, and says when it is destroyed. */
function endless () {
  let pulled = 0
  const source = new Readable({
    read () {
      pulled += 16384
      this.push(Buffer.alloc(16384, 'x'))
    }
  })
  Object.defineProperty(source, 'pulled', { get: () => pulled })
  return source
}

/**
 * A port where connecting neither succeeds nor fails: a server that accepts nothing, with a full queue.
 */
async function blackHole (t) {
  const worker = new Worker(`
    const { workerData, parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(workerData), 0, 0)
      process.exit()
    })`, { eval: true, workerData: new SharedArrayBuffer(4) })
  const [port] = await once(worker, 'message')
  // The queue is full when a connection stays without an answer: more than enough of them, of which two are answered.
  const fillers = Array.from({ length: 4 }, () => net.connect({ port, host: '127.0.0.1' }).on('error', () => {}))
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')))
  t.after(async () => {
    for (const socket of fillers) socket.destroy()
    await worker.terminate()
  })
  return port
}

// --- calls: `start(client, options)` returns `{ outcomes, settled }`: what the call came to, each time it was told.

function tally () {
  const outcomes = []
  let settle
  const settled = new Promise((resolve) => { settle = resolve })
  const tell = (outcome) => {
    outcomes.push(outcome)
    settle(outcome)
  }
  return { outcomes, settled, tell }
}

const calls = {
  request (client, options) {
    const { outcomes, settled, tell } = tally()
    let body = null
    const head = new Promise((resolve) => {
      client.request(options, (error, data) => {
        if (error) return tell(error)
        body = data.body
        resolve()
        body.on('error', tell).on('end', () => tell('end'))
        if (!options.unread) body.resume()
      })
    })
    return { outcomes, settled, head, get body () { return body } }
  },

  'request as a promise' (client, options) {
    const { outcomes, settled, tell } = tally()
    let toldHead
    const head = new Promise((resolve) => { toldHead = resolve })
    client.request(options).then(({ body }) => {
      toldHead()
      return options.unread ? body.on('error', tell) : body.text().then(() => tell('end'))
    }).catch(tell)
    return { outcomes, settled, head }
  },

  stream (client, options) {
    const { outcomes, settled, tell } = tally()
    let toldHead
    const head = new Promise((resolve) => { toldHead = resolve })
    client.stream(options, () => {
      toldHead()
      return new Writable({ write (chunk, encoding, callback) { if (!options.unread) callback() } })
    }, (error) => tell(error ?? 'end'))
    return { outcomes, settled, head }
  },

  pipeline (client, options) {
    const { outcomes, settled, tell } = tally()
    let toldHead
    const head = new Promise((resolve) => { toldHead = resolve })
    const { body, ...rest } = options
    const duplex = client.pipeline(rest, ({ body }) => {
      toldHead()
      return body
    })
    duplex.on('error', tell).on('end', () => tell('end'))
    if (!options.unread) duplex.resume()
    if (body) body.on('error', () => {}).pipe(duplex)
    else duplex.end()
    return { outcomes, settled, head }
  },

  upgrade (client, options) {
    const { outcomes, settled, tell } = tally()
    client.upgrade({ ...options, protocol: 'thing' }, (error, data) => tell(error ?? data))
    return { outcomes, settled }
  },

  connect (client, options) {
    const { outcomes, settled, tell } = tally()
    client.connect({ ...options, path: 'a:1' }, (error, data) => tell(error ?? data))
    return { outcomes, settled }
  }
}

for (const generation of [1, 2]) {
  calls[`dispatch, generation ${generation}`] = (client, options) => {
    const { outcomes, settled, tell } = tally()
    let toldHead
    const head = new Promise((resolve) => { toldHead = resolve })
    const handler = listener(generation, {
      error: (control, error) => tell(error),
      end: () => tell('end'),
      head (control) {
        if (options.unread) control.pause()
        toldHead()
      }
    })
    client.dispatch(options, handler)
    return { outcomes, settled, head, seen: handler.seen, abort: (reason) => handler.control.abort(reason) }
  }
}

// --- situations: `scripts` of the server's connections; `before` prepares the client; `reach` resolves when the call is
// there; `hasHead`: its answer has begun.

const connected = async ({ server }) => (await server.connection(1)).heard(1)

const situations = {
  'has just been made': {
    // The connection that is being made for it takes the next request.
    scripts: [],
    reach: async () => {}
  },
  'is queued behind another': {
    scripts: [never],
    async before (client, server) {
      client.request({ path: '/first', method: 'GET' }).catch(() => {})
      await connected({ server })
    },
    reach: turn
  },
  'waits for its answer': {
    scripts: [never],
    reach: connected
  },
  'has half of a head': {
    scripts: [async (peer) => {
      await peer.head()
      await new Promise((resolve) => peer.socket.write('HTTP/1.1 200 OK\r\ncontent-le', resolve))
      peer.mark()
    }],
    reach: async ({ server }) => (await server.connection(1)).marked
  },
  'has half of a body': {
    hasHead: true,
    scripts: [async (peer) => {
      await peer.head()
      peer.send(`${HEAD}half `)
    }],
    reach: ({ call }) => call.head
  },
  'has an unread body': {
    hasHead: true,
    options: { unread: true },
    scripts: [async (peer) => {
      await peer.head()
      peer.send(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n'), Buffer.alloc(399_999)]))
    }],
    reach: ({ call }) => call.head
  }
}

module.exports = { situations, calls, endless, blackHole }
