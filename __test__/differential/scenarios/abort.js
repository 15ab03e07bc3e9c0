'use strict'

// Aborting a request of dispatch at every point of its life.

const { Readable } = require('node:stream')
const { head, until, answer, send, wait, mark } = require('../server.js')
const { error } = require('../trace.js')

const get = { path: '/', method: 'GET' }
const RECONNECTS = 'undici 6 opens a connection that nobody needs after an abort'

const open = [head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')]
const row = (name, server, run, more) => ({ name: `abort: ${name}`, server, run, settle: ['disconnect', 'drain'], ...more })
/** The abort of a request that is on the way, with nothing behind it. */
const KEEPS = {
  why: 'nothing was written, so the connection stays',
  patch: (expected) => ({ ...expected, events: expected.events.map((line) => line.replace('InformationalError UND_ERR_INFO "aborted"', 'ClientDestroyedError UND_ERR_DESTROYED "The client is destroyed"')) })
}
const withoutConnection = (expected) => ({ ...expected, events: expected.events.filter((line, index, lines) => !line.includes('"aborted"') && (!line.startsWith('client connect') || index === lines.indexOf(line))) })
/** Nothing is heard behind the error. */
const withoutSent = (expected) => ({ ...expected, events: expected.events.filter((line) => line !== 'a request-sent') })
const HANDED_OVER = { why: 'the engine writes what was handed over; an abort in the same turn may be faster', except: ['wire'] }
const running = (name, server, run, more) => row(name, server, run, { differs: RECONNECTS, ...more })
const inside = (event, server = [open], more) => running(`in ${event}`, server, async (stage) => {
  stage.dispatch('a', get, { [event]: (control) => control.abort() })
  await stage.over('a')
}, more)

module.exports = [
  inside('start', [open], { differs: undefined, settle: ['drain'], ours: KEEPS }),
  inside('request-sent', [open], { ours: HANDED_OVER }),
  inside('response-started'),
  inside('head'),
  inside('data'),
  inside('end', [[head, answer('hello')]], { settle: ['drain'], differs: undefined }),
  running('with a reason of the caller', [open], async (stage) => {
    stage.dispatch('a', get, { head: (control) => control.abort(new TypeError('mine')) })
    await stage.over('a')
  }),
  running('with a reason that is no error', [open], async (stage) => {
    stage.dispatch('a', get, { head: (control) => control.abort('mine') })
    await stage.over('a')
  }),
  running('twice', [open], async (stage) => {
    stage.dispatch('a', get, { head: (control) => { control.abort(new Error('first')); control.abort(new Error('second')) } })
    await stage.over('a')
  }),
  running('while the answer is awaited', [[head, mark('got head'), wait('never')]], async (stage) => {
    const control = stage.dispatch('a', get)
    await stage.wait('got head')
    control.abort()
    stage.note('a', 'aborted')
    await stage.over('a')
  }),
  running('while the body is awaited', [open], async (stage) => {
    const control = stage.dispatch('a', get)
    await stage.received('a', 5)
    control.abort()
    stage.note('a', 'aborted')
    await stage.over('a')
  }),
  running('in an interim head', [[head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), wait('never')]], async (stage) => {
    stage.dispatch('a', get, { head: (control) => control.abort() })
    await stage.over('a')
  }),
  row('after the end', [[head, answer('hello')]], async (stage) => {
    const control = stage.dispatch('a', get)
    await stage.over('a')
    control.abort()
    await stage.settled()
    control.abort()
  }, { settle: ['drain'] }),
  row('after the end, when another request runs', [[head, answer('one'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n'), wait('aborted'), send('two')]], async (stage) => {
    const control = stage.dispatch('a', get)
    await stage.over('a')
    stage.dispatch('b', get)
    await stage.seen('b', 'head')
    control.abort()
    stage.mark('aborted')
    await stage.over('b')
    await stage.settled()
  }, { settle: ['drain'] }),
  running('a paused request', [open], async (stage) => {
    const control = stage.dispatch('a', get, { head: (control) => control.pause() })
    await stage.seen('a', 'head')
    control.abort()
    await stage.over('a')
  }),
  running('the next request takes a new connection', [open, [head, answer('ok')]], async (stage) => {
    stage.dispatch('a', get, { data: (control) => control.abort() })
    await stage.over('a')
    await stage.settled()
    stage.dispatch('b', get)
    await stage.over('b')
    await stage.settled()
  }),
  row('in start, and the next request is sent', [[head, answer('ok')], [head, answer('ok')]], async (stage) => {
    stage.dispatch('a', get, { start: (control) => control.abort() })
    await stage.over('a')
    await stage.settled(['drain'])
    stage.dispatch('b', get)
    await stage.over('b')
    await stage.settled()
  }, { settle: ['drain'], ours: { why: KEEPS.why, lanes: true, except: ['wire'], patch: withoutConnection } }),
  running('in body-sent', [[head, wait('never')]], async (stage) => {
    stage.dispatch('a', { path: '/', method: 'POST', body: 'hello' }, { 'body-sent': (control) => control.abort() })
    await stage.over('a')
  }, { ours: { ...HANDED_OVER, patch: withoutSent } }),
  running('while a Readable is sent', [[until('hello'), mark('got hello'), wait('never')]], async (stage) => {
    const source = new Readable({ read () {} })
    source.push('hello')
    source.on('error', (err) => stage.note('source', 'error', error(err)))
    source.on('close', () => stage.note('source', 'close'))
    const control = stage.dispatch('a', { path: '/', method: 'POST', body: source })
    await stage.wait('got hello')
    control.abort(new Error('mine'))
    await stage.over('a')
    await stage.seen('source', 'close')
  }),
  row('in start, with a Readable', [[wait('never')]], async (stage) => {
    const source = new Readable({ read () {} })
    source.push('hello')
    source.on('error', (err) => stage.note('source', 'error', error(err)))
    source.on('close', () => stage.note('source', 'close'))
    stage.dispatch('a', { path: '/', method: 'POST', body: source }, { start: (control) => control.abort() })
    await stage.over('a')
    await stage.seen('source', 'close')
  }, { settle: ['drain'], ours: { ...KEEPS, lanes: true } }),
  running('while an async iterable is sent', [[until('hello'), mark('got hello'), wait('never')]], async (stage) => {
    const control = stage.dispatch('a', {
      path: '/',
      method: 'POST',
      body: (async function * () {
        yield 'hello'
        await stage.wait('aborted')
        yield 'world'
      })()
    })
    await stage.wait('got hello')
    control.abort()
    stage.mark('aborted')
    await stage.over('a')
  }, { ours: { why: 'nothing is heard behind the error', patch: withoutSent } }),
  ...[0, '', false, null, undefined].map((reason) => running(`with the reason ${JSON.stringify(reason)}`, [[head, mark('got head'), wait('never')]], async (stage) => {
    const control = stage.dispatch('a', get)
    await stage.wait('got head')
    control.abort(reason)
    await stage.over('a')
  })),
  row('a second request waits behind the first', [open, [head, answer('ok')]], async (stage) => {
    const control = stage.dispatch('a', get)
    stage.dispatch('b', get)
    await stage.received('a', 5)
    control.abort()
    await stage.over('a', 'b')
    await stage.settled()
  }, { ours: { why: 'a request is started when the client is connected, so one that waits hears it earlier', lanes: true } })
]
