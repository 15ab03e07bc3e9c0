'use strict'

// A dispatcher with the cache interceptor before a server of its own, for one test, with the clock in hand; and a store that
// tells what it is asked.

const { serve, keep } = require('../handler/server.js')
const { Agent, cacheStores, interceptors } = require('../../index.js')

const START = Date.UTC(2026, 0, 1)

/**
 * @param {object} context of the test
 * @param {object} [given] `fields` of each response, or `answer(request, response, number)`; `options` of the interceptor;
 *   `make(origin)`: the dispatcher
 */
async function cached (context, { fields = { 'cache-control': 'max-age=60' }, options, answer, make = () => new Agent() } = {}) {
  context.mock.timers.enable({ apis: ['Date'], now: START })
  const asked = []
  const origin = await serve(context, (request, response) => {
    response.sendDate = false
    response.shouldKeepAlive = true
    response.setHeader('connection', 'close')
    const { host, connection, ...own } = request.headers
    asked.push({ method: request.method, url: request.url, headers: own })
    if (answer) {
      answer(request, response, asked.length)
    } else {
      response.writeHead(200, fields).end(`answer ${asked.length}`)
    }
  })
  const dispatcher = keep(context, make(origin)).compose(interceptors.cache(options))
  const request = (more) => dispatcher.request({ origin, path: '/', method: 'GET', ...more })
  const get = async (more) => {
    const { statusCode, headers, body } = await request(more)
    return { statusCode, headers, text: await body.text() }
  }
  const texts = async (...requests) => {
    const found = []
    for (const more of requests) {
      found.push((await get(more)).text)
    }
    return found
  }
  return { asked, origin, dispatcher, request, get, texts, tick: (seconds) => context.mock.timers.tick(seconds * 1000) }
}

/** A store in memory that calls `kept(key, value)` when a response is whole. */
function telling (kept) {
  const store = new cacheStores.MemoryCacheStore()
  return {
    get: (key) => store.get(key),
    delete: (key) => store.delete(key),
    createWriteStream: (key, value) => store.createWriteStream(key, value).on('close', () => kept(key, value))
  }
}

module.exports = { START, cached, telling }
