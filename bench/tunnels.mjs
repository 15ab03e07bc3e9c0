#!/usr/bin/env node
// What a tunnel costs: an https: origin behind a proxy of CONNECT, by the engine, by Node's sockets that are lent to it, and by
// undici. CPU of the main thread and of the process per request of 100 octets (50 at a time, over tunnels that are there),
// and per MiB of a download of 100 MiB. Origin and proxy are Node's, in processes of their own.
//
//   node bench/tunnels.mjs          needs Node >= 24 (process.threadCpuUsage)

import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import net from 'node:net'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const self = fileURLToPath(import.meta.url)

const CONCURRENT = 50
const REQUESTS = 5000
const ROUNDS = 5
const MEBIBYTE = 1024 * 1024
const SIZE = 100 * MEBIBYTE

// Who asks, with a ProxyAgent for `options`.
const clients = {
  engine: (options) => new (require('..').ProxyAgent)(options),
  sockets (options) {
    const { Pool, ProxyAgent } = require('..')
    return new ProxyAgent({ ...options, clientFactory: (url, own) => new Pool(url, own) })
  },
  undici8: (options) => new (require('undici8').ProxyAgent)(options)
}

const roles = {
  async origin () {
    const { certificates } = require('../__test__/tls/certificates.js')
    const [small, large] = [Buffer.alloc(100, '.'), Buffer.alloc(MEBIBYTE)]
    const server = https.createServer(certificates.good, (request, response) => {
      if (request.url === '/small') {
        response.end(small)
        return
      }
      response.writeHead(200, { 'content-length': SIZE })
      let left = SIZE
      const write = () => {
        while (left > 0) {
          left -= large.length
          if (!response.write(large)) return response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    process.send({ port: server.address().port, ca: certificates.root.cert })
  },

  async proxy () {
    const server = http.createServer().on('connect', (request, socket) => {
      const onward = net.connect(Number(request.url.split(':').at(-1)), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.on('error', () => onward.destroy())
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    process.send({ port: server.address().port })
  },

  async client (name) {
    const [{ proxy, port, ca }] = await once(process, 'message')
    const agent = clients[name]({ uri: `http://127.0.0.1:${proxy}`, requestTls: { ca }, connections: CONCURRENT })
    const origin = `https://localhost:${port}`
    const many = async (count) => {
      const one = async () => {
        while (count-- > 0) {
          const { body } = await agent.request({ origin, path: '/small', method: 'GET' })
          await body.text()
        }
      }
      await Promise.all(Array.from({ length: CONCURRENT }, one))
    }
    const download = async () => {
      const { body } = await agent.request({ origin, path: '/large', method: 'GET' })
      let length = 0
      for await (const chunk of body) length += chunk.length
      if (length !== SIZE) throw new Error(`${length} octets`)
    }
    await many(REQUESTS)
    const small = await measured(REQUESTS, () => many(REQUESTS))
    await download()
    const large = await measured(SIZE / MEBIBYTE, download)
    process.send({ small, large })
    process.disconnect()
    await agent.destroy()
  }
}

// Microseconds for each of `count`: main thread, process, the clock.
async function measured (count, work) {
  const [thread, all, start] = [process.threadCpuUsage(), process.cpuUsage(), performance.now()]
  await work()
  const sum = ({ user, system }) => (user + system) / count
  return {
    thread: sum(process.threadCpuUsage(thread)), all: sum(process.cpuUsage(all)), time: (performance.now() - start) * 1e3 / count
  }
}

async function main () {
  const servers = ['origin', 'proxy'].map((role) => fork(self, [role]))
  const [[origin], [proxy]] = await Promise.all(servers.map((server) => once(server, 'message')))
  const found = Object.fromEntries(Object.keys(clients).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(clients)) {
      const child = fork(self, ['client', name])
      child.send({ proxy: proxy.port, ...origin })
      const [result] = await once(child, 'message')
      found[name].push(result)
      await once(child, 'exit')
    }
  }
  servers.forEach((server) => server.kill())
  for (const what of ['small', 'large']) {
    console.log(what === 'small' ? 'µs a request of 100 octets' : 'µs a MiB of a download')
    console.table(Object.fromEntries(Object.entries(found).map(([name, rounds]) => [name, {
      'main thread': median(rounds.map((round) => round[what].thread)),
      process: median(rounds.map((round) => round[what].all)),
      elapsed: median(rounds.map((round) => round[what].time))
    }])))
  }
}

function median (values) {
  return Number(values.sort((one, other) => one - other)[values.length >> 1].toFixed(1))
}

const [role, ...given] = process.argv.slice(2)
await (role === undefined ? main() : roles[role](...given))
