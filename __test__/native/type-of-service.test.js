'use strict'

// The type of service on the engine's own sockets, as the system has it: read back by a socket of Node's over the same
// descriptor, in a process that is given up for it.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { createServer } = require('node:http')
const { once } = require('node:events')
const net = require('node:net')
const { promisify } = require('node:util')

const canAsk = process.platform === 'linux' && typeof net.Socket.prototype.getTypeOfService === 'function'

/** What the one connection of a client has after a request. */
async function typeOfService (t, connect, options) {
  const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', `'use strict'
    const fs = require('node:fs')
    const net = require('node:net')
    const { Client } = require(${JSON.stringify(require.resolve('../..'))})
    const client = new Client('http://127.0.0.1:${server.address().port}', { connect: ${JSON.stringify(connect)} })
    client.request({ path: '/', method: 'GET', ...${JSON.stringify(options)} }).then(async ({ body }) => {
      await body.dump()
      const peer = \`0100007F:\${(${server.address().port}).toString(16).toUpperCase().padStart(4, '0')}\`
      const lines = fs.readFileSync('/proc/self/net/tcp', 'latin1').split('\\n').map((line) => line.trim().split(/ +/))
      const inodes = lines.filter((words) => words[2] === peer).map((words) => \`socket:[\${words[9]}]\`)
      for (const fd of fs.readdirSync('/proc/self/fd')) {
        try {
          if (!inodes.includes(fs.readlinkSync('/proc/self/fd/' + fd))) continue
        } catch {
          continue
        }
        console.log(new net.Socket({ fd: Number(fd) }).getTypeOfService())
      }
      process.kill(process.pid, 'SIGKILL')
    })`]).catch((error) => error)
  return stdout
}

for (const [name, connect, options, expected] of [
  ['of a dispatcher', { typeOfService: 16 }, {}, '16\n'],
  ['of a request', {}, { typeOfService: 8 }, '8\n'],
  ['of a request, on a connection with another', { typeOfService: 16 }, { typeOfService: 0 }, '0\n'],
  ['that nobody asked for', {}, {}, '0\n']
]) {
  test(`the type of service ${name}`, { skip: !canAsk && 'nothing here tells it' }, async (t) => {
    assert.equal(await typeOfService(t, connect, options), expected)
  })
}
