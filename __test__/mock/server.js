'use strict'

// A server for what is not mocked. It answers with the request, in one line.

const { createServer } = require('node:http')
const { once } = require('node:events')

async function serve (t, answer = (line, request, response) => response.end(line)) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) {
      body += chunk
    }
    answer(`real ${request.method} ${request.url} ${body}`.trim(), request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  return `http://127.0.0.1:${server.address().port}`
}

module.exports = { serve }
