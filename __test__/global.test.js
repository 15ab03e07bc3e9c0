'use strict'

// The global dispatcher: whom it is shared with, and who speaks which generation to whom.

const { test, describe, after, before } = require('node:test')
const assert = require('node:assert')
const http = require('node:http')
const { execFile } = require('node:child_process')
const { once } = require('node:events')
const { promisify } = require('node:util')
const path = require('node:path')

const root = path.join(__dirname, '..')
const FIRST = 'undici.globalDispatcher.1'
const SECOND = 'undici.globalDispatcher.2'

const run = promisify(execFile)
// A program that does not end is a failure of its own.
const DEADLINE = 60_000

/** Runs a program in a process of its own, which has `dodici`, and returns what it prints. */
async function program (source, environment = {}) {
  const { stdout } = await run(process.execPath, ['--no-warnings', '-e', `
    const dodici = require(${JSON.stringify(root)})
    const FIRST = Symbol.for('${FIRST}'), SECOND = Symbol.for('${SECOND}')
    ;(async () => { ${source} })().catch((error) => { console.log('failed', error) }).finally(() => process.exit())
  `], { cwd: root, timeout: DEADLINE, env: { ...process.env, ...environment } })
  return stdout.trim()
}

const load = (name) => {
  try {
    return require(name)
  } catch {
    return null
  }
}

describe('the global dispatcher', () => {
  let server
  let url

  before(async () => {
    server = http.createServer((request, response) => {
      response.setHeader('x-asked', request.url)
      request.pipe(response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${server.address().port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  test('nothing is written when the package is required, nor when the dispatcher is asked for', async () => {
    assert.strictEqual(await program(`
      const agent = dodici.getGlobalDispatcher()
      console.log(agent instanceof dodici.Agent, agent === dodici.getGlobalDispatcher(), SECOND in globalThis, FIRST in globalThis)
    `), 'true true false false')
  })

  test('a dispatcher that is set is there for both generations, in properties that others may overwrite', async () => {
    assert.strictEqual(await program(`
      const agent = new dodici.Agent()
      dodici.setGlobalDispatcher(agent)
      for (const symbol of [SECOND, FIRST]) {
        const { value, ...rest } = Object.getOwnPropertyDescriptor(globalThis, symbol)
        console.log(value === agent, value instanceof dodici.Dispatcher, JSON.stringify(rest))
      }
      console.log(dodici.getGlobalDispatcher() === agent)
    `), [
      'true true {"writable":true,"enumerable":false,"configurable":false}',
      'false true {"writable":true,"enumerable":false,"configurable":false}',
      'true'
    ].join('\n'))
  })

  test('where nobody set one of the second generation, that of the first is it', async () => {
    assert.strictEqual(await program(`
      const { setGlobalDispatcher, Agent } = require('undici6')
      const agent = new Agent()
      setGlobalDispatcher(agent)
      console.log(dodici.getGlobalDispatcher() === agent)
    `), 'true')
  })

  test('a globalThis that takes no properties is no hindrance', async () => {
    assert.strictEqual(await program(`
      Object.preventExtensions(globalThis)
      const agent = new dodici.Agent()
      dodici.setGlobalDispatcher(agent)
      console.log(dodici.getGlobalDispatcher() === agent, SECOND in globalThis)
    `), 'true false')
  })

  test('what has no dispatch is refused', async () => {
    assert.match(await program(`
      for (const one of [undefined, null, {}, 'x']) {
        try { dodici.setGlobalDispatcher(one) } catch (error) { console.log(error.code, error.message) }
      }
    `), /^(UND_ERR_INVALID_ARG Argument agent must implement Agent\n?){4}$/)
  })

  test('Node\'s own fetch goes through it', async () => {
    assert.strictEqual(await program(`
      let count = 0
      class Counting extends dodici.Agent {
        dispatch (options, handler) { count++; return super.dispatch(options, handler) }
      }
      dodici.setGlobalDispatcher(new Counting())
      const answer = await fetch('${url}/fetched', { method: 'POST', body: 'hello' })
      console.log(answer.status, answer.headers.get('x-asked'), await answer.text(), count)
    `), '200 /fetched hello 1')
  })

  test('Node\'s own fetch goes through an Agent with interceptors of the second generation', async () => {
    assert.strictEqual(await program(`
      dodici.setGlobalDispatcher(new dodici.Agent().compose((dispatch) => (options, handler) => dispatch(options, {
        onRequestStart: (controller, context) => handler.onRequestStart(controller, context),
        onResponseStart: (...rest) => { console.log('seen'); handler.onResponseStart(...rest) },
        onResponseData: (...rest) => handler.onResponseData(...rest),
        onResponseEnd: (...rest) => handler.onResponseEnd(...rest),
        onResponseError: (...rest) => handler.onResponseError(...rest)
      })))
      console.log(await (await fetch('${url}', { method: 'POST', body: 'hello' })).text())
    `), 'seen\nhello')
  })

  const version = Number(process.versions.node.split('.')[0])
  const onlySecond = version >= 26 && 'the fetch of Node 26 speaks the second alone'

  test('Node\'s own fetch goes through a dispatcher of the user that speaks the first generation', { skip: onlySecond }, async () => {
    assert.strictEqual(await program(`
      const agent = new dodici.Agent()
      class Old extends dodici.Dispatcher {
        dispatch (options, handler) {
          return agent.dispatch(options, {
            onConnect: (...rest) => handler.onConnect(...rest),
            onHeaders: (...rest) => handler.onHeaders(...rest),
            onData: (...rest) => handler.onData(...rest),
            onComplete: (...rest) => handler.onComplete(...rest),
            onError: (...rest) => handler.onError(...rest)
          })
        }
      }
      dodici.setGlobalDispatcher(new Old())
      console.log(await (await fetch('${url}', { method: 'POST', body: 'hello' })).text())
      console.log(await (await dodici.request('${url}', { method: 'POST', body: 'again' })).body.text())
    `), 'hello\nagain')
  })

  for (const name of ['undici6', 'undici7', 'undici8']) {
    const skip = load(name) === null && `${name} needs a newer Node`

    test(`${name} uses the dispatcher that was set here`, { skip }, async () => {
      assert.strictEqual(await program(`
        const other = require('${name}')
        let count = 0
        class Counting extends dodici.Agent {
          dispatch (options, handler) { count++; return super.dispatch(options, handler) }
        }
        dodici.setGlobalDispatcher(new Counting())
        console.log(await (await other.request('${url}', { method: 'POST', body: 'hello' })).body.text())
        console.log(await (await other.fetch('${url}', { method: 'POST', body: 'again' })).text(), count)
      `), 'hello\nagain 2')
    })

    test(`the calls go through the dispatcher that ${name} has set`, { skip }, async () => {
      assert.strictEqual(await program(`
        const { Agent, setGlobalDispatcher } = require('${name}')
        let count = 0
        class Counting extends Agent {
          dispatch (options, handler) { count++; return super.dispatch(options, handler) }
        }
        setGlobalDispatcher(new Counting())
        const { statusCode, headers, body } = await dodici.request('${url}/x', { method: 'POST', body: 'hello', query: { a: 1 } })
        console.log(statusCode, headers['x-asked'], await body.text())
        const { PassThrough } = require('node:stream')
        const sink = new PassThrough().resume()
        await dodici.stream('${url}', { method: 'POST', body: 'x'.repeat(300000) }, () => sink)
        const piped = dodici.pipeline('${url}', { method: 'POST' }, ({ body }) => body)
        piped.end('piped')
        console.log(await require('node:stream/consumers').text(piped), count)
      `), '200 /x?a=1 hello\npiped 3')
    })
  }

  test('a proxy that Node was started with stays', { skip: version < 22 && 'Node 20 has none' }, async (t) => {
    const asked = []
    const proxy = http.createServer((request, response) => {
      asked.push(request.url)
      response.end('by the proxy')
    })
    proxy.on('connect', (request, socket) => {
      asked.push(request.url)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\nby the proxy'))
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    t.after(() => proxy.close())
    const environment = {
      NODE_USE_ENV_PROXY: '1', http_proxy: `http://127.0.0.1:${proxy.address().port}`, no_proxy: ''
    }
    assert.strictEqual(await program(`
      dodici.getGlobalDispatcher()
      console.log(await (await fetch('http://origin.invalid/')).text())
    `, environment), 'by the proxy')
    assert.strictEqual(asked.length, 1)
  })
})
