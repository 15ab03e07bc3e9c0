'use strict'

// Timers of a connection. The values are small. Where a row sets a timer of its own, it is there to outlast the one
// that must not fire.

const { head, until, take, answer, send, wait, mark } = require('../server.js')

const get = { path: '/', method: 'GET' }
const silent = [head, wait('never')]
const row = (name, server, dispatch, more) => ({ name: `timeout: ${name}`, server, dispatch, ...more })

module.exports = [
  row('headersTimeout of the client', [silent], get, { client: { headersTimeout: 50 } }),
  row('headersTimeout of the request', [silent], { ...get, headersTimeout: 50 }),
  row('headersTimeout of the request wins', [silent], { ...get, headersTimeout: 50 }, { client: { headersTimeout: 0 } }),
  row('headersTimeout within a head', [[head, send('HTTP/1.1 200 OK\r\nx-a: 1\r\n'), wait('never')]], { ...get, headersTimeout: 50 }, {
    ours: { why: 'the start of an answer is told with its head', patch: (expected) => ({ ...expected, events: expected.events.filter((line) => line !== 'a response-started') }) }
  }),
  row('headersTimeout after an interim answer', [[head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), wait('never')]], { ...get, headersTimeout: 50 }),
  row('headersTimeout starts when the body was sent', [[head, take(5), wait('never')]], { path: '/', method: 'POST', body: 'hello', headersTimeout: 50 }),
  row('headersTimeout does not end the body', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'), wait('timeout'), send('hello')]], [{ ...get, headersTimeout: 50, bodyTimeout: 0 }], {
    on: { head: (_control, stage) => { setTimeout(() => stage.mark('timeout'), 100) } }
  }),
  row('bodyTimeout of the client', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')]], get, { client: { bodyTimeout: 50 } }),
  row('bodyTimeout of the request', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')]], { ...get, bodyTimeout: 50 }),
  row('bodyTimeout before the first data', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'), wait('never')]], { ...get, bodyTimeout: 50 }),
  row('bodyTimeout between chunks', [[head, send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'), wait('never')]], { ...get, bodyTimeout: 50 }),
  row('bodyTimeout of a body that the end delimits', [[head, send('HTTP/1.1 200 OK\r\n\r\nhello'), wait('never')]], { ...get, bodyTimeout: 50 }),
  row('bodyTimeout does not run while paused', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel'), wait('resumed'), send('lo')]], [{ ...get, bodyTimeout: 50 }], {
    on: {
      head: (control, stage) => {
        control.pause()
        setTimeout(() => {
          stage.note('a', 'resumes')
          stage.mark('resumed')
          control.resume()
        }, 150)
      }
    }
  }),
  row('bodyTimeout 0 is none', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'), wait('later'), send('hello')]], [{ ...get, bodyTimeout: 0 }], {
    client: { bodyTimeout: 20 },
    on: { head: (_control, stage) => { setTimeout(() => stage.mark('later'), 60) } }
  }),
  row('keepAliveTimeout ends an idle connection', [[head, answer('ok')]], get, { client: { keepAliveTimeout: 50 }, settle: ['disconnect'] }),
  row('a keep-alive hint shortens it', [[head, answer('ok', 'keep-alive: timeout=1')]], get, { client: { keepAliveTimeoutThreshold: 950 }, settle: ['disconnect'] }),
  row('keepAliveMaxTimeout bounds the hint', [[head, answer('ok', 'keep-alive: timeout=600')]], get, { client: { keepAliveMaxTimeout: 50 }, settle: ['disconnect'] }),
  {
    name: 'timeout: the request behind one that timed out is sent on a new connection',
    server: [silent, [head, answer('two')]],
    ours: { why: 'a request is started when the client is connected, so one that waits hears it earlier', lanes: true },
    dispatch: [{ ...get, headersTimeout: 50 }, { ...get, path: '/b' }]
  },
  {
    name: 'timeout: a slow upload is no headersTimeout',
    server: [[until('hello'), mark('got hello'), until('0\r\n\r\n'), answer('ok')]],
    dispatch: (stage) => ({
      path: '/',
      method: 'POST',
      headersTimeout: 50,
      body: (async function * () {
        yield 'hello'
        await stage.wait('got hello')
        await new Promise((resolve) => setTimeout(resolve, 120))
        yield 'world'
      })()
    })
  }
]
