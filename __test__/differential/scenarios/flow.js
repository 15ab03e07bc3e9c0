'use strict'

// Pausing and resuming the body of a response, at every place and any number of times.

const { head, answer, send, finish, wait, mark, ended } = require('../server.js')

const get = { path: '/', method: 'GET' }
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

/** Gives bytes that are there already every chance to be delivered against the rules. */
const turns = async (count = 20) => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

const row = (name, server, run, more) => ({ name: `flow: ${name}`, server: [server], run, ...more })

module.exports = [
  row('pause in head, resume later', [head, answer('hello'), mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    await stage.wait('sent')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }),
  row('pause in the first data, resume later', [head, send(`${CHUNKED}5\r\nhello\r\n`), wait('first'), send('5\r\nworld\r\n0\r\n\r\n'), mark('sent')], async (stage) => {
    let paused = false
    const control = stage.dispatch('a', get, {
      data: (control) => {
        if (paused) return
        paused = true
        control.pause()
      }
    })
    await stage.seen('a', 'data')
    stage.mark('first')
    await stage.wait('sent')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }),
  row('pause in every data', [head, send(`${CHUNKED}5\r\nhello\r\n`), wait('first'), send('5\r\nworld\r\n0\r\n\r\n'), mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { data: (control) => control.pause() })
    await stage.seen('a', 'data')
    stage.mark('first')
    await stage.wait('sent')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.received('a', 10)
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }),
  row('resume inside head after pause', [head, answer('hello')], async (stage) => {
    stage.dispatch('a', get, { head: (control) => { control.pause(); control.resume() } })
    await stage.over('a')
  }),
  row('resume twice', [head, answer('hello')], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    control.resume()
    await stage.over('a')
  }),
  row('resume without a pause', [head, answer('hello')], async (stage) => {
    const control = stage.dispatch('a', get, { data: (control) => setImmediate(() => control.resume()) })
    await stage.seen('a', 'head')
    control.resume()
    await stage.over('a')
  }),
  row('resume after the end, also when another request runs', [head, answer('one'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n'), wait('resumed'), send('two')], async (stage) => {
    const first = stage.dispatch('a', get)
    await stage.over('a')
    first.resume()
    stage.dispatch('b', get)
    await stage.seen('b', 'head')
    first.resume()
    first.resume()
    stage.mark('resumed')
    await stage.over('b')
  }),
  row('resume after an error', [head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), ended], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    control.abort()
    await stage.over('a')
    control.resume()
    await stage.seen('client', 'disconnect')
    control.resume()
  }, { differs: 'undici 6 opens a connection that nobody needs after an abort' }),
  row('pause in an interim head', [head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), answer('hello')], async (stage) => {
    stage.dispatch('a', get, { head: (control, { statusCode }) => { if (statusCode === 103) { control.pause(); setImmediate(() => control.resume()) } } })
    await stage.over('a')
  }),
  row('pause in the head of an empty body', [head, answer(), mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }),
  row('pause in the last data', [head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'), wait('head'), send('hello')], async (stage) => {
    const control = stage.dispatch('a', get, { data: (control) => control.pause() })
    await stage.seen('a', 'head')
    stage.mark('head')
    await stage.received('a', 5)
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }),
  row('a whole answer was sent before the end of the connection, while paused', [head, send('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello'), finish, mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    await stage.wait('sent')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }, { ours: { why: 'the connection is told to have ended when it has, not when a paused reader comes to it', lanes: true } }),
  row('a close-delimited body ends while paused', [head, send('HTTP/1.1 200 OK\r\n\r\nhello'), finish, mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    await stage.wait('sent')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
    await stage.over('a')
  }, { ours: { why: 'the connection is told to have ended when it has, not when a paused reader comes to it', lanes: true } }),
  row('an incomplete body ends while paused', [head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('paused'), finish, mark('sent')], async (stage) => {
    const control = stage.dispatch('a', get, { data: (control) => control.pause() })
    await stage.seen('a', 'data')
    stage.mark('paused')
    await stage.over('a')
    await turns()
    stage.note('a', 'resumes')
    control.resume()
  }),
  row('a large body in many pauses', [head, send(`HTTP/1.1 200 OK\r\ncontent-length: ${1 << 19}\r\n\r\n${'x'.repeat(1 << 19)}`)], async (stage) => {
    stage.dispatch('a', get, { data: (control) => { control.pause(); setImmediate(() => control.resume()) } })
    await stage.over('a')
  })
]
