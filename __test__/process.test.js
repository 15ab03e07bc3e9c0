'use strict'

// The engine and the life of the process: what keeps it alive, what does not, and that it may end at any moment.

const { test, before, after } = require('node:test')
const assert = require('node:assert')
const { spawn } = require('node:child_process')
const http = require('node:http')
const path = require('node:path')
const { once } = require('node:events')

const root = path.join(__dirname, '..')
let server
let origin

before(async () => {
  server = http.createServer((request, response) => {
    if (request.url === '/never') {
      return
    }
    if (request.url === '/half') {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half ')
      return
    }
    if (request.url === '/later') {
      setTimeout(() => response.end('late'), 300)
      return
    }
    response.end(request.url === '/large' ? Buffer.alloc(4_000_000) : 'here')
  })
  server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
    socket.once('data', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})

after(() => {
  server.closeAllConnections()
  server.close()
})

/** Runs a program with `Client` and `origin` in scope; resolves with its exit code, its signal and what it wrote. */
async function run (program) {
  const source = `'use strict'
    const { Client } = require(${JSON.stringify(root)})
    const origin = ${JSON.stringify(origin)}
    ;(async () => { ${program} })().catch((error) => { console.error(error); process.exitCode = 9 })`
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => { output += chunk })
  child.stderr.on('data', (chunk) => { output += chunk })
  const started = process.hrtime.bigint()
  // Only tells a hang from a slow machine.
  const watchdog = setTimeout(() => child.kill('SIGKILL'), 120e3)
  const [code, signal] = await once(child, 'close')
  clearTimeout(watchdog)
  return { code, signal, output, milliseconds: Number(process.hrtime.bigint() - started) / 1e6 }
}

test('requiring the package starts nothing', async () => {
  const { code, signal, output } = await run('')
  assert.deepStrictEqual({ code, signal, output }, { code: 0, signal: null, output: '' })
})

test('an idle connection does not keep the process alive', async () => {
  const { code, signal, output, milliseconds } = await run(`
    const client = new Client(origin, { keepAliveTimeout: 60e3 })
    const { body } = await client.request({ path: '/', method: 'GET' })
    console.log(await body.text())`)
  assert.deepStrictEqual({ code, signal, output }, { code: 0, signal: null, output: 'here\n' })
  assert.ok(milliseconds < 50e3, `${milliseconds} ms`)
})

test('a tunnel that both ends have closed does not keep the process alive', async () => {
  const { code, signal, output } = await run(`
    const client = new Client(origin)
    const { socket } = await client.upgrade({ path: '/', protocol: 'x' })
    socket.on('close', () => console.log('closed')).resume()
    socket.end('enough')`)
  assert.deepStrictEqual({ code, signal, output }, { code: 0, signal: null, output: 'closed\n' })
})

test('a request under way keeps the process alive', async () => {
  const { code, output } = await run(`
    const client = new Client(origin)
    client.request({ path: '/later', method: 'GET' }).then(async ({ body }) => console.log(await body.text()))`)
  assert.deepStrictEqual({ code, output }, { code: 0, output: 'late\n' })
})

test('a large response that nobody reads does not keep the process alive', async () => {
  const { code, signal, output } = await run(`
    const client = new Client(origin, { bodyTimeout: 0 })
    globalThis.response = await client.request({ path: '/large', method: 'GET' })
    console.log(response.statusCode)`)
  assert.deepStrictEqual({ code, signal, output }, { code: 0, signal: null, output: '200\n' })
})

test('a large response that is read after a while keeps the process alive from then on', async () => {
  const { code, output } = await run(`
    const client = new Client(origin)
    const { body } = await client.request({ path: '/large', method: 'GET' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    console.log((await body.bytes()).length)
    const aborted = await client.request({ path: '/large', method: 'GET' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    aborted.body.on('error', () => {}).destroy()
    const late = await client.request({ path: '/later', method: 'GET' })
    console.log(await late.body.text())`)
  assert.deepStrictEqual({ code, output }, { code: 0, output: '4000000\nlate\n' })
})

test('a request that is paused before its response keeps the process alive until that comes', async () => {
  const { code, output } = await run(`
    const client = new Client(origin)
    await new Promise((resolve) => client.dispatch({ path: '/later', method: 'GET' }, {
      onRequestStart: (controller) => controller.pause(),
      onResponseStart: (controller) => controller.resume(),
      onResponseData: (controller, chunk) => console.log(String(chunk)),
      onResponseEnd: resolve,
      onResponseError: (controller, error) => console.log(error)
    }))`)
  assert.deepStrictEqual({ code, output }, { code: 0, output: 'late\n' })
})

test('a client that is being destroyed keeps the process alive until it is', async () => {
  const { code, output } = await run(`
    const client = new Client(origin)
    client.request({ path: '/never', method: 'GET' }).catch((error) => console.log(error.code))
    client.on('connect', () => client.destroy(() => console.log('destroyed')))`)
  assert.deepStrictEqual({ code, output }, { code: 0, output: 'UND_ERR_DESTROYED\ndestroyed\n' })
})

for (const [moment, program] of [
  ['right after the calls', 'process.exit(3)'],
  ['while it connects', 'setImmediate(() => process.exit(3))'],
  ['while answers are awaited', 'client.on(\'connect\', () => setTimeout(() => process.exit(3), 5))'],
  ['in a callback of the engine', 'client.on(\'connect\', () => process.exit(3))'],
  ['with a body half read', 'const { body } = await half; body.on(\'data\', () => process.exit(3))']
]) {
  test(`process.exit() ends the process ${moment}`, async () => {
    const { code, signal, output } = await run(`
      const client = new Client(origin)
      for (let count = 0; count < 20; count++) new Client(origin).request({ path: '/never', method: 'GET' }).catch(() => {})
      const half = client.request({ path: '/half', method: 'GET' })
      ${program}`)
    assert.deepStrictEqual({ code, signal, output }, { code: 3, signal: null, output: '' })
  })
}

test('workers may be terminated at any moment with requests in flight', async () => {
  const { code, signal, output } = await run(`
    const { Worker } = require('node:worker_threads')
    const source = \`
      const { Client } = require(${JSON.stringify(root)})
      const { workerData, parentPort } = require('node:worker_threads')
      for (let count = 0; count < 10; count++) {
        const client = new Client(workerData.origin)
        client.on('connect', () => parentPort.postMessage('connected'))
        for (const path of ['/', '/half', '/never']) client.request({ path, method: 'GET' }).catch(() => {})
      }\`
    for (let turn = 0; turn < 11; turn++) {
      const worker = new Worker(source, { eval: true, workerData: { origin } })
      // After so many connections, or before the first.
      const moment = turn
      let connected = 0
      await new Promise((resolve) => {
        worker.on('online', () => { if (moment === 0) resolve() })
        worker.on('message', () => { if (++connected === moment) resolve() })
      })
      await worker.terminate()
    }
    console.log('done')`)
  assert.deepStrictEqual({ code, signal, output }, { code: 0, signal: null, output: 'done\n' })
})

test('a worker has an engine of its own', async () => {
  const { code, output } = await run(`
    const { Worker } = require('node:worker_threads')
    const worker = new Worker(\`
      const { Client } = require(${JSON.stringify(root)})
      const { workerData, parentPort } = require('node:worker_threads')
      const client = new Client(workerData)
      client.request({ path: '/', method: 'GET' }).then(async ({ body }) => parentPort.postMessage(await body.text()))
    \`, { eval: true, workerData: origin })
    worker.on('message', (text) => console.log('worker', text))
    const { body } = await new Client(origin).request({ path: '/later', method: 'GET' })
    console.log('main', await body.text())`)
  assert.deepStrictEqual({ code, output: output.split('\n').sort().join(' ').trim() }, { code: 0, output: 'main late worker here' })
})
