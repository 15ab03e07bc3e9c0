'use strict'

// Random runs of the cache: requests, time, and answers that a dispatcher without a socket gives, once with undici 8 and once
// with dodici. The same seed each time; a failure says the run's. A failed request with an unsafe method is not among them:
// undici lets some of those invalidate.

const assert = require('node:assert')
const { test } = require('node:test')
const { inspect } = require('node:util')
const { load } = require('./subjects.js')
const dodici = require('../../index.js')

const RUNS = 400
const START = Date.UTC(2026, 0, 1)
const eight = load('undici8')

const show = (value) => inspect(value, { sorted: true, depth: 9, breakLength: Infinity })
const turn = () => new Promise((resolve) => setImmediate(resolve))

class Dice {
  #state

  constructor (seed) {
    this.#state = seed
  }

  below (count) {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor(this.#state / 2 ** 32 * count)
  }

  pick (list) {
    return list[this.below(list.length)]
  }

  /** `make()` once in so many times, else undefined. */
  sometimes (times, make) {
    return this.below(times) === 0 ? make() : undefined
  }
}

const DIRECTIVES = [
  'max-age=10', 'max-age=10', 'max-age=60', 'max-age=0', 's-maxage=30', 'public', 'private', 'no-cache', 'no-store', 'must-revalidate', 'stale-while-revalidate=30',
  'stale-if-error=60', 'immutable', 'no-cache="x"'
]
const ASKED = ['no-cache', 'no-store', 'max-age=5', 'max-age=0', 'min-fresh=5', 'max-stale=20', 'only-if-cached', 'stale-if-error=30']

const present = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

function head (dice) {
  const date = () => new Date(START + dice.pick([-100, -5, 0, 10, 60, 600]) * 1000).toUTCString()
  return present({
    'cache-control': dice.below(8) === 0 ? undefined : Array.from({ length: 1 + dice.below(3) }, () => dice.pick(DIRECTIVES)).join(', '),
    etag: dice.sometimes(2, () => dice.pick(['"a"', '"b"', 'W/"a"'])),
    'last-modified': dice.sometimes(5, date),
    expires: dice.sometimes(10, date),
    vary: dice.sometimes(5, () => dice.pick(['a', 'a, b', '*', 'b'])),
    age: dice.sometimes(10, () => '5'),
    'set-cookie': dice.sometimes(20, () => 'q=1'),
    x: String(dice.below(9))
  })
}

function step (dice) {
  const method = dice.pick(['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'])
  const statuses = method === 'POST' ? [200, 201, 303, null] : [200, 200, 200, 304, 304, 404, 500, 503, null]
  return {
    seconds: dice.pick([0, 0, 0, 1, 5, 9, 10, 11, 20, 31, 61, 130]),
    options: {
      origin: 'http://localhost',
      method,
      path: dice.pick(['/', '/', '/b']),
      headers: present({
        'cache-control': dice.sometimes(4, () => dice.pick(ASKED)),
        A: dice.sometimes(3, () => dice.pick(['1', '2'])),
        'if-none-match': dice.sometimes(20, () => '"a"'),
        authorization: dice.sometimes(20, () => 'me')
      })
    },
    // More than one is asked for where the first does not confirm.
    answers: Array.from({ length: 3 }, () => ({ statusCode: dice.pick(statuses), headers: head(dice), content: dice.pick([['x'], ['a', 'b'], []]) }))
  }
}

const run = (dice) => ({
  type: dice.pick(['shared', 'shared', 'private']),
  cacheByDefault: dice.sometimes(6, () => 15_000),
  isSlow: dice.below(3) === 0,
  steps: Array.from({ length: 2 + dice.below(7) }, () => step(dice))
})

/** A dispatch function that gives `next()` each time, and does not go on while it is paused. */
function answering (next, tell) {
  return (options, handler) => {
    const { statusCode, headers, content } = next()
    tell('asked', `${options.method} ${options.path} ${show(options.headers)}`)
    let goOn = null
    let isOver = false
    const controller = {
      rawHeaders: [],
      rawTrailers: [],
      paused: false,
      aborted: false,
      reason: null,
      pause () { this.paused = true },
      resume () { this.paused = false; goOn?.() },
      abort (error) { fail(error) }
    }
    const fail = (error) => {
      if (!isOver) {
        isOver = true
        handler.onResponseError(controller, error)
      }
    }
    const free = async () => {
      while (controller.paused) await new Promise((resolve) => { goOn = resolve })
    }
    const answer = async () => {
      handler.onRequestStart(controller, {})
      if (statusCode === null) throw new Error('lost')
      handler.onResponseStart(controller, statusCode, { ...headers }, 'Text')
      for (const piece of statusCode === 304 || options.method === 'HEAD' ? [] : content) {
        await free()
        handler.onResponseData(controller, Buffer.from(piece))
      }
      await free()
      handler.onResponseEnd(controller, {})
      isOver = true
    }
    queueMicrotask(() => answer().catch(fail))
    return true
  }
}

async function play (library, { type, cacheByDefault, isSlow, steps }, timers) {
  timers.enable({ apis: ['Date'], now: START })
  const lanes = { heard: [], asked: [], kept: [], forgotten: [] }
  const tell = (lane, line) => lanes[lane].push(line)
  const own = new library.cacheStores.MemoryCacheStore()
  const store = {
    get: (key) => isSlow ? Promise.resolve(own.get(key)) : own.get(key),
    delete (key) { tell('forgotten', `${key.method} ${key.path}`); return own.delete(key) },
    createWriteStream (key, value) { tell('kept', `${key.method} ${key.path} ${show(value)}`); return own.createWriteStream(key, value) }
  }
  let answers
  const dispatch = library.interceptors.cache({ store, type, cacheByDefault, methods: ['GET', 'HEAD'] })(answering(() => answers.shift(), tell))
  for (const { seconds, options, answers: given } of steps) {
    timers.tick(seconds * 1000)
    answers = [...given]
    await new Promise((resolve) => {
      let content = ''
      const end = (line) => { tell('heard', `${content} ${line}`); resolve() }
      dispatch(options, {
        onRequestStart () { tell('heard', 'start') },
        onResponseStart (controller, statusCode, headers) { tell('heard', `head ${statusCode} ${show(headers)}`) },
        onResponseData (controller, chunk) { content += chunk },
        onResponseEnd () { end('end') },
        onResponseError (controller, { message }) { end(`error ${message}`) }
      })
    })
    // What goes on in the background needs no more than some turns: nothing in it waits for anybody.
    for (let count = 0; count < 3; count++) await turn()
  }
  timers.reset()
  // To forget what is forgotten changes nothing.
  return { ...lanes, forgotten: [...new Set(lanes.forgotten)].sort() }
}

test(`${RUNS} random runs are those of undici 8`, { skip: eight === null }, async (context) => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const [expected, actual] = [await play(eight, run(new Dice(seed)), context.mock.timers), await play(dodici, run(new Dice(seed)), context.mock.timers)]
    assert.deepStrictEqual(actual, expected, `run ${seed}`)
  }
})
