'use strict'

// How much memory a content takes when its coding is undone. It has a file of its own because a sanitizer keeps what was
// freed for a while, and there says nothing about the addon.

const assert = require('node:assert')
const { execFile } = require('node:child_process')
const path = require('node:path')
const { test } = require('node:test')
const { promisify } = require('node:util')
const zlib = require('node:zlib')
const { serve } = require('../handler/server.js')

const MIB = 1024 * 1024
const SMALL = zlib.gzipSync('twelve '.repeat(20))

test('a content of half a GiB that is read slowly takes less than 20 MB', async (context) => {
  const member = zlib.gzipSync(Buffer.alloc(64 * MIB))
  const bomb = Buffer.concat(new Array(8).fill(member))
  const origin = await serve(context, (request, response) => {
    const content = request.url === '/bomb' ? bomb : SMALL
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': content.length }).end(content)
  })
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path.join(__dirname, 'slow-reader.js'), origin, `${64 * MIB}`])
  const { read, most } = JSON.parse(stdout)
  assert.ok(read >= 64 * MIB && most < 20e6, stdout)
})
