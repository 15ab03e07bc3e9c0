'use strict'

// What others see: diagnostics channels, and the asynchronous context in which callbacks run.

const { AsyncLocalStorage } = require('node:async_hooks')
const { Writable } = require('node:stream')
const { head, take, until, answer, send, finish, wait } = require('../server.js')

const get = { path: '/', method: 'GET' }
const row = (name, server, more) => ({ name: `observation: ${name}`, server, dispatch: get, ...more })
/** The engine may report a fact about its work before or after what the user hears; each channel keeps its own order. */
const channels = { channels: true }
const RECEIVED = { differs: 'undici 6 does not publish bodyChunkReceived' }

const storage = new AsyncLocalStorage()
const CALLER = 'undici runs callbacks in the context of the socket; ours run in the caller\'s'
const store = () => String(storage.getStore())
/** Every place says that it runs in the caller's context. */
const asCaller = (expected) => ({ ...expected, events: expected.events.map((line) => line.replace(/ in \w+$/, ' in caller')) })

const EVENTS = ['start', 'request-sent', 'body-sent', 'head', 'data', 'end', 'error', 'upgrade']
const noting = (stage, lane) => Object.fromEntries(EVENTS.map((event) => [event, () => stage.note(`${lane} context`, event, `in ${store()}`)]))
const context = (name, server, run, more) => ({
  name: `observation: context of ${name}`,
  server,
  run: (stage) => storage.run('caller', () => run(stage)),
  ours: { why: CALLER, patch: asCaller },
  ...more
})

module.exports = [
  row('the channels of a GET', [[head, answer('hello', 'x-a: 1')]], { ...channels, ...RECEIVED }),
  row('the channels of a POST with a string', [[head, take(5), answer('ok')]], { ...channels, dispatch: { path: '/p?q', method: 'POST', headers: { 'x-a': '1' }, body: 'hello' }, differs: 'undici 6 does not publish bodyChunkSent' }),
  row('the channels of a POST with an iterable', [[head, until('0\r\n\r\n'), answer('ok')]], { ...channels, dispatch: () => ({ path: '/', method: 'POST', body: ['hello', 'world'] }), differs: 'undici 6 does not publish bodyChunkSent' }),
  row('the channels of an answer with trailers', [[head, send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n')]], { ...channels, ...RECEIVED }),
  row('the channels of a failure', [[head, finish]], channels),
  row('the channels of an abort', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')]], { ...channels, on: { data: (control) => control.abort() }, settle: ['disconnect', 'drain'], differs: 'undici 6 opens a connection that nobody needs after an abort' }),
  row('the channels of an interim answer', [[head, send('HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'), answer('ok')]], { ...channels, ...RECEIVED }),
  row('the channels of an upgrade', [[head, send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')]], { ...channels, ours: { why: 'the tunnel and the client that gave it away are two actors', lanes: true }, dispatch: { ...get, upgrade: 'x' }, on: { upgrade: (_control, _stage, { socket }) => socket.destroy() } }),
  {
    name: 'observation: the channels of a connection that fails',
    ...channels,
    server: [],
    settle: ['connectionError'],
    run: async (stage) => {
      await stage.server.deafen()
      stage.dispatch('a', get)
      await stage.over('a')
    }
  },
  {
    name: 'observation: a field that is added inside request:create is sent',
    server: [[head, answer('ok')]],
    run: async (stage) => {
      const channel = require('node:diagnostics_channel')
      const add = ({ request }) => {
        const same = request.addHeader('x-added', 'yes') === request
        stage.note('channel', 'added', `${same} ${request.origin === stage.origin} ${request.method} ${request.path}`)
      }
      channel.subscribe('undici:request:create', add)
      try {
        stage.dispatch('a', { ...get, headers: { 'x-a': '1' } })
      } finally {
        channel.unsubscribe('undici:request:create', add)
      }
      await stage.over('a')
    }
  },

  context('dispatch', [[head, answer('hello')]], async (stage) => {
    stage.dispatch('a', get, noting(stage, 'a'))
    await stage.over('a')
  }),
  context('dispatch with a body', [[head, until('0\r\n\r\n'), answer('hello')]], async (stage) => {
    stage.dispatch('a', { path: '/', method: 'POST', body: ['hello'] }, noting(stage, 'a'))
    await stage.over('a')
  }),
  context('dispatch that fails', [[head, finish]], async (stage) => {
    stage.dispatch('a', get, noting(stage, 'a'))
    await stage.over('a')
  }),
  context('dispatch on a connection that another opened', [[head, answer('one'), head, answer('two')]], async (stage) => {
    await storage.run('other', async () => {
      stage.dispatch('a', get)
      await stage.over('a')
      await stage.settled()
    })
    stage.dispatch('b', get, noting(stage, 'b'))
    await stage.over('b')
  }, { ours: { why: CALLER, patch: asCaller, lanes: true } }),
  context('an upgrade', [[head, send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')]], async (stage) => {
    stage.dispatch('a', { ...get, upgrade: 'x' }, { ...noting(stage, 'a'), upgrade: (_control, { socket }) => { stage.note('a context', 'upgrade', `in ${store()}`); socket.destroy() } })
    await stage.over('a')
  }, { ours: { why: CALLER, patch: asCaller, lanes: true } }),
  context('request with a callback, and its body', [[head, answer('hello')]], async (stage) => {
    stage.use('request', get, (_err, { body }) => {
      stage.note('a context', 'callback', `in ${store()}`)
      body.on('data', () => stage.note('a context', 'data', `in ${store()}`))
      body.on('end', () => stage.note('a context', 'end', `in ${store()}`))
      body.on('close', () => stage.note('a', 'close'))
    })
    await stage.seen('a', 'close')
  }, { api: true }),
  context('request that fails', [[head, finish]], async (stage) => {
    stage.use('request', get, () => stage.note('a context', 'callback', `in ${store()}`))
    await stage.seen('a context', 'callback')
  }, { api: true, settle: ['disconnect', 'drain'], ours: { why: CALLER, patch: asCaller, lanes: true } }),
  context('stream', [[head, answer('hello')]], async (stage) => {
    stage.use('stream', get, () => {
      stage.note('a context', 'factory', `in ${store()}`)
      return new Writable({ write (_chunk, _encoding, callback) { stage.note('a context', 'write', `in ${store()}`); callback() } })
    }, () => stage.note('a context', 'callback', `in ${store()}`))
    await stage.seen('a context', 'callback')
  }, { api: true }),
  context('pipeline', [[head, answer('hello')]], async (stage) => {
    const stream = stage.use('pipeline', get, ({ body }) => {
      stage.note('a context', 'handler', `in ${store()}`)
      return body
    })
    stream.on('data', () => stage.note('a context', 'data', `in ${store()}`))
    stream.on('close', () => stage.note('a', 'close'))
    stream.end()
    await stage.seen('a', 'close')
  }, { api: true })
]
