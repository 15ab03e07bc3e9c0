'use strict'

// A process that reads a content slowly and tells by how many octets its memory has grown meanwhile. What was read is
// collected before each look: how long garbage stays is V8's business.

const { Agent, interceptors } = require('../../index.js')

const [,, origin, length] = process.argv

async function main () {
  const agent = new Agent().compose(interceptors.decompress())
  // Threads, code and pools are there before.
  for (let count = 0; count < 20; count++) {
    const { body } = await agent.request({ origin, path: '/small', method: 'GET' })
    await body.text()
  }
  global.gc()
  const before = process.memoryUsage.rss()
  const { body } = await agent.request({ origin, path: '/bomb', method: 'GET' })
  let read = 0
  let most = 0
  let looks = 0
  for await (const chunk of body) {
    read += chunk.length
    if (read >= looks * length / 32) {
      looks++
      global.gc()
      most = Math.max(most, process.memoryUsage.rss() - before)
    }
    if (read >= length) break
    // All that can come in the meantime comes.
    await new Promise(setImmediate)
  }
  process.stdout.write(JSON.stringify({ read, most }))
  await agent.destroy()
}

main()
