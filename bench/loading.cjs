// The process that says how long `require` of one module takes. Nothing else is loaded here.

'use strict'

const start = performance.now()
require(process.argv[2])
const load = performance.now() - start
process.send({ load, rss: process.memoryUsage.rss() / 1048576 })
process.disconnect()
