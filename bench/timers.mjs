#!/usr/bin/env node
// How late each timeout fires, at 200, 500 and 1,000 ms: the least, the median and the most of 10, which run at the
// same time. The clock starts when the server has heard the request (headersTimeout) or has written (bodyTimeout,
// keepAliveTimeout), or with the call (connectTimeout). Both ends share one event loop, so that a busy machine adds
// its own noise, either way.
//
//   npm run bench:timers            with undici's numbers: node bench/timers.mjs undici8

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { Client } = require(process.argv[2] ?? '..')

const TIMES = [200, 500, 1000]
const RUNS = 10
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'

// A server that does what a row says with each connection's first request.
async function serve (answer) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

function elapsed (since) {
  return performance.now() - since
}

async function failure (call) {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('no timeout')
}

// Each gives how long its timeout of `time` ms took.
const rows = {
  async headersTimeout (time, { origin, server }) {
    const client = new Client(origin, { headersTimeout: time })
    let start
    server.once('sent', () => { start = performance.now() })
    await failure(client.request({ path: '/', method: 'GET' }))
    const took = elapsed(start)
    await client.destroy()
    return took
  },
  async bodyTimeout (time, { origin, server }) {
    const client = new Client(origin, { bodyTimeout: time })
    let start
    server.once('sent', () => { start = performance.now() })
    const { body } = await client.request({ path: '/', method: 'GET' })
    await failure(body.text())
    const took = elapsed(start)
    await client.destroy()
    return took
  },
  async keepAliveTimeout (time, { origin, server }) {
    const client = new Client(origin, { keepAliveTimeout: time })
    let start, ended
    server.once('sent', (socket) => {
      start = performance.now()
      ended = once(socket.resume(), 'end')
    })
    const { body } = await client.request({ path: '/', method: 'GET' })
    await body.text()
    await ended
    const took = elapsed(start)
    await client.destroy()
    return took
  },
  async connectTimeout (time, { deaf }) {
    const client = new Client(deaf, { connect: { timeout: time } })
    const start = performance.now()
    await failure(client.request({ path: '/', method: 'GET' }))
    const took = elapsed(start)
    await client.destroy()
    return took
  }
}

const answers = {
  headersTimeout: () => {},
  bodyTimeout: (socket) => socket.write(HEAD + 'hello'),
  keepAliveTimeout: (socket) => socket.write(HEAD + '0123456789')
}

// A listener that accepts nothing: once its queue is full nobody gets an answer.
async function makeDeaf () {
  const program = `
    const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('fs').writeSync(1, String(server.address().port))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout, 'data')
  const fillers = []
  for (let i = 0; i < 8; i++) {
    fillers.push(net.connect(Number(port), '127.0.0.1').on('error', () => {}))
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  return { origin: `http://127.0.0.1:${port}`, close () { fillers.forEach((filler) => filler.destroy()); child.kill('SIGKILL') } }
}

function summary (took, time) {
  const late = took.map((one) => one - time).sort((a, b) => a - b)
  const text = (value) => value.toFixed(1).padStart(8)
  return `${text(late[0])} ${text(late[late.length >> 1])} ${text(late[late.length - 1])}`
}

const deaf = await makeDeaf()
console.log(`${'late by, ms'.padEnd(28)}   least   median     most`)
for (const [name, row] of Object.entries(rows)) {
  for (const time of TIMES) {
    const runs = []
    for (let i = 0; i < RUNS; i++) {
      runs.push((async () => {
        const server = answers[name] && await serve((socket) => {
          answers[name](socket)
          server.emit('sent', socket)
        })
        const took = await row(time, { server, origin: server && `http://127.0.0.1:${server.address().port}`, deaf: deaf.origin })
        server?.close()
        return took
      })())
    }
    console.log(`${`${name} ${time}`.padEnd(28)}${summary(await Promise.all(runs), time)}`)
  }
}
deaf.close()
console.log(`Node.js ${process.versions.node}, ${fileURLToPath(import.meta.resolve(process.argv[2] ?? '../index.js'))}`)
