'use strict'

// Arguments that are refused: the class, code and message of the error, where it arrives, and that nothing was sent.

const { EventEmitter } = require('node:events')
const { error, show } = require('../trace.js')

const get = { path: '/', method: 'GET' }

/** Constructor options, each alone. */
const constructors = {
  keepAlive: [true],
  socketTimeout: [1],
  requestTimeout: [1],
  idleTimeout: [1],
  maxKeepAliveTimeout: [1],
  maxHeaderSize: [0, -1, 1.5, 'x'],
  socketPath: [1, {}],
  connectTimeout: [-1, 'x', Infinity],
  keepAliveTimeout: [0, -1, 'x', Infinity],
  keepAliveMaxTimeout: [0, -1, 'x', Infinity],
  keepAliveTimeoutThreshold: ['x', NaN, Infinity],
  headersTimeout: [-1, 1.5, 'x'],
  bodyTimeout: [-1, 1.5, 'x'],
  connect: [1, 'x'],
  maxRequestsPerClient: [-1, 1.5, 'x'],
  localAddress: [1, 'x', 'localhost'],
  maxResponseSize: [-2, 1.5, 'x'],
  autoSelectFamilyAttemptTimeout: [-2, 'x'],
  allowH2: [1, 'x']
}

/** Options of dispatch, each over a GET. */
const dispatched = [
  { path: undefined }, { path: null }, { path: 1 }, { path: '' }, { path: 'a' }, { path: 'ftp://x/' },
  { path: '/a b' }, { path: '/a\r\nb' }, { path: '/\u0000' }, { path: '/\u010a' }, { path: '/caf\u00e9' },
  { method: undefined }, { method: null }, { method: 1 }, { method: '' }, { method: 'G ET' }, { method: 'GET\r\n' }, { method: 'G\u010aT' },
  { upgrade: 1 }, { upgrade: true }, { upgrade: 'a\r\nb: c' }, { upgrade: 'a\u0000' },
  { headersTimeout: -1 }, { headersTimeout: 'x' }, { headersTimeout: NaN }, { headersTimeout: Infinity },
  { bodyTimeout: -1 }, { bodyTimeout: 'x' }, { bodyTimeout: Infinity },
  { reset: 1 }, { reset: 'true' }, { expectContinue: 1 }, { expectContinue: 'x' },
  { body: 1 }, { body: true }, { body: {} }, { body: Symbol('x') }, { body: () => {} },
  { query: { a: 1 }, path: '/?b' }, { query: { a: 1 }, path: '/#b' },
  { origin: 1 }
]

const headers = [
  'x', 1, true, ['a'], ['a', 'b', 'c'], [['a', 'b']], new Map([['a', {}]]), new Set(['ab']), new Set([['a']]), new Set([['a', 'b', 'c']]),
  { 'a b': '1' }, { '': '1' }, { 'a:': '1' }, { 'a\r\n': '1' }, { 'a\u0000': '1' }, { café: '1' },
  { a: '1\r\n2' }, { a: '1\n2' }, { a: '1\u0000' }, { a: '\u010a' }, { a: '\u20ac' }, { a: {} }, { a: [{}] }, { a: ['1\r\n'] }, { a: [[]] },
  { a: { toString: () => '1' } }, { a: Buffer.from('1') }, { a: () => {} }, { a: [() => 'x\r\n'] },
  { host: ['a', 'b'] }, ['host', 'a', 'Host', 'b'], { host: 'a\r\n' }, { host: '' },
  { 'content-length': 'x' }, { 'content-length': '-1' }, { 'content-length': '1.5' }, { 'content-length': '0x1' }, { 'content-length': '' },
  { 'content-length': '5', 'Content-Length': '5' }, { 'content-length': ['5'] }, { 'content-length': '5, 5' },
  { 'transfer-encoding': 'chunked' }, { 'Keep-Alive': 'timeout=1' }, { upgrade: 'x' }, { connection: 'a b' }, { connection: ['close'] }, { connection: '' }, { connection: null },
  { expect: '100-continue' }, { Expect: 'x' },
  { 'content-type': 'a\r\nb' }, { 'content-type': ['a', 'b'] }
]

const brief = (value) => {
  const seen = show(value)
  return seen.length > 100 ? `${seen.slice(0, 100)}...` : seen
}

/** Hands a request in and takes it back before anything is sent; says where it was refused. */
function attempt (stage, lane, options, handlerOf) {
  const heard = []
  const handler = handlerOf(stage.generation, (err) => heard.push(err))
  let outcome
  try {
    outcome = `returned ${stage.client.dispatch(options, handler)}`
  } catch (err) {
    outcome = `threw ${error(err)}`
  }
  stage.note(lane, outcome, heard.map((err) => `heard ${error(err)}`).join(' '))
}

const handlerOf = (generation, heard) => generation === 1
  ? { onConnect (abort) { abort() }, onHeaders () {}, onData () {}, onComplete () {}, onUpgrade () {}, onError: heard }
  : { onRequestStart (controller) { controller.abort() }, onResponseStart () {}, onResponseData () {}, onResponseEnd () {}, onRequestUpgrade () {}, onResponseError: (_controller, err) => heard(err) }

const without = (name) => (generation, heard) => ({ ...handlerOf(generation, heard), [name]: undefined })
const NAMES = { 1: ['onConnect', 'onHeaders', 'onData', 'onComplete', 'onUpgrade'], 2: ['onResponseStart', 'onResponseData', 'onResponseEnd', 'onRequestUpgrade'] }

/** Every case with a client of its own, which is destroyed before it can connect. */
async function each (stage, cases, attemptOne) {
  const first = stage.client
  for (const one of cases) {
    stage.client = new stage.library.Client(stage.origin)
    stage.client.on('error', () => {})
    await attemptOne(one)
    stage.client.destroy(() => {})
  }
  stage.client = first
  stage.note('server', 'connections', String(stage.server.connections.length))
}

const row = (name, run, more) => ({ name: `arguments: ${name}`, server: [], settle: [], run, ...more })
const low = (name, cases, more) => row(name, (stage) => each(stage, cases, (options) => attempt(stage, brief(options), { ...get, ...options }, handlerOf)), more)

/** Methods above dispatch: a promise that rejects, or a throw. */
const high = (name, calls, more) => row(name, (stage) => each(stage, calls, async ([method, ...args]) => {
  const lane = `${method}(${args.map(brief).join(', ')})`
  try {
    const value = stage.client[method](...args)
    if (typeof value?.then === 'function') await stage.outcome(lane, 'resolved', value)
    else stage.note(lane, 'returned', brief(value))
  } catch (err) {
    stage.note(lane, 'threw', error(err))
  }
}), { api: true, ...more })

module.exports = [
  row('of the constructor', async (stage) => {
    const construct = (lane, ...args) => {
      try {
        const client = new stage.library.Client(...args)
        stage.note(lane, 'accepted')
        client.destroy(() => {})
      } catch (err) {
        stage.note(lane, 'threw', error(err))
      }
    }
    for (const [name, values] of Object.entries(constructors)) {
      for (const value of values) construct(`${name}=${show(value)}`, stage.origin, { [name]: value })
      construct(`${name}=null`, stage.origin, { [name]: null })
    }
    for (const origin of [undefined, null, 1, '', 'x', 'ftp://x', 'http://x/path', 'http://x?query', 'http://x#hash', 'http://x:99999', {}, { protocol: 'http:' }, new URL('http://x/path'), { protocol: 'http:', hostname: 'x' }, { protocol: 'http:', hostname: 'x', port: 'y' }, { protocol: 'http:', hostname: 'x', port: 8080 }]) {
      construct(`origin ${show(origin)}`, origin)
    }
  }, { api: true, differs: 'undici 6 takes any number as maxHeaderSize' }),
  low('of dispatch', dispatched),
  low('headers', headers.map((one) => ({ headers: one })), { differs: 'undici 6 takes any content-length that begins with a number' }),
  low('the options of dispatch as a whole', [], {
    run: (stage) => each(stage, [undefined, null, 1, 'x', () => {}], (options) => attempt(stage, brief(options), options, handlerOf))
  }),
  row('handlers', (stage) => each(stage, NAMES[stage.generation], (name) => {
    attempt(stage, `without ${name}`, { ...get, upgrade: name.includes('pgrade') ? 'x' : undefined }, without(name))
  }), { apart: true }),
  row('handlers with methods that are no functions', (stage) => each(stage, ['onBodySent', 'onRequestSent'], (name) => {
    attempt(stage, name, get, (generation, heard) => ({ ...handlerOf(generation, heard), [name]: 'x' }))
  }), { apart: true }),
  row('handlers that are none', (stage) => each(stage, [undefined, null, 1, 'x', () => {}], (handler) => {
    attempt(stage, brief(handler), get, () => handler)
  }), { generations: [1] }),
  low('options that only undici 8 knows', [{ typeOfService: -1 }, { typeOfService: 256 }, { typeOfService: 'x' }], { differs: 'undici 6 does not know them' }),
  row('a body is destroyed when a request is refused', async (stage) => {
    const { Readable } = require('node:stream')
    for (const [lane, options] of Object.entries({ a: { ...get, method: 'CONNECT' }, b: { ...get, signal: 'no' }, c: { ...get, path: 'no' }, d: { ...get, highWaterMark: -1 } })) {
      const body = new Readable({ read () {} })
      body.on('error', (err) => stage.note(lane, 'body error', error(err)))
      await stage.outcome(lane, 'resolved', stage.client.request({ ...options, body }))
      await new Promise((resolve) => setImmediate(resolve))
      stage.note(lane, 'body destroyed', String(body.destroyed))
      body.destroy()
    }
  }, { api: true }),
  high('of request', [
    ['request'], ['request', null], ['request', 1], ['request', {}], ['request', { ...get, method: 'CONNECT' }],
    ['request', { ...get, signal: 'no' }], ['request', { ...get, signal: {} }], ['request', { ...get, onInfo: 'no' }],
    ['request', { ...get, highWaterMark: -1 }], ['request', { ...get, highWaterMark: 'x' }],
    ['request', get, 'no'], ['request', get, null], ['request', { ...get, path: 'no' }], ['request', { ...get, headers: 'no' }]
  ]),
  high('of stream', [
    ['stream'], ['stream', null, () => {}], ['stream', get], ['stream', get, 'no'], ['stream', get, () => {}, 'no'],
    ['stream', { ...get, method: 'CONNECT' }, () => {}], ['stream', { ...get, signal: 'no' }, () => {}], ['stream', { ...get, onInfo: 'no' }, () => {}],
    ['stream', { ...get, path: 'no' }, () => {}]
  ]),
  high('of connect', [
    ['connect'], ['connect', null], ['connect', 1], ['connect', { path: '/' }, 'no'], ['connect', { path: '/', signal: 'no' }], ['connect', {}], ['connect', { path: 'a\r\nb' }]
  ]),
  high('of upgrade', [
    ['upgrade'], ['upgrade', null], ['upgrade', 1], ['upgrade', { path: '/' }, 'no'], ['upgrade', { path: '/', signal: 'no' }], ['upgrade', { path: 'no' }],
    ['upgrade', { path: '/', protocol: 1 }], ['upgrade', { path: '/', protocol: 'a\r\nb' }], ['upgrade', { path: '/', signal: new EventEmitter(), method: 1 }]
  ]),
  row('errors of callbacks', async (stage) => {
    for (const [lane, method] of Object.entries({ a: 'request', b: 'connect', c: 'upgrade' })) {
      const returned = stage.client[method]({ path: 1, opaque: 'mine' }, (err, data) => stage.note(lane, 'called back', `${error(err)} ${show(data)}`))
      stage.note(lane, 'returned', show(returned))
      await stage.seen(lane, 'called back')
    }
    stage.client.stream({ path: 1, opaque: 'mine' }, () => {}, (err, data) => stage.note('d', 'called back', `${error(err)} ${show(data)}`))
    await stage.seen('d', 'called back')
  }, { api: true })
]
