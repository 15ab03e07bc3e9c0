'use strict'

// Options of HTTP/2 are checked as undici 8 checks them, although it is not spoken yet.

const { test } = require('node:test')
const assert = require('node:assert')
const { Client } = require('../..')

const POSITIVE = 'must be a positive integer, greater than 0'
const wrong = [
  [{ maxConcurrentStreams: 0 }, `maxConcurrentStreams ${POSITIVE}`],
  [{ maxConcurrentStreams: '1' }, `maxConcurrentStreams ${POSITIVE}`],
  [{ initialWindowSize: 1.5 }, `initialWindowSize ${POSITIVE}`],
  [{ connectionWindowSize: -1 }, `connectionWindowSize ${POSITIVE}`],
  [{ pingInterval: -1 }, 'pingInterval must be a positive integer, greater or equal to 0'],
  [{ h2Options: { maxConcurrentStreams: 1.5 } }, `h2Options.maxConcurrentStreams ${POSITIVE}`],
  [{ h2Options: { settings: { initialWindowSize: 0 } } }, `h2Options.settings.initialWindowSize ${POSITIVE}`],
  [{ h2Options: { connectionWindowSize: '1' } }, `h2Options.connectionWindowSize ${POSITIVE}`],
  [{ h2Options: { pingInterval: NaN } }, 'h2Options.pingInterval must be a positive integer, greater or equal to 0']
]

for (const [options, message] of wrong) {
  test(`${JSON.stringify(options)} is refused, and passed by where HTTP/2 is declined`, async () => {
    assert.throws(() => new Client('http://localhost', options), { code: 'UND_ERR_INVALID_ARG', message })
    await new Client('http://localhost', { ...options, allowH2: false }).close()
  })
}

test('h2Options go before the older names', async () => {
  await new Client('http://localhost', { h2Options: { pingInterval: 0 }, pingInterval: -1 }).close()
})
