'use strict'

// An engine that fails by a fault of its own takes its exchanges with it, and nothing else.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { setFlagsFromString } = require('node:v8')
const { runInNewContext } = require('node:vm')
const { Worker, isMainThread, workerData } = require('node:worker_threads')

const root = path.join(__dirname, '../..')

// The program: what it prints is one line of JSON.
async function program () {
  const { createServer } = require('node:http')
  // Our way to break the engine from outside: the memory that it reads its commands from.
  const memories = []
  const SharedMemory = SharedArrayBuffer
  globalThis.SharedArrayBuffer = class extends SharedMemory {
    constructor (length) {
      super(length)
      memories.push(new WeakRef(this))
    }
  }
  const { Client } = require(root)
  const { TAIL_WORD } = require(path.join(root, 'lib/native/layout'))
  const { census } = require(path.join(root, 'lib/native/bridge'))

  const server = createServer((request, response) => {
    if (request.url === '/break') {
      Atomics.add(new Int32Array(memories[0].deref()), TAIL_WORD, 4)
      response.end('broken')
    } else if (request.url === '/answer') {
      response.end('answer')
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${server.address().port}`

  const heard = []
  const clients = [0, 1, 2].map(() => new Client(origin))
  clients[0].once('disconnect', (origin, targets, error) => heard.push(`disconnect: ${error.message}`))
  const calls = [
    clients[0].request({ path: '/wait', method: 'GET' }),
    clients[0].request({ path: '/queued', method: 'GET' }),
    clients[1].request({ path: '/wait', method: 'POST', body: 'hello' }),
    clients[2].request({ path: '/break', method: 'GET' }).then(({ body }) => body.text())
  ]
  // Its stack refers to where an error was made, so that none is kept.
  const words = calls.splice(0).map((call) => call.catch((error) => `${error.name}: ${error.message}`))
  heard.push(...await Promise.all(words))

  // The same clients, and a new one, go on with another engine.
  for (const client of [...clients, new Client(origin)]) {
    const { body } = await client.request({ path: '/answer', method: 'GET' })
    heard.push(await body.text())
    await client.close()
  }
  const { exchanges, dispatchers } = census()
  server.close()
  console.log(JSON.stringify({ heard, exchanges, dispatchers, engines: memories.length / 3, kept: await kept(memories, 3) / 3 }))
}

// How many of them the collector leaves, given time to find out that all but so many are garbage.
async function kept (memories, expected) {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc')
  const living = () => memories.filter((memory) => memory.deref() !== undefined).length
  for (let patience = 100; patience > 0 && living() > expected; patience--) {
    await nextTurn()
    gc()
  }
  return living()
}

async function run (args) {
  const child = spawn(process.execPath, args, { env: { ...process.env, RUST_BACKTRACE: '0' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => { out += chunk })
  child.stderr.on('data', (chunk) => { err += chunk })
  const [code, signal] = await once(child, 'close')
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, err)
  return { result: JSON.parse(out), err }
}

const expected = {
  heard: [
    'disconnect: the engine failed',
    'SocketError: the engine failed',
    'SocketError: the engine failed',
    'SocketError: the engine failed',
    'broken',
    'answer', 'answer', 'answer', 'answer'
  ],
  exchanges: 0,
  dispatchers: 0,
  engines: 2,
  // The failed one's memory is free.
  kept: 1
}

if (!isMainThread && workerData === 'program') {
  program()
} else if (process.argv[2] === 'program') {
  program()
} else if (process.argv[2] === 'worker') {
  // eslint-disable-next-line no-new
  new Worker(__filename, { workerData: 'program' })
} else {
  test('an engine that cannot be made keeps no memory', async () => {
    const { Engine } = require('../../lib/native/binding')
    const memories = []
    const memory = (Type) => {
      const array = new Type(new SharedArrayBuffer(4096))
      memories.push(new WeakRef(array))
      return array
    }
    const make = () => new Engine(memory(Uint8Array), memory(Uint8Array), memory(Uint16Array), () => {})
    assert.throws(make, { code: 'InvalidArg', message: 'a Uint8Array is expected' })
    assert.equal(await kept(memories, 0), 0)
  })

  for (const where of ['program', 'worker']) {
    test(`a panic in the engine of a ${where} fails what it had, and the process goes on`, async () => {
      const { result, err } = await run([__filename, where])
      assert.deepEqual(result, expected)
      assert.match(err, /thread 'dodici'.* panicked/)
    })
  }
}
