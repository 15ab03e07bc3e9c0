'use strict'

// Proxies and origins on a thread of their own, so that what the thread of a test makes of sockets is its own doing.

const { parentPort } = require('node:worker_threads')
const { openOrigin, openProxy } = require('./proxy')
const { openFront, openSocks } = require('./socks5-server')
const { certificates } = require('../tls/certificates')

// They end with the thread.
const t = { after () {} }
const secure = { tls: certificates.good }

async function main () {
  const socks = await openSocks(t)
  parentPort.postMessage({
    ca: certificates.root.cert,
    http: (await openOrigin(t)).url,
    https: (await openOrigin(t, secure)).url,
    proxy: (await openProxy(t)).url,
    secureProxy: (await openProxy(t, secure)).url,
    socks: socks.url,
    secureSocks: `socks5://localhost:${await openFront(t, socks)}`
  })
}

main()
