#!/usr/bin/env node
// GET of 100 octets of JSON over 50 connections, side by side: requests per second, and main-thread and process CPU
// per request. Each client runs in a process of its own, the clients in turns, the order reversed every other round.
//
//   npm run bench -- [--rounds 5] [--seconds 3] [--tls] [--download]
//
// With --tls over HTTPS; with --download a body of 100 MiB, one at a time, where a request is a MiB of it. Needs
// Node >= 24 (process.threadCpuUsage) and nginx.

import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const PORT = 8411
const DOWNLOAD_MIB = 100
const require = createRequire(import.meta.url)

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    tls: { type: 'boolean', default: false },
    download: { type: 'boolean', default: false }
  }
})
// Only who serves makes them.
const certificates = process.env.BENCH_LOAD ? null : require('../__test__/tls/certificates.js').certificates
const scheme = values.tls ? 'https' : 'http'
const connections = values.download ? 1 : 50

const loads = values.download
  ? {
      'dodici iterate': () => requests(require('../index.js'), iterates, DOWNLOAD_MIB),
      'undici 8 iterate': () => requests(require('undici8'), iterates, DOWNLOAD_MIB)
    }
  : {
      'dodici request': () => requests(require('../index.js'), reads),
      'dodici dispatch': () => requests(require('../index.js'), dispatches),
      'undici 8 request': () => requests(require('undici8'), reads),
      'undici 8 dispatch': () => requests(require('undici8'), dispatches)
    }

function reads (pool) {
  return async () => {
    const { body } = await pool.request({ path: '/data.json', method: 'GET' })
    await body.json()
  }
}

function iterates (pool) {
  return async () => {
    const { body } = await pool.request({ path: '/large', method: 'GET' })
    let octets = 0
    for await (const chunk of body) octets += chunk.length
    if (octets !== DOWNLOAD_MIB * 1024 * 1024) throw new Error(`${octets} octets came`)
  }
}

function dispatches (pool) {
  return () => new Promise((resolve, reject) => pool.dispatch({ path: '/data.json', method: 'GET' }, {
    onRequestStart () {},
    onResponseStart () {},
    onResponseData () {},
    onResponseEnd: resolve,
    onResponseError: (_, error) => reject(error)
  }))
}

// A pool with as many requests at a time as connections, for so many seconds; each counts for so many.
async function requests ({ Pool }, make, weight = 1) {
  const pool = new Pool(`${scheme}://127.0.0.1:${PORT}`, { connections, connect: { ca: process.env.BENCH_CA } })
  const calls = Array(connections).fill(make(pool))
  const run = { end: 0 }
  let count = 0
  const loop = async (call) => {
    const { end } = run
    while (performance.now() < end) {
      await call()
      count += weight
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
  await pool.close()
  process.disconnect()
}

async function serve () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dodici-bench-'))
  fs.writeFileSync(path.join(folder, 'data.json'), JSON.stringify({ text: 'x'.repeat(89) }))
  fs.writeFileSync(path.join(folder, 'large'), '')
  fs.truncateSync(path.join(folder, 'large'), DOWNLOAD_MIB * 1024 * 1024)
  fs.writeFileSync(path.join(folder, 'cert.pem'), certificates.good.cert)
  fs.writeFileSync(path.join(folder, 'key.pem'), certificates.good.key)
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 100000000; open_file_cache max=10;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      types { application/json json; }
      server {
        listen ${PORT} ${values.tls ? 'ssl' : ''}; root ${folder};
        ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
      }
    }`)
  const nginx = spawn('nginx', ['-c', path.join(folder, 'nginx.conf')], { stdio: ['ignore', 'inherit', 'inherit'] })
  for (let tries = 0; ; tries++) {
    try {
      await once(connect(PORT, '127.0.0.1'), 'connect')
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
  execFileSync('nginx', ['-v'], { stdio: 'ignore' })
  const stop = await serve()
  const names = Object.keys(loads)
  const results = new Map(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of round % 2 ? [...names].reverse() : names) {
      results.get(name).push(await new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
          env: { ...process.env, BENCH_LOAD: name, BENCH_SECONDS: values.seconds, BENCH_CA: certificates.root.cert },
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
