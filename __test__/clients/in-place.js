'use strict'

// Loaded before a program (`node -r`): whoever asks for `undici` is given this package, as an alias or an override in
// package.json would do.

const Module = require('node:module')
const path = require('node:path')

const root = path.join(__dirname, '..', '..')
const resolve = Module._resolveFilename

Module._resolveFilename = function (request, ...rest) {
  return request === 'undici' ? path.join(root, 'index.js') : resolve.call(this, request, ...rest)
}
