'use strict'

// EventSource of this package where the dispatcher of the process is another package's.

const assert = require('node:assert')
const { once } = require('node:events')
const { test } = require('node:test')
const dodici = require('../..')
const { foreign, packages } = require('./foreign')
const { listen } = require('./server')
const { whereAvailable } = require('./flagged')

whereAvailable('EventSource', '--experimental-eventsource', __filename, () => {
  for (const name of packages) {
    test(`EventSource over the dispatcher that ${name} has set, also when it connects again`, async (t) => {
      const { origin } = await listen(t)
      const paths = foreign(t, name)
      const source = new dodici.EventSource(`${origin}/events`)
      t.after(() => source.close())
      const again = once(source, 'again')
      assert.strictEqual((await once(source, 'message'))[0].data, 'first')
      assert.strictEqual((await again)[0].data, 'after 1')
      assert.deepStrictEqual(paths, ['/events', '/events'])
    })
  }
})
