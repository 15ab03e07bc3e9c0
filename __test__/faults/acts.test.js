'use strict'

// What a handler may do, in each of its callbacks, while each kind of answer comes: it hears one end and nothing behind it, its
// client goes on, and nothing stays. Each answer comes in one piece, so that the engine has told all of it before the
// handler acts.

const { test } = require('node:test')
const assert = require('node:assert')
const { census } = require('../../lib/native/bridge')
const { listener, meet, outcome } = require('./server.js')

const patience = { timeout: 20e3 }
const OK = 'HTTP/1.1 200 OK\r\n'
const LARGE = 300_000
const HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n'
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: thing\r\n\r\nhello'
const ENDS = ['end', 'error', 'upgrade']

// An answer, its octets, the callbacks that it leads to, and what was asked.
const answers = {
  'a small answer': [`${OK}content-length: 4\r\n\r\nfine`, ['start', 'head', 'data', 'end']],
  'an answer that closes': [`${OK}connection: close\r\ncontent-length: 4\r\n\r\nfine`, ['start', 'head', 'data', 'end']],
  'an empty answer': ['HTTP/1.1 204 No Content\r\n\r\n', ['start', 'head', 'end']],
  'an answer behind interim ones': [`${HINTS}${HINTS}${OK}content-length: 4\r\n\r\nfine`, ['start', 'info', 'head', 'data', 'end']],
  'a large answer': [`${OK}content-length: ${LARGE}\r\n\r\n${'x'.repeat(LARGE)}`, ['start', 'head', 'data', 'end']],
  chunks: [`${OK}transfer-encoding: chunked\r\n\r\n${'4\r\nfine\r\n'.repeat(100)}0\r\na: b\r\n\r\n`, ['start', 'head', 'data', 'end']],
  'an answer that is cut short': [`${OK}content-length: 10\r\n\r\nhalf`, ['start', 'head', 'data'], { isCut: true }],
  'an answer that breaks off': [`${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\nxyz`, ['start', 'head', 'data']],
  garbage: ['garbage\r\n\r\n', ['start']],
  'an upgrade': [SWITCH, ['start', 'upgrade'], { upgrade: 'thing' }],
  'an upgrade behind an interim answer': [`${HINTS}${SWITCH}`, ['start', 'info', 'upgrade'], { upgrade: 'thing' }],
  'a CONNECT': [`${OK}\r\nhello`, ['start', 'upgrade'], { method: 'CONNECT', path: 'a:1' }],
  'a CONNECT behind an interim answer': [`${HINTS}${OK}\r\nhello`, ['start', 'info', 'upgrade'], { method: 'CONNECT', path: 'a:1' }]
}

const acts = {
  abort: (client, control) => control.abort(new Error('enough')),
  'abort twice': (client, control) => {
    control.abort(new Error('enough'))
    control.abort(new Error('another'))
  },
  throw: () => { throw new Error('enough') },
  pause: (client, control) => {
    control.pause()
    setImmediate(() => control.resume())
  },
  'ask for more': (client, control, asked) => asked.push(outcome(client.request({ path: '/more', method: 'GET' }))),
  close: (client) => { client.close() },
  destroy: (client) => { client.destroy() }
}

async function play (t, generation, [octets, , { isCut = false, ...options } = {}], event, act) {
  const { client } = await meet(t, undefined, async (peer) => {
    for (let head = await peer.head(); head !== null; head = await peer.head()) {
      // Where the act is an abort before anything was written, the next request is the first on its connection.
      if (/^GET \/(next|more) /.test(head)) {
        peer.answer()
      } else {
        peer.send(octets)
        if (isCut) peer.end()
      }
    }
  })
  const asked = []
  let isDone = false
  const on = {
    upgrade: (control, { socket }) => { socket.on('error', () => {}).destroy() }
  }
  const usual = on[event]
  on[event] = (control, details) => {
    usual?.(control, details)
    if (isDone) return
    isDone = true
    acts[act](client, control, asked)
  }
  const handler = listener(generation, on)
  client.dispatch({ path: '/', method: 'GET', ...options }, handler)
  await handler.over
  for (const more of asked) assert.strictEqual(await more, '200 fine')
  if (act !== 'close' && act !== 'destroy') {
    assert.strictEqual(await outcome(client.request({ path: '/next', method: 'GET' })), '200 fine')
  }
  await new Promise((resolve) => client.destroy(null, resolve))
  assert.ok(isDone, 'it had its chance')
  // What is thrown by the last callback of all is heard as well.
  const ends = handler.seen.filter((heard) => ENDS.includes(heard))
  assert.strictEqual(ends.length, act === 'throw' && ENDS.includes(event) ? 2 : 1)
  assert.ok(ENDS.includes(handler.seen.at(-1)) && ends.at(-1) === handler.seen.at(-1))
}

for (const [name, answer] of Object.entries(answers)) {
  for (const generation of [1, 2]) {
    test(`whatever a handler of generation ${generation} does during ${name}, it hears one end`, patience, async (t) => {
      const before = census()
      for (const event of answer[1]) {
        for (const act of Object.keys(acts)) {
          // Only what has begun can be paused, and a tunnel or an end no more.
          if (act === 'pause' && event !== 'head' && event !== 'data') continue
          try {
            await play(t, generation, answer, event, act)
          } catch (error) {
            error.message = `${act} at ${event}: ${error.message}`
            throw error
          }
        }
      }
      const { exchanges, dispatchers } = census()
      assert.deepStrictEqual([exchanges, dispatchers], [before.exchanges, before.dispatchers])
    })
  }
}
