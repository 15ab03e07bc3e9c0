#!/usr/bin/env node
// GET of 100 octets of JSON over 50 connections, side by side: requests per second, and main-thread and process CPU
// per request. Each client runs in a process of its own, the clients in turns, the order reversed every other round.
//
//   npm run bench -- [--rounds 5] [--seconds 3]        needs Node >= 24 (process.threadCpuUsage) and nginx

import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const CONNECTIONS = 50
const PORT = 8411
const require = createRequire(import.meta.url)

const loads = {
  'dodici request': () => requests(require('../index.js'), (client) => async () => {
    const { body } = await client.request({ path: '/data.json', method: 'GET' })
    await body.json()
  }),
  'dodici dispatch': () => requests(require('../index.js'), dispatches),
  'undici 8 request': () => requests(require('undici8'), (client) => async () => {
    const { body } = await client.request({ path: '/data.json', method: 'GET' })
    await body.json()
  }),
  'undici 8 dispatch': () => requests(require('undici8'), dispatches)
}

function dispatches (client) {
  return () => new Promise((resolve, reject) => client.dispatch({ path: '/data.json', method: 'GET' }, {
    onRequestStart () {},
    onResponseStart () {},
    onResponseData () {},
    onResponseEnd: resolve,
    onResponseError: (_, error) => reject(error)
  }))
}

// 50 clients, each with one connection and one request at a time, for so many seconds.
async function requests ({ Client }, make) {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(`http://127.0.0.1:${PORT}`))
  const calls = clients.map(make)
  const run = { end: 0 }
  let count = 0
  const loop = async (call) => {
    const { end } = run
    while (performance.now() < end) {
      await call()
      count++
    }
  }
  const measured = async (seconds) => {
    run.end = performance.now() + seconds * 1000
    count = 0
    const [wall, thread, all] = [process.hrtime.bigint(), process.threadCpuUsage(), process.cpuUsage()]
    await Promise.all(calls.map(loop))
    const elapsed = Number(process.hrtime.bigint() - wall) / 1e9
    const [threadUsed, used] = [process.threadCpuUsage(thread), process.cpuUsage(all)]
    return { perSecond: count / elapsed, main: (threadUsed.user + threadUsed.system) / count, all: (used.user + used.system) / count }
  }
  await measured(1)
  const result = await measured(Number(process.env.BENCH_SECONDS))
  process.send(result)
  await Promise.all(clients.map((client) => client.close()))
  process.disconnect()
}

async function serve () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dodici-bench-'))
  fs.writeFileSync(path.join(folder, 'data.json'), JSON.stringify({ text: 'x'.repeat(89) }))
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 100000000; open_file_cache max=10;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      types { application/json json; }
      server { listen ${PORT}; root ${folder}; }
    }`)
  const nginx = spawn('nginx', ['-c', path.join(folder, 'nginx.conf')], { stdio: ['ignore', 'inherit', 'inherit'] })
  for (let tries = 0; ; tries++) {
    try {
      await fetch(`http://127.0.0.1:${PORT}/data.json`)
      break
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return async () => {
    nginx.kill()
    await once(nginx, 'exit')
    fs.rmSync(folder, { recursive: true })
  }
}

async function main () {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } })
  execFileSync('nginx', ['-v'], { stdio: 'ignore' })
  const stop = await serve()
  const names = Object.keys(loads)
  const results = new Map(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of round % 2 ? [...names].reverse() : names) {
      results.get(name).push(await new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
          env: { ...process.env, BENCH_LOAD: name, BENCH_SECONDS: values.seconds },
          stdio: ['ignore', 'inherit', 'inherit', 'ipc']
        })
        child.on('message', resolve).on('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
      }))
    }
  }
  await stop()
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]
  const medians = new Map(names.map((name) => {
    const rows = results.get(name)
    return [name, { perSecond: median(rows.map((row) => row.perSecond)), main: median(rows.map((row) => row.main)), all: median(rows.map((row) => row.all)) }]
  }))
  console.log(`Node ${process.version}, ${os.cpus().length} cores, ${values.rounds} rounds of ${values.seconds} s, medians; in brackets the ratio to undici 8`)
  console.log('                    requests/s          main-thread µs      process µs')
  for (const name of names) {
    const own = medians.get(name)
    const reference = medians.get(name.replace('dodici', 'undici 8'))
    const cell = (key, digits) => `${own[key].toFixed(digits)} (${(own[key] / reference[key]).toFixed(2)})`.padEnd(20)
    console.log(`${name.padEnd(20)}${cell('perSecond', 0)}${cell('main', 2)}${cell('all', 2)}`)
  }
}

if (process.env.BENCH_LOAD) {
  await loads[process.env.BENCH_LOAD]()
} else {
  await main()
}
