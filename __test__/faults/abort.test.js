'use strict'

// Aborts at every point of a request's life: told at once and once, with the reason; the signal forgotten, the source of
// the body destroyed, the client as good as before.

const { test } = require('node:test')
const assert = require('node:assert')
const { EventEmitter, getEventListeners } = require('node:events')
const { behave, library, listener, meet, never, outcome, passed, turn } = require('./server.js')
const { situations, calls, endless, blackHole } = require('./situations.js')

const patience = { timeout: 20e3 }

const listenersOf = (signal) => signal instanceof EventEmitter ? signal.listenerCount('abort') : getEventListeners(signal, 'abort').length

// How somebody aborts, and what the call then says.
const manners = {
  'by a signal with a reason' () {
    const controller = new AbortController()
    const reason = new Error('the reason')
    return { signal: controller.signal, abort: () => controller.abort(reason), isIt: (error) => error === reason }
  },
  'by a signal without a reason' () {
    const controller = new AbortController()
    return { signal: controller.signal, abort: () => controller.abort(), isIt: (error) => error === controller.signal.reason }
  },
  'by an emitter' () {
    const signal = new EventEmitter()
    return { signal, abort: () => signal.emit('abort'), isIt: (error) => error.code === 'UND_ERR_ABORTED' && error.name === 'AbortError' }
  }
}

const isTunnel = (name) => name === 'upgrade' || name === 'connect'
const isDispatch = (name) => name.startsWith('dispatch')

for (const [moment, situation] of Object.entries(situations)) {
  for (const [name, start] of Object.entries(calls)) {
    if (isTunnel(name) && situation.hasHead) continue
    for (const [how, manner] of Object.entries(manners)) {
      if (isDispatch(name) || (how === 'by a signal without a reason' && name !== 'request')) continue
      test(`${name} that ${moment} is aborted ${how}`, patience, async (t) => {
        const { server, client } = await meet(t, undefined, ...situation.scripts)
        await situation.before?.(client, server)
        const { signal, abort, isIt } = manner()
        const call = start(client, { path: '/', method: 'GET', signal, ...situation.options })
        await situation.reach({ server, call })
        assert.strictEqual(listenersOf(signal), 1)
        abort()
        await turn()
        await turn()
        assert.strictEqual(call.outcomes.length, 1, 'told at once')
        assert.ok(isIt(call.outcomes[0]), String(call.outcomes[0]))
        assert.strictEqual(listenersOf(signal), 0)
        if (moment === 'is queued behind another') {
          assert.strictEqual(client.stats.size, 1)
        } else {
          assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
        }
        assert.strictEqual(call.outcomes.length, 1, 'told once')
      })
    }
  }

  for (const generation of [1, 2]) {
    const name = `dispatch, generation ${generation}`
    if (moment === 'is queued behind another' || moment === 'has just been made') continue
    test(`${name} that ${moment} is aborted by its handler`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, ...situation.scripts)
      await situation.before?.(client, server)
      const call = calls[name](client, { path: '/', method: 'GET', ...situation.options })
      await situation.reach({ server, call })
      const reason = new Error('the reason')
      call.abort(reason)
      assert.deepStrictEqual(call.outcomes, [reason], 'told at once')
      call.abort(new Error('another'))
      assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
      assert.deepStrictEqual(call.outcomes, [reason], 'told once')
      assert.strictEqual(call.seen.at(-1), 'error')
    })
  }
}

// --- with a body on its way

for (const name of Object.keys(calls).filter((name) => !isTunnel(name) && !isDispatch(name))) {
  test(`${name} is aborted while it sends its body: the source is destroyed`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.pause().mark()
    })
    const controller = new AbortController()
    const source = endless()
    const call = calls[name](client, { path: '/', method: 'POST', body: source, signal: controller.signal })
    const peer = await server.connection(1)
    await peer.marked
    const reason = new Error('the reason')
    controller.abort(reason)
    await turn()
    await turn()
    assert.deepStrictEqual(call.outcomes, [reason])
    // pipe() leaves its source alone.
    if (name !== 'pipeline') assert.strictEqual(source.destroyed, true)
    assert.strictEqual(getEventListeners(controller.signal, 'abort').length, 0)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
    assert.deepStrictEqual(call.outcomes, [reason])
    peer.resume()
    await peer.ended
    assert.ok(!peer.received.endsWith('0\r\n\r\n'), 'the body has no end')
  })

  test(`${name} with a body is aborted while it is queued: the source is destroyed and nothing of it sent`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      await peer.marked
      peer.answer()
      await peer.head()
      peer.answer()
    })
    const first = outcome(client.request({ path: '/first', method: 'GET' }))
    const peer = await server.connection(1)
    await peer.heard(1)
    const controller = new AbortController()
    const source = endless()
    const call = calls[name](client, { path: '/second', method: 'POST', body: source, signal: controller.signal })
    await turn()
    controller.abort()
    await turn()
    await turn()
    assert.deepStrictEqual(call.outcomes, [controller.signal.reason])
    if (name !== 'pipeline') assert.strictEqual(source.destroyed, true)
    await passed(t)
    peer.mark()
    assert.strictEqual(await first, '200 fine')
    assert.strictEqual(await outcome(client.request({ path: '/third', method: 'GET' })), '200 fine')
    assert.match(peer.received, /^GET \/first [^]*GET \/third /)
    assert.ok(!peer.received.includes('/second'))
    assert.strictEqual(server.peers.length, 1)
  })
}

// --- before the beginning and after the end

for (const [name, start] of Object.entries(calls).filter(([name]) => !isDispatch(name))) {
  test(`${name} with a signal that has aborted sends nothing`, patience, async (t) => {
    const { server, client } = await meet(t)
    const reason = new Error('the reason')
    const source = endless()
    const body = isTunnel(name) ? undefined : source
    const signal = AbortSignal.abort(reason)
    const call = start(client, { path: '/', method: body ? 'POST' : 'GET', body, signal })
    assert.strictEqual(await call.settled, reason)
    if (body && name !== 'pipeline') assert.strictEqual(source.destroyed, true)
    assert.strictEqual(getEventListeners(signal, 'abort').length, 0)
    assert.strictEqual(await outcome(client.request({ path: '/next', method: 'GET' })), '200 fine')
    assert.strictEqual(call.outcomes.length, 1)
    assert.ok(server.peers.every((peer) => !peer.received.includes('host') || peer.received.startsWith('GET /next')))
  })

  test(`${name} is over: an abort changes nothing and finds no listener`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      const head = await peer.head()
      if (!isTunnel(name)) {
        peer.answer()
        return behave(peer)
      }
      peer.send(/upgrade/.test(head) ? 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: thing\r\n\r\n' : 'HTTP/1.1 200 OK\r\n\r\n')
    })
    const controller = new AbortController()
    const call = start(client, { path: '/', method: 'GET', signal: controller.signal })
    const seen = await call.settled
    await turn()
    assert.strictEqual(getEventListeners(controller.signal, 'abort').length, 0)
    controller.abort()
    await turn()
    if (isTunnel(name)) {
      assert.strictEqual(seen.socket.destroyed, false)
      seen.socket.on('error', () => {}).destroy()
    } else {
      assert.strictEqual(seen, 'end')
    }
    assert.strictEqual(call.outcomes.length, 1)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
    assert.ok(server.peers.length <= 2)
  })
}

// --- while the connection leaves HTTP

for (const [what, options, answer] of [
  ['an upgrade', { path: '/', method: 'GET', upgrade: 'thing' }, 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: thing\r\n\r\nhello'],
  ['a CONNECT', { path: 'a:1', method: 'CONNECT' }, 'HTTP/1.1 200 OK\r\n\r\nhello']
]) {
  // The interim answer and the tunnel come in one piece, so that the engine has made the tunnel when it hears.
  const script = async (peer) => {
    await peer.head()
    peer.send(`HTTP/1.1 103 Early Hints\r\n\r\n${answer}`)
  }
  for (const generation of [1, 2]) {
    test(`${what} is aborted just before its tunnel is told, generation ${generation}: the tunnel ends, the client goes on`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, script)
      const reason = new Error('enough')
      const handler = listener(generation, { info: (control) => control.abort(reason) })
      client.dispatch(options, handler)
      assert.strictEqual(await handler.over, reason)
      assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
      await server.peers[0].ended
      assert.deepStrictEqual(handler.seen.filter((event) => event !== 'request-sent'), ['start', 'info', 'error'])
      assert.strictEqual(client.stats.size, 0)
    })

    test(`the client of ${what} is destroyed just before its tunnel is told, generation ${generation}: the tunnel ends`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, script)
      const handler = listener(generation, { info: () => { client.destroy() } })
      client.dispatch(options, handler)
      assert.strictEqual((await handler.over).code, 'UND_ERR_DESTROYED')
      await server.peers[0].ended
      assert.deepStrictEqual(handler.seen.filter((event) => event !== 'request-sent'), ['start', 'info', 'error'])
    })
  }
}

// --- while connecting

test('an abort while connecting is told at once, and the next request still waits', patience, async (t) => {
  const client = new library.Client(`http://127.0.0.1:${await blackHole(t)}`)
  t.after(() => client.destroy())
  for (const [name, start] of Object.entries(calls).filter(([name]) => !isDispatch(name))) {
    const controller = new AbortController()
    const reason = new Error(name)
    const call = start(client, { path: '/', method: 'GET', signal: controller.signal })
    await turn()
    assert.deepStrictEqual(call.outcomes, [])
    controller.abort(reason)
    await turn()
    await turn()
    assert.deepStrictEqual(call.outcomes, [reason])
    assert.strictEqual(getEventListeners(controller.signal, 'abort').length, 0)
  }
  assert.strictEqual(client.stats.size, 0)
})

// --- many

for (const [kind, make] of [['AbortSignal', () => new AbortController()], ['emitter', () => new EventEmitter()]]) {
  test(`200 requests share one ${kind}: no warning, and an abort ends them all`, patience, async (t) => {
    const warnings = []
    const onWarning = (warning) => warnings.push(warning.name)
    process.on('warning', onWarning)
    t.after(() => process.off('warning', onWarning))
    const { server, client } = await meet(t, { pipelining: 10 }, never)
    const controller = make()
    const signal = controller.signal ?? controller
    const outcomes = Array.from({ length: 200 }, (_, n) => outcome(client.request({ path: `/${n}`, method: 'GET', signal })))
    await (await server.connection(1)).heard(10)
    if (kind === 'AbortSignal') controller.abort()
    else controller.emit('abort')
    const seen = new Set(await Promise.all(outcomes))
    assert.deepStrictEqual([...seen], [kind === 'AbortSignal'
      ? 'AbortError 20: This operation was aborted'
      : 'AbortError UND_ERR_ABORTED: Request aborted'])
    assert.strictEqual(listenersOf(signal), 0)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
    await turn()
    assert.deepStrictEqual(warnings, [])
  })

  test(`200 requests one after the other leave no listener on an ${kind}`, patience, async (t) => {
    const { client } = await meet(t)
    const controller = make()
    const signal = controller.signal ?? controller
    for (let n = 0; n < 200; n++) {
      const { body } = await client.request({ path: '/', method: 'GET', signal })
      await body.text()
    }
    assert.strictEqual(listenersOf(signal), 0)
  })
}
