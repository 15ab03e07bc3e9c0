'use strict'

// WebSocket of this package where the dispatcher of the process is another package's.

const assert = require('node:assert')
const { once } = require('node:events')
const { test } = require('node:test')
const dodici = require('../..')
const { foreign, packages } = require('./foreign')
const { listen } = require('./websocket-server')
const { whereAvailable } = require('./flagged')

whereAvailable('WebSocket', '--experimental-websocket', __filename, () => {
  for (const name of packages) {
    test(`${name}: WebSocket`, async (t) => {
      const { url } = await listen(t)
      const paths = foreign(t, name)
      const socket = new dodici.WebSocket(url)
      await once(socket, 'open')
      socket.send('ciao')
      assert.strictEqual((await once(socket, 'message'))[0].data, 'ciao')
      socket.close()
      await once(socket, 'close')
      assert.strictEqual(paths.length, 1)
    })
  }
})
