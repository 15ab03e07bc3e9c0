// The server for idle connections, a process of its own: it answers once as many requests are here as it was told, so
// that each has a connection of its own, and keeps them all.

import http from 'node:http'

const wanted = Number(process.argv[2])
let waiting = []

const server = http.createServer({ keepAliveTimeout: 600e3 }, (_, response) => {
  waiting.push(response)
  if (waiting.length < wanted) return
  for (const one of waiting) one.end(JSON.stringify({ text: 'x'.repeat(89) }))
  waiting = []
})
server.listen({ port: 0, host: '127.0.0.1', backlog: wanted }, () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
