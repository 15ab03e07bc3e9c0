// The server that the clients call: nginx where it is installed, otherwise the program in server/, which is built for it.
// Both serve the files of one folder over HTTP and HTTPS, and answer a POST when all of it is there.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SIZES } from './workloads.mjs'

const require = createRequire(import.meta.url)
const HOST = '127.0.0.1'
const manifest = fileURLToPath(new URL('server/Cargo.toml', import.meta.url))

function json (octets) {
  return JSON.stringify({ text: 'x'.repeat(octets - '{"text":""}'.length) })
}

// The files that are asked for, and what TLS needs.
function makeFolder () {
  const { certificates } = require('../__test__/tls/certificates.js')
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dodici-bench-'))
  const write = (name, content) => writeFileSync(path.join(folder, name), content)
  write('small.json', json(SIZES.small))
  write('medium.json', json(SIZES.medium))
  write('large', '')
  truncateSync(path.join(folder, 'large'), SIZES.large)
  write('certificate.pem', certificates.good.cert)
  write('key.pem', certificates.good.key)
  write('authority.pem', certificates.root.cert)
  return folder
}

// What is asked most often comes from memory. nginx reads a body to its end only for a module that wants it: that is
// what the mirror is for, and the file that cannot be POSTed to is answered with instead.
function nginxConfiguration ({ folder, port, securePort, workers }) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder};`).join(' ')
  const listen = workers > 1 ? 'reuseport' : ''
  const body = `mirror /heard; mirror_request_body on; client_body_buffer_size ${SIZES.large + 65536}; error_page 405 =200 /small.json;`
  return `
    daemon off; worker_processes ${workers}; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 4096; }
    http {
      access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 600s;
      open_file_cache max=10; client_max_body_size 0; ${temporary}
      server {
        listen ${HOST}:${port} backlog=4096 ${listen}; listen ${HOST}:${securePort} ssl backlog=4096 ${listen};
        ssl_certificate ${folder}/certificate.pem; ssl_certificate_key ${folder}/key.pem;
        root ${folder}; types { application/json json; } default_type application/octet-stream;
        location = /small.json { default_type application/json; return 200 '${json(SIZES.small)}'; }
        location = /post { try_files /medium.json =404; ${body} }
        location = /upload { try_files /medium.json =404; ${body} }
        location = /heard { internal; return 204; }
      }
    }`
}

// The processes below one, as Linux tells them.
function childrenOf (pid) {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
}

const servers = {
  nginx: {
    isThere: () => spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0,
    version: () => spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr.trim().split('/')[1],
    start (place) {
      const file = path.join(place.folder, 'nginx.conf')
      writeFileSync(file, nginxConfiguration(place))
      return spawn('nginx', ['-c', file, '-e', 'stderr'], { stdio: ['ignore', 'inherit', 'inherit'] })
    },
    workersOf: childrenOf
  },
  rust: {
    isThere: () => spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0,
    version: () => /^version = "(.+)"$/m.exec(readFileSync(manifest, 'utf8'))[1],
    start ({ folder, port, securePort, workers }) {
      const root = fileURLToPath(new URL('..', import.meta.url))
      const target = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'bench-server')
      const options = ['--release', '--locked', '--quiet', '--manifest-path', manifest, '--target-dir', target]
      execFileSync('cargo', ['build', ...options], { stdio: ['ignore', 'inherit', 'inherit'] })
      const program = path.join(target, 'release', `dodici-bench-server${process.platform === 'win32' ? '.exe' : ''}`)
      return spawn(program, [folder, port, securePort, workers].map(String), { stdio: ['ignore', 'inherit', 'inherit'] })
    },
    workersOf: (pid) => existsSync(`/proc/${pid}`) ? [pid] : []
  }
}

async function freePorts (count) {
  const holders = Array.from({ length: count }, () => net.createServer().listen(0, HOST))
  await Promise.all(holders.map((one) => once(one, 'listening')))
  const ports = holders.map((one) => one.address().port)
  await Promise.all(holders.map((one) => once(one.close(), 'close')))
  return ports
}

async function answering (port, process) {
  for (;;) {
    if (process.exitCode !== null) throw new Error(`the server ended with ${process.exitCode}`)
    const socket = net.connect(port, HOST)
    try {
      await once(socket, 'connect')
      socket.destroy()
      return
    } catch {
      await delay(50)
    }
  }
}

/** The names of the servers. */
export const serverNames = Object.keys(servers)

/**
 * Starts a server.
 *
 * @param {string} [name] nginx or rust; without it the first that is there
 * @returns {Promise<object>} its origins, the file with the authority of its certificate, its processes, and `stop`
 * @throws {Error} there is none
 */
export async function serve (name = serverNames.find((one) => servers[one].isThere())) {
  if (name === undefined) throw new Error('There is no server: install nginx, or Rust to build the one in bench/server.')
  const { version, start, workersOf } = servers[name]
  const folder = makeFolder()
  const workers = Math.max(1, os.availableParallelism() >> 1)
  const [port, securePort] = await freePorts(2)
  const running = start({ folder, port, securePort, workers })
  const stop = async () => {
    if (running.exitCode === null) {
      running.kill()
      await once(running, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answering(port, running)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name,
    version: version(),
    workers,
    origin: `http://${HOST}:${port}`,
    secureOrigin: `https://${HOST}:${securePort}`,
    authority: path.join(folder, 'authority.pem'),
    file: path.join(folder, 'downloaded'),
    pids: workersOf(running.pid),
    stop
  }
}
