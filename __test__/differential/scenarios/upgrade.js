'use strict'

// Tunnels: upgrades and CONNECT, through dispatch and through their own methods.

const { once, EventEmitter } = require('node:events')
const { head, until, answer, send, finish, reset, wait, mark, ended } = require('../server.js')
const { error, show } = require('../trace.js')

const ABORTED = { settle: ['disconnect', 'drain'], differs: 'undici 6 opens a connection that nobody needs after an abort' }

const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
const established = 'HTTP/1.1 200 Connection established\r\nx-a: 1\r\n\r\n'
const upgrade = { path: '/', method: 'GET', upgrade: 'x' }
const tunnel = { path: 'example.org:443', method: 'CONNECT' }

const TUNNEL = { why: 'the tunnel and the client that gave it away are two actors', lanes: true }

/** Talks through the tunnel: says `ping`, half-closes, and records everything that comes back. */
async function talk (stage, socket) {
  stage.note('socket', 'is', `readable=${socket.readable} writable=${socket.writable} destroyed=${socket.destroyed}`)
  stage.watch('socket', socket)
  socket.end('ping')
  await once(socket, 'close')
}
const echo = (bytes) => [head, send(bytes), until('ping'), send('pong'), ended, finish]

const low = (name, server, options, more) => ({
  name: `upgrade: ${name}`,
  server,
  run: async (stage) => {
    let socket
    stage.dispatch('a', options, { upgrade: (_control, details) => { socket = details.socket } })
    await stage.over('a')
    if (socket) await talk(stage, socket)
  },
  ours: TUNNEL,
  ...more
})

const high = (name, server, call, more) => ({
  name: `upgrade: ${name}`,
  api: true,
  server,
  run: async (stage) => {
    const value = await call(stage)
    if (value?.socket) await talk(stage, value.socket)
  },
  ours: TUNNEL,
  ...more
})

module.exports = [
  low('a 101 that was asked for', [echo(switching)], upgrade),
  low('bytes right behind the 101', [echo(`${switching}early`)], upgrade),
  low('an interim answer before the 101', [echo(`HTTP/1.1 103 Early Hints\r\n\r\n${switching}`)], upgrade),
  low('refused with 200', [[head, answer('no')]], upgrade),
  low('refused with 404 and connection: close', [[head, send('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno'), finish]], upgrade),
  low('with POST and a body', [echo(switching)], { ...upgrade, method: 'POST', body: 'hello' }),
  low('the server ends instead of an answer', [[head, finish]], upgrade),
  low('CONNECT', [echo(established)], tunnel),
  low('CONNECT with bytes right behind the head', [echo(`${established}early`)], tunnel),
  low('CONNECT with a content-length that says nothing', [echo('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')], tunnel),
  low('CONNECT refused with 407', [[head, send('HTTP/1.1 407 No\r\ncontent-length: 2\r\n\r\nno'), ended, finish]], tunnel),
  low('CONNECT and the server ends instead of an answer', [[head, finish]], tunnel),
  {
    ours: TUNNEL,
    name: 'upgrade: the next request takes a new connection',
    server: [[head, send(switching), ended], [head, answer('ok')]],
    run: async (stage) => {
      let socket
      stage.dispatch('a', upgrade, { upgrade: (_control, details) => { socket = details.socket } })
      await stage.over('a')
      await stage.settled()
      stage.dispatch('b', { path: '/', method: 'GET' })
      await stage.over('b')
      socket.destroy()
    }
  },
  {
    name: 'upgrade: abort while the answer is awaited',
    server: [[head, mark('got head'), wait('never')]],
    ...ABORTED,
    run: async (stage) => {
      const control = stage.dispatch('a', upgrade)
      await stage.wait('got head')
      control.abort()
      await stage.over('a')
    }
  },
  {
    ours: TUNNEL,
    name: 'upgrade: the socket survives destroy of the client',
    server: [[head, send(switching), until('ping'), send('pong'), finish]],
    run: async (stage) => {
      let socket
      stage.dispatch('a', upgrade, { upgrade: (_control, details) => { socket = details.socket } })
      await stage.over('a')
      await stage.settled()
      await stage.client.destroy()
      await talk(stage, socket)
    }
  },

  high('client.upgrade()', [echo(switching)], (stage) => stage.call('a', 'upgrade', { path: '/', protocol: 'x', opaque: 'mine' })),
  high('client.upgrade() names Websocket', [echo(switching)], (stage) => stage.call('a', 'upgrade', { path: '/' })),
  high('client.upgrade() with raw headers', [echo(switching)], (stage) => stage.call('a', 'upgrade', { path: '/', responseHeaders: 'raw' })),
  high('client.upgrade() refused', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nno'), wait('never')]], (stage) => stage.call('a', 'upgrade', { path: '/' }), ABORTED),
  high('client.upgrade() and a socket that closes well', [[head, send(switching), finish]], async (stage) => {
    const { socket } = await stage.use('upgrade', { path: '/' })
    socket.on('close', (...args) => stage.note('a', 'close', show(args)))
    socket.resume()
    await stage.seen('a', 'close')
  }, { ours: TUNNEL }),
  high('client.upgrade() and a socket that is reset', [[head, send(switching), wait('got socket'), reset]], async (stage) => {
    const { socket } = await stage.use('upgrade', { path: '/' })
    socket.on('error', (err) => stage.note('a', 'error', err.code))
    socket.on('close', (...args) => stage.note('a', 'close', show(args)))
    socket.resume()
    stage.mark('got socket')
    await stage.seen('a', 'close')
  }, { ours: TUNNEL }),
  high('client.upgrade() with a callback', [[head, send(switching), ended]], async (stage) => {
    const returned = stage.use('upgrade', { path: '/', opaque: 'mine' }, (err, data) => {
      stage.note('a', 'called back', `${show(err)} ${stage.describe(data)}`)
      data.socket.destroy()
    })
    stage.note('a', 'returned', show(returned))
    await stage.seen('a', 'called back')
  }),
  high('client.upgrade() refused, with a callback and opaque', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nno'), wait('never')]], async (stage) => {
    stage.use('upgrade', { path: '/', opaque: 'mine' }, (err, data) => stage.note('a', 'called back', `${error(err)} ${show(data)}`))
    await stage.seen('a', 'called back')
  }, ABORTED),
  high('client.upgrade() with a signal that aborts', [[head, mark('got head'), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const calling = stage.call('a', 'upgrade', { path: '/', signal: controller.signal })
    await stage.wait('got head')
    controller.abort()
    await calling
  }, ABORTED),
  high('client.upgrade() with an EventEmitter that aborted too early to matter', [echo(switching)], (stage) => stage.call('a', 'upgrade', { path: '/', signal: new EventEmitter() })),
  high('client.connect()', [echo(established)], (stage) => stage.call('a', 'connect', { path: 'example.org:443', opaque: 'mine' })),
  high('client.connect() with a 502', [[head, send('HTTP/1.1 502 Bad Gateway\r\n\r\nbad'), ended, finish]], (stage) => stage.call('a', 'connect', { path: '/' })),
  high('client.connect() and no answer', [[head, finish]], (stage) => stage.call('a', 'connect', { path: '/' })),
  high('client.connect() with a callback', [[head, send(established), ended]], async (stage) => {
    const returned = stage.use('connect', { path: '/', opaque: 'mine' }, (err, data) => {
      stage.note('a', 'called back', `${show(err)} ${stage.describe(data)}`)
      data.socket.destroy()
    })
    stage.note('a', 'returned', show(returned))
    await stage.seen('a', 'called back')
  })
]
