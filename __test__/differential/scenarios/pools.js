'use strict'

// The dispatchers above a client, each through the same rows: what they return, tell and count, and how they end.

const { head, answer, send, finish, wait, mark } = require('../server.js')
const { error, show } = require('../trace.js')

const SEVERAL = 'a request that waits hears of its start as soon as there is a connection, because the engine holds the queue'
const lanes = { ours: { why: SEVERAL, lanes: true, except: ['parsed'] } }
const early = { ours: { why: SEVERAL, lanes: true, except: ['parsed', 'b'] } }
const REFUSED = { ours: { why: 'a request that was refused as wrong makes nobody busy', except: ['returns'] } }
const ONCE = { ours: { why: 'the engine asks a server that refuses once for all that wait', lanes: true, except: ['client'] } }
// undici 6 has no numbers for a client or an agent, and they are what the row is about.
const NUMBERED = (kind) => kind.startsWith('Agent') ? { lacks: 'undici6' } : {}

// Who has the rows: how it is made, and what of undici has it.
const kinds = {
  Pool: { make: ({ Pool }, origin, options) => new Pool(origin, options) },
  'Pool of a factory': {
    make: ({ Pool, Client }, origin, options) => new Pool(origin, { ...options, factory: (url, own) => new Client(url, own) })
  },
  RoundRobinPool: { make: ({ RoundRobinPool }, origin, options) => new RoundRobinPool(origin, options), lacks: 'undici6' },
  BalancedPool: { make: ({ BalancedPool }, origin, options) => new BalancedPool(origin, options) },
  Agent: { make: ({ Agent }, origin, options) => new Agent(options) },
  'Agent with one connection': { make: ({ Agent }, origin, options) => new Agent({ ...options, connections: 1 }), single: true }
}

/** A row for each kind. `more` may be a function of the kind's name. */
function each (name, server, run, more) {
  return Object.entries(kinds).map(([kind, { make, lacks, single = false }]) => ({
    name: `${kind}: ${name}`,
    server,
    open: make,
    run: (stage) => run(stage, { kind, single }),
    ...(lacks && { lacks }),
    ...(typeof more === 'function' ? more(kind) : more)
  }))
}

const ok = [head, answer('ok')]
const open = [head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), mark('head'), wait('go'), send('world')]

const get = (stage, more) => ({ origin: stage.origin, path: '/', method: 'GET', ...more })
const NUMBERS = ['connected', 'free', 'pending', 'queued', 'running', 'size']
const numbers = (stats) => NUMBERS.filter((name) => stats[name] !== undefined).map((name) => `${name}=${stats[name]}`).join(' ')
const count = (stats) => stats === undefined ? 'none' : 'size' in stats ? numbers(stats) : show(Object.entries(stats).map(([origin, one]) => `${origin} ${numbers(one)}`))
const stats = (stage, when) => stage.note('client', `stats ${when}`, count(stage.client.stats))
const state = (stage) => stage.note('client', 'is', `closed=${stage.client.closed} destroyed=${stage.client.destroyed}`)

/** Calls something, and records what is thrown or returned at once, or what it settles with. */
function calls (stage, lane, call) {
  try {
    const value = call()
    if (value instanceof Promise) return stage.outcome(lane, 'settled', value)
    stage.note(lane, 'returned', show(value))
  } catch (err) {
    stage.note(lane, 'threw', error(err))
  }
}

const one = { client: { connections: 1 } }
const ended = (stage, lane) => (...args) => stage.note(lane, 'called back', args.map((one) => one instanceof Error ? error(one) : show(one)).join(' '))

module.exports = [
  ...each('events tell classes that undici has', [ok], async (stage, { kind }) => {
    const classes = (targets) => show(targets.map((target) => target.constructor.name))
    stage.client.on('connect', (origin, targets) => stage.note('targets', 'connect', classes(targets)))
    stage.client.on('disconnect', (origin, targets) => stage.note('targets', 'disconnect', classes(targets)))
    await stage.use('request', get(stage)).then(({ body }) => body.text())
    await stage.client.close()
    await stage.seen('targets', 'disconnect')
  }, lanes),
  ...each('maxCachedSessions that are none', [], async (stage, { kind }) => {
    const { make } = kinds[kind]
    for (const options of [{ maxCachedSessions: -1 }, { connect: { maxCachedSessions: 'x' } }, { maxCachedSessions: 0 }]) {
      calls(stage, show(options), () => { make(stage.library, stage.origin, options).close() })
    }
  }, { settle: [] }),
  {
    name: 'BalancedPool: any number of connections',
    api: true,
    server: [],
    settle: [],
    differs: 'undici 6 takes what a Pool takes',
    open: kinds.BalancedPool.make,
    run: (stage) => {
      for (const connections of [Infinity, NaN]) {
        calls(stage, show(connections), () => { new stage.library.BalancedPool(stage.origin, { connections }).close() })
      }
    }
  },
  ...each('a request, and what is counted before and after', [ok], async (stage) => {
    stats(stage, 'at first')
    stage.dispatch('a', get(stage), { head: () => stats(stage, 'at the head') })
    stats(stage, 'once dispatched')
    await stage.over('a')
    state(stage)
  }, NUMBERED),
  ...each('requests in turn use one connection', [[...ok, ...ok, ...ok]], async (stage) => {
    for (const lane of ['a', 'b', 'c']) {
      stage.dispatch(lane, get(stage))
      await stage.over(lane)
      await stage.settled()
    }
  }, one),
  ...each('two requests at once', [open, open], async (stage) => {
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    await stage.seen('a', 'head')
    stage.mark('go')
    await stage.over('a', 'b')
  }, (kind) => ({ ...lanes, ...(kind === 'Agent with one connection' ? { server: [[...open, ...ok]] } : {}) })),
  ...each('three requests with one connection', [[...ok, ...ok, ...ok]], async (stage) => {
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    stage.dispatch('c', get(stage))
    stats(stage, 'once dispatched')
    await stage.over('a', 'b', 'c')
  }, (kind) => ({ ...one, ...lanes, ...NUMBERED(kind) })),
  ...each('what is counted while one is under way and two wait', [[...open, ...ok, ...ok]], async (stage) => {
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    stage.dispatch('c', get(stage))
    await stage.seen('a', 'head')
    stats(stage, 'while it runs')
    stage.mark('go')
    await stage.over('a', 'b', 'c')
  }, (kind) => ({ ...one, ...lanes, ...NUMBERED(kind) })),
  ...each('what dispatch returns with two connections', [open, open], async (stage) => {
    for (const lane of ['a', 'b', 'c', 'd']) stage.dispatch(lane, get(stage))
    await stage.client.destroy()
    await stage.over('a', 'b', 'c', 'd')
  }, (kind) => ({ client: { connections: 2 }, ours: { ...early.ours, except: ['parsed', 'wire', 'a', 'b', 'c', 'd', 'client'] }, ...(kind === 'Agent with one connection' ? { client: {} } : {}) })),
  ...each('drain after a request that was one too many', [[...ok, ...ok]], async (stage) => {
    stage.dispatch('a', get(stage))
    await stage.over('a')
    await stage.seen('client', 'drain')
    stage.dispatch('b', get(stage))
    await stage.over('b')
  }, one),
  ...each('close() with a request under way and one that waits', [[...open, ...ok]], async (stage) => {
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    await stage.seen('a', 'head')
    const closing = calls(stage, 'close', () => stage.client.close())
    state(stage)
    stage.dispatch('c', get(stage))
    stage.mark('go')
    await stage.over('a', 'b')
    await closing
    state(stage)
  }, { ...one, ...lanes }),
  ...each('close(callback) of one that did nothing', [], async (stage) => {
    calls(stage, 'close', () => stage.client.close(ended(stage, 'close')))
    state(stage)
    await stage.seen('close', 'called back')
    state(stage)
    await calls(stage, 'again', () => stage.client.close())
  }),
  ...each('destroy() with a request under way and one that waits', [open], async (stage) => {
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    await stage.seen('a', 'head')
    const destroying = calls(stage, 'destroy', () => stage.client.destroy())
    state(stage)
    await stage.over('a', 'b')
    await destroying
  }, { ...one, ...early }),
  ...each('destroy(error, callback)', [open], async (stage) => {
    stage.dispatch('a', get(stage))
    await stage.seen('a', 'head')
    calls(stage, 'destroy', () => stage.client.destroy(new Error('mine'), ended(stage, 'destroy')))
    await stage.over('a')
    await stage.seen('destroy', 'called back')
    await calls(stage, 'again', () => stage.client.destroy())
    await calls(stage, 'closing', () => stage.client.close())
  }, lanes),
  ...each('requests after close and after destroy', [], async (stage) => {
    stage.client.close(() => {})
    stage.dispatch('a', get(stage))
    await stage.client.destroy()
    stage.dispatch('b', get(stage))
    await stage.over('a', 'b')
  }),
  ...each('callbacks that are no functions', [], async (stage) => {
    calls(stage, 'close', () => stage.client.close('no'))
    calls(stage, 'destroy', () => stage.client.destroy(new Error('x'), {}))
    state(stage)
  }),
  ...each('a server that refuses, and what is counted then', [], async (stage) => {
    await stage.server.deafen()
    stage.dispatch('a', get(stage))
    await stage.over('a')
    await stage.settled(['connectionError'])
    stats(stage, 'after that')
  }, (kind) => ({ settle: [], ...NUMBERED(kind) })),
  ...each('two requests to a server that refuses', [], async (stage) => {
    await stage.server.deafen()
    stage.dispatch('a', get(stage))
    stage.dispatch('b', get(stage))
    await stage.over('a', 'b')
    await stage.seen('client', 'connectionError')
  }, (kind) => ({ ...one, settle: [], ...ONCE, ...(!kind.startsWith('Agent') && { differs: 'undici 6 tells of a drain as well' }) }))
    // undici 8's never comes to the second request.
    .filter(({ name }) => !name.startsWith('BalancedPool')),
  ...each('an answer that ends its connection, and another request', [[head, send('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'), finish], ok], async (stage) => {
    stage.dispatch('a', get(stage))
    await stage.over('a')
    await stage.seen('client', 'disconnect')
    await stage.settled()
    stage.dispatch('b', get(stage))
    await stage.over('b')
  }, one),
  ...each('a connection that is lost before the answer', [[head, finish], ok], async (stage) => {
    stage.dispatch('a', get(stage))
    await stage.over('a')
    await stage.seen('client', 'disconnect')
    await stage.settled()
    stage.dispatch('b', get(stage))
    await stage.over('b')
  }, one),
  ...each('options of a request that are wrong', [ok], async (stage) => {
    stage.dispatch('a', get(stage, { path: 'no' }))
    stage.dispatch('b', get(stage, { method: 'no method' }))
    stage.dispatch('c', get(stage, { headers: 5 }))
    stage.dispatch('d', null)
    await stage.over('a', 'b', 'c', 'd')
  }, REFUSED),
  ...each('options of a client that are wrong are heard with the first request', [], async (stage) => {
    stage.dispatch('a', get(stage))
    await stage.over('a')
  }, { client: { headersTimeout: 'x' }, settle: [], ...REFUSED }),
  ...each('a handler that is none', [], async (stage) => {
    calls(stage, 'a', () => stage.client.dispatch(get(stage)))
    calls(stage, 'b', () => stage.client.dispatch(get(stage), 5))
  }),
  ...each('HEAD, and a request behind it', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')], ok], async (stage) => {
    stage.dispatch('a', get(stage, { method: 'HEAD' }))
    stage.dispatch('b', get(stage))
    await stage.over('a', 'b')
  }, { ...one, ...lanes }),
  ...each('an upgrade', [[head, send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')]], async (stage) => {
    stage.dispatch('a', get(stage, { upgrade: 'x' }), { upgrade: (_control, { socket }) => socket.destroy() })
    await stage.over('a')
  }, { ...lanes }),
  ...each('a handler that throws', [open], async (stage) => {
    stage.dispatch('a', get(stage), { head: () => { throw new Error('mine') } })
    await stage.over('a')
    await stage.seen('client', 'disconnect')
  }, { differs: 'undici 6 opens a connection that nobody needs', ...lanes }),
  ...each('compose', [ok], async (stage) => {
    const named = (name) => (dispatch) => (options, handler) => {
      stage.note(name, 'dispatches', options.path)
      return dispatch({ ...options, path: `${options.path}${name}` }, handler)
    }
    const composed = stage.client.compose(named('first'), named('second'))
    await calls(stage, 'a', () => composed.request(get(stage)).then((answer) => answer.body.text()))
    stage.note('composed', 'is', `${composed instanceof stage.library.Dispatcher} ${composed instanceof stage.client.constructor}`)
  }, { api: true, differs: 'what undici 6 composes is no Pool or Agent any more' }),
  ...each('the calls above dispatch', [[...ok, ...ok]], async (stage) => {
    await stage.call('a', 'request', get(stage)).then((answer) => answer.body.text())
    await stage.seen('client', 'drain')
    await stage.call('b', 'request', get(stage, { method: 'CONNECT' }))
    await stage.call('c', 'stream', get(stage), 'no factory')
    await stage.call('d', 'request', null)
  }, { ...one, api: true })
]
