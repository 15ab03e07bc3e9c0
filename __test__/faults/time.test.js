'use strict'

// Timeouts: never early, and late by no more than 15 % and 20 ms. The figures at other lengths: bench.

const { test, before, describe } = require('node:test')
const assert = require('node:assert')
const { Readable } = require('node:stream')
const { setTimeout: delay } = require('node:timers/promises')
const { once } = require('node:events')
const { library, listener, meet, never, outcome, turn } = require('./server.js')
const { blackHole, calls, endless } = require('./situations.js')

const patience = { timeout: 60e3 }
const OK = 'HTTP/1.1 200 OK\r\n'
const HEADERS = 'HeadersTimeoutError UND_ERR_HEADERS_TIMEOUT: Headers Timeout Error'
const BODY = 'BodyTimeoutError UND_ERR_BODY_TIMEOUT: Body Timeout Error'
const TIME = 200
// Where something has to happen before the time is over, on a machine that is busy as well.
const AMPLE = 1000
const WHOLE = `TimeoutError UND_ERR_TIMEOUT: Timeout Error (timeout: ${TIME}ms)`

const now = () => Number(process.hrtime.bigint()) / 1e6
const get = (client, more) => outcome(client.request({ path: '/', method: 'GET', ...more }))

/**
 * The best of up to twenty measurements of TIME: none may be early; a busy machine makes some of them late, a wrong timer
 * all of them. `measure` resolves with `{ settled, since }`: a promise, and an instant before which the time did not run.
 * Resolves with what the last one came to.
 */
async function inTime (measure) {
  const all = []
  for (let n = 0; n < 20; n++) {
    const { settled, since } = await measure()
    const value = await settled
    const elapsed = now() - since
    assert.ok(elapsed >= TIME, `${elapsed} ms is before ${TIME} ms`)
    if (elapsed <= TIME * 1.15 + 20) return value
    all.push(Math.round(elapsed))
  }
  assert.fail(`${all} ms are all late for ${TIME} ms`)
}

// The first call of a process loads what the others find there.
before(async () => {
  const client = new library.Client('http://127.0.0.1:1')
  await get(client)
  await client.destroy()
})

test('headersTimeout', patience, async (t) => {
  assert.strictEqual(await inTime(async () => {
    const { client } = await meet(t, { headersTimeout: TIME }, never)
    // The request is written once its start was told, which comes after 'connect'.
    const connected = new Promise((resolve) => client.on('connect', () => resolve(now())))
    return { settled: get(client), since: await connected }
  }), HEADERS)
})

test('bodyTimeout', patience, async (t) => {
  assert.strictEqual(await inTime(async () => {
    const { server, client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.mark(now())
      peer.send(`${OK}content-length: 4\r\n\r\nfi`)
    })
    const settled = get(client)
    const peer = await server.connection(1)
    return { settled, since: await peer.marked }
  }), BODY)
})

test('connectTimeout', patience, async (t) => {
  const port = await blackHole(t)
  assert.strictEqual(await inTime(async () => {
    const client = new library.Client(`http://127.0.0.1:${port}`, { connectTimeout: TIME })
    t.after(() => client.destroy())
    return { since: now(), settled: get(client) }
  }), `ConnectTimeoutError UND_ERR_CONNECT_TIMEOUT: Connect Timeout Error (attempted addresses: 127.0.0.1:${port}, timeout: ${TIME}ms)`)
})

test('timeout', patience, async (t) => {
  assert.strictEqual(await inTime(async () => {
    const { client } = await meet(t, { timeout: TIME }, never)
    const since = now()
    return { settled: get(client), since }
  }), WHOLE)
})

test('timeout, while it waits in the queue of a pool that JavaScript keeps', patience, async (t) => {
  const { server, client: other } = await meet(t, {}, never)
  const pool = new library.RoundRobinPool(server.origin, { connections: 1 })
  t.after(() => pool.destroy())
  get(pool)
  await (await server.connection(1)).heard(1)
  assert.strictEqual(await inTime(async () => {
    const since = now()
    return { settled: get(pool, { timeout: TIME }), since }
  }), WHOLE)
  assert.strictEqual(pool.stats.queued, 0)
  assert.strictEqual(await get(other), '200 fine')
})

for (const [sentence, options, field] of [
  ['keepAliveTimeout', { keepAliveTimeout: TIME }, 'a: b'],
  ['keepAliveMaxTimeout goes before a hint', { keepAliveMaxTimeout: TIME }, 'keep-alive: timeout=60'],
  ['a hint less the threshold', { keepAliveTimeoutThreshold: 1000 - TIME }, 'keep-alive: timeout=1']
]) {
  test(sentence, patience, async (t) => {
    await inTime(async () => {
      const { server, client } = await meet(t, options, async (peer) => {
        await peer.head()
        peer.mark(now())
        peer.answer('fine', field)
      })
      assert.strictEqual(await get(client), '200 fine')
      const [peer] = server.peers
      return { settled: peer.ended, since: await peer.marked }
    })
  })
}

for (const generation of [1, 2]) {
  test(`the bodyTimeout starts anew when a reader that paused goes on, generation ${generation}`, patience, async (t) => {
    assert.strictEqual(await inTime(async () => {
      const { client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
        await peer.head()
        peer.send(`${OK}content-length: 8\r\n\r\nfine`)
      })
      const handler = listener(generation, { head: (control) => control.pause() })
      client.dispatch({ path: '/', method: 'GET' }, handler)
      while (!handler.seen.includes('head')) await turn()
      await delay(2 * TIME)
      assert.ok(!handler.seen.includes('error'))
      const since = now()
      handler.control.resume()
      return { settled: handler.over.then((error) => error.code), since }
    }), 'UND_ERR_BODY_TIMEOUT')
  })
}

// They wait, most of the time, and measure nothing.
describe('what a timeout is about', { concurrency: true }, () => {
  test('a headersTimeout of the request goes before the client\'s', patience, async (t) => {
    const { client } = await meet(t, { headersTimeout: 300e3 }, never)
    assert.strictEqual(await get(client, { headersTimeout: TIME }), HEADERS)
    assert.strictEqual(await get(client), '200 fine')
  })

  test('a bodyTimeout of the request goes before the client\'s', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: 300e3 }, async (peer) => {
      await peer.head()
      peer.send(`${OK}content-length: 4\r\n\r\nfi`)
    })
    assert.strictEqual(await get(client, { bodyTimeout: TIME }), BODY)
    assert.strictEqual(await get(client), '200 fine')
  })

  for (const [name, before, after] of [
    ['headersTimeout', '', `${OK}content-length: 4\r\n\r\nfine`],
    ['bodyTimeout', `${OK}content-length: 4\r\n\r\n`, 'fine']
  ]) {
    test(`${name}: 0 is none`, patience, async (t) => {
      const { client } = await meet(t, { [name]: TIME }, async (peer) => {
        await peer.head()
        peer.send(before)
        await delay(4 * TIME)
        peer.send(after)
      })
      assert.strictEqual(await get(client, { [name]: 0 }), '200 fine')
    })
  }

  for (const [name, isWarm] of [['that is open', true], ['that has to be opened', false]]) {
    test(`the bodyTimeout stands still where a handler pauses as it starts, on a connection ${name}`, patience, async (t) => {
      const { server, client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
        if (isWarm) {
          await peer.head()
          peer.answer('fine')
        }
        await peer.head()
        peer.send(`${OK}content-length: 4\r\n\r\nfi`)
        await delay(4 * TIME)
        peer.send('ne')
        peer.mark()
      })
      if (isWarm) await get(client)
      const handler = listener(2, { start: (control) => control.pause() })
      client.dispatch({ path: '/', method: 'GET' }, handler)
      await (await server.connection(1)).marked
      handler.control.resume()
      assert.strictEqual(await handler.over, 'end')
    })
  }

  test('a body whose pieces come in time is not late as a whole', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: 1000 }, async (peer) => {
      await peer.head()
      peer.send(`${OK}transfer-encoding: chunked\r\n\r\n`)
      for (let n = 0; n < 7; n++) {
        await delay(200)
        peer.send('1\r\nx\r\n')
      }
      peer.send('0\r\n\r\n')
    })
    assert.strictEqual(await get(client), '200 xxxxxxx')
  })

  test('a timeout of the request goes before the client\'s, and 0 is none', patience, async (t) => {
    const { client } = await meet(t, { timeout: 300e3 }, never)
    assert.strictEqual(await get(client, { timeout: TIME }), WHOLE)
    const { client: hasty } = await meet(t, { timeout: TIME }, async (peer) => {
      await peer.head()
      await delay(4 * TIME)
      peer.answer()
    })
    assert.strictEqual(await get(hasty, { timeout: 0 }), '200 fine')
  })

  for (const [name, start] of Object.entries(calls)) {
    test(`the timeout of ${name}`, patience, async (t) => {
      const { server, client } = await meet(t, {}, never)
      const call = start(client, { path: '/', method: 'GET', timeout: TIME })
      const error = await call.settled
      assert.ok(error instanceof library.errors.TimeoutError)
      assert.strictEqual(`${error.name} ${error.code}: ${error.message}`, WHOLE)
      assert.deepStrictEqual([error.phase, error.reused], ['waiting', false])
      await server.peers[0].closed
      assert.strictEqual(await get(client), '200 fine')
      assert.strictEqual(call.outcomes.length, 1)
    })
  }

  test('a body whose pieces come in time is late as a whole', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: 1000 }, async (peer) => {
      await peer.head()
      peer.send(`${OK}transfer-encoding: chunked\r\n\r\n`)
      while (!peer.hasEnded) {
        await delay(20)
        peer.send('1\r\nx\r\n')
      }
    })
    const { statusCode, body } = await client.request({ path: '/', method: 'GET', timeout: AMPLE })
    assert.strictEqual(statusCode, 200)
    await assert.rejects(body.text(), { code: 'UND_ERR_TIMEOUT', phase: 'body' })
  })

  test('the timeout runs on while nobody reads', patience, async (t) => {
    const { client } = await meet(t, {}, async (peer) => {
      await peer.head()
      peer.send(Buffer.concat([Buffer.from(`${OK}content-length: 8000000\r\n\r\n`), Buffer.alloc(8_000_000, 'x')]))
    })
    const { body } = await client.request({ path: '/', method: 'GET', timeout: AMPLE })
    // Somebody has it until then: one that nobody but its own listeners can reach is garbage, and is aborted.
    t.after(() => body.destroy())
    const [error] = await once(body, 'error')
    assert.strictEqual(error.code, 'UND_ERR_TIMEOUT')
    assert.ok(body.destroyed)
  })

  test('the timeout ends a body that is still being sent', patience, async (t) => {
    const { client } = await meet(t, {}, never)
    const source = new Readable({ read () {} })
    source.push('a')
    assert.strictEqual(await get(client, { method: 'POST', body: source, timeout: TIME }), WHOLE)
    assert.ok(source.destroyed)
  })

  test('the timeout runs while the connection is opened, and in the queue', patience, async (t) => {
    const port = await blackHole(t)
    const client = new library.Client(`http://127.0.0.1:${port}`)
    t.after(() => client.destroy())
    const outcomes = await Promise.all([get(client, { timeout: TIME }), get(client, { timeout: 1.5 * TIME })])
    assert.deepStrictEqual(outcomes, [WHOLE, WHOLE.replace('200ms', '300ms')])
    assert.strictEqual(client.stats.size, 0)
  })

  test('one that is late in the queue costs no connection', patience, async (t) => {
    const { server, client } = await meet(t, {}, async (peer) => {
      await peer.head()
      await peer.marked
      peer.answer()
      await peer.head()
      peer.answer()
    })
    const first = get(client)
    const late = await get(client, { timeout: TIME })
    const [peer] = server.peers
    peer.mark()
    assert.deepStrictEqual([late, await first, await get(client)], [WHOLE, '200 fine', '200 fine'])
    assert.deepStrictEqual([server.peers.length, peer.requests], [1, 2])
  })

  test('a tunnel may stand for longer than the timeout', patience, async (t) => {
    const { client } = await meet(t, {}, async (peer) => {
      await peer.head()
      peer.send('HTTP/1.1 200 OK\r\n\r\n')
      await peer.until('ping')
      peer.send('pong')
    })
    const { socket } = await client.connect({ path: 'a:1', timeout: AMPLE })
    await delay(1.5 * AMPLE)
    socket.write('ping')
    assert.strictEqual(String((await once(socket, 'data'))[0]), 'pong')
    socket.destroy()
  })

  test('what has waited in a pool\'s own queue counts', patience, async (t) => {
    const { server } = await meet(t, {}, async (peer) => {
      await peer.head()
      await peer.marked
      peer.answer()
    })
    const pool = new library.RoundRobinPool(server.origin, { connections: 1, timeout: 4 * TIME })
    t.after(() => pool.destroy())
    const first = get(pool)
    const since = now()
    const second = get(pool, { path: '/never' })
    await delay(2 * TIME)
    server.peers[0].mark()
    assert.strictEqual(await first, '200 fine')
    assert.strictEqual(await second, WHOLE.replace('200ms', '800ms'))
    const elapsed = now() - since
    assert.ok(elapsed >= 4 * TIME && elapsed < 6 * TIME, `${elapsed}`)
  })

  test('octets that are no content do not put the bodyTimeout off', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.send(`${OK}transfer-encoding: chunked\r\n\r\n1;a=`)
      while (!peer.hasEnded) {
        await delay(20)
        peer.send('b')
      }
    })
    assert.strictEqual(await get(client), BODY)
  })

  test('octets of a head do not put the headersTimeout off', patience, async (t) => {
    const { client } = await meet(t, { headersTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.send(OK)
      while (!peer.hasEnded) {
        await delay(20)
        peer.send('a: b\r\n')
      }
    })
    assert.strictEqual(await get(client), HEADERS)
  })

  test('octets of the trailers do not put the bodyTimeout off', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.send(`${OK}transfer-encoding: chunked\r\n\r\n0\r\n`)
      while (!peer.hasEnded) {
        await delay(20)
        peer.send('a: b\r\n')
      }
    })
    assert.strictEqual(await get(client), BODY)
  })

  test('interim answers do not put the headersTimeout off for ever', patience, async (t) => {
    const { client } = await meet(t, { headersTimeout: TIME }, async (peer) => {
      await peer.head()
      while (!peer.hasEnded) {
        await delay(20)
        peer.send('HTTP/1.1 102 Processing\r\n\r\n')
      }
    })
    assert.strictEqual(await get(client), HEADERS)
  })

  test('the bodyTimeout does not run while nobody reads a body that is larger than its window', patience, async (t) => {
    const { client } = await meet(t, { bodyTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.send(Buffer.concat([Buffer.from(`${OK}content-length: 8000000\r\n\r\n`), Buffer.alloc(8_000_000, 'x')]))
    })
    const { body } = await client.request({ path: '/', method: 'GET' })
    await delay(4 * TIME)
    assert.strictEqual(body.destroyed, false)
    body.on('error', () => {}).destroy()
  })

  test('the headersTimeout does not run while a body is on its way', patience, async (t) => {
    const { client } = await meet(t, { headersTimeout: 1000 }, async (peer) => {
      await peer.until('0\r\n\r\n')
      peer.answer()
    })
    const source = new Readable({ read () {} })
    source.push('a')
    const call = get(client, { method: 'POST', body: source })
    await delay(1600)
    source.push(null)
    assert.strictEqual(await call, '200 fine')
  })

  test('a server that takes nothing of a body is late', patience, async (t) => {
    const { server, client } = await meet(t, { headersTimeout: TIME }, async (peer) => {
      await peer.head()
      peer.pause()
    })
    const source = endless()
    assert.strictEqual(await get(client, { method: 'POST', body: source }), HEADERS)
    assert.ok(source.destroyed)
    server.peers[0].resume()
  })

  test('the time of a request begins when the one before it is answered', patience, async (t) => {
    const { client } = await meet(t, { headersTimeout: 4000, pipelining: 2 }, async (peer) => {
      await peer.heard(2)
      await delay(2200)
      peer.answer()
      await delay(2200)
      peer.answer()
    })
    assert.deepStrictEqual(await Promise.all([get(client), get(client)]), ['200 fine', '200 fine'])
  })

  test('a time that has gone by leaves nobody behind', patience, async (t) => {
    const { server, client } = await meet(t, { headersTimeout: TIME, pipelining: 3 }, never, never, never)
    assert.deepStrictEqual(await Promise.all([get(client), get(client), get(client)]), [HEADERS, HEADERS, HEADERS])
    assert.strictEqual(await get(client, { headersTimeout: 0 }), '200 fine')
    assert.strictEqual(client.stats.size, 0)
    for (const peer of server.peers.slice(0, -1)) await peer.closed
  })
})
