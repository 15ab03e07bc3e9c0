#!/usr/bin/env node
// Many connections: so many at once to one origin, so many origins at once, and what an idle connection costs in
// resident memory, beside undici 8. Servers and clients run in processes of their own.
//
//   npm run soak:scale -- [--connections 2000] [--origins 200] [--tls]

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const require = createRequire(import.meta.url)
const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000' },
    origins: { type: 'string', default: '200' },
    role: { type: 'string' },
    library: { type: 'string' }
  }
})
const connections = Number(values.connections)
const origins = Number(values.origins)

// How long an answer waits for the others, so that all are under way at once.
const GATHERING = 200

const libraries = { dodici: '../index.js', 'undici 8': 'undici8' }

const roles = { server: serve, client: load }

if (values.role) {
  roles[values.role]()
} else {
  await compare()
}

// --- the server: answers once as many requests are here as it was told, and tells the ports that it has

function serve () {
  let wanted = 0
  let waiting = []
  const answer = (request, response) => {
    waiting.push(response)
    if (waiting.length >= wanted) {
      for (const one of waiting) one.end('{"ok":true}')
      waiting = []
    }
  }
  const servers = []
  process.on('message', async (message) => {
    wanted = message.wanted
    while (servers.length < message.servers) {
      const server = http.createServer({ keepAliveTimeout: 600e3 }, answer)
      await once(server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }), 'listening')
      servers.push(server)
    }
    process.send({ ports: servers.map((server) => server.address().port) })
  })
}

// --- the client: one request to each URL at once, then all connections stay idle

function load () {
  const { Agent } = require(libraries[values.library])
  const agent = new Agent({ keepAliveTimeout: 600e3, keepAliveMaxTimeout: 600e3 })
  process.on('message', async ({ urls }) => {
    const before = await resident()
    const failures = new Map()
    await Promise.all(urls.map(async (url) => {
      try {
        await request(agent, url)
      } catch (error) {
        failures.set(error.code, (failures.get(error.code) ?? 0) + 1)
      }
    }))
    const after = await resident()
    process.send({ failures: [...failures], growth: after - before })
  })
  process.send({})
}

function request (agent, origin) {
  return new Promise((resolve, reject) => {
    agent.dispatch({ origin, path: '/', method: 'GET' }, {
      onRequestStart () {},
      onResponseStart () {},
      onResponseData () {},
      onResponseEnd: resolve,
      onResponseError: (_, error) => reject(error)
    })
  })
}

async function resident () {
  for (let round = 0; round < 5; round++) {
    globalThis.gc()
    await delay(GATHERING)
  }
  return process.memoryUsage().rss
}

// --- the comparison

async function compare () {
  let isFaultless = true
  console.log('library    scenario                              failures   resident, KiB a connection')
  for (const library of Object.keys(libraries)) {
    const scenarios = [
      [`${connections} connections to an origin`, 1, (ports) => Array(connections).fill(ports[0])],
      [`${origins} origins`, origins, (ports) => ports]
    ]
    for (const [name, servers, portsOf] of scenarios) {
      const server = child('server')
      server.send({ wanted: servers === 1 ? connections : 1, servers })
      const [{ ports }] = await once(server, 'message')
      const client = child('client', '--library', library)
      await once(client, 'message')
      const urls = portsOf(ports).map((port) => `http://127.0.0.1:${port}`)
      client.send({ urls })
      const [{ failures, growth }] = await once(client, 'message')
      console.log(`${library.padEnd(10)} ${name.padEnd(37)} ${String(JSON.stringify(failures)).padEnd(10)} ` +
        (growth / urls.length / 1024).toFixed(1))
      isFaultless &&= library !== 'dodici' || failures.length === 0
      client.kill()
      server.kill()
    }
  }
  process.exitCode = isFaultless ? 0 : 1
}

function child (role, ...rest) {
  return fork(fileURLToPath(import.meta.url), ['--role', role, '--connections', `${connections}`, ...rest], {
    execArgv: ['--expose-gc']
  })
}
