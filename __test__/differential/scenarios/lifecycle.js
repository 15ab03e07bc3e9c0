'use strict'

// close and destroy of a client: in every call form, idle, waiting and running, and what dispatch says afterwards.

const { Readable } = require('node:stream')
const { head, until, answer, send, wait, mark } = require('../server.js')
const { error, show } = require('../trace.js')

const get = { path: '/', method: 'GET' }
const ok = [head, answer('ok')]
const open = [head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('go'), send('world')]
const row = (name, server, run, more) => ({ name: `lifecycle: ${name}`, server, run, ...more })

const ended = (stage, lane) => (...args) => stage.note(lane, 'called back', args.map((one) => one instanceof Error ? error(one) : show(one)).join(' '))
const state = (stage) => stage.note('client', 'is', `closed=${stage.client.closed} destroyed=${stage.client.destroyed}`)

/** Calls something of the client, and records what is thrown or returned at once. */
function calls (stage, lane, call) {
  try {
    const value = call()
    if (value instanceof Promise) return stage.outcome(lane, 'settled', value)
    stage.note(lane, 'returned', show(value))
  } catch (err) {
    stage.note(lane, 'threw', error(err))
  }
}

module.exports = [
  row('close() of a client that never connected', [], async (stage) => {
    const closing = calls(stage, 'close', () => stage.client.close())
    state(stage)
    await closing
    state(stage)
  }),
  row('close(callback)', [], async (stage) => {
    calls(stage, 'close', () => stage.client.close(ended(stage, 'close')))
    state(stage)
    await stage.seen('close', 'called back')
  }),
  row('destroy()', [], async (stage) => {
    const destroying = calls(stage, 'destroy', () => stage.client.destroy())
    state(stage)
    await destroying
    state(stage)
  }),
  row('destroy(error)', [], async (stage) => { await calls(stage, 'destroy', () => stage.client.destroy(new Error('mine'))) }),
  row('destroy(null)', [], async (stage) => { await calls(stage, 'destroy', () => stage.client.destroy(null)) }),
  row('destroy(callback)', [], async (stage) => {
    calls(stage, 'destroy', () => stage.client.destroy(ended(stage, 'destroy')))
    await stage.seen('destroy', 'called back')
  }),
  row('destroy(error, callback)', [], async (stage) => {
    calls(stage, 'destroy', () => stage.client.destroy(new Error('mine'), ended(stage, 'destroy')))
    await stage.seen('destroy', 'called back')
  }),
  row('callbacks that are no functions', [], async (stage) => {
    calls(stage, 'close', () => stage.client.close('no'))
    calls(stage, 'close', () => stage.client.close(null))
    calls(stage, 'destroy', () => stage.client.destroy(null, 'no'))
    calls(stage, 'destroy', () => stage.client.destroy(new Error('x'), {}))
    state(stage)
  }),
  row('close twice', [], async (stage) => {
    calls(stage, 'first', () => stage.client.close(ended(stage, 'first')))
    calls(stage, 'second', () => stage.client.close(ended(stage, 'second')))
    await stage.seen('second', 'called back')
    await calls(stage, 'third', () => stage.client.close())
  }),
  row('destroy twice', [], async (stage) => {
    calls(stage, 'first', () => stage.client.destroy(ended(stage, 'first')))
    calls(stage, 'second', () => stage.client.destroy(ended(stage, 'second')))
    await stage.seen('second', 'called back')
    await calls(stage, 'third', () => stage.client.destroy())
  }),
  row('close after destroy', [], async (stage) => {
    await calls(stage, 'destroy', () => stage.client.destroy())
    await calls(stage, 'close', () => stage.client.close())
  }),
  row('destroy after close', [], async (stage) => {
    await calls(stage, 'close', () => stage.client.close())
    await calls(stage, 'destroy', () => stage.client.destroy())
  }),
  row('close of an idle connection', [ok], async (stage) => {
    stage.dispatch('a', get)
    await stage.over('a')
    await stage.settled()
    await calls(stage, 'close', () => stage.client.close())
    state(stage)
  }),
  row('close while a request runs', [open], async (stage) => {
    stage.dispatch('a', get)
    await stage.received('a', 5)
    const closing = calls(stage, 'close', () => stage.client.close())
    state(stage)
    stage.mark('go')
    await closing
    state(stage)
  }),
  row('close while requests wait', [[head, mark('got head'), wait('go'), answer('one'), head, answer('two')]], async (stage) => {
    stage.dispatch('a', { path: '/a', method: 'GET' })
    stage.dispatch('b', { path: '/b', method: 'GET' })
    await stage.wait('got head')
    const closing = calls(stage, 'close', () => stage.client.close())
    stage.mark('go')
    await closing
  }, { ours: { why: 'a request is started when the client is connected, so one that waits hears it earlier', lanes: true } }),
  row('close right after dispatch', [ok], async (stage) => {
    stage.dispatch('a', get)
    await calls(stage, 'close', () => stage.client.close())
  }),
  row('close, then destroy while the request runs', [open], async (stage) => {
    stage.dispatch('a', get)
    await stage.received('a', 5)
    const closing = calls(stage, 'close', () => stage.client.close())
    await calls(stage, 'destroy', () => stage.client.destroy())
    await closing
  }),
  row('destroy while a request runs', [open], async (stage) => {
    stage.dispatch('a', get)
    await stage.received('a', 5)
    const destroying = calls(stage, 'destroy', () => stage.client.destroy())
    stage.note('destroy', 'was called')
    await destroying
    state(stage)
  }),
  row('destroy with an error while a request runs', [open], async (stage) => {
    stage.dispatch('a', get)
    await stage.received('a', 5)
    await calls(stage, 'destroy', () => stage.client.destroy(new TypeError('mine')))
  }),
  row('destroy while requests run and wait', [open], async (stage) => {
    stage.dispatch('a', get)
    stage.dispatch('b', get)
    await stage.received('a', 5)
    const destroying = calls(stage, 'destroy', () => stage.client.destroy(new TypeError('mine')))
    stage.note('destroy', 'was called')
    await destroying
  }, { ours: { why: 'a request is started when the client is connected, so one that waits hears it earlier', lanes: true, patch: (expected) => ({ ...expected, events: ['b start', 'b request-sent', ...expected.events] }) } }),
  row('destroy right after dispatch', [[]], async (stage) => {
    stage.dispatch('a', get)
    const destroying = calls(stage, 'destroy', () => stage.client.destroy())
    stage.note('destroy', 'was called')
    await stage.over('a')
    await destroying
  }, { replace: (line) => line }),
  row('destroy while a body is sent', [[until('hello'), mark('got hello'), wait('never')]], async (stage) => {
    const source = new Readable({ read () {} })
    source.push('hello')
    source.on('error', (err) => stage.note('source', 'error', error(err)))
    source.on('close', () => stage.note('source', 'close'))
    stage.dispatch('a', { path: '/', method: 'POST', body: source })
    await stage.wait('got hello')
    await calls(stage, 'destroy', () => stage.client.destroy())
    await stage.seen('source', 'close')
  }, { ours: { why: 'the order of the source and the client is nobody\'s promise', lanes: true } }),
  row('destroy inside head', [open], async (stage) => {
    stage.dispatch('a', get, { head: () => { stage.client.destroy(() => stage.note('destroy', 'done')) } })
    await stage.over('a')
    await stage.seen('destroy', 'done')
  }),
  row('destroy inside start', [[wait('never')]], async (stage) => {
    stage.dispatch('a', get, { start: () => { stage.client.destroy(() => stage.note('destroy', 'done')) } })
    await stage.over('a')
    await stage.seen('destroy', 'done')
  }, { ours: { why: 'whether the connection is accepted before it is destroyed is the kernel\'s business', except: ['wire'] } }),
  row('close inside the end', [ok], async (stage) => {
    stage.dispatch('a', get, { end: () => { stage.client.close(() => stage.note('close', 'done')) } })
    await stage.seen('close', 'done')
  }),
  row('dispatch after close', [], async (stage) => {
    await calls(stage, 'close', () => stage.client.close())
    stage.dispatch('a', get)
    await stage.over('a')
  }),
  row('dispatch while closing', [open], async (stage) => {
    stage.dispatch('a', get)
    await stage.received('a', 5)
    const closing = calls(stage, 'close', () => stage.client.close())
    stage.dispatch('b', get)
    await stage.over('b')
    stage.mark('go')
    await closing
  }),
  row('dispatch after destroy', [], async (stage) => {
    await calls(stage, 'destroy', () => stage.client.destroy())
    stage.dispatch('a', get)
    await stage.over('a')
  }),
  row('dispatch after destroy with an error', [], async (stage) => {
    await calls(stage, 'destroy', () => stage.client.destroy(new Error('mine')))
    stage.dispatch('a', get)
    await stage.over('a')
  })
]
