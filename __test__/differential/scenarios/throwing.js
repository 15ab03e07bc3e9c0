'use strict'

// Callbacks that throw: the request fails with what was thrown, and nothing else does.

const { head, take, answer, send, wait } = require('../server.js')

const get = { path: '/', method: 'GET' }
const unfinished = [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')], [head, answer('again')]]

const HANDED_OVER = {
  why: 'the engine writes what was handed over, an abort in the same turn may be faster, and nothing is heard behind an error',
  except: ['wire'],
  patch: (expected) => {
    const error = expected.events.findIndex((line) => line.startsWith('a error'))
    return { ...expected, events: expected.events.filter((line, index) => index < error || !line.startsWith('a ') || index === error) }
  }
}
const RECONNECTS = 'undici 6 opens a connection that nobody needs after an abort'
const fail = () => { throw new TypeError('thrown by a callback') }

const row = (event, options = get, server = unfinished, more) => ({
  name: `throwing: ${event}`,
  server,
  run: async (stage) => {
    stage.dispatch('a', options, { [event]: fail })
    await stage.over('a')
    await stage.settled()
    stage.dispatch('b', get)
    await stage.over('b')
  },
  ...more
})

module.exports = [
  row('start', get, [[head, answer('ok')]]),
  row('request-sent', get, unfinished, { differs: RECONNECTS, ours: HANDED_OVER }),
  row('response-started', get, unfinished, { ours: { why: 'the connection ends as with any abort', patch: (expected) => ({ ...expected, events: expected.events.map((line) => line.replace(/(disconnect .*) TypeError "thrown by a callback"/, '$1 InformationalError UND_ERR_INFO "aborted"')) }) } }),
  row('head', get, unfinished, { differs: RECONNECTS }),
  row('data', get, unfinished, { differs: RECONNECTS }),
  row('end', get, [[head, answer('hello'), head, answer('ok')]]),
  row('body-sent', { path: '/', method: 'POST', body: 'hello' }, [[head, take(5), answer()], [head, answer('again')]], { differs: RECONNECTS, ours: HANDED_OVER }),
  {
    name: 'throwing: an interim head',
    differs: RECONNECTS,
    server: [[head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), wait('never')], [head, answer('ok')]],
    run: async (stage) => {
      stage.dispatch('a', get, { head: fail })
      await stage.over('a')
      await stage.settled()
      stage.dispatch('b', get)
      await stage.over('b')
    }
  },
  {
    name: 'throwing: body-sent of a stream',
    differs: RECONNECTS,
    ours: HANDED_OVER,
    server: [[head, wait('never')], [head, answer('ok')]],
    run: async (stage) => {
      stage.dispatch('a', { path: '/', method: 'POST', body: ['hello', 'world'] }, { 'body-sent': fail })
      await stage.over('a')
      await stage.settled()
      stage.dispatch('b', get)
      await stage.over('b')
    }
  },
  {
    name: 'throwing: upgrade',
    ours: { why: 'the tunnel and the client that gave it away are two actors', lanes: true },
    server: [[head, send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'), wait('never')], [head, answer('ok')]],
    run: async (stage) => {
      stage.dispatch('a', { ...get, upgrade: 'x' }, { upgrade: fail })
      await stage.seen('a', 'error')
      await stage.settled()
      stage.dispatch('b', get)
      await stage.over('b')
    }
  }
]
